/// What every number, interval and test is: docs/metrics.md, of which a copy lies beside each report.
///
/// A report may lie anywhere, so a link from it can only lead to a file beside it.
enum Definitions {
  static let file = "metrics.md"

  static var text: String { String(decoding: PackageResources.metrics_md, as: UTF8.self) }
}
