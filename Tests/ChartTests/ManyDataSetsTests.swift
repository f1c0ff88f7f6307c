import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Chart

/// A thousand generated figures of every kind of mark, axis and odd data, looked at as shapes.
@Suite struct ManyDataSetsTests {
  private static let count = 1000

  /// No text over text, everything on the page, every text readable where it stands.
  @Test(arguments: Theme.Name.allCases)
  func pagesHaveNoFaults(_ name: Theme.Name) {
    // A third of them in each theme.
    let seeds = Array(0..<UInt64(Self.count)).filter { Int($0 % 3) == name.number }
    let faults = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: seeds.count) { index in
      let seed = seeds[index]
      let page = oddFigure(seed: seed)
        .page(theme: .named(name), measuring: FixedTextMeasurer())
      let found = page.faults.map { "seed \(seed): \($0)" }
      faults.withLock { $0 += found }
    }
    let all = faults.withLock { $0.sorted() }
    #expect(
      all.isEmpty, "\(all.count) faults, among them \(all.prefix(12).joined(separator: "\n"))")
  }

  /// Ticks lie on the axis and say what they stand for; drawn points are the data, mapped.
  @Test func ticksAreOnTheAxisAndPointsAreTheData() {
    var random = SplitMix64(seed: 99)
    var faults: [String] = []
    for number in 0..<Self.count {
      let values = OddData.values(count: [1, 2, 3, 10, 60][number % 5], &random)
      let points = values.enumerated().map { Point(Double($0.offset + 1), $0.element) }
      let isLogarithmic = number % 3 == 0
      let axis = Axis("quantity", isLogarithmic ? .logarithmic : .linear)
      let data = DataRange(isLogarithmic ? values.filter { $0 > 0 } : values)
      let scale = axis.scale(for: data)
      let ticks = axis.ticks(on: scale, data: data, length: 320, spacing: 44)
      let (low, high) = (scale.domain.lowerBound, scale.domain.upperBound)
      let slack = (high - low) * 1e-9
      if !ticks.allSatisfy({ $0.value >= low - slack && $0.value <= high + slack }) {
        faults.append("\(number): ticks \(ticks.map(\.label)) beyond \(scale.domain)")
      }
      if Set(ticks.map(\.label)).count != ticks.count {
        faults.append("\(number): two ticks of one label among \(ticks.map(\.label))")
      }
      if data.range != nil, ticks.isEmpty { faults.append("\(number): no tick") }
      let frame = Rect(x: 50, y: 40, width: 500, height: 320)
      let x = LinearScale(0...Double(values.count + 1))
      let plane = Plane(x: x, y: scale, frame: frame, theme: .light)
      let line = Line(points, ink: .series(1)).shapes(on: plane).flatMap { shape -> [Point] in
        if case .line(let points, _) = shape { points } else { [] }
      }
      let dots = Dots(points, ink: .series(1)).shapes(on: plane).compactMap { shape -> Point? in
        if case .marker(let marker) = shape { marker.center } else { nil }
      }
      let expected = points.filter { $0.y.isFinite && (!isLogarithmic || $0.y > 0) }.map { point in
        let share =
          isLogarithmic
          ? log(point.y / low) / log(high / low) : (point.y - low) / (high - low)
        return Point(50 + 500 * point.x / Double(values.count + 1), 360 - 320 * share)
      }
      func isDrawn(_ point: Point, _ drawn: [Point]) -> Bool {
        drawn.contains { abs($0.x - point.x) < 1e-6 && abs($0.y - point.y) < 1e-6 }
      }
      if values.count <= 10,
        !expected.allSatisfy({ isDrawn($0, dots) }) || dots.count != expected.count
      {
        faults.append("\(number): symbols \(dots) for \(expected)")
      }
      if !line.allSatisfy({ isDrawn($0, expected) }) {
        faults.append("\(number): a line off the data")
      }
    }
    #expect(faults.isEmpty, "\(faults.count): \(faults.prefix(8).joined(separator: "\n"))")
  }
}

extension Theme.Name {
  fileprivate var number: Int { Theme.Name.allCases.firstIndex(of: self) ?? 0 }
}

extension Page {
  /// What is wrong with the page, in words.
  var faults: [String] {
    var faults: [String] = []
    let sheet = Rect(x: 0, y: 0, width: size.width, height: size.height).inset(-0.01)
    let texts = texts
    for (index, text) in texts.enumerated() {
      if !sheet.contains(text.box) { faults.append("'\(text.string)' is not on the page") }
      let inner = text.box.inset(0.02)
      for other in texts.dropFirst(index + 1) where inner.overlaps(other.box) {
        faults.append("'\(text.string)' over '\(other.string)'")
      }
    }
    for (index, shape) in shapes.enumerated() {
      switch shape {
      case .text(let text):
        let ground = ground(of: text, before: index)
        let contrast = text.color.contrast(with: ground)
        if contrast < 4.5 { faults.append("'\(text.string)' has a contrast of \(contrast)") }
      case .line(let points, _), .area(let points, _):
        if !points.allSatisfy(sheet.contains) { faults.append("a line or area off the page") }
      case .rectangle(let rect, _):
        if !sheet.contains(rect) { faults.append("a rectangle off the page: \(rect)") }
      case .marker(let marker):
        if !sheet.contains(marker.center) { faults.append("a symbol off the page") }
      }
    }
    return faults
  }

  /// The colour below the middle of a text: what rectangles leave there, in their order.
  private func ground(of text: Text, before index: Int) -> Color {
    let middle = Point(text.box.midX, text.box.midY)
    return shapes[..<index].reduce(background) { ground, shape in
      if case .rectangle(let rect, let color) = shape, rect.contains(middle) {
        color.over(ground)
      } else {
        ground
      }
    }
  }
}
