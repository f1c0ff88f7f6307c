import Chart
import TestSupport
import Testing

@testable import Plot

/// Figures laid out for the columns of a journal.
@Suite struct WidthTests {
  /// One column of 8.5 cm and a page of 17 cm, in points.
  private static let widths = [8.5, 17].map { $0 * 72 / 2.54 }
  private let measurer = CairoTextMeasurer(family: Theme.light.fontFamily)

  private func check(_ figure: Figure, _ what: String) {
    for width in Self.widths {
      for isTitled in [true, false] {
        let fitted = figure.fitted(toWidth: width, isTitled: isTitled, measuring: measurer)
        let page = fitted.page(measuring: measurer)
        #expect(abs(page.size.width - width) < 1e-9)
        // A title may be broken into lines.
        let isFound = page.texts.contains {
          figure.title.hasPrefix($0.string) && $0.font.weight == .bold
        }
        if isTitled { #expect(isFound, "\(what)") }
        expectNoFaults(fitted, "\(what), \(Int(width)) pt", smallest: 7)
      }
    }
  }

  @Test(arguments: OddRun.allCases) func runsHaveNoFaults(_ run: OddRun) throws {
    let folder = try TemporaryFolder()
    let results = try run.run.results(in: folder.path)
    for name in run.figures {
      guard let figure = try? draw(name, of: results) else { continue }
      check(figure.figure, "\(run.rawValue), \(name.rawValue)")
    }
  }

  @Test(arguments: ComparisonExample.allCases)
  func comparisonsHaveNoFaults(_ example: ComparisonExample) throws {
    for figure in try example.figures {
      check(figure.figure, "\(example.rawValue), \(figure.name)")
    }
  }

  @Test func pictures() throws {
    let folder = try TemporaryFolder()
    let results = try OddRun.plain.run.results(in: folder.path)
    for name in OddRun.plain.figures {
      for (width, place) in zip(Self.widths, ["column", "page"]) {
        let figure = try draw(name, of: results).figure
        let file = try figure.file(
          .png,
          FigureStyle(
            dotsPerInch: place == "page" ? 75 : 110, width: width, isTitled: place == "page"))
        try expectPicture(file.bytes, "pictures/\(place)/\(name.rawValue).png")
      }
    }
  }
}
