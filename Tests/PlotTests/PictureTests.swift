import Chart
import Plot
import TestSupport
import Testing

/// The figures as pictures, small, against those that somebody has looked at.
///
/// `RECORD_SNAPSHOTS=1` rewrites them, and that run fails.
@Suite struct PictureTests {
  @Test(arguments: Theme.Name.allCases)
  func everyFigureInEveryTheme(_ theme: Theme.Name) throws {
    let folder = try TemporaryFolder()
    let results = try OddRun.plain.run.results(in: folder.path)
    for name in OddRun.plain.figures {
      try compare(draw(name, of: results), "plain-\(theme.rawValue)", .named(theme))
    }
  }

  @Test(arguments: OddRun.allCases.filter { $0 != .plain })
  func oddRuns(_ run: OddRun) throws {
    let folder = try TemporaryFolder()
    let results = try run.run.results(in: folder.path)
    for name in run.figures {
      // A figure that the logs do not allow is no figure; FiguresTests says which those are.
      guard let figure = try? draw(name, of: results) else { continue }
      try compare(figure, run.rawValue, .light)
    }
  }

  @Test(arguments: ComparisonExample.allCases)
  func comparisons(_ example: ComparisonExample) throws {
    for figure in try example.figures {
      let file = try figure.figure.file(
        .png, FigureStyle(dotsPerInch: 500 * 72 / figure.figure.size.width))
      try expectPicture(file.bytes, "pictures/\(example.rawValue)/\(figure.name).png")
    }
  }

  private func compare(_ documented: DocumentedFigure, _ folder: String, _ theme: Theme) throws {
    let figure = documented.figure
    // Pages of many panels are long.
    let dpi =
      figure.fitsHeight
      ? figure.panels.count > 8 ? 24 : 36 : min(50, 640 * 72 / figure.size.width)
    let file = try documented.figure.file(
      .png, FigureStyle(theme: theme, dotsPerInch: dpi))
    #expect(file.textsLackingGlyphs.isEmpty, "install fonts-noto-core and fonts-noto-cjk")
    // Letters are pinned by the typeface, whose own metrics these are; in a substitute every picture
    // would differ.
    let width = CairoTextMeasurer(family: theme.fontFamily)
      .measure("mmmmWWWWiiii", Font(size: 1000)).width
    #expect(abs(width - 8940.9) < 1, "install fonts-dejavu-core; found \(width)")
    try expectPicture(file.bytes, "pictures/\(folder)/\(documented.name.rawValue).png")
  }
}
