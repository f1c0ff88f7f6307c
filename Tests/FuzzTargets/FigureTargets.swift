internal import Chart

/// Numbers from bytes, eight each; what is not finite, too, since a mark must leave it out.
private func numbers(_ bytes: [UInt8]) -> [Double] {
  stride(from: 0, to: bytes.count - 7, by: 8).prefix(64).map { start in
    Double(
      bitPattern: bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }
}

private func seed(_ values: [Double]) -> [UInt8] {
  values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
  }
}

/// Every kind of mark and axis with the same numbers.
private func panels(_ values: [Double]) -> [Panel] {
  let points = zip(values, values.dropFirst()).map { Point($0, $1) }
  let ordered = values.filter(\.isFinite).sorted()
  let ranges = zip(ordered, ordered.dropFirst()).map { $0...$1 }
  let rows = values.prefix(12).enumerated().map { index, value in
    Bars.Bar(
      category: index, value: value, interval: ranges.first { $0.contains(value) },
      reference: values.last, text: Numeral.short(value), ink: .series(index))
  }
  let curves: [any Mark] = [
    Band(
      points.map { .init(x: $0.x, low: min($0.x, $0.y), high: max($0.x, $0.y)) }, ink: .series(2)),
    Line(points, ink: .series(1), endLabel: .init("end", Numeral.short(values.last ?? 0))),
    Dots(points, ink: .series(1)), Rule(.horizontal(values.first ?? 0), label: .init("rule")),
    Highlight(points.first ?? Point(0, 0), words: "first", ink: .series(1)),
  ]
  let positive = points.map { Point($0.x, $0.y > 0 ? $0.y : .nan) }
  let whiskers = ranges.prefix(12).enumerated().map {
    Whiskers.Whisker(at: Double($0.offset), $0.element)
  }
  let names = Axis("", .category((0..<12).map { "row \($0)" }))
  return [
    Panel(x: Axis("epoch", .integer), y: Axis("value"), marks: curves),
    Panel(
      x: Axis("value"), y: Axis("value", .logarithmic),
      marks: [Line(positive, ink: .series(1)), Dots(positive, ink: .series(1))]),
    Panel(x: Axis("value"), y: names, marks: [Bars(rows)]),
    Panel(
      x: Axis("value"), y: names,
      marks: [
        Whiskers(whiskers, .horizontal),
        Values(whiskers.map { .init("n", at: Point($0.interval.upperBound, $0.position)) }),
      ]),
  ]
}

let figureTargets = [
  FuzzTarget(
    "figures", fileName: "input.bin", dictionary: nil,
    seeds: {
      [
        seed([1, 1e25, 2, 3]),
        seed([.leastNonzeroMagnitude, .leastNormalMagnitude / 64, .leastNormalMagnitude]),
        seed([-1e308, 1e308, 0, 1.7e308]),
        seed([0.7, 0.7, 0.7]), seed([0, 0]), seed([1, .nan, .infinity, 3]),
        seed([1e25, 1e25, 1e25]),
      ]
    },
    body: { _, bytes in
      let figure = Figure(
        size: .inches(14, 10), title: "Numbers", panels: panels(numbers(bytes)), columns: 2)
      let page = figure.page(measuring: FixedTextMeasurer())
      // Few ticks and few labels, whatever the numbers are; and nothing where no paper is.
      demand(page.texts.count < 400)
      for text in page.texts { demand(text.box.minX.isFinite && text.box.minY.isFinite) }
      for case .line(let points, _) in page.shapes { demand(points.allSatisfy(\.isFinite)) }
      _ = page.svg()
    })
]
