public import RunLog

internal import Chart
internal import Plot
public import Results
internal import Storage

/// A report in all its files: as they are written, and as an audit expects them.
public struct ReportFiles: Sendable {
  /// The figures and the numbers.
  public let rendering: Rendering
  let document: Document
  private let contents: Report

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
  ///   - earlier: the results of the same run at an earlier time, as while it is being trained; what has not changed
  ///     since is neither read nor computed again.
  /// - Throws: whatever is wrong with the logs; `RunLogError` if a file changes meanwhile.
  public init(
    _ directory: RunDirectory, from source: LogSource? = nil,
    options: ReportOptions = ReportOptions(), after earlier: RunResults? = nil
  ) throws {
    prepareFonts()
    let source = source ?? LogSource(directory.path)
    let run = try Run(source, after: earlier?.run)
    let names = try InputFiles.names(of: run)
    let rendering = try Rendering(RunResults(run, after: earlier))
    let contents = try rendering.report(options)
    var settings: JSONObject = ["examples": .bool(options.showsExamples)]
    if run.imported != nil { settings["log"] = Self.log(source, directory) }
    document = try Document(
      .report, folder: directory.path, filledBy: contents.data, options: options,
      settings: settings, inputs: InputFiles(names, of: run),
      figures: rendering.figures.map { .init(name: $0.name.rawValue, figure: $0.figure) })
    let isBeingTrained = rendering.results.finished == nil && run.imported == nil
    isOutrun = isBeingTrained && run.hasGrown
    if let changed = try InputFiles.firstChange(
      names, found: InputFiles.names(of: run), of: run, isGrowing: isBeingTrained)
    {
      throw RunLogError(
        file: "\(run.directory.path)/\(changed)",
        "changed while the report was made; try again when nothing is writing to the run.")
    }
    (self.rendering, self.contents) = (rendering, contents)
  }

  /// Where the log of another program lies, as seen from the report.
  private static func log(_ source: LogSource, _ directory: RunDirectory) -> JSON {
    func place(_ path: String) -> JSON { .string(relativePath(from: directory.path, to: path)) }
    return .object([
      "path": place(source.path), "predictions": .array(source.predictions.map(place)),
      "map": source.map.map(place) ?? .null,
    ])
  }

  /// What the report was made from.
  public var inputs: InputFiles { document.inputs }
  /// The report's text.
  public var markdown: String { document.text.text }
  /// The text of report.json.
  public var json: String { document.record.text }

  /// The report as a page of HTML that needs no other file.
  ///
  /// - Parameter hasDrawings: whether figures are in it; their place is left empty if not.
  /// - Returns: `nil` if no page was asked for.
  public func page(hasDrawings: Bool = true) -> String? {
    document.page(hasDrawings: hasDrawings)
  }

  /// What a template of the report can print.
  var reportValues: [String: Any] { contents.values }
  /// What a template of the page can print.
  var pageValues: [String: Any] {
    document.pageData(hasDrawings: false).values(ValueCollector())
  }

  /// Checks that nothing but earlier reports and figures is written over.
  ///
  /// - Throws: `RunLogError` that names what is not from here.
  public func checkOverwriting() throws { try document.checkOverwriting(of: rendering.results.run) }

  /// Files of an earlier report that are not written again, a sentence each.
  public var leftovers: [String] { document.leftovers }

  /// Writes report.md, report.json, metrics.md, to which the report links, and, if they were asked for,
  /// report.html and report.pdf; see `Document.write`.
  ///
  /// - Returns: the paths, the main one first, and what readers of the PDF will miss.
  /// - Throws: `StorageError` if one cannot be written, `ChartError` if the PDF cannot be drawn.
  @discardableResult
  public func write() throws -> WrittenDocument { try document.write() }
}
