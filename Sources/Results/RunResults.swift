public import Metrics
public import RunLog

/// All that a run's figures and report say in numbers, computed from its logs.
public struct RunResults: Sendable {
  /// A language of the run.
  public struct Language: Equatable, Sendable {
    /// Such as `de`.
    public let code: String
    /// Such as `German`; of several sources together "English and German".
    public let name: String
    /// How its data relate to training, if the configuration states that.
    public let regime: Regime?

    init(code: String, name: String, regime: Regime? = nil) {
      (self.code, self.name, self.regime) = (code, name, regime)
    }
  }

  /// A learning rate and when it was used.
  public struct LearningRate: Equatable, Sendable {
    /// In epochs since the start, when the step or epoch ended; the first of 2 steps in epoch 1 is 0.5.
    /// In steps where these are the unit of time.
    public let epochs: Double
    public let rate: Double
  }

  /// Something that the logs do not allow.
  public struct Absence: Equatable, Sendable {
    /// Such as "ROC curves".
    public let what: String
    /// Such as "they need predictions, and the folder holds none".
    public let why: String
  }

  /// The run itself, for facts that need no arithmetic.
  public let run: Run
  /// The experiment's name; for logs from elsewhere "training history", since the name of their folder
  /// must not change what is drawn and written.
  public let name: String
  /// Class names; empty for logs from elsewhere.
  public let labels: [String]
  /// What was trained on; several languages count as one, whose examples are taken together.
  public let source: Language
  /// The languages that were trained on, each for itself; the source alone where there is only one.
  public let sources: [Language]
  /// The experiment's targets, then languages scored later.
  public let targets: [Language]
  /// How many epochs are complete; for logs from elsewhere, how many evaluations there are.
  public let epochs: Int
  /// Where each of them stands, in the unit of time; 1, 2, 3 … for runs of our own.
  public let positions: [Double]
  /// What positions count; steps where a log from elsewhere tells no epochs.
  public let unit: ImportedLog.Unit
  /// How many the configuration asks for.
  public let plannedEpochs: Int
  /// The weights that count in the end.
  public let selectedWeights: Weights
  /// The epoch that counts in the end, from 1; `nil` where it is an average of several.
  public var selectedEpoch: Int? { selectedWeights.epoch }
  /// What was scored with averaged weights, selected or not; `nil` where nothing was averaged.
  public let average: AverageResults?
  /// By split, an entry per epoch; a split that was scored only once is not here.
  public let byEpoch: [Split: [SplitResult]]
  /// By split, with the selected weights.
  public let selected: [Split: SplitResult]
  /// By split, what the network said with the selected weights, training included.
  public let predictions: [Split: Predictions]
  /// By split, with the selected weights; validation and test splits that have predictions.
  public let roc: [Split: MulticlassROC]
  /// By split, with the selected weights: the mean area under the classes' ROC curves, training
  /// included; a split where a class has no curve is not here.
  public let macroAreas: [Split: Double]
  /// By split, with the selected weights: how far probabilities can be believed; validation and test
  /// splits that have predictions, all of them finite.
  public let calibration: [Split: Calibration]
  /// By split, with the selected weights: the Brier score of the same splits.
  public let brierScores: [Split: Double]
  /// What the tokenizer made of the examples, read when asked for.
  let examples: ExampleStore
  /// Estimates that were asked for.
  let estimateStore: EstimateStore
  public let learningRates: [LearningRate]
  /// Whether there is a rate for each step, not only for each epoch.
  public let hasRateOfEachStep: Bool
  /// Simple classifiers beside the network, the lowest layer's first; none in older runs.
  public let baselines: [LayerBaseline]
  /// What was logged when training began.
  public let started: RunStarted?
  /// One per finished epoch, in order.
  public let epochRecords: [EpochRecord]
  /// What was logged when the run was complete.
  public let finished: RunFinished?
  /// By target, an entry per epoch.
  private var validationGaps: [String: [TransferGap]] = [:]
  public let absences: [Absence]
  /// Splits of which a log from elsewhere and the predictions beside it say different things: what is by
  /// epoch is then the log's, and all else is computed from the predictions.
  public let disagreements: Set<Split>
  /// What was odd about the files, a sentence each.
  public let warnings: [String]

