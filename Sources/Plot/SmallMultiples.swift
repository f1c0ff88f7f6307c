internal import Chart

/// From so many targets on each has a panel of its own: in one their curves would be a tangle.
let fewestMultiples = 4

/// A page has room for no more panels.
private let mostMultiples = 40

/// The colour of the target in a panel that shows only one.
let multipleInk = Ink.series(2)

/// One of several panels on the same axes.
struct Multiple {
  /// The curve's name and its last value.
  var title: String
  var marks: [any Mark]
}

/// Panels in a grid that share their axes, with one key below.
struct SmallMultiples {
  let panels: [Panel]
  let columns: Int
  let size: Size
  /// That some are left out, a sentence; empty if all are drawn.
  let note: String

  /// - Parameters:
  ///   - multiples: in reading order.
  ///   - x: of all panels.
  ///   - y: of all panels.
  ///   - key: what the lines are.
  init(_ multiples: [Multiple], x: Axis, y: Axis, key: [KeyEntry]) {
    let shown = Array(multiples.prefix(mostMultiples))
    // Rows as full as can be: the last holds the key.
    let most = shown.count <= 4 ? 2 : shown.count <= 9 ? 3 : shown.count <= 12 ? 4 : 5
    let rows = max(1, (shown.count + most - 1) / most)
    let columns = max(1, (shown.count + rows - 1) / rows)
    let extent = shown.flatMap(\.marks).reduce(into: Extent()) { $0.formUnion($1.extent) }
    func ends(_ data: DataRange) -> [Double] {
      data.range.map { [$0.lowerBound, $0.upperBound] } ?? []
    }
    var panels = shown.enumerated().map { index, multiple in
      var (x, y) = (x, y)
      x.including += ends(extent.x)
      y.including += ends(extent.y)
      let isLowest = index + columns >= shown.count
      x.isLabelled = isLowest
      y.isLabelled = index % columns == 0
      if !isLowest { x.title = "" }
      if index > 0 { y.title = "" }
      return Panel(title: multiple.title, x: x, y: y, marks: multiple.marks)
    }
    let last = max(0, (rows - 1) * columns)
    for (index, entry) in key.enumerated() where !panels.isEmpty {
      panels[last + index % (panels.count - last)].key.append(entry)
      panels[last + index % (panels.count - last)].isKeyShared = true
    }
    (self.panels, self.columns) = (panels, columns)
    size = .inches(14, 3.2 + 3.4 * Double(rows))
    let left = multiples.count - shown.count
    note = left == 0 ? "" : "Not shown for lack of space: the other \(left) targets."
  }
}

/// Of many targets' curves by epoch the median, with a band from the lowest to the highest.
///
/// - Parameters:
///   - curves: of the targets, each with a value at every position; what is not finite is left out.
///   - positions: on the axis.
///   - text: writes a value.
/// - Returns: marks for a panel that has no room for all curves.
func medianAndRange(
  _ curves: [[Double]], at positions: [Double], _ text: (Double) -> String
) -> [any Mark] {
  var (median, slices): ([Point], [Band.Slice]) = ([], [])
  for (index, x) in positions.enumerated() {
    let values = curves.compactMap { $0.indices.contains(index) ? $0[index] : nil }
      .filter(\.isFinite).sorted()
    guard let low = values.first, let high = values.last else {
      median.append(Point(x, .nan))
      slices.append(.init(x: x, low: .nan, high: .nan))
      continue
    }
    let middle = values.count / 2
    // Halved first: the sum of two may be more than a number can hold.
    let value =
      values.count % 2 == 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2
    median.append(Point(x, value))
    slices.append(.init(x: x, low: low, high: high))
  }
  let last = median.last(where: \.isFinite)?.y ?? .nan
  return [
    Band(slices, ink: multipleInk),
    Line(median, ink: multipleInk, endLabel: .init("median target", text(last))),
    Dots(median, ink: multipleInk),
  ]
}
