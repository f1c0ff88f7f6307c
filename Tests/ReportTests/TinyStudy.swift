import RunLog
import Storage
import TestSupport

/// Run directories of a study, with predictions made up as a test needs them.
enum TinyStudy {
  /// Writes the runs of one configuration, right on German test but for one row in `period`, on validation in
  /// some more.
  ///
  /// - Parameters:
  ///   - name: the configuration's; its runs are called `<name>-seed-<n>`.
  ///   - settings: assignments to the configuration.
  ///   - seeds: from 1.
  ///   - period: the larger, the better; seeds make their mistakes on other rows.
  ///   - agreeAtFirst: whether all seeds answer alike after the first epoch.
  ///   - epochs: of every run.
  ///   - folder: where the run directories go.
  /// - Returns: their paths.
  /// - Throws: `StorageError` if one cannot be written.
  static func write(
    _ name: String, _ settings: [String] = [], seeds: Int, period: Int,
    agreeAtFirst: Bool = false, epochs: Int = 3, in folder: String
  ) throws -> [String] {
    try (1...seeds).map { seed in
      var tiny = TinyRun()
      (tiny.epochs, tiny.plannedEpochs) = (epochs, epochs)
      tiny.settings = ["name=\(name)-seed-\(seed)", "training.seed=\(seed)"] + settings
      let path = "\(folder)/\(name)-seed-\(seed)"
      try tiny.write(to: path)
      for (split, count) in [(Split("de", .test), 160), (Split("de", .validation), 180)] {
        for epoch in 1...epochs {
          let rows = Array(0..<count)
          // Validation gets better from epoch to epoch, and differs from seed to seed.
          let each = split.part == .test ? period : period + epoch + seed
          try Predictions(
            classes: 3,
            logits: rows.flatMap { row in
              let isRight =
                agreeAtFirst && epoch == 1 ? row % 2 == 0 : (row + seed) % each != 0
              return (0..<3).map { ($0 == row % 3) == isRight ? Float(2) : Float($0) / 10 }
            }, labels: rows.map { $0 % 3 }, ids: rows, mode: .evaluation
          ).write(to: RunDirectory(path).predictions(epoch: epoch, split))
        }
      }
      return path
    }
  }

  /// Notes in a run's log that it keeps the frozen layers' output.
  static func appendPrefix(_ path: String, _ source: PrefixRecord.Source) throws {
    let log = try RunLogWriter(RunDirectory(path).log)
    let isComputed = source == .computed
    try log.append(
      .prefix(
        PrefixRecord(
          split: Split("en", .train), key: "7f", source: source, examples: 120, tokens: 2345,
          multiplyAdds: isComputed ? 6.7e9 : 0, seconds: isComputed ? 1.25 : 0.03125)))
  }
}
