public import Metrics
public import RunLog

/// Several runs compared: what differs in them, and what that made of the results.
public struct RunComparison: Sendable {
  public let groups: [RunGroup]
  public let configurations: ConfigurationTable
  /// What differs beside the configuration, or stands in the way of comparing, a sentence each.
  public let warnings: [String]
  /// In the order of languages and parts.
  public let splits: [SplitComparison]
  /// One a target, part and pair of groups that have it.
  public let gaps: [GapComparison]
  /// The largest difference in accuracy that counts as none.
  public let margin: Double

  /// Compares runs.
  ///
  /// - Parameters:
  ///   - runs: at least two.
  ///   - margin: of equivalence, in shares; a percentage point is 0.01.
  ///   - resamples: of each bootstrap.
  /// - Throws: `RunLogError` with fewer than two runs.
  public init(
    _ runs: [RunResults], margin: Double = 0.01, resamples: Int = usualResamples
  ) throws {
    guard runs.count > 1 else {
      throw RunLogError(
        file: runs.first?.run.directory.path ?? "",
        "one run compares with nothing; name at least two run directories.")
    }
    let (groups, notes) = runs.grouped()
    (self.groups, self.margin) = (groups, margin)
    configurations = ConfigurationTable(groups)
    let names = Self.splits(groups)
    var comparisons = names.compactMap { split in
      SplitComparison(split, groups, margin: margin, resamples: resamples)
    }
    // Holm over all splits and pairs, each metric's tests being one family.
    let tests = comparisons.flatMap { $0.pairs.map(\.pValue) }
    var adjusted = holmAdjusted(tests).makeIterator()
    for split in comparisons.indices {
      for pair in comparisons[split].pairs.indices {
        comparisons[split].pairs[pair].adjustedPValue = adjusted.next() ?? .nan
      }
    }
    splits = comparisons
    gaps = Self.gaps(groups, resamples: resamples)
    warnings = notes + Self.warnings(groups) + comparisons.flatMap(\.warnings)
  }

  /// All splits with results after a selected epoch, validation and test.
  private static func splits(_ groups: [RunGroup]) -> [Split] {
    var result: [Split] = []
    for run in groups.flatMap(\.runs) {
      for language in [run.source] + run.targets {
        for part in [Part.validation, .test] {
          let split = Split(language.code, part)
          if run.selected[split] != nil, !result.contains(split) { result.append(split) }
        }
      }
    }
    return result
  }

