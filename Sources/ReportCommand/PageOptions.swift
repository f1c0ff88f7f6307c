internal import ArgumentParser
internal import Chart

/// How wide figures are, for the column of a journal, a poster or a slide.
struct PageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Width of the page, such as 8.5cm, 17cm, 3.3in or 240pt; the figure is laid out for it with letters that can be "
        + "read there. As in the report if left out.", valueName: "length"))
  var width: Length?

  @Flag(help: "Leave out title and subtitle, which a caption repeats.")
  var noTitle = false

  func validate() throws {
    if let width, !(100...3000).contains(width.points) {
      throw ValidationError("--width must be between 3.6cm and 105cm.")
    }
    if noTitle, width == nil {
      throw ValidationError(
        "--no-title goes with --width; figures of the report keep their titles.")
    }
  }

  /// The figure as it was asked for.
  func fitted(_ figure: Figure, theme: Theme = .light) -> Figure {
    guard let width else { return figure }
    return figure.fitted(
      toWidth: width.points, isTitled: !noTitle, theme: theme,
      measuring: CairoTextMeasurer(family: theme.fontFamily))
  }
}

/// A length on paper.
struct Length: ExpressibleByArgument {
  let points: Double

  init?(argument: String) {
    let units = ["cm": 72 / 2.54, "mm": 7.2 / 2.54, "in": 72, "pt": 1]
    guard let unit = units.first(where: { argument.hasSuffix($0.key) }),
      let number = Double(argument.dropLast(2).filter { $0 != " " }), number.isFinite, number > 0
    else { return nil }
    points = number * unit.value
  }
}
