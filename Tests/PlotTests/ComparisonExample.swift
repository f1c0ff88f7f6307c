import Metrics
import Plot
import TestSupport

/// Invented comparisons, for the pictures, the gallery and the tests.
enum ComparisonExample: String, CaseIterable {
  case severalRuns, manyRuns, oneRun

  var title: String {
    switch self {
    case .severalRuns: "Four configurations, three seeds each"
    case .manyRuns: "Twelve configurations with long names, values missing"
    case .oneRun: "One configuration"
    }
  }

  private var configurations: [ComparedConfiguration] {
    let names =
      switch self {
      case .severalRuns: ["baseline", "twelve-layers", "nothing-frozen", "low-rate"]
      case .manyRuns: (1...12).map { "configuration-with-a-long-name-\($0)" }
      case .oneRun: ["baseline"]
      }
    return names.enumerated().map { ComparedConfiguration($0.element, index: $0.offset) }
  }

  /// From 0 to 1; the configurations differ by some hundredths.
  private func level(_ index: Int) -> Double { 0.58 + 0.03 * Double((index * 7) % 5) }

  /// A value with an interval around it.
  private func value(_ configuration: ComparedConfiguration, _ shift: Double) -> ComparedValue {
    let middle = level(configuration.index) + shift
    let isMissing = self == .manyRuns && configuration.index == 4
    return ComparedValue(
      configuration, isMissing ? .nan : middle,
      isMissing || self == .oneRun ? nil : middle - 0.03...middle + 0.025)
  }

  var figures: [ComparisonFigure] {
    get throws {
      let seeds = self == .oneRun ? "" : "bands: 95\u{A0}% intervals of the mean over 3 seeds"
      let whiskers = self == .oneRun ? "" : "95\u{A0}% intervals over seeds and examples"
      let study = "study six-layers"
      let curves = configurations.map { configuration in
        ComparedCurve(
          configuration,
          (1...(configuration.index % 3 == 2 ? 6 : 10)).map { epoch in
            let middle = level(configuration.index) * (1 - 0.5 / Double(epoch + 1))
            let isMissing = self == .manyRuns && configuration.index == 3 && epoch == 4
            return ComparedCurve.Epoch(
              isMissing ? .nan : middle,
              isMissing || self == .oneRun ? nil : middle - 0.02...middle + 0.02)
          })
      }
      let costs = zip(configurations, [14.2, 85.1, 42.5, 14.2] + [Double](repeating: 20, count: 8))
        .map { configuration, millions in
          ComparedCost(
            value(configuration, 0),
            cost: (self == .manyRuns ? Double(configuration.index * configuration.index) : 0) * 1e6
              + millions * 1e6)
        }
      let times = zip(costs, [61.5, 102, 240, 61.9] + [Double](repeating: 90, count: 8)).map {
        ComparedCost($0.worth, cost: $1)
      }
      let goal = GoalAnswer(
        goal: "A reduced 6-layer architecture can maintain competitive performance",
        verdict: self == .oneRun ? "undecided, for this seed only" : "supported",
        estimand: "accuracy of twelve-layers minus that of baseline on German test",
        estimate: 0.004, interval: self == .oneRun ? -0.031...0.038 : -0.009...0.017,
        meaning: "95\u{A0}% interval over seeds and examples", above: -0.02, below: 0.02)
      let rate = GoalAnswer(
        goal: "Selective layer freezing improves training efficiency", verdict: "supported",
        estimand: "seconds per epoch of baseline minus those of nothing-frozen",
        estimate: -31.4, interval: -33.0 ... -29.9,
        meaning: "95\u{A0}% interval over seeds", below: 0)
      let ownGround = GoalAnswer(
        goal: "A 6-layer encoder can hold its own against the full one", verdict: "supported",
        estimand: "accuracy of baseline minus that of twelve-layers on German test",
        estimate: 0.011, interval: -0.012...0.034,
        meaning: "95\u{A0}% interval over seeds and examples", above: -0.02)
      return [
        try drawLearningCurves(
          curves, of: .accuracy, on: "German validation", bands: seeds, study: study),
        try drawFinalMetrics(
          [
            FinalMetric(
              .accuracy, on: "English test", configurations.map { value($0, 0.08) }),
            FinalMetric(.accuracy, on: "German test", configurations.map { value($0, 0) }),
            FinalMetric(
              ComparedQuantity(.macroF1), on: "German test", configurations.map { value($0, -0.02) }
            ),
          ], part: "test", intervals: whiskers, study: study),
        try drawCost(
          [ComparedCosts(.trainableParameters, costs)]
            + (self == .oneRun ? [] : [ComparedCosts(.seconds, times)]),
          of: .accuracy, on: "German test", intervals: whiskers, study: study),
        try drawGaps(
          [
            ComparedGap(to: "German", configurations.map { value($0, -0.55) }),
            ComparedGap(to: "Spanish", configurations.map { value($0, -0.62) }),
          ].prefix(self == .oneRun ? 1 : 2).map { $0 }, source: "English", part: "test",
          intervals: whiskers, study: study),
        try sourceTargets(study),
        try drawGoal(goal, name: "goal-1", of: .accuracy.difference, study: study),
        try drawGoal(rate, name: "goal-2", of: .seconds.difference, study: study),
        try drawGoal(ownGround, name: "goal-3", of: .accuracy.difference, study: study),
      ]
    }
  }

  /// Accuracies by source and target: two sources and both together, twelve sources with missing values, and one.
  private func sourceTargets(_ study: String) throws -> ComparisonFigure {
    let all = [
      "English", "German", "French", "Spanish", "Arabic", "Hindi", "Italian", "Portuguese",
      "Russian", "Turkish", "Chinese", "Swahili",
    ]
    let count = self == .severalRuns ? 4 : self == .manyRuns ? 12 : 1
    let languages = Array(all.prefix(count))
    var rows = (0..<(self == .severalRuns ? 2 : count)).map { row in
      SourceRow(
        languages[row],
        (0..<count).map { column in
          if self == .manyRuns, (row + 2 * column) % 11 == 3 { return .notScored }
          if self == .manyRuns, row == 4, column == 7 { return .noResult }
          return .known(
            row == column ? 0.68 - 0.01 * Double(row) : 0.4 + 0.02 * Double((row * 5 + column) % 9))
        }, trainedOn: [row])
    }
    if self == .severalRuns {
      rows.append(
        SourceRow(
          "English and German", [.known(0.66), .known(0.65), .known(0.57), .known(0.55)],
          trainedOn: [0, 1]))
    }
    let codes = ["en", "de", "fr", "es", "ar", "hi", "it", "pt", "ru", "tr", "zh", "sw"]
    return try drawSourceTargets(
      rows, languages: self == .manyRuns ? codes : languages,
      codes: self == .manyRuns ? [] : Array(codes.prefix(count)), part: "test",
      readings: self == .severalRuns
        ? [
          "On French, of those not trained on it, training on English and German does better (paired tests, "
            + "corrected) than on: English. Not distinguished from it: German."
        ] : [], isMean: self != .oneRun,
      remark: self == .manyRuns
        ? "Columns are named by language code. Rows differ in more than their data: training.epochs."
        : "",
      study: study)
  }
}
