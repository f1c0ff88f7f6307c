internal import Chart
internal import Metrics
internal import Results
internal import RunLog

/// One split's values by epoch, as every figure names and colours them.
struct Curve {
  /// Where the split stands in the experiment.
  enum Role: Equatable {
    case training, source
    case target(Int)
  }

  let split: Split
  let role: Role
  let language: String
  let results: [SplitResult]
  /// Where each result stands on the axis of epochs or steps.
  let positions: [Double]

  /// One thing has one colour in all figures.
  var ink: Ink {
    switch role {
    case .training: .series(0)
    case .source: .series(1)
    case .target(let index): .series(2 + index)
    }
  }

  /// As it stands beside a line.
  var shortName: String { role == .training ? "training" : language }

  /// As it stands in a sentence.
  var longName: String {
    role == .training
      ? (isRunning ? "running training" : "training") : "\(language) \(split.part.rawValue)"
  }

  var isTarget: Bool { if case .target = role { true } else { false } }

  /// Whether the values were taken in passing, which logs from elsewhere do not tell.
  var isRunning: Bool { results.contains(where: \.isRunning) }

  func points(_ value: (SplitResult) -> Double) -> [Point] {
    zip(positions, results).map { Point($0, drawable(value($1))) }
  }

  /// The epochs, from 1, whose value cannot be drawn: those in which nobody logged it, and those in which it
  /// is not finite.
  func gaps(
    _ metric: Metric, _ value: (SplitResult) -> Double
  ) -> (absent: [Int], notFinite: [Int]) {
    let gaps = results.indices.filter { !value(results[$0]).isFinite }
    let isAbsent = { (place: Int) in results[place].isAbsent(metric) }
    return (gaps.filter(isAbsent).map { $0 + 1 }, gaps.filter { !isAbsent($0) }.map { $0 + 1 })
  }
}

/// An infinite loss has no place on an axis any more than a missing one.
private func drawable(_ value: Double) -> Double { value.isFinite ? value : .nan }

/// How much a panel says: all of it, or what can be read in a quarter of a page.
enum Detail { case full, brief }

/// More curves with bands than this hide each other: those of the source and three targets.
let mostBands = 4

/// The colour of a target, of many targets one for all, since there are not so many colours.
func ink(ofTarget index: Int, in results: RunResults) -> Ink {
  .series(results.targets.count > 6 ? 2 : 2 + index)
}

extension RunResults {
  /// Training, source validation and target validation as far as they were logged by epoch.
  func curves(having value: (SplitResult) -> Double) -> [Curve] {
    var curves: [Curve] = []
    func add(_ language: Language, _ part: Part, _ role: Curve.Role) {
      let split = Split(language.code, part)
      guard let results = byEpoch[split], results.contains(where: { value($0).isFinite }) else {
        return
      }
      curves.append(
        Curve(
          split: split, role: role, language: language.name, results: results,
          positions: positions))
    }
    add(source, .train, .training)
    add(source, .validation, .source)
    for (index, target) in targets.enumerated() { add(target, .validation, .target(index)) }
    return curves
  }

  /// What is left out of a figure for want of a number, in sentences; empty if nothing is. That a value was
  /// not logged is one thing, that it is not finite another.
  func missing(
    _ curves: [Curve], _ metric: Metric, _ value: (SplitResult) -> Double
  ) -> String {
    var (absent, notFinite): ([String], [String]) = ([], [])
    for curve in curves {
      let gaps = curve.gaps(metric, value)
      if !gaps.absent.isEmpty { absent.append("\(curve.longName) at \(moments(gaps.absent))") }
      if !gaps.notFinite.isEmpty {
        notFinite.append("\(curve.longName) at \(moments(gaps.notFinite))")
      }
    }
    let never = byEpoch.keys.filter { split in
      split.part != .test && !curves.contains { $0.split == split }
        && byEpoch[split]?.contains { !$0.isAbsent(metric) } ?? false
    }
    let languages = [source] + targets
    let names = languages.flatMap { language in
      [Part.train, .validation].filter { never.contains(Split(language.code, $0)) }.map {
        "\(language.name) \($0 == .train ? "training" : $0.rawValue)"
      }
    }
    return sentences(
      names.isEmpty ? "" : "Never a finite value, hence no curve: \(inWords(names)).",
      notFinite.isEmpty ? "" : "No finite value, hence a gap: \(inWords(notFinite)).",
      absent.isEmpty ? "" : "Not logged, hence a gap: \(inWords(absent)).")
  }

