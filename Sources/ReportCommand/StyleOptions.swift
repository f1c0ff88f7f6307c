internal import ArgumentParser
internal import Chart

/// How figures look and how large they are: for a screen, the column of a journal, a poster or a slide.
struct StyleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Colours: light, dark, or print for greys.", valueName: "theme"),
    completion: .list(Theme.Name.allCases.map(\.rawValue)))
  var theme = "light"

  @Option(
    help: ArgumentHelp("Resolution of PNG files in dots per inch, 20 to 1200.", valueName: "n"))
  var dpi = 300

  @Option(
    help: ArgumentHelp(
      "Width of the page, such as 8.5cm, 17cm, 3.3in or 240pt; the figure is laid out for it with letters that can be "
        + "read there. The figure's own if left out.", valueName: "length"))
  var width: Length?

  @Flag(help: "Leave out title and subtitle, which a caption repeats.")
  var noTitle = false

  func validate() throws {
    guard Theme.Name(rawValue: theme) != nil else {
      throw ValidationError("'\(theme)' is not a theme; the themes are light, dark and print.")
    }
    guard (20...1200).contains(dpi) else {
      throw ValidationError("--dpi must be between 20 and 1200, not \(dpi).")
    }
    if let width, !FigureStyle.widths.contains(width.points) {
      throw ValidationError("--width must be between 3.6cm and 105cm.")
    }
    if noTitle, width == nil {
      throw ValidationError(
        "--no-title goes with --width; figures of the report keep their titles.")
    }
  }

  /// As drawing takes it.
  var style: FigureStyle {
    FigureStyle(
      theme: .named(Theme.Name(rawValue: theme) ?? .light), dotsPerInch: Double(dpi),
      width: width?.points, isTitled: !noTitle)
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
