internal import Plot

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
  let figure: ReportFigure
  /// `nil` for a figure that was drawn.
  let reason: String?

  init(_ figure: ReportFigure) { (self.figure, reason) = (figure, nil) }

  /// A figure whose reason may name paths in the run directory.
  init(_ figure: AbsentFigure, in run: RelativeText) {
    self.init(
      AbsentFigure(name: figure.name, title: figure.title, reason: run.relative(figure.reason)))
  }

  /// A figure whose reason names no path.
  init(_ figure: AbsentFigure) {
    self.figure = ReportFigure(
      name: figure.name, title: figure.title, caption: "", alternativeText: "")
    reason = figure.reason
  }

  static let tags: [TagDefinition<FigureTags>] = [
    .text("title", "the figure's title") { markdown($0.figure.title) },
    .text("file", "its file, relative to the report; there only if it was drawn") {
      "\($0.figure.name).png"
    },
    .text("alternative_text", "what it looks like, for readers who do not see it") {
      markdown($0.figure.alternativeText)
    },
    .text("caption", "what it shows for this run") { markdown($0.figure.caption) },
    .optionalText("reason", "why it could not be drawn, if so") {
      $0.reason.map { markdown($0) }
    },
  ]
}

/// Sorts figures into the report's sections.
struct FigurePlaces: Sendable {
  private let figures: [(place: FigureName.Place?, tags: FigureTags)]

  init(_ figures: [FigureTags]) {
    self.figures = figures.map { (FigureName(rawValue: $0.figure.name)?.place, $0) }
  }

  /// A section's figures in their order.
  func of(_ section: FigureName.Place.Section) -> [FigureTags] {
    figures.compactMap { figure in figure.place.map { ($0, figure.tags) } }
      .filter { $0.0.section == section }.sorted { $0.0.position < $1.0.position }.map(\.1)
  }

  /// Those that the program does not know.
  var others: [FigureTags] { figures.filter { $0.place == nil }.map(\.tags) }

  func isDrawn(_ name: FigureName) -> Bool {
    figures.contains { $0.tags.figure.name == name.rawValue && $0.tags.reason == nil }
  }
}