  /// Why there is no curve of a metric at all.
  func noCurve(_ metric: Metric, called name: String) -> String {
    let isLogged = byEpoch.values.contains { series in
      series.contains { !$0.isAbsent(metric) }
    }
    return isLogged ? "no \(name) in the logs is a finite number" : "the logs hold no \(name)"
  }

  /// That curves are a log's where the predictions, of which the tables are computed, say something else.
  var disagreementNote: String {
    let names = ([source] + targets).filter {
      disagreements.contains(Split($0.code, .validation))
    }.map(\.name)
    return names.isEmpty
      ? ""
      : "As logged: the predictions give other values of \(inWords(names)) "
        + "\(whenSelected), which are in the tables."
  }

  /// How training was placed beside evaluations that count on their own; empty for most logs.
  var alignmentNote: String { run.imported?.alignment ?? "" }

  /// The axis of time: epochs, or steps where nothing tells epochs.
  var epochAxis: Axis {
    let areWhole = positions.allSatisfy { $0 == $0.rounded() }
    var axis = Axis(unit.rawValue, areWhole ? .integer : .linear)
    axis.padding = 0.025
    axis.hasGrid = false
    return axis
  }
}

extension RunResults {
  /// Rows, counted from 1, as a reader finds them: "epochs 3 and 5 to 9", "steps 500 and 1500".
  func moments(_ rows: [Int]) -> String {
    if areEpochsWhole { return epochList(rows) }
    if rows.count == 1 { return moment(rows[0]) }
    return rows.count <= 5
      ? "\(unit.rawValue)s \(inWords(rows.map(place)))" : "\(rows.count) evaluations"
  }
}

/// "epoch 3", "epochs 3 and 5 to 9"; long lists end in a count.
func epochList(_ epochs: [Int]) -> String {
  var runs: [ClosedRange<Int>] = []
  for epoch in epochs {
    if let last = runs.last, last.upperBound + 1 == epoch {
      runs[runs.count - 1] = last.lowerBound...epoch
    } else {
      runs.append(epoch...epoch)
    }
  }
  if epochs.count == 1, let only = epochs.first { return "epoch \(only)" }
  guard runs.count <= 5 else { return "\(epochs.count) epochs" }
  return "epochs "
    + inWords(
      runs.map { run in
        run.count == 1
          ? "\(run.lowerBound)"
          : run.count == 2
            ? "\(run.lowerBound), \(run.upperBound)" : "\(run.lowerBound) to \(run.upperBound)"
      })
}

/// "a", "a and b", "a, b and c".
package func inWords(_ parts: [String]) -> String {
  guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
  return parts.dropLast().joined(separator: ", ") + " and " + last
}

/// "between 0.71 (Thai) and 0.88 (English)" of several names with a value each, "at 0.71 for all" where these read
/// alike; empty without any.
func spread(_ values: [(name: String, value: Double)], _ text: (Double) -> String) -> String {
  let known = values.filter { $0.value.isFinite }
  guard let least = known.min(by: { $0.value < $1.value }),
    let most = known.max(by: { $0.value < $1.value })
  else { return "" }
  let (low, high) = (text(least.value), text(most.value))
  return low == high
    ? "at \(low) for all" : "between \(low) (\(least.name)) and \(high) (\(most.name))"
}

