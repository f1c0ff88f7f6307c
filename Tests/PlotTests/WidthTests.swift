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

  private func texts(_ figure: Figure, _ width: Double) -> (page: Page, texts: [String]) {
    let page = figure.fitted(toWidth: width, isTitled: false, measuring: measurer)
      .page(measuring: measurer)
    return (page, page.texts.map(\.string))
  }

  /// Four squares in a column would be higher than any journal's page.
  @Test(arguments: [FigureName.roc, .confusion, .calibration])
  func squaresFitOnAPage(_ name: FigureName) throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun()
    run.targets = [("de", "German"), ("fr", "French"), ("es", "Spanish")]
    let figure = try draw(name, of: run.results(in: folder.path)).figure
    for width in Self.widths {
      let found = texts(figure, width)
      #expect(found.page.size.height <= 2.9 * width, "\(name), \(width)")
      #expect(!found.texts.contains { $0.hasSuffix("…") }, "\(found.texts)")
      expectNoFaults(
        figure.fitted(toWidth: width, isTitled: false, measuring: measurer), "\(name), \(width)",
        smallest: 7)
    }
  }

  /// Large digits take as many rows as they need.
  @Test func keyFactsAreWhole() throws {
    let folder = try TemporaryFolder()
    var run = MadeUpRun()
    run.targets = [("de", "German"), ("fr", "French"), ("es", "Spanish")]
    let figure = try draw(.dashboard, of: run.results(in: folder.path)).figure
    try #require(figure.headline.count == 5)
    for width in Self.widths {
      let found = texts(figure, width).texts
      for fact in figure.headline { #expect(found.contains(fact.value), "\(fact.value)") }
    }
  }

  /// Names under columns that are too narrow for them give way to codes, which the note explains.
  @Test func codesStandForNamesThatDoNotFit() throws {
    let figures = try ComparisonExample.severalRuns.figures
    let matrix = try #require(figures.first { $0.name == "source_target_matrix" }).figure
    let (narrow, wide) = (texts(matrix, Self.widths[0]).texts, texts(matrix, Self.widths[1]).texts)
    #expect(narrow.contains("en") && narrow.contains("es") && !narrow.contains("Eng…"))
    let note = narrow.joined(separator: " ")
    #expect(note.contains("Columns: en: English, de: German, fr: French, es: Spanish."))
    // Where there is room the names stay.
    #expect(wide.contains("Spanish") && !wide.contains("es"))
    #expect(!wide.contains { $0.contains("Columns:") })
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
