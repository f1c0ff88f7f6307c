internal import Chart

/// One row per configuration: a symbol, its interval and its value in figures.
///
/// - Parameters:
///   - values: one per row, from the top; what is not finite leaves a row empty.
///   - quantity: what they are.
/// - Returns: marks for an axis of categories.
func intervalRows(_ values: [ComparedValue], _ quantity: ComparedQuantity) -> [any Mark] {
  var marks: [any Mark] = []
  var numbers: [Values.Value] = []
  for (row, entry) in values.enumerated() where entry.value.isFinite {
    let (x, y) = (quantity.factor * entry.value, Double(row))
    var reach = x
    if let interval = entry.interval {
      let drawn = quantity.factor * interval.lowerBound...quantity.factor * interval.upperBound
      marks.append(
        Whiskers([.init(at: y, drawn)], .horizontal, ink: entry.configuration.ink))
      reach = max(x, drawn.upperBound)
    }
    // A list a point: of one list, symbols with nearly equal values would be left out.
    marks.append(Dots([Point(x, y)], ink: entry.configuration.ink))
    numbers.append(.init(quantity.digits(entry.value), at: Point(reach, y)))
  }
  return marks + [Values(numbers)]
}

/// The configurations without a value in all or in some of several lists, in sentences; empty without
/// any.
func withoutValue(_ lists: [[ComparedValue]]) -> String {
  let missing = lists.map { Set($0.filter { !$0.value.isFinite }.map(\.configuration)) }
  let everywhere = missing.dropFirst().reduce(missing.first ?? []) { $0.intersection($1) }
  let somewhere = missing.reduce(into: Set()) { $0.formUnion($1) }.subtracting(everywhere)
  func names(_ found: Set<ComparedConfiguration>) -> String {
    inWords(found.sorted { $0.index < $1.index }.map(\.name))
  }
  return sentences(
    everywhere.isEmpty ? "" : "Not known: \(names(everywhere)).",
    somewhere.isEmpty ? "" : "Not known everywhere: \(names(somewhere)).")
}

/// How many panels stand side by side, so that the names of rows keep their room.
func panelColumns(_ panels: Int, names: [ComparedConfiguration]) -> Int {
  let longest = names.map(\.name.count).max() ?? 0
  return min(panels, longest > 30 ? 1 : longest > 18 ? 2 : 3)
}

/// A page as high as its rows ask for.
func pageSize(rows: Int, width: Double) -> Size {
  .inches(width, max(5, 3.4 + 0.5 * Double(rows)))
}
