import Chart
import TestSupport
import Testing

@testable import Plot

@Suite struct LayerAccuraciesTests {
  private func curve(_ language: String, _ values: [Double], half: Double? = 0.03) -> LayerCurve {
    LayerCurve(
      language, values.map { value in .init(value, half.map { value - $0...value + $0 }) })
  }

  private func draw(
    _ targets: [LayerCurve], source: [Double] = [0.52, 0.55, 0.61, 0.64, 0.63], chosen: Int = 3,
    majority: (Double, String)? = (0.34, "neutral")
  ) -> ComparisonFigure {
    drawLayerAccuracies(
      source: curve("English", source), targets: targets, part: "test", chosen: chosen,
      majority: majority, trainingExamples: 1839, experiment: "tweets")
  }

  private var targets: [LayerCurve] {
    [
      curve("German", [0.41, 0.44, 0.47, 0.5, 0.52]),
      curve("Spanish", [0.45, 0.4, 0.5, 0.51, 0.51]),
    ]
  }

  @Test func pictures() throws {
    let many = (0..<7).map { index in
      curve("language \(index)", [0.4, 0.42, 0.45, 0.43, 0.46].map { $0 + 0.01 * Double(index) })
    }
    for (name, figure) in [("few", draw(targets)), ("many", draw(many, majority: nil))] {
      let file = try figure.figure.file(
        .png, FigureStyle(dotsPerInch: 500 * 72 / figure.figure.size.width))
      try expectPicture(file.bytes, "pictures/layers/\(name).png")
    }
  }

  @Test func saysWhatIsDrawn() {
    #expect(
      draw(targets).caption
        == "English test accuracy rises from 52.0\u{A0}% to 63.0\u{A0}% and is best at layer 3, 64.0\u{A0}%. "
        + "German test accuracy rises from 41.0\u{A0}% to 52.0\u{A0}%, its best. "
        + "Spanish test accuracy rises from 45.0\u{A0}% to 51.0\u{A0}% and is best at layer 3. "
        + "The highest accuracy on English validation is that of layer 3.")
    #expect(
      draw([], chosen: 0).caption.hasSuffix(
        "The highest accuracy on English validation is that of the embeddings."))
  }

  /// 60 generated ones: one to thirteen layers, none to twelve targets, equal values, no intervals.
  @Test func generatedOnesHaveNoFaults() {
    var random = SplitMix64(seed: 17)
    for index in 0..<60 {
      let layers = [1, 2, 7, 13][index % 4]
      func values() -> [Double] {
        index % 5 == 0
          ? .init(repeating: 0.5, count: layers)
          : (0..<layers).map { _ in Double.random(in: 0...1, using: &random) }
      }
      let targets = (0..<[0, 1, 2, 3, 4, 12][index % 6]).map {
        curve("language \($0)", values(), half: index % 7 == 0 ? nil : 0.02)
      }
      let figure = draw(
        targets, source: values(), chosen: index % layers,
        majority: index % 3 == 0 ? nil : (0.4, "neutral"))
      expectNoFaults(figure.figure, "figure \(index)")
      for text in [figure.caption, figure.alternativeText, figure.figure.note] {
        #expect(text.hasSuffix(".") && !text.contains("  ") && !text.contains("nan"), "\(text)")
      }
    }
  }
}
