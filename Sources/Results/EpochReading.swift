internal import Metrics
internal import RunLog
internal import Storage

/// Reads what a run of our own stored and logged by epoch, each file once.
struct EpochReading {
  /// Of which epoch the predictions themselves are needed beside their scores.
  enum Kept {
    case epoch(Int)
    /// The one with the highest accuracy, else the last.
    case best
  }

  /// A split over all epochs.
  struct Found {
    fileprivate(set) var series: [SplitResult] = []
    /// Epochs without predictions.
    fileprivate(set) var missing: [Int] = []
    /// Where the log and the predictions disagree, a sentence each.
    fileprivate(set) var contradictions: [String] = []
    fileprivate var kept: (epoch: Int, predictions: Predictions)?
  }

  private let run: Run
  private let classes: Int
  private let epochs: Int
  private let earlier: RunResults?
  private let logged: LoggedScores
  /// By split; of several sources both what they score together and what each scores.
  private(set) var found: [Split: Found] = [:]
  private let ofSources: [Split: [RunStarted.SourceShare]]
  /// The epoch with the highest accuracy of the split that was read with `.best`; `nil` if none has one.
  private(set) var bestEpoch: Int?

  /// - Parameters:
  ///   - run: of our own.
  ///   - classes: how many the experiment has.
  ///   - epochs: how many are complete.
  ///   - earlier: the run's results at an earlier time; scores of files that are as they were hold.
  init(_ run: Run, classes: Int, epochs: Int, earlier: RunResults?) {
    (self.run, self.classes, self.epochs) = (run, classes, epochs)
    self.earlier = earlier.flatMap {
      $0.run.directory == run.directory && $0.labels.count == classes ? $0 : nil
    }
    logged = LoggedScores(run.records, epochs: epochs)
    ofSources = Dictionary(
      (run.records.started?.splits ?? []).map { ($0.split, $0.sources) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The validation or test split of each of several sources, and which rows of the split of all of them are its.
  ///
  /// - Parameter split: of all sources together; any other has none.
  /// - Returns: one per source, in their order.
  func shares(of split: Split) -> [(split: Split, rows: Range<Int>)] {
    guard split.part != .train else { return [] }
    var start = 0
    var result: [(split: Split, rows: Range<Int>)] = []
    for source in ofSources[split] ?? [] {
      // A log may hold any numbers.
      let (end, isTooMuch) = start.addingReportingOverflow(source.available)
      guard !isTooMuch else { return [] }
      result.append((Split(source.language, split.part), start..<end))
      start = end
    }
    return result
  }

  /// Reads a split's files of all epochs.
  ///
  /// - Throws: what a damaged file throws.
  mutating func read(_ split: Split, keeping kept: Kept) throws {
    var result = Found()
    let shares = shares(of: split)
    var ofShares = shares.map { _ in Found() }
    var best = -Double.infinity
    for epoch in 1...epochs {
      let logged = logged[split, epoch]
      var predictions: Predictions?
      var score = known(split, epoch)
      var scores = shares.map { knownShare($0.split, epoch) }
      if scores.contains(where: { $0 == nil }) { score = nil }
      if score == nil {
        predictions = try run.predictions(epoch: epoch, split, classes: classes)
        score = predictions.map { SplitResult($0) }
        scores = shares.map { share in predictions.map { SplitResult($0.share(share.rows)) } }
      }
      for (place, score) in scores.enumerated() {
        ofShares[place].series.append(score ?? SplitResult([.loss: nil, .accuracy: nil]))
      }
      if let score {
        if let warning = RunResults.contradiction(
          logged, score, "\(split) after epoch \(epoch)")
        {
          result.contradictions.append(warning)
        }
      } else {
        result.missing.append(epoch)
      }
      let series = score ?? logged
      result.series.append(series)
      switch kept {
      case .epoch(let wanted):
        if epoch == wanted { result.kept = predictions.map { (epoch, $0) } }
      case .best:
        let accuracy = series.selectableAccuracy
        if accuracy.isFinite, accuracy > best {
          (best, bestEpoch) = (accuracy, epoch)
          result.kept = predictions.map { (epoch, $0) }
        } else if bestEpoch == nil {
          result.kept = predictions.map { (epoch, $0) }
        }
      }
    }
    found[split] = result
    for (share, result) in zip(shares, ofShares) { found[share.split] = result }
  }

  /// The score of one of several sources at an earlier time, which holds if that of all of them does.
  private func knownShare(_ split: Split, _ epoch: Int) -> SplitResult? {
    guard let series = earlier?.byEpoch[split], epoch <= series.count else { return nil }
    return series[epoch - 1].confusion == nil ? nil : series[epoch - 1]
  }

  /// The score of an earlier time, if the file is as it was then.
  private func known(_ split: Split, _ epoch: Int) -> SplitResult? {
    guard let series = earlier?.byEpoch[split], epoch <= series.count,
      series[epoch - 1].confusion != nil,
      run.files.isAsBefore(run.directory.predictions(epoch: epoch, split))
    else { return nil }
    return series[epoch - 1]
  }

  /// The predictions of a split after an epoch: those kept, those known, else read now.
  ///
  /// - Throws: what a damaged file throws.
  func predictions(_ split: Split, epoch: Int) throws -> Predictions? {
    if let kept = found[split]?.kept, kept.epoch == epoch { return kept.predictions }
    if let earlier, earlier.selectedWeights == .epoch(epoch),
      let known = earlier.predictions[split],
      run.files.isAsBefore(run.directory.predictions(epoch: epoch, split))
    {
      return known
    }
    return try run.predictions(epoch: epoch, split, classes: classes)
  }
}

extension Predictions {
  /// The predictions of one of several sources, with the rows of its own file.
  ///
  /// - Parameter rows: its rows among those of all sources.
  /// - Returns: as if it had been scored alone.
  func share(_ rows: Range<Int>) -> Predictions {
    let places = ids.indices.filter { rows.contains(ids[$0]) }
    return Predictions(
      classes: classes, logits: places.flatMap { row($0) }, labels: places.map { labels[$0] },
      ids: places.map { ids[$0] - rows.lowerBound }, mode: mode)
  }
}

/// What a log says of every split by epoch; of several records of an epoch the last counts, since a resumed run repeats
/// them.
private struct LoggedScores {
  private var training: [Int: EpochRecord] = [:]
  private var evaluations: [Split: [Int: EvaluationRecord]] = [:]

  /// One pass over the log, which has as many records as there are steps.
  init(_ records: [LogRecord], epochs: Int) {
    for record in records {
      switch record {
      case .epoch(let logged) where (1...epochs).contains(logged.epoch):
        training[logged.epoch] = logged
      case .evaluation(let logged) where (1...epochs).contains(logged.epoch):
        evaluations[logged.split, default: [:]][logged.epoch] = logged
      default: continue
      }
    }
  }

  /// Absent where the log says nothing.
  subscript(split: Split, epoch: Int) -> SplitResult {
    if split.part == .train {
      let logged = training[epoch]
      return SplitResult(
        [.loss: logged?.loss, .accuracy: logged?.accuracy], isRunning: true)
    }
    let logged = evaluations[split]?[epoch]
    return SplitResult([.loss: logged?.loss, .accuracy: logged?.accuracy])
  }
}
