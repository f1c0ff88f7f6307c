public import RunLog

internal import Storage

/// Works a report out again from the logs and compares it with the one that lies there.
public struct Audit: Sendable {
  /// What does not agree; none if the report is what its logs give.
  public let differences: [Difference]
  /// How many numbers the report prints.
  public let numbers: Int
  /// How many files it was made from.
  public let inputs: Int
  /// Whether its words are other than the built-in ones.
  public let hasCustomTemplate: Bool

  /// Audits the report of a run.
  ///
  /// - Parameters:
  ///   - directory: the run's, with `report.md` and `report.json`.
  ///   - template: the one that the report should be of; the one that report.json names if `nil`.
  /// - Throws: `RunLogError` if there is no report; whatever keeps files from being read.
  public init(_ directory: RunDirectory, template: Template? = nil) throws {
    for path in [directory.report, directory.reportRecord] where !exists(path) {
      throw RunLogError(
        file: path, "there is no such file; write the report with `report \(directory.path)`.")
    }
    let recordBytes = try RandomAccessFile(directory.reportRecord).contents()
    let markdown = try RandomAccessFile(directory.report).contents()
    let inputs = try InputFiles(directory)
    let recorded: RecordedReport
    do {
      recorded = try RecordedReport(recordBytes)
    } catch {
      // Whatever it was, it is not what we wrote; what can still be compared is.
      let expected = try? ReportFiles(directory, template: template)
      self.init(
        differences: [Difference("report.json", error.message)]
          + (expected.map {
            TextComparison("report.md", expected: $0.report).differences(to: text(markdown))
          } ?? []), expected: expected, inputs: inputs)
      return
    }
    var differences = recorded.differences(inputs: inputs)
    let expected: ReportFiles
    do {
      expected = try ReportFiles(
        directory, template: template ?? recorded.template(&differences),
        options: recorded.options)
    } catch {
      // A changed input may be beyond reading; that is an answer, not a failure of the audit.
      guard !differences.isEmpty else { throw error }
      differences.append(Difference("report.md", "cannot be worked out again: \(error)"))
      self.init(differences: differences, expected: nil, inputs: inputs)
      return
    }
    differences += Self.compare(
      expected, recorded, markdown: markdown, record: recordBytes, known: differences)
    self.init(differences: differences, expected: expected, inputs: inputs)
  }

  /// Compares a report's two files with those expected.
  ///
  /// - Parameters:
  ///   - expected: what the logs give.
  ///   - markdown: the contents of report.md.
  ///   - record: the contents of report.json.
  init(expected: ReportFiles, markdown: [UInt8], record: [UInt8]) {
    var differences: [Difference] = []
    do {
      let recorded = try RecordedReport(record)
      differences = recorded.differences(inputs: expected.inputs)
      differences += Self.compare(
        expected, recorded, markdown: markdown, record: record, known: differences)
    } catch {
      differences =
        [Difference("report.json", error.message)]
        + TextComparison("report.md", expected: expected.report).differences(to: text(markdown))
    }
    self.init(differences: differences, expected: expected, inputs: expected.inputs)
  }

  private init(differences: [Difference], expected: ReportFiles?, inputs: InputFiles) {
    self.differences = differences
    numbers = expected?.report.places.count { $0.value.number != nil } ?? 0
    self.inputs = inputs.files.count
    hasCustomTemplate = expected?.record.templateText != nil
  }

  private static func compare(
    _ expected: ReportFiles, _ recorded: RecordedReport, markdown: [UInt8], record: [UInt8],
    known: [Difference]
  ) -> [Difference] {
    var result: [Difference] = []
    if markdown != Array(expected.markdown.utf8) {
      result = TextComparison("report.md", expected: expected.report)
        .differences(to: text(markdown))
      if result.isEmpty {
        result = [Difference("report.md", "its bytes differ at the end or are not valid UTF-8.")]
      }
    }
    if record != Array(expected.json.utf8) {
      var inRecord = recorded.differences(numbersOf: expected.record)
      if inRecord.isEmpty, known.allSatisfy({ $0.file == "report.md" }) {
        inRecord = TextComparison("report.json", expected: expected.json)
          .differences(to: text(record))
        if inRecord.isEmpty {
          inRecord = [
            Difference("report.json", "its bytes differ at the end or are not valid UTF-8.")
          ]
        }
      }
      result += inRecord
    }
    return result
  }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
