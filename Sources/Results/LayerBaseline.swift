public import RunLog
internal import Storage

/// A logistic regression on what one layer of the checkpoint before training makes of the texts.
public struct LayerBaseline: Sendable {
  /// How it was fitted.
  public let record: BaselineRecord
  /// By split; those whose predictions are there.
  public let results: [Split: SplitResult]

  /// 0 for the embeddings.
  public var layer: Int { record.layer }

  /// Reads all of a run's baselines.
  ///
  /// - Parameters:
  ///   - run: of our own.
  ///   - splits: those that are scored.
  ///   - classes: how many the experiment has.
  ///   - earlier: the run's results at an earlier time; scores of files that are as they were hold.
  /// - Returns: the baselines, the lowest layer first, and what is missing.
  /// - Throws: what a damaged file throws.
  static func all(
    of run: Run, _ splits: [Split], classes: Int, after earlier: RunResults?
  ) throws -> (baselines: [LayerBaseline], absences: [RunResults.Absence]) {
    var records: [Int: BaselineRecord] = [:]
    for case .baselineFitted(let record) in run.records { records[record.layer] = record }
    var (baselines, missing): ([LayerBaseline], [String]) = ([], [])
    for layer in records.keys.sorted() {
      guard let record = records[layer] else { continue }
      let known = earlier?.baselines.first { $0.record == record }
      var results: [Split: SplitResult] = [:]
      for split in splits {
        let path = run.directory.baseline(layer: layer, split)
        if let result = known?.results[split], run.files.isAsBefore(path) {
          results[split] = result
        } else if let predictions = try run.baseline(layer: layer, split, classes: classes) {
          results[split] = SplitResult(predictions)
        } else {
          missing.append(path)
        }
      }
      baselines.append(LayerBaseline(record: record, results: results))
    }
    guard let first = missing.first else { return (baselines, []) }
    return (
      baselines,
      [
        RunResults.Absence(
          what: "Baselines of some splits",
          why: missing.count == 1
            ? "\(first) is missing"
            : "\(missing.count) prediction files, \(first) the first of them, are missing")
      ]
    )
  }
}

extension RunResults {
  /// What was fitted and what was left out; `nil` for runs without, as older ones are.
  public var baselinesRecord: BaselinesRecord? {
    for case .baselines(let record) in run.records.reversed() { return record }
    return nil
  }

  /// The baseline with the highest accuracy on source validation, that of the lowest layer of equally good ones; none of
  /// those that lack it. Test has no say in it.
  public var chosenBaseline: LayerBaseline? {
    let split = Split(source.code, .validation)
    let accuracies = baselines.map { $0.results[split]?.selectableAccuracy ?? .nan }
    return best(accuracies).map { baselines[$0 - 1] }
  }

  /// A baseline's gap to a target on one part; `nil` without both results.
  public func gap(of baseline: LayerBaseline, to target: Language, _ part: Part) -> TransferGap? {
    guard let a = baseline.results[Split(source.code, part)],
      let b = baseline.results[Split(target.code, part)]
    else { return nil }
    return TransferGap(source: a, target: b, isParallel: isParallel)
  }
}
