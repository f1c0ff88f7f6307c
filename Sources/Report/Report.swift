public import Results

/// The write-up of a run, in Markdown.
///
/// A pure function of the run directory: the same run gives the same bytes on any machine, in any
/// locale and at any time.
public struct Report: Sendable {
  let data: ReportData

  /// Gathers what the report prints.
  ///
  /// - Parameters:
  ///   - results: the run's numbers.
  ///   - figures: the figures that stand beside the report.
  ///   - absentFigures: the documented figures that the logs do not allow.
  ///   - options: what to leave out.
  /// - Throws: what a damaged file of examples throws.
  public init(
    results: RunResults, figures: [ReportFigure], absentFigures: [AbsentFigure] = [],
    options: ReportOptions = ReportOptions()
  ) throws {
    data = try ReportData(
      results, figures: figures, absentFigures: absentFigures, options: options)
  }

  /// The tags that a template may use.
  public static var tags: [TemplateTag] { ReportData.tags.map(\.tag) }

  /// The report's text.
  ///
  /// - Parameter template: words and order; the built-in one if `nil`.
  /// - Returns: Markdown, ending in a line feed.
  /// - Throws: `TemplateError` only if the program was built with a broken template.
  public func markdown(template: Template? = nil) throws -> String {
    try fill(template ?? Template.builtIn()).text
  }

  /// The report's text and where each value stands in it.
  func fill(_ template: Template) -> FilledTemplate { FilledTemplate(template, data) }

  /// The values of all tags, whether a template prints them or not.
  var values: [String: Any] { data.values(ValueCollector()) }
}

/// A template with values in their places.
struct FilledTemplate: Sendable {
  /// A value in its place.
  struct Place: Sendable {
    let span: MarkedText.Span
    let value: ValueCollector.Value
  }
  let lines: [String]
  /// In the order of the text.
  let places: [Place]

  var text: String { lines.joined(separator: "\n") + "\n" }

  init(_ template: Template, _ data: some TagSource) {
    let collector = ValueCollector()
    let marked = template.render(data.values(collector))
    let values = collector.values
    lines = marked.lines
    places = marked.spans.compactMap { span in
      values.indices.contains(span.value) ? Place(span: span, value: values[span.value]) : nil
    }
  }
}
