/// What documents link to, beside each of which a copy lies.
///
/// A report may lie anywhere, so a link from it can only lead to a file beside it.
enum Definitions {
  /// A text under docs.
  struct Linked: Sendable {
    let file: String
    let text: String
    /// What its anchors begin with in a page that holds it, too.
    let anchorPrefix: String
  }

  /// What every number, interval and test is: docs/metrics.md.
  static let metrics = Linked(
    file: file, text: String(decoding: PackageResources.metrics_md, as: UTF8.self),
    anchorPrefix: "metrics-")
  /// What every check means: docs/checks.md.
  static let checks = Linked(
    file: "checks.md", text: String(decoding: PackageResources.checks_md, as: UTF8.self),
    anchorPrefix: "checks-")

  /// The file of the numbers' definitions.
  static let file = "metrics.md"

  /// What a document of a kind links to.
  static func linked(from kind: Template.Kind) -> [Linked] {
    kind == .report ? [metrics, checks] : [metrics]
  }
}
