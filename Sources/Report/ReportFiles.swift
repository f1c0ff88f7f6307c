public import RunLog

internal import Results
internal import Storage

/// A report in all its files: as they are written, and as an audit expects them.
public struct ReportFiles: Sendable {
  /// The figures and the numbers.
  public let rendering: Rendering
  /// What the report was made from.
  public let inputs: InputFiles
  let report: FilledTemplate
  let record: ReportRecord
  private let directory: RunDirectory

  /// Makes a report of a run; nothing is written yet.
  ///
  /// - Parameters:
  ///   - directory: the run's.
  ///   - template: words and order; the built-in one if `nil`.
  ///   - options: what to leave out and add.
  /// - Throws: whatever is wrong with the logs; `RunLogError` if a file changes meanwhile.
  public init(
    _ directory: RunDirectory, template: Template? = nil, options: ReportOptions = ReportOptions()
  ) throws {
    let inputs = try InputFiles(directory)
    let template = try template ?? Template.builtIn()
    let rendering = try Rendering(RunResults(Run(directory.path)))
    let report = rendering.report(options).fill(template)
    record = ReportRecord(report, template: template, options: options, inputs: inputs)
    let after = try InputFiles(directory)
    if let changed = zip(inputs.files, after.files).first(where: { $0 != $1 })?.1.name
      ?? (inputs == after ? nil : "the folder")
    {
      throw RunLogError(
        file: directory.path,
        "\(changed) changed while the report was made; try again when the run is at rest.")
    }
    (self.rendering, self.inputs, self.report) = (rendering, inputs, report)
    self.directory = directory
  }

  /// The report's text.
  public var markdown: String { report.text }
  /// The text of report.json.
  public var json: String { record.text }

  /// Writes report.md and report.json, each whole or not at all.
  ///
  /// If writing ends between the two, the audit says that they do not belong together.
  ///
  /// - Throws: `StorageError` if one cannot be written.
  public func write() throws {
    try AtomicFile.write(record.text, to: directory.reportRecord)
    try AtomicFile.write(report.text, to: directory.report)
  }
}
