internal import RunLog

/// How far a training is.
struct TrainingPosition: Comparable, Sendable {
  /// Complete epochs: trained, evaluated and recorded.
  var epochs = 0
  /// Complete steps over the whole run.
  var steps = 0

  /// The epoch under way, or the last one if all are complete.
  func epoch(of settings: TrainingSettings) -> Int { min(epochs + 1, settings.epochs) }

  /// The folder of a checkpoint: `epoch-03` after an epoch, `epoch-04-step-57` within one.
  func folder(stepsPerEpoch: Int) -> String {
    steps == epochs * stepsPerEpoch
      ? RunDirectory.name(epochs) : "\(RunDirectory.name(epochs + 1))-step-\(steps)"
  }

  static func < (a: TrainingPosition, b: TrainingPosition) -> Bool {
    (a.steps, a.epochs) < (b.steps, b.epochs)
  }

  init(epochs: Int = 0, steps: Int = 0) {
    (self.epochs, self.steps) = (epochs, steps)
  }

  /// Reads a folder's name; `nil` for any other name.
  init?(folder: String, stepsPerEpoch: Int) {
    let parts = folder.split(separator: "-")
    guard parts.count == 2 || (parts.count == 4 && parts[2] == "step"), parts[0] == "epoch",
      let epoch = Int(parts[1]), (1...1_000_000).contains(epoch)
    else { return nil }
    let (whole, isTooMany) = epoch.multipliedReportingOverflow(by: stepsPerEpoch)
    guard !isTooMany else { return nil }
    if parts.count == 2 {
      self.init(epochs: epoch, steps: whole)
    } else {
      guard let steps = Int(parts[3]), steps > whole - stepsPerEpoch, steps <= whole else {
        return nil
      }
      self.init(epochs: epoch - 1, steps: steps)
    }
    // Other spellings of the same numbers are no names of ours.
    guard self.folder(stepsPerEpoch: stepsPerEpoch) == folder else { return nil }
  }
}

/// The sums of the epoch under way.
struct RunningEpoch: Equatable, Sendable {
  /// As the examples passed, `[examples, classes]`; 0 where one has not passed yet.
  var logits: [Float]
  /// Of the examples that have passed, in nats.
  var lossSum = 0.0
  var seconds = 0.0
  var multiplyAdds = 0

  /// - Parameter logits: how many there will be.
  init(logits: Int) {
    self.logits = [Float](repeating: 0, count: logits)
  }
}
