import Chart
import TestSupport
import Testing

@testable import Plot

@Suite struct LabelledCurveTests {
  private func size(_ mean: Double, _ spread: Double = 0.03, draws: Int = 5) -> LabelledCurve.Size {
    LabelledCurve.Size(
      mean,
      draws: (0..<draws).map { draw in
        draws == 1 ? mean : mean + spread * (2 * Double(draw) / Double(draws - 1) - 1)
      })
  }

  private func draw(
    _ curves: [LabelledCurve], zeroShot: Double? = 0.552, draws: Int = 5
  ) throws -> ComparisonFigure {
    try drawLabelledCurves(
      curves, perClass: [10, 50, 100], zeroShot: zeroShot, of: "French", draws: draws,
      run: "tweets")
  }

  private var curves: [LabelledCurve] {
    [
      LabelledCurve(
        "continued from the run", beginsWithRun: true,
        [size(0.571), size(0.61, 0.02), size(0.634, 0.01)]),
      LabelledCurve("labelled texts alone", [size(0.38, 0.05), size(0.45), size(0.52, 0.02)]),
      LabelledCurve("probe", [size(0.41, 0.04), size(0.5, 0.02), size(0.531, 0.02)]),
    ]
  }

  @Test func pictures() throws {
    let gap = LabelledCurve(
      "labelled texts alone", [size(0.38), .init(.nan, draws: []), size(0.5)])
    for (name, figure) in [
      ("three", try draw(curves)), ("gap", try draw([curves[0], gap], zeroShot: nil)),
    ] {
      let file = try figure.figure.file(
        .png, FigureStyle(dotsPerInch: 500 * 72 / figure.figure.size.width))
      try expectPicture(file.bytes, "pictures/few-shot/\(name).png")
    }
  }

  @Test func saysWhatIsDrawn() throws {
    let figure = try draw(curves)
    #expect(
      figure.caption
        == "French test accuracy: without labelled texts 55.2\u{A0}%. Continued from the run: 57.1\u{A0}% with 10 per "
        + "class, 61.0\u{A0}% with 50, 63.4\u{A0}% with 100. Labelled texts alone: 38.0\u{A0}% with 10 per class, "
        + "45.0\u{A0}% with 50, 52.0\u{A0}% with 100. Probe: 41.0\u{A0}% with 10 per class, 50.0\u{A0}% with 50, "
        + "53.1\u{A0}% with 100.")
    let single = try draw(
      [
        LabelledCurve(
          "continued from the run",
          [size(0.5, draws: 1), .init(.nan, draws: []), size(0.6, draws: 1)])
      ],
      zeroShot: .nan, draws: 1)
    #expect(
      single.caption.hasPrefix(
        "French test accuracy. Continued from the run: 50.0\u{A0}% with 10 per class, no value with 50"
      ))
    #expect(
      !single.figure.subtitle.contains("bands") && single.figure.subtitle.contains("one draw"))
    let lacking = try draw([
      curves[0],
      LabelledCurve(
        "probe", [.init(.nan, draws: []), .init(.nan, draws: []), .init(.nan, draws: [])]),
    ])
    #expect(lacking.caption.hasSuffix("Without values: probe."))
  }

  @Test func isAbsentWithoutAValue() {
    let error = #expect(throws: ComparisonAbsence.self) {
      _ = try draw([LabelledCurve("probe", [.init(.nan, draws: [])])])
    }
    #expect(error?.reason == "no training on labelled examples of French has an accuracy")
  }

  /// 40 generated ones: one to seven sizes, one to nine draws, missing values, equal values.
  @Test func generatedOnesHaveNoFaults() throws {
    var random = SplitMix64(seed: 83)
    for index in 0..<40 {
      let sizes = [1, 2, 3, 7][index % 4]
      let draws = [1, 2, 5, 9][index / 4 % 4]
      let generated = (0..<(1 + index % 3)).map { place in
        LabelledCurve(
          "curve \(place)", beginsWithRun: place == 0,
          (0..<sizes).map { size in
            if index % 5 == 4, size == 1 { return LabelledCurve.Size(.nan, draws: []) }
            let values = (0..<draws).map { _ in
              index % 7 == 0 ? 0.5 : Double.random(in: 0...1, using: &random)
            }
            return LabelledCurve.Size(values.reduce(0, +) / Double(draws), draws: values)
          })
      }
      let figure = try drawLabelledCurves(
        generated, perClass: (0..<sizes).map { 10 * ($0 + 1) },
        zeroShot: index % 3 == 0 ? nil : 0.4, of: "French", draws: draws, run: "tweets")
      expectNoFaults(figure.figure, "figure \(index)")
      for text in [figure.caption, figure.alternativeText] {
        #expect(text.hasSuffix(".") && !text.contains("  ") && !text.contains("nan"), "\(text)")
      }
    }
  }
}
