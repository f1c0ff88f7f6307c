internal import Metrics
internal import Results

/// What a comparison knows beside the cells of its tables: how metrics vary over seeds, and which entry of a column a paired
/// test sets apart.
struct ComparedTables {
  let comparison: RunComparison

  /// The tables with what is known beside them.
  func decorated(_ tables: [DocumentTable]) -> [DocumentTable] {
    tables.map { table in
      var table = table
      var (isOfConfigurations, hasBest, hasSeeds) = (false, false, false)
      for row in table.rows.indices {
        guard let place = Self.place(table.rows[row].scope),
          comparison.splits.indices.contains(place.split),
          comparison.splits[place.split].rows.indices.contains(place.row)
        else { continue }
        isOfConfigurations = true
        let split = comparison.splits[place.split]
        let found = split.rows[place.row]
        for cell in table.rows[row].cells.indices {
          guard let metric = Self.metric(table.rows[row].cells[cell], table.rows[row].scope) else {
            continue
          }
          if let summary = found.metrics[metric], let deviation = summary.standardDeviation {
            table.rows[row].cells[cell].seeds = DocumentTable.SeedSpread(
              deviation: deviation, seeds: summary.values.count)
            hasSeeds = true
          }
          if best(metric, split) == found.group {
            table.rows[row].cells[cell].isBest = true
            hasBest = true
          }
        }
      }
      if isOfConfigurations { table.remarks = remarks(hasBest: hasBest, hasSeeds: hasSeeds, table) }
      return table
    }
  }

  private func remarks(hasBest: Bool, hasSeeds: Bool, _ table: DocumentTable) -> [String] {
    var remarks: [String] = []
    if hasSeeds {
      remarks.append(
        "The number after ± is the standard deviation over the seeds of a configuration.")
    }
    if table.rows.count > 1 {
      let seeds = comparison.groups.contains { $0.runs.count < 3 } ? ", for these seeds only" : ""
      let test =
        "a paired test places it above every other configuration in its column, p ≤ 0.05 after "
        + "[Holm's correction](metrics.md#holm) over all splits and pairs\(seeds)"
      remarks.append(
        hasBest
          ? "An entry is bold where \(test); the loss is not tested."
          : "An entry would be bold where \(test); here none is. The loss is not tested.")
    }
    return remarks
  }

  /// The group whose value is higher than every other's by a paired test; `nil` where there is none, or where one of the
  /// others could not be compared.
  private func best(_ metric: Metric, _ split: SplitComparison) -> Int? {
    guard metric.gap != nil, split.rows.count > 1 else { return nil }
    return split.rows.map(\.group).first { group in
      split.rows.allSatisfy { other in
        other.group == group || isAbove(group, other.group, metric, split)
      }
    }
  }

  private func isAbove(_ group: Int, _ other: Int, _ metric: Metric, _ split: SplitComparison)
    -> Bool
  {
    guard
      let pair = split.pairs.first(where: {
        ($0.a, $0.b) == (group, other) || ($0.a, $0.b) == (other, group)
      }), let difference = pair.contrasts[metric]?.value
    else { return false }
    let pValue = metric == .accuracy ? pair.adjustedPValue : pair.adjustedPValues[metric]
    guard let pValue, pValue <= 0.05 else { return false }
    return pair.a == group ? difference > 0 : difference < 0
  }

  private static func metric(_ cell: DocumentTable.Cell, _ scope: String) -> Metric? {
    guard cell.number != nil, let tag = cell.places.first?.value.tag else { return nil }
    let leaf = TagPath.leaf(tag, in: scope)
    return Metric.all.first { $0.key == leaf }
  }

  /// The places in `splits[1].rows[2]`, which a study has inside `comparison`.
  private static func place(_ scope: String) -> (split: Int, row: Int)? {
    let parts = scope.split(separator: ".").suffix(2)
    guard let first = parts.first, let last = parts.last, first.hasPrefix("splits["),
      last.hasPrefix("rows["), let split = Int(first.dropFirst(7).dropLast()),
      let row = Int(last.dropFirst(5).dropLast())
    else { return nil }
    return (split, row)
  }
}
