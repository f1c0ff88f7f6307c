import Chart
import TestSupport

/// Data as logs have them on a bad day.
enum OddData {
  /// Values of one magnitude from 1e-12 to 1e12: noisy, rising, all equal, with gaps, infinite,
  /// negative.
  static func values(count: Int, _ random: inout SplitMix64) -> [Double] {
    let magnitudes = [1e-12, 1e-5, 1, 1, 1, 1, 100, 1e12]
    let size = magnitudes[Int.random(in: 0..<magnitudes.count, using: &random)]
    let offset = [0, 0, 1, 1000][Int.random(in: 0..<4, using: &random)] * size
    let kind = Int.random(in: 0..<6, using: &random)
    return (0..<count).map { index in
      let share = count > 1 ? Double(index) / Double(count - 1) : 0
      let noise = Double.random(in: -1...1, using: &random)
      let isMissing = Double.random(in: 0...1, using: &random) < 0.2
      switch kind {
      case 0: return offset + size * 0.7
      case 1: return offset + size * (0.2 + 0.7 * share + 0.05 * noise)
      case 2: return isMissing ? .nan : offset + size * (1 + noise)
      case 3: return isMissing ? .infinity : size * noise
      case 4: return size * (1 + noise) * 1e-3
      default: return offset + size * (1.5 - share)
      }
    }
  }
}

/// A figure of one to four panels of any kind, with data that may be odd in every way.
func oddFigure(seed: UInt64) -> Figure {
  var random = SplitMix64(seed: seed &* 7919 &+ 13)
  let kinds = (0..<[1, 1, 1, 2, 2, 4][Int.random(in: 0..<6, using: &random)]).map { _ in
    Int.random(in: 0..<5, using: &random)
  }
  let panels = kinds.map { kind -> Panel in
    switch kind {
    case 0, 1: linePanel(isBusy: seed % 211 == 0, &random)
    case 2: barPanel(&random)
    case 3: matrixPanel(&random)
    default: squarePanel(&random)
    }
  }
  let pages: [Size] = [.inches(12, 8), .inches(14, 6), .inches(16, 12)]
  var figure = Figure(
    size: pages[Int.random(in: 0..<3, using: &random)],
    title: Bool.random(using: &random)
      ? "A figure"
      : "A figure whose title goes on and on, past where any page can end, and further",
    subtitle: "Generated data, seed \(seed)", panels: panels,
    columns: panels.count < 3 ? panels.count : 2)
  figure.scale = max(1, figure.size.width / 864)
  figure.fitsHeight = panels.allSatisfy(\.isSquare)
  figure.note = Bool.random(using: &random) ? "A note that says what must be known." : ""
  return figure
}

private let names = [
  "German", "a rather long name of a language", "es", "Français (Canada)", "中文", "العربية",
  "extraordinarilylongwithoutaspace",
]

private func linePanel(isBusy: Bool, _ random: inout SplitMix64) -> Panel {
  let count = isBusy ? 10_000 : [1, 2, 3, 10, 40][Int.random(in: 0..<5, using: &random)]
  let series = isBusy ? 2 : [1, 2, 3, 12][Int.random(in: 0..<4, using: &random)]
  let hasLogAxis = Int.random(in: 0..<3, using: &random) == 0
  var marks: [any Mark] = []
  for index in 0..<series {
    let points = OddData.values(count: count, &random).enumerated()
      .map { Point(Double($0.offset + 1), hasLogAxis && $0.element <= 0 ? .nan : $0.element) }
    if series < 6, !hasLogAxis {
      marks.append(
        Band(
          points.map { Band.Slice(x: $0.x, low: $0.y - abs($0.y) / 9, high: $0.y + abs($0.y) / 9) },
          ink: .series(index)))
    }
    let label = EndLabel.Words(names[index % names.count], Numeral.short(points[count - 1].y))
    marks.append(Line(points, ink: .series(index), endLabel: label))
    marks.append(Dots(points, ink: .series(index)))
    if index < 3 {
      marks.append(
        Highlight(
          points[Int.random(in: 0..<count, using: &random)], words: "best, at \(index + 1)",
          ink: .series(index)))
    }
  }
  var epochs = Axis("epoch", .integer)
  epochs.padding = 0.025
  return Panel(
    title: "Lines", x: epochs, y: Axis("quantity (unit)", hasLogAxis ? .logarithmic : .linear),
    marks: marks)
}

private func barPanel(_ random: inout SplitMix64) -> Panel {
  let count = [1, 2, 3, 13, 20][Int.random(in: 0..<5, using: &random)]
  let size = [1e-12, 0.01, 1, 100, 1e12][Int.random(in: 0..<5, using: &random)]
  let bars = (0..<count).map { index in
    let value = size * Double.random(in: 0...1, using: &random)
    return Bars.Bar(
      category: index, value: index % 7 == 5 ? .nan : value, interval: value * 0.8...value * 1.2,
      reference: size * 0.4, text: Numeral.short(value), ink: .series(index))
  }
  var panel = Panel(
    title: "Bars", x: Axis("share"),
    y: Axis("", .category((0..<count).map { names[$0 % names.count] })), marks: [Bars(bars)])
  panel.key = [KeyEntry("most frequent class", ink: .strong, dash: Bars.referenceDash)]
  return panel
}

private func matrixPanel(_ random: inout SplitMix64) -> Panel {
  let count = [1, 2, 3, 3, 5, 7, 7, 20][Int.random(in: 0..<8, using: &random)]
  let classes = (0..<count).map { names[$0 % names.count] }
  let cells = (0..<count).flatMap { row in
    (0..<count).map { column in
      let share = Double.random(in: 0...1, using: &random)
      return Cells.Cell(
        column: column, row: row, share: row == 4 ? .nan : share,
        lines: ["\(Int(share * 12345))", Numeral.percent(share)])
    }
  }
  var panel = Panel(
    title: "Matrix", x: Axis("predicted", .category(classes)), y: Axis("true", .category(classes)),
    marks: [Cells(cells)])
  panel.isSquare = true
  return panel
}

private func squarePanel(_ random: inout SplitMix64) -> Panel {
  var axis = Axis("share")
  axis.including = [0, 1]
  axis.limits = 0...1
  axis.padding = 0.02
  let curves = [1, 3, 9, 20][Int.random(in: 0..<4, using: &random)]
  var marks: [any Mark] = [Line([Point(0, 0), Point(1, 1)], ink: .muted, dash: [1, 2])]
  var key: [KeyEntry] = []
  for index in 0..<curves {
    var (x, y) = (0.0, 0.0)
    var points = [Point(0, 0)]
    while x < 1 || y < 1 {
      x = min(1, x + Double.random(in: 0...0.2, using: &random))
      y = min(1, y + Double.random(in: 0...0.3, using: &random))
      points.append(Point(x, y))
    }
    marks.append(
      Line(points, ink: .series(1 + index), symbols: .init(count: 5, phase: Double(index) / 20)))
    let middle = points[points.count / 2]
    let reach = max(0, middle.y - 0.1)...min(1, middle.y + 0.1)
    marks.append(Whiskers([.init(at: middle.x, reach)], .vertical, ink: .series(1 + index)))
    key.append(
      KeyEntry("\(names[index % names.count]) 0.87", ink: .series(1 + index), hasSymbol: true))
  }
  marks.append(Words("chance", at: Point(0.6, 0.5), ink: .muted))
  var panel = Panel(title: "Square", x: axis, y: axis, marks: marks)
  panel.isSquare = true
  panel.key = key
  return panel
}