/// A sentence for each of few entries; of more the ends, a reader finding the others in a table.
func brief(_ captions: [String], few: Int = 3, orSpread spread: String, of what: String) -> String {
  captions.count > few && !spread.isEmpty
    ? "\(what.capitalizedFirst) lies \(spread)." : captions.prefix(4).joined(separator: " ")
}

/// The sentences that are not empty, one after the other.
func sentences(_ parts: String...) -> String {
  parts.filter { !$0.isEmpty }.joined(separator: " ")
}

extension StringProtocol {
  /// Cut so that what follows it is still seen.
  func shortened(to most: Int) -> String {
    count > most ? prefix(most - 1).trimmed + "…" : String(self)
  }

  /// With its first letter as at the start of a sentence.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

  /// Without the spaces at its end.
  var trimmed: String {
    var text = String(self)
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// Where a series has its best value, and how that is called: "lowest", "best".
struct BestValue {
  let epoch: Int
  let word: String
}

/// "falls from 1.10 to 0.62 and is lowest at epoch 2, 0.60", "rises from 0.40 to 0.71, its best",
/// "stays at 0.62", "is 0.62"; numbers as `text` writes them.
///
/// - Parameters:
///   - values: one per epoch; those that are not finite are left out.
///   - best: to be named if there is more than one value.
///   - remark: stands behind the last value.
///   - moment: when a value was, by its place from 1, such as "epoch 3".
///   - text: writes a value.
/// - Returns: the rest of a sentence that begins with the series' name.
func course(
  _ values: [Double], best: BestValue? = nil, remark: String = "", at moment: (Int) -> String,
  _ text: (Double) -> String
) -> String {
  let finite = values.filter(\.isFinite)
  guard let first = finite.first, let last = finite.last else { return "is not known" }
  var remark = remark
  if let end = values.lastIndex(where: \.isFinite), end < values.count - 1 {
    remark += ", last known at \(moment(end + 1))"
  }
  if finite.count == 1 { return "is \(text(first))\(remark)" }
  if Set(finite.map(text)).count == 1 { return "stays at \(text(first))\(remark)" }
  let way =
    text(first) == text(last)
    ? "starts and ends at \(text(last))"
    : "\(last > first ? "rises" : "falls") from \(text(first)) to \(text(last))"
  guard let best else { return way + remark }
  let value = text(values[best.epoch - 1])
  if best.epoch - 1 == values.lastIndex(where: \.isFinite) {
    return "\(way), its \(best.word)\(remark)"
  }
  // Where both read alike, another number would not say which of them the figure marks.
  // What is put in between is closed by a comma.
  if remark.contains(", ") { remark += "," }
  if value == text(last) { return "\(way)\(remark) and is \(best.word) at \(moment(best.epoch))" }
  return "\(way)\(remark) and is \(best.word) at \(moment(best.epoch)), "
    + value
}

/// "from 1.10 to 0.62", "0.62": the short form of `course`.
func ends(_ values: [Double], _ text: (Double) -> String) -> String {
  let finite = values.filter(\.isFinite)
  guard let first = finite.first, let last = finite.last else { return "not known" }
  return text(first) == text(last) ? text(last) : "from \(text(first)) to \(text(last))"
}

extension [Curve] {
  /// The gist of a figure of curves: where the source's validation and the targets' end.
  func gist(_ value: (SplitResult) -> Double, _ text: (Double) -> String) -> String {
    let targets = filter(\.isTarget)
    var parts = filter { $0.role == .source }.map {
      "\($0.language) validation \(Plot.ends($0.results.map(value), text))"
    }
    if targets.count <= 3 {
      parts += targets.map { "\($0.language) \(Plot.ends($0.results.map(value), text))" }
    } else {
      parts.append("\(targets.count) targets")
    }
    if parts.isEmpty {
      parts = map { "\($0.longName) \(Plot.ends($0.results.map(value), text))" }
    }
    return parts.joined(separator: ", ")
  }
}
