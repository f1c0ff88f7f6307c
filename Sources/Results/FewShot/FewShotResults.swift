public import Metrics
public import RunLog

/// What labelling a few texts of a target language brings: accuracies by the number of labelled examples, with and without
/// the fine-tuning on the source, and their differences.
public struct FewShotResults: Sendable {
  /// A network after a draw, scored on the target's test split.
  public struct Draw: Sendable {
    /// From 1.
    public let number: Int
    public let predictions: Predictions
    public let metrics: [Metric: Double]
    /// Examples without an answer, which count as wrong.
    public let unanswered: Int

    public var accuracy: Double { metrics[.accuracy] ?? .nan }
    /// Whether not a single example has an answer: what diverged has no accuracy.
    public var isWithoutAnswers: Bool {
      unanswered == predictions.count && predictions.count > 0
    }

    public init(_ number: Int, _ predictions: Predictions) {
      (self.number, self.predictions) = (number, predictions)
      let scores = predictions.scores
      unanswered = scores.predictions.count { $0 == nil }
      metrics = [
        .accuracy: scores.confusion.accuracy, .macroF1: scores.confusion.macroF1,
      ]
    }
  }

  /// One way to use so many labelled examples.
  public struct Cell: Sendable {
    public let method: FewShotMethod
    /// Those that are complete, in their order.
    public let draws: [Draw]
    /// How many there are to be.
    public let planned: Int
    /// Over draws and examples; NaN without a draw, and where one has no answers.
    public let accuracy: Estimate
    public let macroF1: Estimate
    /// Of the draws' accuracies; `nil` with fewer than two.
    public let deviation: Double?
    /// Why there is no accuracy, half a sentence; `nil` where there is one.
    public let absence: String?

    /// The lowest and the highest accuracy of a draw.
    public var range: ClosedRange<Double>? {
      let values = draws.map(\.accuracy).filter(\.isFinite)
      guard absence == nil, let least = values.min(), let most = values.max() else { return nil }
      return least...most
    }
  }

  /// A number of labelled examples.
  public struct Size: Sendable {
    /// Of each class.
    public let perClass: Int
    /// In all.
    public let texts: Int
    /// In the order of `FewShotMethod`; those that nothing is known of are left out.
    public let cells: [Cell]
    /// Continued fine-tuning minus the run itself.
    public let gain: FewShotDifference
    /// Continued fine-tuning minus the target alone.
    public let advantage: FewShotDifference

    public func cell(_ method: FewShotMethod) -> Cell? { cells.first { $0.method == method } }
  }

  public let definition: FewShotDefinition
  /// The run that was continued.
  public let run: RunResults
  public let target: RunResults.Language
  /// How the run's model does without labelled examples of the target; `nil` where its predictions are not there.
  public let zeroShot: SplitResult?
  /// The number of test examples; `nil` where nothing is scored.
  public let examples: Int?
  public let sizes: [Size]
  /// Names of the trainings that are not complete.
  public let missing: [String]
  /// The first training, which stands for the settings of all.
  public let training: RunResults?
  /// By method and number of examples, the trainings.
  public let runs: [RunResults]
  /// Over how many differences Holm's correction is.
  public let tests: Int

  /// From fewer test examples nothing is concluded, as for the other tests of a report.
  public static let leastExamples = BaselineCheck.leastExamples
}

extension FewShotResults {
  /// Works out what the trainings say.
  ///
  /// - Parameters:
  ///   - definition: which there are.
  ///   - run: the run that was continued.
  ///   - trainings: those that are complete, by their names.
  ///   - probes: predictions of the regressions, by their names.
  /// - Throws: `RunLogError` if trainings do not belong to the run: other examples, another target, another model.
  public init(
    _ definition: FewShotDefinition, run: RunResults, trainings: [String: RunResults],
    probes: [String: Predictions]
  ) throws {
    let split = definition.split
    guard let target = run.targets.first(where: { $0.code == definition.target }) else {
      throw RunLogError(
        file: run.run.directory.path, "the run has no target '\(definition.target)'.")
    }
    let zeroShot = run.predictions[split].map { Draw(0, $0) }
    var first = zeroShot?.predictions
    var missing: [String] = []
    var counts: [Int: Int] = [:]
    func draw(_ name: String, _ number: Int, _ found: Predictions) throws -> Draw {
      // Rows are matched, so that answers to the same example stand beside each other.
      let ordered = try first.map { try found.ordered(as: $0, of: split, name) } ?? found
      if first == nil { first = ordered }
      return Draw(number, ordered)
    }
    var table: [Int: [FewShotMethod: [Draw]]] = [:]
    for count in definition.perClass {
      for number in 1...definition.draws {
        for method in FewShotMethod.allCases {
          guard let start = method.start else {
            let name = FewShotDefinition.probeName(perClass: count, draw: number)
            guard let found = probes[name] else { continue }
            table[count, default: [:]][method, default: []].append(try draw(name, number, found))
            continue
          }
          let name = FewShotPlan.runName(start, perClass: count, draw: number)
          guard let training = trainings[name] else {
            missing.append(name)
            continue
          }
          guard let found = training.predictions[split] else {
            throw RunLogError(
              file: training.run.directory.path,
              "has no predictions of \(split); remove the folder, and `report few-shot` trains it again."
            )
          }
          counts[count] =
            training.started?.splits.first { $0.split.part == .train }?.examples ?? counts[count]
          table[count, default: [:]][method, default: []].append(try draw(name, number, found))
        }
      }
    }
    try Self.checkInputs(trainings)
    let classes = run.labels.count
    let contrasts = definition.perClass.map { count -> (gain: Outcome, advantage: Outcome) in
      let found = table[count] ?? [:]
      let continued = found[.continued] ?? []
      return (
        Outcome(continued, against: zeroShot, run.words(split)),
        Outcome(continued, against: found[.targetAlone] ?? [])
      )
    }
    let tested = contrasts.flatMap { [$0.gain.contrast, $0.advantage.contrast] }
    let own = tested.map { contrast -> Double in
      contrast.map { $0.examples < Self.leastExamples ? .nan : $0.pValue } ?? .nan
    }
    let adjusted = holmAdjusted(own)
    tests = own.count { !$0.isNaN }
    sizes = definition.perClass.enumerated().map { place, count in
      let found = table[count] ?? [:]
      return Size(
        perClass: count, texts: counts[count] ?? count * classes,
        cells: FewShotMethod.allCases.compactMap { method in
          let draws = found[method] ?? []
          return method == .probe && draws.isEmpty
            ? nil : Cell(method, draws, planned: definition.draws)
        },
        gain: FewShotDifference(
          contrasts[place].gain, own[2 * place], adjusted[2 * place]),
        advantage: FewShotDifference(
          contrasts[place].advantage, own[2 * place + 1], adjusted[2 * place + 1]))
    }
    (self.definition, self.run, self.target) = (definition, run, target)
    self.zeroShot = run.selected[split].flatMap { zeroShot == nil ? nil : $0 }
    (self.missing, examples) = (missing, first?.count)
    let names = definition.perClass.flatMap { count in
      (1...definition.draws).flatMap { number in
        FewShotPlan.Start.allCases.map {
          FewShotPlan.runName($0, perClass: count, draw: number)
        }
      }
    }
    runs = names.compactMap { trainings[$0] }
    training = runs.first
  }

