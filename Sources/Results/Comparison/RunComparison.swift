internal import Metrics
internal import RunLog

/// Several runs compared: how their configurations and results differ.
public struct RunComparison: Sendable {
  public let groups: [RunGroup]
  /// What all configurations are called, where their groups' names say only what sets them apart.
  public let commonName: String?
  public let configurations: ConfigurationTable
  /// What differs besides the configuration, or stands in the way of comparing, a sentence each.
  public let warnings: [String]
  /// In the order of languages and parts.
  public let splits: [SplitComparison]
  /// Examples without an answer, by split and run.
  public let unanswered: [UnansweredExamples]
  /// One per target, part and pair of groups that have it.
  public let gaps: [GapComparison]
  /// The largest difference in accuracy that counts as none.
  public let margin: Double

  /// Compares runs.
  ///
  /// - Parameters:
  ///   - runs: at least two.
  ///   - margin: of equivalence, in shares; a percentage point is 0.01.
  /// - Throws: `RunLogError` with fewer than two runs.
  public init(
    _ runs: [RunResults], margin: Double = 0.01
  ) throws {
    guard runs.count > 1 else {
      throw RunLogError(
        file: runs.first?.run.directory.path ?? "",
        "one run cannot be compared; name at least two run directories.")
    }
    let (groups, commonName, notes) = runs.grouped()
    self.init(groups, commonName: commonName, notes: notes, margin: margin)
  }

  /// Compares groups of runs.
  ///
  /// - Parameters:
  ///   - groups: at least one, names all different.
  ///   - commonName: what all configurations are called, if their names do not hold it.
  ///   - notes: what is odd about the runs, a sentence each.
  ///   - margin: of equivalence, in shares.
  public init(
    _ groups: [RunGroup], commonName: String? = nil, notes: [String] = [], margin: Double = 0.01
  ) {
    (self.groups, self.commonName, self.margin) = (groups, commonName, margin)
    configurations = ConfigurationTable(groups)
    let names = Self.splits(groups)
    var comparisons = names.compactMap { split in
      SplitComparison(split, groups, margin: margin)
    }
    // Holm over all splits and pairs, each metric's tests being one family.
    let tests = comparisons.flatMap { $0.pairs.map(\.pValue) }
    var adjusted = holmAdjusted(tests).makeIterator()
    let others = Metric.scores.filter { $0 != .accuracy }
    var ofOthers = others.map { metric in
      holmAdjusted(comparisons.flatMap { $0.pairs.map { $0.contrasts[metric]?.pValue ?? .nan } })
        .makeIterator()
    }
    for split in comparisons.indices {
      for pair in comparisons[split].pairs.indices {
        comparisons[split].pairs[pair].adjustedPValue = adjusted.next() ?? .nan
        for (place, metric) in others.enumerated() {
          comparisons[split].pairs[pair].adjustedPValues[metric] = ofOthers[place].next()
        }
      }
    }
    splits = comparisons
    unanswered = groups.unanswered(names)
    gaps = Self.gaps(groups)
    warnings = notes + Self.warnings(groups) + comparisons.flatMap(\.warnings)
  }

  /// Such as "Comparison: baseline; low-rate", or "Comparison of baseline: epochs 3; epochs 10". Names may hold commas.
  public var title: String {
    "Comparison\(commonName.map { " of \($0)" } ?? ""): \(groups.map(\.name).joined(separator: "; "))"
  }

  /// Whether averaged weights count in any run, not those after an epoch.
  public var hasAverage: Bool {
    groups.contains { $0.runs.contains { $0.selectedEpoch == nil } }
  }

  /// All splits with results with the selected weights, validation and test.
  private static func splits(_ groups: [RunGroup]) -> [Split] {
    var result: [Split] = []
    for run in groups.flatMap(\.runs) {
      // Of several sources what they score together, then what each scores.
      for language in [run.source] + (run.hasSeveralSources ? run.sources : []) + run.targets {
        for part in [Part.validation, .test] {
          let split = Split(language.code, part)
          if run.selected[split] != nil, !result.contains(split) { result.append(split) }
        }
      }
    }
    return result
  }

  private static func gaps(_ groups: [RunGroup]) -> [GapComparison] {
    var result: [GapComparison] = []
    let targets = groups.flatMap { $0.runs[0].targets.map(\.code) }
    var seen: [String] = []
    for target in targets where !seen.contains(target) {
      seen.append(target)
      for part in [Part.validation, .test] {
        for (a, b) in pairs(of: groups) {
          if let comparison = GapComparison(target: target, part, a: a, b: b, groups) {
            result.append(comparison)
          }
        }
      }
    }
    return result
  }