  private static func gaps(_ groups: [RunGroup], resamples: Int) -> [GapComparison] {
    var result: [GapComparison] = []
    let targets = groups.flatMap { $0.runs[0].targets.map(\.code) }
    var seen: [String] = []
    for target in targets where !seen.contains(target) {
      seen.append(target)
      for part in [Part.validation, .test] {
        for (a, b) in pairs(of: groups) {
          let comparison = GapComparison(
            target: target, part, a: a, b: b, groups, resamples: resamples)
          if let comparison { result.append(comparison) }
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
        "\(run.run.directory.path) does not say what it was computed with and from; data, weights and "
          + "environment may differ.")
    }
    func compare(_ what: String, _ value: (RunEnvironment) -> String?) {
      var found: [(value: String, runs: [String])] = []
      for (run, environment) in known {
        let value = value(environment) ?? "unknown"
        if let place = found.firstIndex(where: { $0.value == value }) {
          found[place].runs.append(run.run.directory.path)
        } else {
          found.append((value, [run.run.directory.path]))
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
        environment.hashes.first { $0.name == name }.map { (run.run.directory.path, $0.sha256) }
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
    compare("OpenBLAS") { $0.blas }
    compare("The clone of the element-wise kernels") { $0.kernels }
    return result
  }

  /// Places of groups, each pair once.
  static func pairs(of groups: [RunGroup]) -> [(Int, Int)] {
    groups.indices.flatMap { a in groups.indices.filter { $0 > a }.map { (a, $0) } }
  }
}

/// The results of several groups of runs on one split.
public struct SplitComparison: Sendable {
  /// A group's results; `nil` metrics where a run lacks them.
  public struct Row: Sendable {
    /// The group's place.
    public let group: Int
    /// By metric, over the seeds.
    public let metrics: [ComparedMetric: SeedSummary]
    /// By metric, over seeds and examples; `nil` without predictions.
    public let estimates: [ComparedMetric: Estimate]
    /// Of accuracy; `nil` with one run or without predictions.
    public let variance: VarianceComponents?
  }

  /// Two groups on the same examples; a minus b.
  public struct Pair: Sendable {
    /// The groups' places.
    public let a: Int
    public let b: Int
    /// Over seeds and examples; for two single runs the paired bootstrap over examples.
    public let accuracy: Estimate
    public let macroF1: Estimate
    /// The two-level contrast of accuracies.
    public let contrast: Contrast
    /// For two single runs McNemar's exact test, else the two-sided t test of the contrast.
    public let pValue: Double
    public let isMcNemar: Bool
    /// After Holm's correction over all splits and pairs.
    public internal(set) var adjustedPValue: Double
    /// Of accuracies; `nil` with fewer than two examples.
    public let equivalence: Equivalence?
    /// Rows of examples that all of a's runs label correctly and none of b's, ascending.
    public let onlyA: [Int]
    /// The other way round.
    public let onlyB: [Int]
  }
  public let split: Split
  public let rows: [Row]
  public internal(set) var pairs: [Pair]
  /// Why a pair could not be compared, a sentence each.
  public let warnings: [String]

  /// `nil` where no group has results.
  init?(_ split: Split, _ groups: [RunGroup], margin: Double, resamples: Int) {
    self.split = split
    let answers = groups.map { $0.answers(split) }
    rows = groups.indices.compactMap { place in
      let group = groups[place]
      var metrics: [ComparedMetric: SeedSummary] = [:]
      metrics[.accuracy] = group.summary { $0.selected[split]?.accuracy }
      metrics[.macroF1] = group.summary { $0.selected[split]?.macroF1 }
      metrics[.loss] = group.summary { $0.selected[split]?.loss }
      guard !metrics.isEmpty else { return nil }
      var estimates: [ComparedMetric: Estimate] = [:]
      if let found = answers[place] {
        for metric in ComparedMetric.allCases {
          estimates[metric] =
            group.runs.count == 1
            ? group.runs[0].estimate(metric, split)
            : Contrast([
              Contrast.Term(
                weight: 1, configuration: group.name, split: "\(split)",
                answers: found.answers(metric))
            ]).estimate
        }
      }
      return Row(
        group: place, metrics: metrics, estimates: estimates,
        variance: answers[place].flatMap { found in
          VarianceComponents(found.hits.map { $0.map { $0 ? 1 : 0 } })
        })
    }
    guard !rows.isEmpty else { return nil }
    var (pairs, warnings) = ([Pair](), [String]())
    for place in groups.indices where answers[place] == nil {
      if groups[place].runs.contains(where: { $0.predictions[split] != nil }) {
        warnings.append(
          "The runs of \(groups[place].name) do not hold predictions of the same examples of \(split); "
            + "they are not compared there.")
      }
    }
    for (a, b) in RunComparison.pairs(of: groups) {
      guard let first = answers[a], answers[b] != nil else { continue }
      guard let second = groups[b].answers(split, ids: first.ids), second.labels == first.labels
      else {
        warnings.append(
          "\(groups[a].name) and \(groups[b].name) do not hold the same examples of \(split); they are not "
            + "compared there.")
        continue
      }
      pairs.append(
        Pair(
          (a, first), (b, second), split: "\(split)", margin: margin, resamples: resamples))
    }
    (self.pairs, self.warnings) = (pairs, warnings)
  }
}

extension SplitComparison.Pair {
  fileprivate init(
    _ first: (group: Int, answers: SplitAnswers), _ second: (group: Int, answers: SplitAnswers),
    split: String, margin: Double, resamples: Int
  ) {
    (a, b) = (first.group, second.group)
    let (answersA, answersB) = (first.answers, second.answers)
    func difference(_ metric: ComparedMetric) -> Contrast {
      Contrast([
        Contrast.Term(
          weight: 1, configuration: "a", split: split, answers: answersA.answers(metric)),
        Contrast.Term(
          weight: -1, configuration: "b", split: split, answers: answersB.answers(metric)),
      ])
    }
    contrast = difference(.accuracy)
    isMcNemar = answersA.predictions.count == 1 && answersB.predictions.count == 1
    if isMcNemar {
      let paired = PairedComparison(
        labels: answersA.labels, a: answersA.predictions[0], b: answersB.predictions[0],
        classes: answersA.classes, resamples: resamples)
      (accuracy, macroF1) = (paired.accuracy.absolute, paired.macroF1)
      pValue = paired.pValue
      equivalence = paired.equivalence(margin: margin)
    } else {
      (accuracy, macroF1) = (contrast.estimate, difference(.macroF1).estimate)
      pValue = contrast.pValue
      equivalence = contrast.equivalence(margin: margin)
    }
    adjustedPValue = pValue
    let (hitsA, hitsB) = (answersA.hits, answersB.hits)
    func rows(_ right: [[Bool]], _ wrong: [[Bool]]) -> [Int] {
      answersA.ids.indices.filter { place in
        right.allSatisfy { $0[place] } && !wrong.contains { $0[place] }
      }.map { answersA.ids[$0] }.sorted()
    }
    onlyA = rows(hitsA, hitsB)
    onlyB = rows(hitsB, hitsA)
  }
}

/// The transfer gaps of two groups to the same target; a's minus b's.
public struct GapComparison: Sendable {
  /// The target's code.
  public let target: String
  public let part: Part
  /// The groups' places.
  public let a: Int
  public let b: Int
  /// Of a, the mean over its runs.
  public let gapA: Double
  public let gapB: Double
  /// Over seeds and examples; for two single runs the bootstrap over examples.
  public let difference: Estimate

  /// `nil` unless both hold predictions of the same examples of both languages.
  fileprivate init?(
    target: String, _ part: Part, a: Int, b: Int, _ groups: [RunGroup], resamples: Int
  ) {
    guard groups[a].runs[0].source == groups[b].runs[0].source else { return nil }
    let splits = [Split(groups[a].runs[0].source.code, part), Split(target, part)]
    var answers: [(a: SplitAnswers, b: SplitAnswers)] = []
    for split in splits {
      guard let first = groups[a].answers(split),
        let second = groups[b].answers(split, ids: first.ids), first.labels == second.labels
      else { return nil }
      answers.append((first, second))
    }
    (self.target, self.part, self.a, self.b) = (target, part, a, b)
    func mean(_ answers: SplitAnswers) -> Double {
      let hits = answers.hits.reduce(0) { $0 + $1.count { $0 } }
      return Double(hits) / Double(answers.labels.count * answers.predictions.count)
    }
    gapA = mean(answers[0].a) - mean(answers[1].a)
    gapB = mean(answers[0].b) - mean(answers[1].b)
    if groups[a].runs.count == 1, groups[b].runs.count == 1 {
      let hits = answers.map { PairedHits($0.a.hits[0], $0.b.hits[0]) }
      difference = gapDifference(source: hits[0], target: hits[1], resamples: resamples)
    } else {
      let terms = zip(splits, zip(answers, [1.0, -1])).flatMap { split, entry in
        [
          Contrast.Term(
            weight: entry.1, configuration: "a", split: "\(split)",
            answers: entry.0.a.answers(.accuracy)),
          Contrast.Term(
            weight: -entry.1, configuration: "b", split: "\(split)",
            answers: entry.0.b.answers(.accuracy)),
        ]
      }
      difference = Contrast(terms).estimate
    }
  }
}

extension RunResults {
  /// A metric of one run with the interval over its examples; `nil` without predictions.
  fileprivate func estimate(_ metric: ComparedMetric, _ split: Split) -> Estimate? {
    guard let result = selected[split], let confusion = result.confusion else { return nil }
    switch metric {
    case .accuracy: return Hits(confusion.correct, of: confusion.total).estimate
    case .macroF1:
      return Estimate(confusion.macroF1, confusion.macroF1Interval(), by: .acceleratedBootstrap)
    case .loss: return Estimate(result.loss, result.lossInterval, by: .meanInterval)
    }
  }
}