  /// Trainings that went on from different models, or on different data, are not draws of one thing.
  private static func checkInputs(_ trainings: [String: RunResults]) throws(RunLogError) {
    for start in FewShotPlan.Start.allCases {
      try checkHashes(
        of: "checkpoint/", are: "weights",
        in: trainings.filter { $0.key.hasPrefix("\(start.rawValue)-") })
    }
    try checkHashes(of: "data/", are: "data", in: trainings)
  }

  private static func checkHashes(
    of prefix: String, are what: String, in trainings: [String: RunResults]
  ) throws(RunLogError) {
    var first: (name: String, hashes: [String])?
    for (name, results) in trainings.sorted(by: { $0.key < $1.key }) {
      let hashes = (results.run.environment?.hashes ?? [])
        .filter { $0.name.hasPrefix(prefix) }.map { "\($0.name) \($0.sha256)" }
      guard !hashes.isEmpty else { continue }
      if let first, first.hashes != hashes {
        throw RunLogError(
          file: results.run.directory.path,
          "began with other \(what) than \(first.name); remove the one that is out of date, and `report few-shot` "
            + "trains it again.")
      }
      first = first ?? (name, hashes)
    }
  }
}

extension FewShotResults.Cell {
  init(_ method: FewShotMethod, _ draws: [FewShotResults.Draw], planned: Int) {
    let silent = draws.first(where: \.isWithoutAnswers)
    let absence =
      draws.isEmpty
      ? "none of the \(planned) draw\(planned == 1 ? "" : "s") is complete"
      : silent.map {
        "draw \($0.number) answered none of the \($0.predictions.count) examples, since its logits are not finite"
      }
    let isKnown = absence == nil
    self.init(
      method: method, draws: draws, planned: planned,
      accuracy: estimate(.accuracy, isKnown ? draws : []),
      macroF1: estimate(.macroF1, isKnown ? draws : []),
      deviation: isKnown ? SeedSummary(draws.map(\.accuracy)).standardDeviation : nil,
      absence: absence)
  }
}

/// The mean of a metric over draws, over other draws and examples; NaN without a draw.
private func estimate(_ metric: Metric, _ draws: [FewShotResults.Draw]) -> Estimate {
  guard !draws.isEmpty else { return Estimate(.nan, nil, by: .twoLevelBootstrap) }
  let estimate = Contrast([
    Contrast.Term(
      weight: 1, configuration: "draws", split: "test",
      answers: draws.map { metric.answers($0.predictions.scores) })
  ]).estimate
  let interval = estimate.interval.map {
    Interval(
      lower: max(metric.range.lowerBound, $0.lower), upper: min(metric.range.upperBound, $0.upper))
  }
  return Estimate(estimate.value, interval, by: estimate.method)
}

extension Predictions {
  /// The same answers in the order of another's examples.
  ///
  /// - Throws: `RunLogError` if the examples or their labels are not the same.
  fileprivate func ordered(
    as other: Predictions, of split: Split, _ name: String
  ) throws(RunLogError) -> Predictions {
    guard classes == other.classes, let pairs = matched(other.ids, ids),
      pairs.allSatisfy({ labels[$0.1] == other.labels[$0.0] })
    else {
      throw RunLogError(
        file: name,
        "was scored on other examples of \(split) than the run, so they cannot be compared. The data have changed "
          + "since: remove what was trained on the old ones, or evaluate the run again.")
    }
    return Predictions(
      classes: classes, logits: pairs.flatMap { Array(row($0.1)) },
      labels: pairs.map { labels[$0.1] }, ids: pairs.map { ids[$0.1] }, mode: mode)
  }
}
