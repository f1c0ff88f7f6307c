/// A figure that stands in the run directory, and what the report says about it.
public struct ReportFigure: Equatable, Sendable {
  /// The file's name without its ending, such as `losses`.
  public let name: String
  /// Such as "Training and Validation Losses".
  public let title: String
  /// What the figure shows for this run.
  public let caption: String
  /// For readers who do not see it.
  public let alternativeText: String

  public init(name: String, title: String, caption: String, alternativeText: String) {
    (self.name, self.title) = (name, title)
    (self.caption, self.alternativeText) = (caption, alternativeText)
  }
}

/// A documented figure that the logs do not allow.
public struct AbsentFigure: Equatable, Sendable {
  /// The file's name without its ending, such as `ROC`.
  public let name: String
  /// Such as "ROC Curves".
  public let title: String
  /// Such as "it needs predictions, and the folder holds none".
  public let reason: String

  public init(name: String, title: String, reason: String) {
    (self.name, self.title, self.reason) = (name, title, reason)
  }
}

/// A place among the visualisations: a figure or why there is none.
struct FigureTags: TagSource {
  let title: String
  let file: String
  let alternativeText: String
  let caption: String
  /// `nil` for a figure that was drawn.
  let reason: String?

  init(_ figure: ReportFigure) {
    title = markdown(figure.title)
    file = "\(figure.name).png"
    alternativeText = markdown(figure.alternativeText)
    caption = markdown(figure.caption)
    reason = nil
  }

  init(_ figure: AbsentFigure, in run: RelativeText) {
    self.init(
      AbsentFigure(name: figure.name, title: figure.title, reason: run.relative(figure.reason)))
  }

  /// A figure whose reason names no path.
  init(_ figure: AbsentFigure) {
    title = markdown(figure.title)
    file = "\(figure.name).png"
    (alternativeText, caption) = ("", "")
    reason = markdown(figure.reason)
  }

  static let tags: [TagDefinition<FigureTags>] = [
    .text("title", \.title, "the figure's title"),
    .text("file", \.file, "its file, relative to the report; there only if it was drawn"),
    .text(
      "alternative_text", \.alternativeText, "what it looks like, for readers who do not see it"),
    .text("caption", \.caption, "what it shows for this run"),
    .optionalText("reason", \.reason, "why it could not be drawn, if so"),
  ]
}
