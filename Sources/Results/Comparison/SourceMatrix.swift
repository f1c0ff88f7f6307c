public import Metrics
public import RunLog

/// What configurations that were trained on different sources score on each language: a row per configuration, a
/// column per language.
public struct SourceMatrix: Sendable {
  /// A configuration.
  public struct Row: Sendable {
    /// The group's place.
    public let group: Int
    /// What it was trained on, with the configuration's name where that leaves two rows alike.
    public let name: String
    /// Training examples that were used; `nil` where no log says.
    public let trainingExamples: Int?
    /// One per column.
    public let cells: [Cell]
  }

  /// A configuration's accuracy on one language.
  public struct Cell: Sendable {
    public enum State: Equatable, Sendable {
      case known
      /// The configuration was not scored there.
      case notScored
      /// A run of it gave no answer at all, or its accuracy was logged but is not a finite number.
      case noResult
    }
    public let state: State
    /// The mean over seeds with its interval; `nil` unless known.
    public let accuracy: Estimate?
    /// Whether the language is one of those the configuration was trained on.
    public let isSource: Bool
  }

  /// What paired tests say about one language, among the configurations that were not trained on it.
  public struct Reading: Sendable {
    /// The column's place.
    public let column: Int
    /// The place of the row with the highest accuracy, the first of equal ones.
    public let best: Int
    /// Rows whose accuracy is lower, after Holm's correction.
    public let distinguished: [Int]
    /// Rows that could not be told apart from the best.
    public let undistinguished: [Int]
    /// Rows that were scored but not tested against the best, for lack of predictions of the same examples.
    public let untested: [Int]
  }

  public let part: Part
  /// In the order in which the configurations have them.
  public let languages: [RunResults.Language]
  public let rows: [Row]
  /// One per language that two or more configurations were scored on without being trained on it.
  public let readings: [Reading]
  /// Keys of the configuration in which the rows differ besides their data.
  public let otherDifferences: [String]
  /// Whether a configuration has too few seeds to speak of others: statements then hold for these trainings alone.
  public let isForTheseSeedsOnly: Bool

  /// `nil` where all configurations have the same sources and regimes, where one is a log of another program, or where
  /// no accuracy is known on the part.
  ///
  /// - Parameters:
  ///   - comparison: of at least two configurations.
  ///   - part: that all cells are on.
  public init?(_ comparison: RunComparison, on part: Part) {
    let groups = comparison.groups
    let sources = groups.map { $0.runs[0].sources }
    let given = groups.map { Self.name($0.runs[0]) }
    // What a log of another program calls a source need not be what was trained on.
    guard Set(given).count > 1, groups.allSatisfy({ $0.experiment != nil }) else { return nil }
    var languages: [RunResults.Language] = []
    for run in groups.flatMap(\.runs) {
      for language in run.sources + run.targets
      where !languages.contains(where: { $0.code == language.code })
        && comparison.splits.contains(where: { $0.split == Split(language.code, part) })
      {
        languages.append(language)
      }
    }
    guard !languages.isEmpty else { return nil }
    let splits = languages.map { language in
      comparison.splits.first { $0.split == Split(language.code, part) }
    }
    rows = groups.enumerated().map { place, group in
      let isAlone = given.count { $0 == given[place] } == 1
      let codes = sources[place].map(\.code)
      return Row(
        group: place, name: isAlone ? given[place] : "\(given[place]) (\(group.name))",
        trainingExamples: Self.trainingExamples(group),
        cells: zip(languages, splits).map { language, split in
          Cell(
            split?.rows.first { $0.group == place }, isSource: codes.contains(language.code))
        })
    }
    guard rows.contains(where: { $0.cells.contains { $0.state == .known } }) else { return nil }
    (self.part, self.languages) = (part, languages)
    let cells = rows.map(\.cells)
    readings = splits.enumerated().compactMap { column, split in
      split.flatMap { Reading(column, cells.map { $0[column] }, $0.pairs) }
    }
    otherDifferences = comparison.configurations.rows.map(\.key).filter {
      !$0.hasPrefix("data.source") && !$0.hasPrefix("data.targets")
    }
    isForTheseSeedsOnly = groups.contains { $0.runs.count < 3 }
  }

  /// What a run was trained on, and the stated regimes that are not zero-shot.
  private static func name(_ run: RunResults) -> String {
    let regimes = Regime.allCases.filter { regime in
      regime != .zeroShot && (run.sources + run.targets).contains { $0.regime == regime }
    }
    return ([run.source.name] + regimes.map(\.rawValue)).joined(separator: ", ")
  }

  /// Of the first run: all of a group are trained on the same data.
  private static func trainingExamples(_ group: RunGroup) -> Int? {
    let run = group.runs[0]
    return run.started?.splits.first { $0.split == Split(run.source.code, .train) }?.examples
  }
}

extension SourceMatrix.Cell {
  /// - Parameters:
  ///   - row: the configuration's results on the split; `nil` where it was not scored.
  ///   - isSource: whether it was trained on the language.
  fileprivate init(_ row: SplitComparison.Row?, isSource: Bool) {
    self.isSource = isSource
    guard let row else {
      (state, accuracy) = (.notScored, nil)
      return
    }
    let mean = row.metrics[.accuracy]?.mean
    let estimate = row.estimates[.accuracy] ?? mean.map { Estimate($0.value, nil, by: $0.method) }
    guard let estimate, estimate.value.isFinite else {
      (state, accuracy) = (.noResult, nil)
      return
    }
    (state, accuracy) = (.known, estimate)
  }
}

extension SourceMatrix.Reading {
  /// `nil` with fewer than two configurations that were scored and not trained on the language.
  ///
  /// - Parameters:
  ///   - column: the language's place.
  ///   - cells: one per configuration.
  ///   - pairs: of configurations, tested on the same examples.
  fileprivate init?(_ column: Int, _ cells: [SourceMatrix.Cell], _ pairs: [SplitComparison.Pair]) {
    let rows = cells.indices.filter { cells[$0].state == .known && !cells[$0].isSource }
    guard rows.count > 1, var best = rows.first else { return nil }
    func accuracy(_ row: Int) -> Double { cells[row].accuracy?.value ?? -.infinity }
    for row in rows where accuracy(row) > accuracy(best) { best = row }
    var (lower, alike, untested): ([Int], [Int], [Int]) = ([], [], [])
    for row in rows where row != best {
      let pair = pairs.first { ($0.a, $0.b) == (min(row, best), max(row, best)) }
      guard let pair, pair.adjustedPValue.isFinite else {
        untested.append(row)
        continue
      }
      if pair.adjustedPValue <= 0.05 { lower.append(row) } else { alike.append(row) }
    }
    (self.column, self.best) = (column, best)
    (distinguished, undistinguished, self.untested) = (lower, alike, untested)
  }
}
