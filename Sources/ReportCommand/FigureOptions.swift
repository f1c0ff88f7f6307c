internal import ArgumentParser
internal import Chart

/// As what files figures are written, and how they look.
struct FigureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Formats of the figures, separated by commas: png, svg, pdf. A text shows them in PNG, so that beside a text "
        + "PNG files are always written.", valueName: "formats"),
    completion: .list(FigureFormat.allCases.map(\.rawValue)))
  var format = "png"

  @OptionGroup var appearance: StyleOptions

  func validate() throws {
    let words = format.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if let unknown = words.first(where: { FigureFormat(rawValue: $0) == nil }) {
      throw ValidationError("'\(unknown)' is not a format; the formats are png, svg and pdf.")
    }
  }

  var style: FigureStyle { appearance.style }

  /// In the order in which they were asked for.
  var formats: [FigureFormat] {
    format.split(separator: ",").compactMap { FigureFormat(rawValue: String($0)) }
  }

  /// The same and PNG.
  var formatsBesideText: [FigureFormat] { [.png] + formats.filter { $0 != .png } }
}
