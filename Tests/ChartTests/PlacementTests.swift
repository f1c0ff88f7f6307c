import Testing
import TestSupport

@testable import Chart

@Suite struct PlacementTests {
  @Test func spreadKeepsLabelsApartAndInBounds() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let count = Int.random(in: 1...14, using: &random)
      let wanted = (0..<count).map { _ in Double.random(in: 0...400, using: &random) }
      let heights = (0..<count).map { _ in Double.random(in: 10...28, using: &random) }
      let found = Placement.spread(wanted, heights: heights, in: 0...400)
      let order = found.indices.sorted { found[$0] < found[$1] }
      for (a, b) in zip(order, order.dropFirst()) {
        #expect(found[b] - found[a] >= (heights[a] + heights[b]) / 2 - 1e-9)
        #expect(wanted[a] <= wanted[b], "labels keep the order of what they name")
      }
      for index in found.indices {
        #expect(found[index] - heights[index] / 2 >= -1e-9)
        #expect(found[index] + heights[index] / 2 <= 400 + 1e-9)
      }
    }
  }

  @Test func spreadMovesNothingThatIsFree() {
    #expect(
      Placement.spread([300, 100, 200], heights: [20, 20, 20], in: 0...400) == [300, 100, 200])
    // Two that want one place share the way.
    #expect(Placement.spread([100, 100], heights: [20, 20], in: 0...400) == [90, 110])
  }

  @Test func placementNeverCoversText() {
    var random = SplitMix64(seed: 5)
    let bounds = Rect(x: 0, y: 0, width: 300, height: 200)
    for _ in 0..<300 {
      var obstacles = Placement.Obstacles()
      obstacles.symbols = (0..<20).map { _ in
        Rect(
          x: Double.random(in: 0...300, using: &random),
          y: Double.random(in: 0...200, using: &random), width: 10, height: 10)
      }
      for _ in 0..<8 {
        let anchor = Point(
          Double.random(in: 0...300, using: &random), Double.random(in: 0...200, using: &random))
        let callout = Callout(
          text: "", anchor: anchor, clearance: 8, ink: .strong, preference: .beside)
        guard
          let box = Placement.place(
            Size(width: 70, height: 16), for: callout, in: bounds, avoiding: obstacles)
        else { continue }
        #expect(bounds.contains(box, tolerance: 1e-6))
        #expect(!obstacles.texts.contains { $0.overlaps(box) })
        obstacles.texts.append(box)
      }
    }
  }

  @Test func wrappingKeepsLinesWithinTheWidth() {
    let (measurer, font) = (FixedTextMeasurer(), Font(size: 10))
    #expect(measurer.wrap("one two three", font, width: 50) == ["one two", "three"])
    #expect(
      measurer.wrap("one two three four", font, width: 50, lines: 2) == ["one two", "three f…"])
    #expect(measurer.wrap("extraordinarily", font, width: 50) == ["extraor…"])
    #expect(measurer.wrap("", font, width: 50) == [])
    #expect(measurer.shorten("one two", font, width: 30) == "one…")
  }
}
