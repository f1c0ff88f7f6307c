public import Chart

/// What the reader of a report asked for.
public struct ReportOptions: Sendable {
  /// Whether texts of examples are shown.
  public var showsExamples = true
  /// Whether a self-contained HTML page is written too.
  public var hasPage = false
  /// Whether the page reloads itself, since the run goes on.
  public var isLive = false
  /// What a PDF of the report is printed on; no PDF is written if `nil`.
  public var paper: Paper?
  /// The report's words and order; the built-in ones if `nil`.
  public var template: Template?
  /// What surrounds the report in the page; the built-in one if `nil`.
  public var pageTemplate: Template?

  public init() {}
}
