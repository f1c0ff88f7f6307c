public import RunLog

internal import Chart
internal import Plot
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
  let hasCustomTemplate: Bool
  /// `nil` if no page was asked for.
  private let pageTemplate: Template?
  private let isLive: Bool
  private let contents: Report
  private let directory: RunDirectory

  /// Whether the run went on while the report was made of what it had come to.
  public let isOutrun: Bool

  /// Makes a report of a run; nothing is written yet.
  ///
  /// A run that is being trained is shown as it was when its log was read: its log only grows, what an epoch
  /// left behind stays, and its history, which is replaced, says nothing that the log does not.
  ///
  /// - Parameters:
  ///   - directory: where the report is to lie; the run's own, but for logs of other programs.
  ///   - source: where the run is read from; `directory` if `nil`.
  ///   - options: what to leave out and add.
  /// - Throws: whatever is wrong with the logs; `RunLogError` if a file changes meanwhile.
  public init(
    _ directory: RunDirectory, from source: LogSource? = nil,
    options: ReportOptions = ReportOptions()
  ) throws {
    let source = source ?? LogSource(directory.path)
    let run = try Run(source)
    let inputs = try InputFiles(run)
    let template = try options.template ?? Template.builtIn()
    pageTemplate = options.hasPage ? try options.pageTemplate ?? Template.builtIn(.page) : nil
    let rendering = try Rendering(RunResults(run))
    let contents = try rendering.report(options)
    let report = contents.fill(template)
    record = ReportRecord(
      report, template: template, pageTemplate: pageTemplate, options: options, inputs: inputs,
      source: run.imported == nil ? nil : source, directory: directory)
    let log = run.directory.log
    let isBeingTrained = rendering.results.finished == nil && run.imported == nil
    isOutrun = try isBeingTrained && RandomAccessFile(log).size > run.logBytes
    let after = try InputFiles(run)
    if let changed = inputs.firstChange(to: after, isGrowing: isBeingTrained) {
      throw RunLogError(
        file: "\(run.directory.path)/\(changed)",
        "changed while the report was made; try again when the run is at rest.")
    }
    (self.rendering, self.inputs, self.report) = (rendering, inputs, report)
    hasCustomTemplate = [template, pageTemplate].contains { $0?.isBuiltIn == false }
    (self.directory, self.contents, isLive) = (directory, contents, options.isLive)
  }

  /// The report's text.
  public var markdown: String { report.text }
  /// The text of report.json.
  public var json: String { record.text }

  /// The report as a page of HTML that needs no other file.
  ///
  /// - Parameter hasDrawings: whether figures are in it; their place is left empty if not.
  /// - Returns: `nil` if no page was asked for.
  public func page(hasDrawings: Bool = true) -> String? {
    guard let pageTemplate else { return nil }
    let values = pageData(hasDrawings: hasDrawings).values(ValueCollector())
    return pageTemplate.render(values).text
  }

  private func pageData(hasDrawings: Bool) -> PageData {
    PageData(report.text, isLive: isLive) { file in
      guard let figure = rendering.figures.first(where: { "\($0.name.rawValue).png" == file })
      else { return nil }
      return hasDrawings
        ? figure.figure.inlineSVG(id: "figure-\(figure.name.rawValue)")
        : withoutDrawings("<svg></svg>\n")
    }
  }

  /// What a template of the report can print.
  var reportValues: [String: Any] { contents.values }
  /// What a template of the page can print.
  var pageValues: [String: Any] { pageData(hasDrawings: false).values(ValueCollector()) }

  /// Writes report.md, report.json, metrics.md, to which the report links, and, if it was asked for,
  /// report.html, each whole or not at all.
  ///
  /// If writing ends between two of them, the audit says that they do not belong together.
  ///
  /// - Returns: the paths, the main one first.
  /// - Throws: `StorageError` if one cannot be written.
  @discardableResult
  public func write() throws -> [String] {
    try AtomicFile.write(Definitions.text, to: directory.definitions)
    try AtomicFile.write(record.text, to: directory.reportRecord)
    try AtomicFile.write(report.text, to: directory.report)
    guard let page = page() else { return [directory.report] }
    try AtomicFile.write(page, to: directory.reportPage)
    return [directory.report, directory.reportPage]
  }
}
