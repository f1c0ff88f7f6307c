internal import Storage

/// What the reader of a report asked for, beside the template.
public struct ReportOptions: Equatable, Sendable {
  /// Whether texts of examples are shown.
  public var showsExamples = true
  /// Whether a self-contained HTML page is written too.
  public var hasHTML = false

  public init() {}

  var json: JSON {
    .object(["examples": .bool(showsExamples), "html": .bool(hasHTML)])
  }

  init?(_ json: JSON?) {
    guard let examples = json?["examples"]?.bool, let html = json?["html"]?.bool else {
      return nil
    }
    (showsExamples, hasHTML) = (examples, html)
  }
}
