import Chart
import Foundation
import TestSupport
import Testing

/// The comparison that golden pictures rely on sees what a reader would miss.
@Suite struct PictureDifferenceTests {
  @Test func aWordThatIsGoneIsSeen() throws {
    let folder = try TemporaryFolder()
    var page = sampleFigure(seed: 12).page(measuring: CairoTextMeasurer(family: "DejaVu Sans"))
    let (whole, less) = ("\(folder.path)/whole.png", "\(folder.path)/less.png")
    func picture(_ path: String) throws -> Picture {
      try Data(page.png(dotsPerInch: 40)).write(to: URL(fileURLWithPath: path))
      return try #require(Picture(path: path))
    }
    let before = try picture(whole)
    #expect(before.difference(from: before).rms == 0)
    #expect(before.difference(from: before).worstTile > 0.999)
    // On the page. Words on a coloured bar change a tile less; the recorded SVG files hold them to the letter.
    let index = try #require(
      page.shapes.lastIndex {
        if case .text(let text) = $0 { text.string == "share" } else { false }
      })
    page.shapes.remove(at: index)
    let after = try picture(less)
    #expect(before.difference(from: after).worstTile < 0.8)
  }
}