  /// Computes the results of a run.
  ///
  /// - Parameters:
  ///   - run: as it was read.
  ///   - earlier: the results of the same run at an earlier time; of files that are as they were then, nothing is read
  ///     or computed again.
  /// - Throws: `RunLogError` if no epoch is complete; whatever a damaged prediction file throws.
  public init(_ run: Run, after earlier: RunResults? = nil) throws {
    if let experiment = run.experiment {
      self = try Self.own(run, experiment, after: earlier)
    } else if let log = run.imported {
      self = Self.imported(log, run)
    } else {
      throw RunLogError(file: run.directory.path, "holds no run.")
    }
  }

  init(
    run: Run, name: String, labels: [String], source: Language, sources: [Language] = [],
    targets: [Language], positions: [Double], unit: ImportedLog.Unit = .epoch, plannedEpochs: Int,
    selectedWeights: Weights, average: AverageResults? = nil,
    byEpoch: [Split: [SplitResult]], selected: [Split: SplitResult], scored: ScoredPredictions,
    learningRates: [LearningRate], hasRateOfEachStep: Bool, absences: [Absence],
    disagreements: Set<Split> = [], warnings: [String], baselines: [LayerBaseline] = [],
    earlier: RunResults? = nil
  ) {
    self.baselines = baselines
    (self.run, self.name, self.labels) = (run, name, labels)
    let languages = Self.distinctlyNamed([source] + targets + sources)
    (self.source, self.targets) = (languages[0], Array(languages[1...].prefix(targets.count)))
    self.sources = sources.isEmpty ? [self.source] : Array(languages.suffix(sources.count))
    epochs = positions.count
    (self.positions, self.unit) = (positions, unit)
    (self.plannedEpochs, self.selectedWeights) = (plannedEpochs, selectedWeights)
    self.average = average
    (self.byEpoch, self.selected, self.roc) = (byEpoch, selected, scored.roc)
    (self.predictions, self.macroAreas) = (scored.predictions, scored.macroAreas)
    (self.calibration, self.brierScores) = (scored.calibration, scored.brierScores)
    (examples, estimateStore) = (ExampleStore(run), EstimateStore())
    (self.learningRates, self.hasRateOfEachStep) = (learningRates, hasRateOfEachStep)
    (self.absences, self.disagreements, self.warnings) = (absences, disagreements, warnings)
    started = run.records.started
    epochRecords = run.records.epochs
    finished = run.records.finished
    for target in self.targets {
      validationGaps[target.code] = gapsByEpoch(to: target, after: earlier)
    }
  }

  /// Languages of one name told apart by their codes.
  private static func distinctlyNamed(_ languages: [Language]) -> [Language] {
    languages.map { language in
      languages.count { $0.name == language.name } > 1
        ? Language(
          code: language.code, name: "\(language.name) (\(language.code))",
          regime: language.regime) : language
    }
  }

  // MARK: Derived facts

  /// Whether several languages were trained on.
  public var hasSeveralSources: Bool { sources.count > 1 }

  /// The split whose file holds the predictions of a split: those of one of several sources are among those of all.
  public func storedSplit(_ split: Split) -> Split {
    hasSeveralSources && split.language != source.code
      && sources.contains { $0.code == split.language }
      ? Split(source.code, split.part) : split
  }

  /// The values of a split by epoch, NaN where one is absent; `nil` if the split has no series.
  public func series(_ split: Split, _ value: (SplitResult) -> Double) -> [Double]? {
    byEpoch[split].map { $0.map(value) }
  }

  /// The gap to a target by epoch, on validation; `nil` without both series.
  public func gaps(to target: Language) -> [TransferGap]? {
    validationGaps[target.code]
  }

