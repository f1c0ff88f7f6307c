import Chart
import Foundation
import Plot
import TestSupport

/// docs/figures.md: its words, the pictures that it shows, and the numbers in those beside matplotlib's.
struct Gallery {
  /// A picture of ours, below docs/images/gallery.
  struct Picture {
    let file: String
    let figure: Figure
    let style: FigureStyle
  }

  /// A figure with its words, whether of a run, of several or of few labels.
  private struct Shown {
    let name: String
    let title: String
    let caption: String
    let figure: Figure
  }

  /// One column and a whole page of a journal.
  static let widths = [(name: "8.5cm", centimetres: 8.5), (name: "17cm", centimetres: 17.0)]
  static let dotsPerInch = 150.0

  private(set) var text = ""
  private(set) var pictures: [Picture] = []
  private(set) var numbers: [GalleryNumbers] = []
  /// The figures beside matplotlib's, by their names.
  private(set) var compared: [String] = []

  init() throws {
    let proof = try Self.proof()
    try writeComparison(proof)
    try writeThemes()
    try writeOddRuns()
    try writeOddComparisons()
    while text.hasSuffix("\n\n") { text.removeLast() }
  }

  /// Ours and matplotlib's of one width, below docs/images/gallery.
  static func files(_ name: String, _ width: String) -> (ours: String, theirs: String) {
    ("\(width)/\(name).png", "matplotlib-\(width)/\(name).png")
  }

  // MARK: Beside matplotlib

  /// Every figure that there is: those of a run with three targets and baselines, of a study, and of few labels.
  private static func proof() throws -> [Shown] {
    let folder = try TemporaryFolder()
    var run = MadeUpRun()
    run.targets = [("de", "German"), ("fr", "French"), ("es", "Spanish")]
    run.signals = [1.6, 1.1, 1.3, 1.4]
    run.baselineLayers = Array(0...6)
    let results = try run.results(in: folder.path)
    let ofRun = try FigureName.allCases.map { name in
      let figure = try draw(name, of: results)
      return Shown(
        name: name.rawValue, title: figure.title, caption: figure.caption, figure: figure.figure)
    }
    // The others of a study's goals look alike.
    let ofStudy = try ComparisonExample.severalRuns.figures.filter {
      !$0.name.hasPrefix("goal-") || $0.name == "goal-1"
    }
    return ofRun
      + (ofStudy + [try fewShot()]).map {
        Shown(name: $0.name, title: $0.title, caption: $0.caption, figure: $0.figure)
      }
  }

  private static func fewShot() throws -> ComparisonFigure {
    func size(_ mean: Double, _ spread: Double) -> LabelledCurve.Size {
      LabelledCurve.Size(mean, draws: [-1, -0.4, 0.1, 0.3, 1].map { mean + $0 * spread })
    }
    return try drawLabelledCurves(
      [
        LabelledCurve(
          "continued from the run", beginsWithRun: true,
          [size(0.571, 0.03), size(0.61, 0.02), size(0.634, 0.01)]),
        LabelledCurve(
          "labelled texts alone", [size(0.38, 0.05), size(0.45, 0.03), size(0.52, 0.02)]),
        LabelledCurve("probe", [size(0.41, 0.04), size(0.5, 0.02), size(0.531, 0.02)]),
      ], perClass: [10, 50, 100], zeroShot: 0.552, of: "French", draws: 5, run: "tweets")
  }

