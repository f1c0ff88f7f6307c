import Chart
import TestSupport

/// A figure with every kind of mark, of random data.
func sampleFigure(seed: UInt64) -> Figure {
  var random = SplitMix64(seed: seed)
  let count = [1, 2, 3, 10, 10, 40, 400][Int.random(in: 0..<7, using: &random)]
  let series = Int.random(in: 1...14, using: &random)
  let magnitude = [1e-12, 1e-3, 1, 1, 1, 100, 1e12][Int.random(in: 0..<7, using: &random)]
  let words = ["German", "a rather long name of a language", "es", "Français (Canada)"]
  var marks: [any Mark] = [
    Shade(0...Double.infinity, words: "above", ink: .series(1)),
    Rule(.horizontal(0.5 * magnitude), label: .init("guessing", "0.500")),
  ]
  for index in 0..<series {
    var points = (0..<count).map { step in
      Point(Double(step + 1), magnitude * Double.random(in: 0.2...1, using: &random))
    }
    if Bool.random(using: &random) {
      points[Int.random(in: 0..<count, using: &random)].y = .nan
    }
    marks.append(
      Band(
        points.map { Band.Slice(x: $0.x, low: $0.y * 0.9, high: $0.y * 1.1) }, ink: .series(index)))
    marks.append(
      Line(
        points, ink: .series(index),
        endLabel: .init(words[index % words.count], Numeral.short(points.last?.y ?? 0))))
    marks.append(Dots(points, ink: .series(index)))
    if index < 3 {
      marks.append(
        Highlight(
          points[Int.random(in: 0..<count, using: &random)], words: "highest of all, at \(index)",
          ink: .series(index)))
    }
  }
  var epochs = Axis("epoch", .integer)
  epochs.padding = 0.03
  var panel = Panel(title: "Panel", x: epochs, y: Axis("quantity (unit)"), marks: marks)
  if Bool.random(using: &random) {
    panel.key = [KeyEntry("a key", ink: .muted), KeyEntry("another", ink: .series(2))]
  }
  let bars = Panel(
    x: Axis("share"), y: Axis("", .category(words)),
    marks: [
      Bars(
        words.indices.map { index in
          let value = Double.random(in: 0...1, using: &random)
          return Bars.Bar(
            category: index, value: value, interval: value * 0.8...min(1, value * 1.2),
            reference: 0.4, text: Numeral.decimal(value, places: 3), ink: .series(index))
        })
    ])
  var figure = Figure(
    size: .inches(16, 10), title: "A figure of everything", subtitle: "Random data, seed \(seed)",
    panels: [panel, bars], columns: 2)
  figure.note = "A note that explains."
  figure.headline = [
    Fact("71.3 %", "of all things"), Fact("−3", "of the others, with more to say"),
  ]
  figure.alternativeText = "Random lines & bars <of> “everything”."
  return figure
}