  /// Computed once, since several figures draw it and its last interval takes thousands of draws.
  private func gapsByEpoch(to target: Language, after earlier: RunResults?) -> [TransferGap]? {
    let splits = (Split(source.code, .validation), Split(target.code, .validation))
    guard let a = byEpoch[splits.0], let b = byEpoch[splits.1] else { return nil }
    let isParallel = isParallel
    let known = earlier?.validationGaps[target.code] ?? []
    let before = (earlier?.byEpoch[splits.0] ?? [], earlier?.byEpoch[splits.1] ?? [])
    return zip(a, b).enumerated().map { index, results in
      // Of the other epochs no figure or sentence gives the interval in digits.
      let isQuoted = index + 1 == selectedEpoch || index + 1 == epochs
      if index < known.count, earlier?.isParallel == isParallel,
        known[index].holds(isQuoted: isQuoted),
        results.0.isSame(as: before.0[index]), results.1.isSame(as: before.1[index])
      {
        return known[index]
      }
      return TransferGap(
        source: results.0, target: results.1, isParallel: isParallel, isOnlyDrawn: !isQuoted)
    }
  }

  /// The gap to a target on one part with the selected weights; `nil` without both results.
  public func selectedGap(to target: Language, _ part: Part) -> TransferGap? {
    let split = Split(target.code, part)
    if let known = estimateStore[accuracy: split] { return known }
    guard let a = selected[Split(source.code, part)], let b = selected[split] else { return nil }
    let gap = TransferGap(source: a, target: b, isParallel: isParallel)
    estimateStore[accuracy: split] = gap
    return gap
  }

  /// Whether the configuration declares that row i of every language's split is the same text.
  public var isParallel: Bool { run.experiment?.data.parallel ?? false }

  /// The epoch with the lowest loss on a split, from 1, the earliest of equal ones; none where several epochs all
  /// have the same.
  public func epochOfLowestLoss(_ split: Split) -> Int? {
    guard let losses = byEpoch[split]?.map(\.loss) else { return nil }
    let finite = losses.filter(\.isFinite)
    return finite.count > 1 && Set(finite).count == 1 ? nil : best(losses.map { -$0 })
  }

  /// The epoch with the highest accuracy on a split, from 1, the earliest of equal ones; none in which an
  /// example has no answer.
  public func epochOfHighestAccuracy(_ split: Split) -> Int? {
    byEpoch[split].flatMap { best($0.map(\.selectableAccuracy)) }
  }

  /// The loss of guessing every class with equal probability, in nats; `nil` without class names.
  public var guessingLoss: Double? { labels.isEmpty ? nil : naturalLogarithm(Double(labels.count)) }

  /// The share of the most frequent class of a split.
  public func majorityShare(_ split: Split) -> Double? {
    (selected[split] ?? byEpoch[split]?.last)?.confusion?.majorityShare
  }

  /// Whether rows are the epochs 1, 2, 3 …, so that a row's number says when it was.
  public var areEpochsWhole: Bool {
    unit == .epoch && positions.indices.allSatisfy { positions[$0] == Double($0 + 1) }
  }

  /// When a row, counted from 1, was, such as "epoch 3", "epoch 1.5" or "step 1500".
  public func moment(_ epoch: Int) -> String { "\(unit.rawValue) \(place(epoch))" }

  /// What counts in the end, such as "epoch 3" or "the average of epochs 8 to 10".
  public var selectedMoment: String { selectedEpoch.map(moment) ?? selectedWeights.words }

  /// Likewise as a phrase of a sentence, such as "after epoch 3" or "with the average of epochs 8 to 10".
  public var whenSelected: String {
    (selectedEpoch == nil ? "with " : "after ") + selectedMoment
  }

  /// When a row was, without the unit; at most three decimals.
  public func place(_ epoch: Int) -> String {
    guard positions.indices.contains(epoch - 1) else { return "\(epoch)" }
    let thousandths = (positions[epoch - 1] * 1000).rounded()
    guard let whole = Int(exactly: thousandths) else { return "\(positions[epoch - 1])" }
    if whole % 1000 == 0 { return "\(whole / 1000)" }
    var decimals = "\(1000 + whole % 1000)".dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(whole / 1000).\(decimals)"
  }
}

extension SplitResult {
  /// The accuracy by which an epoch may be selected; NaN where an example has no answer.
  var selectableAccuracy: Double { unanswered > 0 ? .nan : accuracy }
}

/// The 1-based place of the largest finite value, the first of equal ones.
func best(_ values: [Double]) -> Int? {
  var result: (place: Int, value: Double)?
  for (index, value) in values.enumerated() where value.isFinite {
    if value > result?.value ?? -.infinity { result = (index + 1, value) }
  }
  return result?.place
}