  /// Differences in what the runs were computed with and from.
  private static func warnings(_ groups: [RunGroup]) -> [String] {
    let runs = groups.flatMap(\.runs)
    let known = runs.compactMap { run in run.run.environment.map { (run, $0) } }
    var result: [String] = []
    for run in runs where run.run.environment == nil {
      result.append(
        "\(run.folder) does not say what it was computed with and from; data, weights and "
          + "environment may differ.")
    }
    for group in groups where group.runs.allSatisfy({ $0.predictions.isEmpty }) {
      result.append(
        "\(group.name) has no predictions of individual examples: its numbers have no intervals, and no "
          + "difference from it is tested.")
    }
    for run in runs where run.run.experiment?.select == .average && run.average == nil {
      result.append(
        "\(run.folder) selects an average of epochs that has not been evaluated; its last complete epoch is "
          + "compared.")
    }
    let sources = runs.map(\.source)
    if Set(sources.map(\.code)).count > 1 {
      let list = runs.map { "\($0.source.name) in \($0.folder)" }
      result.append(
        "The source languages, as far as the logs name them, differ: "
          + list.joined(separator: "; ")
          + ". Splits are compared where their languages are the same.")
    }
    result += regimeWarnings(groups)
    func compare(_ what: String, _ value: (RunEnvironment) -> String?) {
      var found: [(value: String, runs: [String])] = []
      for (run, environment) in known {
        let value = value(environment) ?? "unknown"
        if let place = found.firstIndex(where: { $0.value == value }) {
          found[place].runs.append(run.folder)
        } else {
          found.append((value, [run.folder]))
        }
      }
      guard found.count > 1 else { return }
      let list = found.map { "\($0.value) in \($0.runs.joined(separator: ", "))" }
      result.append("\(what) differs: " + list.joined(separator: "; ") + ".")
    }
    var names: [String] = []
    for name in known.flatMap({ $0.1.hashes.map(\.name) }) where !names.contains(name) {
      names.append(name)
    }
    for name in names {
      // A split that a run does not have is a difference of the configuration.
      let values = known.compactMap { run, environment in
        environment.hashes.first { $0.name == name }.map { (run.folder, $0.sha256) }
      }
      if Set(values.map(\.1)).count > 1 {
        let list = values.map { "\($0.1.prefix(12)) in \($0.0)" }
        result.append(
          "The contents of \(name) differ (SHA-256): " + list.joined(separator: "; ") + ".")
      }
    }
    compare("The version of TransferGap") { $0.version }
    compare("The commit it was built from", \.commit)
    compare("The operating system") { $0.operatingSystem }
    compare("The processor") { $0.cpu }
    if known.contains(where: { $0.1.device != nil }) {
      compare("What computes the network") { $0.device?.words ?? "the processor" }
      compare("The library of matrix products") { $0.blas }
    } else {
      compare("OpenBLAS") { $0.blas }
    }
    compare("The clone of the element-wise kernels") { $0.kernels }
    return result
  }

  /// Languages that configurations were trained on in different ways, where any states a regime or has several
  /// sources; without that the differing sources say it.
  private static func regimeWarnings(_ groups: [RunGroup]) -> [String] {
    let runs = groups.map { $0.runs[0] }
    let isOfInterest = runs.contains { run in
      run.hasSeveralSources || (run.sources + run.targets).contains { $0.regime != nil }
    }
    guard isOfInterest else { return [] }
    var languages: [RunResults.Language] = []
    for language in runs.flatMap({ $0.sources + $0.targets })
    where !languages.contains(where: { $0.code == language.code }) {
      languages.append(language)
    }
    return languages.compactMap { language in
      var ways: [(way: String, names: [String])] = []
      for (group, run) in zip(groups, runs) {
        guard let way = way(language.code, in: run) else { continue }
        if let place = ways.firstIndex(where: { $0.way == way }) {
          ways[place].names.append(group.name)
        } else {
          ways.append((way, [group.name]))
        }
      }
      guard ways.count > 1 else { return nil }
      return "\(language.name) is "
        + ways.map { "\($0.way) in \($0.names.joined(separator: ", "))" }.joined(separator: "; ")
        + ". Differences there are between these, not between networks alone."
    }
  }

  /// How a run was trained on a language, or that it was not; `nil` if it does not have it.
  private static func way(_ code: String, in run: RunResults) -> String? {
    if let source = run.sources.first(where: { $0.code == code }) {
      return "a source" + (source.regime.map { " (\($0.rawValue))" } ?? "")
    }
    return run.targets.first { $0.code == code }.map { target in
      // Nothing of a target is trained on, whether or not that is stated.
      "a target"
        + (target.regime.flatMap { $0 == .zeroShot ? nil : " (\($0.rawValue))" } ?? "")
    }
  }

  /// Places of groups, each pair once.
  static func pairs(of groups: [RunGroup]) -> [(Int, Int)] {
    groups.indices.flatMap { a in groups.indices.filter { $0 > a }.map { (a, $0) } }
  }
}
