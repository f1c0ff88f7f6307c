public import Results

internal import Storage

/// The write-up of a run, in Markdown.
///
/// A pure function of the run directory: the same run gives the same bytes on any machine, in any
/// locale and at any time.
public struct Report: Sendable {
  private let data: ReportData

  /// Gathers what the report prints.
  ///
  /// - Parameters:
  ///   - results: the run's numbers.
  ///   - figures: the figures that stand beside the report.
  ///   - absentFigures: the documented figures that the logs do not allow.
  public init(
    results: RunResults, figures: [ReportFigure], absentFigures: [AbsentFigure] = []
  ) {
    data = ReportData(results, figures: figures, absentFigures: absentFigures)
  }

  /// The tags that a template may use.
  public static var tags: [TemplateTag] { ReportData.tags.map(\.tag) }

  /// The report's text.
  ///
  /// - Parameter template: words and order; the built-in one if `nil`.
  /// - Returns: Markdown, ending in a line feed.
  /// - Throws: `TemplateError` only if the program was built with a broken template.
  public func markdown(template: Template? = nil) throws -> String {
    try (template ?? Template.builtIn()).render(data.values)
  }

  /// Writes the report, whole or not at all.
  ///
  /// - Parameters:
  ///   - path: usually the run directory's `report.md`.
  ///   - template: words and order; the built-in one if `nil`.
  /// - Throws: `StorageError` if it cannot be written.
  public func write(to path: String, template: Template? = nil) throws {
    try AtomicFile.write(markdown(template: template), to: path)
  }
}
