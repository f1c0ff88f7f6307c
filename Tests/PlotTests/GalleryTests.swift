import Chart
import Foundation
import Plot
import Storage
import TestSupport
import Testing

/// Writes docs/figures.md and its pictures when `make gallery` asks for them.
@Suite struct GalleryTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["FIGURE_GALLERY"] != nil))
  func writeGallery() throws {
    let docs = ProcessInfo.processInfo.environment["FIGURE_GALLERY"] ?? ""
    try FileManager.default.createDirectory(
      atPath: "\(docs)/images/gallery", withIntermediateDirectories: true)
    var text = """
      # Figures

      Written by `make gallery` from made-up runs: every figure, those of a plain run in every theme, and how they
      handle unusual data. The pictures are small here; `report figures` draws them at 300 dpi.


      """
    for run in OddRun.allCases {
      text += "## \(run.title)\n\n"
      let folder = try TemporaryFolder()
      let results = try run.run.results(in: folder.path)
      let themes = run == .plain ? Theme.Name.allCases : [.light]
      for theme in themes {
        if run == .plain { text += "### Theme \(theme.rawValue)\n\n" }
        for name in run.figures {
          guard let documented = try? draw(name, of: results) else { continue }
          // Two stand side by side in a rendered page.
          let dpi = 560 * 72 / documented.figure.size.width
          let file = "\(run.rawValue)-\(theme.rawValue)-\(name.rawValue).png"
          try documented.figure.write(
            to: "\(docs)/images/gallery/\(file)", format: .png,
            style: FigureStyle(theme: .named(theme), dotsPerInch: dpi))
          text += "![\(documented.alternativeText)](images/gallery/\(file))\n\n"
          if theme == .light { text += "*\(documented.title).* \(documented.caption)\n\n" }
        }
      }
    }
    text += "## Comparisons of several runs\n\n"
    for example in ComparisonExample.allCases {
      text += "### \(example.title)\n\n"
      for figure in try example.figures {
        let file = "\(example.rawValue)-\(figure.name).png"
        try figure.figure.write(
          to: "\(docs)/images/gallery/\(file)", format: .png,
          style: FigureStyle(dotsPerInch: 560 * 72 / figure.figure.size.width))
        text += "![\(figure.alternativeText)](images/gallery/\(file))\n\n"
        text += "*\(figure.title).* \(figure.caption)\n\n"
      }
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
    try AtomicFile.write(text, to: "\(docs)/figures.md")
  }
}
