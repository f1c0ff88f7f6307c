import Testing
import TestSupport

@testable import Chart

@Suite struct FigureTests {
  /// Over many random figures: no text over text, everything on the page, text readable.
  @Test func textsNeverOverlapAndStayOnThePage() {
    for seed in 0..<300 as Range<UInt64> {
      let page = sampleFigure(seed: seed).page(measuring: FixedTextMeasurer())
      let sheet = Rect(x: 0, y: 0, width: page.size.width, height: page.size.height)
      let texts = page.texts
      // Hundreds of thousands of pairs: only what fails is worth the cost of an expectation.
      for (index, text) in texts.enumerated() {
        if !sheet.contains(text.box, tolerance: 0.01) {
          Issue.record("seed \(seed): '\(text.string)' at \(text.box) is not on the page")
        }
        if text.color.contrast(with: ground(of: text, on: page)) < 4.5 {
          Issue.record("seed \(seed): '\(text.string)' is too pale")
        }
        for other in texts[(index + 1)...] where text.box.inset(0.01).overlaps(other.box) {
          Issue.record("seed \(seed): '\(text.string)' over '\(other.string)'")
        }
      }
      for case .line(let points, _) in page.shapes
      where !points.allSatisfy({ sheet.inset(-0.01).contains($0) }) {
        Issue.record("seed \(seed): a line leaves the page")
      }
    }
  }

  /// Values stand right of their bars, or at the foot of all of them where a rule would strike one through; what is
  /// too short for that keeps beside its bar, and the rule is broken.
  @Test(arguments: [1.7, 1.02, 0.9])
  func valuesStayBesideTheirBars(_ rule: Double) throws {
    let values = [1.0, 0.8, 0.04]
    let bars = Bars(
      values.indices.map {
        .init(category: $0, value: values[$0], text: "0.\($0)5", ink: .series($0))
      })
    var x = Axis("")
    x.including = [0, 2]
    let figure = Figure(
      size: .inches(8, 5), title: "Bars",
      panels: [
        Panel(
          x: x, y: Axis("", .category(["a", "b", "c"])),
          marks: [bars, Rule(.vertical(rule), ink: .strong)])
      ])
    let page = figure.page(measuring: FixedTextMeasurer())
    let bodies = page.shapes.compactMap { shape -> Rect? in
      guard case .rectangle(let rect, let color) = shape, color != page.background else {
        return nil
      }
      return rect
    }
    #expect(bodies.count == values.count)
    let isStruck = rule < 1.5
    for (index, body) in bodies.enumerated() {
      let text = try #require(page.texts.first { $0.string == "0.\(index)5" })
      let isAtFoot = body.contains(text.box, tolerance: 1)
      #expect(isAtFoot == (isStruck && values[index] > 0.1), "\(index)")
      if !isAtFoot {
        #expect((0...30).contains(text.box.minX - body.maxX), "\(text.box) beside \(body)")
      }
    }
  }

  /// The colour of what a text stands on: a bar, or the page.
  private func ground(of text: Text, on page: Page) -> Color {
    for case .rectangle(let rect, let color) in page.shapes.reversed()
    where rect.contains(text.box, tolerance: 1) && color.alpha == 1 {
      return color
    }
    return page.background
  }

  /// What is drawn is the data, mapped by the scales; gaps stay gaps.
  @Test func drawnPointsAreTheData() throws {
    let points = [Point(1, 3), Point(2, 1), Point(3, .nan), Point(4, 2), Point(5, 4)]
    let line = Line(points, ink: .series(1))
    let plane = Plane(
      x: LinearScale(0...6), y: LinearScale(0...5),
      frame: Rect(x: 10, y: 20, width: 600, height: 50),
      theme: .light)
    let stroke = Theme.light.stroke(of: .series(1))
    #expect(
      line.shapes(on: plane) == [
        .line([Point(110, 40), Point(210, 60)], stroke),
        .line([Point(410, 50), Point(510, 30)], stroke),
      ])
    let centers = Dots(points, ink: .series(1)).shapes(on: plane).map { shape -> Point? in
      if case .marker(let marker) = shape { marker.center } else { nil }
    }
    #expect(centers == [Point(110, 40), Point(210, 60), Point(410, 50), Point(510, 30)])
  }

  @Test func aPointBetweenGapsIsDrawnEvenIfSymbolsAreThinned() {
    var points = (0..<2000).map { Point(Double($0), 1) }
    points[1000].y = .nan
    points[1002].y = .nan
    let plane = Plane(
      x: LinearScale(0...2000), y: LinearScale(0...2),
      frame: Rect(x: 0, y: 0, width: 400, height: 100), theme: .light)
    let centers = Dots(points, ink: .series(1)).shapes(on: plane).compactMap { shape -> Double? in
      if case .marker(let marker) = shape { marker.center.x } else { nil }
    }
    #expect(centers.count < 60)
    #expect(centers.contains { abs($0 - 1001.0 / 5) < 1e-9 })
    #expect(centers.contains { abs($0 - 1999.0 / 5) < 1e-9 })
  }

  @Test func squarePanelsAreSquare() throws {
    var x = Axis("false positive rate")
    x.including = [0, 1]
    x.limits = 0...1
    var panel = Panel(x: x, y: x, marks: [Line([Point(0, 0), Point(1, 1)], ink: .muted)])
    panel.isSquare = true
    var figure = Figure(
      size: .inches(12, 1), title: "Squares", panels: [panel, panel, panel], columns: 2)
    figure.fitsHeight = true
    let page = figure.page(measuring: FixedTextMeasurer())
    let diagonals = page.shapes.compactMap { shape -> [Point]? in
      if case .line(let points, let stroke) = shape, stroke.color == Theme.light.rule {
        points
      } else {
        nil
      }
    }
    #expect(diagonals.count == 3)
    for points in diagonals {
      #expect(abs((points[1].x - points[0].x) - (points[0].y - points[1].y)) < 1e-9)
    }
  }

  /// Neighbouring series differ in more than colour.
  @Test func seriesStylesDiffer() {
    let styles = (0..<14).map { Theme.light.style(ofSeries: $0) }
    for (index, style) in styles.enumerated() {
      for other in styles[(index + 1)...] {
        #expect(style != other)
        #expect(style.symbol != other.symbol || style.dash != other.dash)
      }
    }
  }

  @Test func textColorsAreLegible() {
    for index in 0..<14 {
      let color = Theme.light.textColor(of: .series(index))
      #expect(color.contrast(with: Theme.light.background) >= 4.5)
    }
    #expect(Theme.light.mutedText.contrast(with: Theme.light.background) >= 4.5)
  }

  /// The shapes of a small figure, exactly: what a change of layout changes shows here.
  @Test func shapesOfASmallFigure() {
    let figure = Figure(
      size: Size(width: 300, height: 200), title: "T",
      panels: [
        Panel(
          x: Axis("", .integer), y: Axis(""),
          marks: [Line([Point(1, 0), Point(2, 1)], ink: .series(1), endLabel: .init("end"))])
      ])
    let page = figure.page(measuring: FixedTextMeasurer())
    #expect(page.texts.map(\.string) == ["T", "1", "2", "0.0", "0.5", "1.0", "end"])
    let lines = page.shapes.compactMap { shape -> [Point]? in
      if case .line(let points, _) = shape {
        points.map { Point($0.x.rounded(), $0.y.rounded()) }
      } else {
        nil
      }
    }
    #expect(
      lines.contains([Point(52, 148), Point(222, 81)]), "the data's line; found \(lines)")
  }
}