  private mutating func writeComparison(_ figures: [Shown]) throws {
    text += """
      # Figures

      Written by `make gallery` from made-up runs: every figure beside what matplotlib and seaborn make of its numbers, the other
      themes, and how figures handle unusual data.

      ## Beside matplotlib and seaborn

      Ours are drawn by `report figures --width 8.5cm --no-title` and `--width 17cm --no-title`, the widths of a journal's column and page. The
      others are drawn by [gallery_matplotlib.py](../Benchmarks/gallery_matplotlib.py), as a careful researcher would, from the same numbers and
      intervals: seaborn's white grid and colour-blind palette, letters of 7.5 points, labels, legends where matplotlib finds the
      best place, error bars, constrained layout, the same size and number of columns. Both have 150 dots per inch. The caption is
      what the report prints below the figure; no picture of matplotlib's comes with one. Where matplotlib's figure is as
      good, the sentence says so.

      | Figure | What differs |
      |---|---|

      """
    for figure in figures {
      text +=
        "| [\(figure.name)](#\(figure.name.lowercased())) | \(GalleryVerdicts.of(figure.name)) |\n"
    }
    text += "\n"
    for figure in figures {
      compared.append(figure.name)
      text += "### \(figure.name)\n\n*\(figure.title).* \(figure.caption)\n\n"
      text += "| | TransferGap | matplotlib and seaborn |\n|---|---|---|\n"
      var pages: [(width: String, figure: Figure, size: Size)] = []
      let measurer = CairoTextMeasurer(family: Theme.light.fontFamily)
      for (width, centimetres) in Self.widths {
        let files = Self.files(figure.name, width)
        let points = centimetres * 72 / 2.54
        text += "| \(width.replacing("cm", with: "\u{A0}cm")) "
        text += "| ![\(figure.figure.alternativeText)](images/gallery/\(files.ours)) "
        text += "| ![The same from matplotlib.](images/gallery/\(files.theirs)) |\n"
        pictures.append(
          Picture(
            file: files.ours, figure: figure.figure,
            style: FigureStyle(
              dotsPerInch: Self.dotsPerInch, width: points, isTitled: false)))
        let fitted = figure.figure.fitted(toWidth: points, isTitled: false, measuring: measurer)
        pages.append((width, fitted, fitted.page(measuring: measurer).size))
      }
      text += "\n\(GalleryVerdicts.of(figure.name))\n\n"
      numbers.append(GalleryNumbers(name: figure.name, figure: figure.figure, pages: pages))
    }
  }

  // MARK: Themes and unusual data

  private mutating func show(
    _ file: String, _ figure: Figure, _ theme: Theme.Name = .light
  ) {
    // Two stand side by side in a rendered page.
    pictures.append(
      Picture(
        file: file, figure: figure,
        style: FigureStyle(theme: .named(theme), dotsPerInch: 560 * 72 / figure.size.width)))
    text += "![\(figure.alternativeText)](images/gallery/\(file))\n\n"
  }

  private mutating func writeThemes() throws {
    text += """
      ## Themes

      Every figure can be drawn in every theme (`--theme dark`, `--theme print`); these show what changes.


      """
    let folder = try TemporaryFolder()
    let results = try OddRun.plain.run.results(in: folder.path)
    for theme in Theme.Name.allCases where theme != .light {
      text += "### Theme \(theme.rawValue)\n\n"
      for name in [FigureName.dashboard, .roc, .finalComparison, .confusion, .perClass, .layers] {
        show(
          "plain-\(theme.rawValue)-\(name.rawValue).png", try draw(name, of: results).figure, theme)
      }
    }
  }

  /// The tests look at all figures of these runs; here are those that differ most.
  private static let telling: Set<FigureName> = [
    .accuracies, .roc, .transferGap, .finalGaps, .dashboard, .finalComparison, .confusion,
    .perClass,
  ]

  private mutating func writeOddRuns() throws {
    for run in OddRun.allCases where run != .plain {
      text += "## \(run.title)\n\n"
      let folder = try TemporaryFolder()
      let results = try run.run.results(in: folder.path)
      for name in run.figures where Self.telling.contains(name) {
        guard let documented = try? draw(name, of: results) else { continue }
        show("\(run.rawValue)-\(name.rawValue).png", documented.figure)
        text += "*\(documented.title).* \(documented.caption)\n\n"
      }
    }
  }

  private mutating func writeOddComparisons() throws {
    text += "## Comparisons of several runs\n\n"
    for example in ComparisonExample.allCases where example != .severalRuns {
      text += "### \(example.title)\n\n"
      for figure in try example.figures {
        show("\(example.rawValue)-\(figure.name).png", figure.figure)
        text += "*\(figure.title).* \(figure.caption)\n\n"
      }
    }
  }
}
