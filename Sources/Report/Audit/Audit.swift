public import RunLog

internal import Plot
internal import Storage

/// Works a report out again from the logs and compares it with the one that lies there.
public struct Audit: Sendable {
  /// What does not agree; none if the report is what its logs give.
  public private(set) var differences: [Difference]
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
    let record = try RandomAccessFile(directory.reportRecord).contents()
    let markdown = try RandomAccessFile(directory.report).contents()
    let page =
      exists(directory.reportPage) ? try RandomAccessFile(directory.reportPage).contents() : nil
    var differences: [Difference] = []
    var options = ReportOptions()
    var source: LogSource?
    do {
      let recorded = try RecordedReport(record)
      source = recorded.source(directory)
      let folder = source.map { isFolder($0.path) ? $0.path : normalizedPath("\($0.path)/..") }
      differences += recorded.differences(
        inputs: try folder.map { try recorded.inputs(in: $0) } ?? InputFiles(directory))
      options = try recorded.options(&differences)
    } catch let error as JSONError {
      // Said again below, with what else differs.
      _ = error
    } catch let error as TemplateError {
      differences.append(Difference("report.json", "\(error)"))
    }
    if let template { options.template = template }
    let expected: ReportFiles
    do {
      expected = try ReportFiles(directory, from: source, options: options)
    } catch {
      // A changed input may be beyond reading; that is an answer, not a failure of the audit.
      guard !differences.isEmpty else { throw error }
      differences.append(Difference("report.md", "cannot be worked out again: \(error)"))
      self.init(differences)
      return
    }
    self.init(expected: expected, markdown: markdown, record: record, page: page)
    compareDefinitions(directory)
    for figure in expected.rendering.figures {
      let file = "\(figure.name.rawValue).png"
      if expected.markdown.contains("](\(file))"), !exists("\(directory.path)/\(file)") {
        self.differences.append(Difference(file, "is shown in the report and is not there."))
      }
    }
    self.differences = differences.filter { !self.differences.contains($0) } + self.differences
  }

  /// Compares a report's files with those expected.
  ///
  /// - Parameters:
  ///   - expected: what the logs give.
  ///   - markdown: the contents of report.md.
  ///   - record: the contents of report.json.
  ///   - page: the contents of report.html, if there is one.
  init(expected: ReportFiles, markdown: [UInt8], record: [UInt8], page: [UInt8]? = nil) {
    differences = []
    numbers = expected.report.places.count { $0.value.number != nil }
    inputs = expected.inputs.files.count
    hasCustomTemplate = expected.hasCustomTemplate
    do {
      let recorded = try RecordedReport(record)
      differences = recorded.differences(inputs: expected.inputs)
      compareText(markdown, expected.report)
      compareRecord(record, recorded, expected)
    } catch {
      differences = [
        Difference("report.json", line: error.line, column: error.column, error.message)
      ]
      compareText(markdown, expected.report)
    }
    comparePage(page, expected.page(hasDrawings: false))
  }

  /// An audit that could not go on.
  private init(_ differences: [Difference]) {
    (self.differences, numbers, inputs, hasCustomTemplate) = (differences, 0, 0, false)
  }

  private mutating func compareText(_ found: [UInt8], _ expected: FilledTemplate) {
    if found == Array(expected.text.utf8) { return }
    let differences = TextComparison("report.md", expected: expected).differences(to: text(found))
    self.differences += differences.isEmpty ? [Self.invisible("report.md")] : differences
  }

  private mutating func compareRecord(
    _ found: [UInt8], _ recorded: RecordedReport, _ expected: ReportFiles
  ) {
    if found == Array(expected.json.utf8) { return }
    var differences = recorded.differences(numbersOf: expected.record)
    if differences.isEmpty {
      differences = TextComparison("report.json", expected: expected.json)
        .differences(to: text(found))
    }
    self.differences += differences.isEmpty ? [Self.invisible("report.json")] : differences
  }

  private mutating func compareDefinitions(_ directory: RunDirectory) {
    let file = Definitions.file
    guard let found = try? RandomAccessFile(directory.definitions).contents() else {
      differences.append(Difference(file, "is linked from the report and is not there."))
      return
    }
    if found == Array(Definitions.text.utf8) { return }
    let differences = TextComparison(file, expected: Definitions.text)
      .differences(to: text(found))
    self.differences += differences.isEmpty ? [Self.invisible(file)] : differences
  }

  /// Drawings are left out: they depend on the fonts of an installation.
  private mutating func comparePage(_ found: [UInt8]?, _ expected: String?) {
    switch (found, expected) {
    case (let found?, let expected?):
      let found = withoutDrawings(text(found))
      if found.utf8.elementsEqual(expected.utf8) { return }
      let differences = TextComparison("report.html", expected: expected).differences(to: found)
      self.differences += differences.isEmpty ? [Self.invisible("report.html")] : differences
    case (_?, nil):
      differences.append(
        Difference(
          "report.html", "is not of this report; write it again with --html, or delete it."))
    case (nil, _?):
      differences.append(Difference("report.html", "was written with the report and is not there."))
    case (nil, nil): break
    }
  }

  private static func invisible(_ file: String) -> Difference {
    Difference(file, "its bytes differ at the end of the file, or are not valid UTF-8.")
  }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
