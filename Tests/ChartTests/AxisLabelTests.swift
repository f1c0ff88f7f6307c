import TestSupport
import Testing

@testable import Chart

/// That axes have the labels that a reader needs.
@Suite struct AxisLabelTests {
  private func texts(_ figure: Figure) -> [String] {
    figure.page(theme: .light, measuring: FixedTextMeasurer()).svg()
      .matches(of: />([^<]+)<\/text>/).map { String($0.output.1) }
  }

  /// Bars in a panel as narrow as one of three on a page have an axis with more than its two ends.
  @Test(arguments: [3.6, 4.5, 6])
  func aNarrowAxisHasThreeLabels(_ inches: Double) {
    for highest in stride(from: 0.111, through: 1, by: 0.0303) {
      let bars = (0..<4).map { index in
        Bars.Bar(
          category: index, value: highest / Double(index + 1), interval: nil, reference: nil,
          text: "bar", ink: .series(index))
      }
      var x = Axis("")
      x.padding = 0.02
      x.limits = 0...Double.infinity
      var y = Axis("", .category(["a", "b", "c", "d"]))
      y.isLabelled = false
      let figure = Figure(
        size: .inches(inches, 5), title: "t", subtitle: "",
        panels: [Panel(x: x, y: y, marks: [Bars(bars)])])
      let labels = texts(figure).filter { Double($0) != nil }
      #expect(labels.count > 2, "\(inches) inches, up to \(highest): \(labels)")
    }
  }

  /// Where data lie on both sides of zero, zero has a tick, however the range is cut.
  @Test func anAxisThatCrossesZeroLabelsIt() {
    var random = SplitMix64(seed: 18)
    for _ in 0..<400 {
      let magnitude = [1e-3, 0.1, 1, 30, 1e5][Int.random(in: 0..<5, using: &random)]
      let (low, high) = (
        -magnitude * Double.random(in: 0.02...1, using: &random),
        magnitude * Double.random(in: 0.02...1, using: &random)
      )
      var axis = Axis("")
      axis.isSigned = true
      axis.including = [0]
      axis.endsAtTicks = Bool.random(using: &random)
      let data = DataRange([low, high])
      let ticks = axis.ticks(
        on: axis.scale(for: data), data: data, length: Double.random(in: 90...700, using: &random),
        spacing: 42)
      #expect(
        ticks.contains { $0.value == 0 && $0.label.hasPrefix("0") }, "\(low) \(high) \(ticks)")
    }
  }

  /// Names of rows and numbers at the right leave a narrow frame; its title reaches under them.
  @Test func aTitleOfANarrowFrameIsWhole() {
    let title = "English \u{2212} target accuracy (percentage points)"
    let names = ["a language with quite a long name (n = 300)", "another one with a long name"]
    var marks: [any Mark] = [Dots([Point(3, 0), Point(-5, 1)], ink: .series(1))]
    marks.append(Values([.init("\u{2212}5.0 (\u{2212}10.2 to +0.1)", at: Point(3, 0))]))
    let figure = Figure(
      size: .inches(6, 4), title: "t", subtitle: "",
      panels: [Panel(x: Axis(title), y: Axis("", .category(names)), marks: marks)])
    #expect(texts(figure).contains(title), "\(texts(figure))")
  }

  /// Of few classes every column has a name, and a square's title is not cut for the names of its rows.
  @Test(arguments: [2, 3, 4])
  func everyColumnOfASmallMatrixIsNamed(_ classes: Int) {
    let names = (0..<classes).map { "\($0) is a long name" }
    let cells = (0..<classes).flatMap { row in
      (0..<classes).map { Cells.Cell(column: $0, row: row, share: 0.5, lines: ["1"]) }
    }
    var panel = Panel(
      title: "Norwegian Bokmål validation", x: Axis("predicted class", .category(names)),
      y: Axis("true class, n = 9", .category(names)), marks: [Cells(cells)])
    panel.isSquare = true
    let figure = Figure(
      size: .inches(16, 6), title: "t", subtitle: "", panels: [panel, panel, panel], columns: 3)
    let found = texts(figure)
    #expect(found.count { $0 == panel.title } == 3, "\(found)")
    for index in 0..<classes {
      // A row and a column in each of three panels.
      #expect(found.count { $0.hasPrefix("\(index) ") } == 6, "\(index): \(found)")
    }
  }
}
