/// A number that says how well a network labels the examples of a split: how it is called, computed, doubted,
/// written, and recognised in the logs of other programs.
///
/// All that differs between two metrics is in these values. Whoever trains, reports, compares, asks or imports
/// goes through `Metric.all` or names one of them.
public struct Metric: Sendable {
  /// How claims, templates and maps call it, such as `macro_f1`; no two metrics have the same.
  public let key: String
  /// In a sentence, such as "macro F1".
  public let name: String
  /// In a few words, for lists of tags.
  public let meaning: String
  /// What its values are written in.
  public let unit: Unit
  /// What no value can leave.
  public let range: ClosedRange<Double>
  /// Whether less is better, as of a loss.
  public let isBetterLow: Bool
  public let computation: Computation
  /// The section of docs/metrics.md that defines it.
  public let anchor: String
  /// Its transfer gap, the source's value minus a target's; `nil` if none is looked at.
  public let gap: Gap?
  /// The difference that counts as none unless somebody says otherwise; `nil` where somebody has to.
  public let usualMargin: Double?
  /// How an array of its values by epoch ends in training_history.json, such as `f1_scores`.
  public let historyKey: String
  /// How other programs call it.
  public let logNames: LogNames

  /// What values are written in.
  public enum Unit: Sendable {
    /// A share, in percent; a difference in percentage points.
    case share
    /// A number without a unit, as it is.
    case number
    /// In nats, as it is.
    case nats

    /// From a value to the number that is written.
    public var factor: Double { self == .share ? 100 : 1 }
    /// Decimal places of that, where nothing says how many it deserves.
    public var places: Int { self == .share ? 1 : 3 }
    /// Behind the number; empty for none.
    public var symbol: String {
      switch self {
      case .share: "%"
      case .number: ""
      case .nats: "nats"
      }
    }
    /// Behind a difference.
    public var differenceSymbol: String { self == .share ? "percentage points" : symbol }
  }

  /// From what a metric is computed, which also decides how its interval is.
  public enum Computation: Sendable {
    /// The mean of a number that each example has.
    case mean(of: @Sendable (Scores) -> [Double])
    /// The share of the examples of which something holds.
    case share(of: @Sendable (Scores) -> [Bool])
    /// Something that depends on nothing but how often each class was taken for each.
    case counts(@Sendable (ConfusionMatrix) -> Double)
  }

  /// How the difference between source and target is called.
  public struct Gap: Sendable {
    /// In claims, such as `transfer_gap_macro_f1`.
    public let key: String
    /// In a sentence.
    public let name: String
    /// The section of docs/metrics.md that defines it.
    public let anchor: String
  }

  /// How logs of other programs call a metric.
  public struct LogNames: Sendable {
    /// One or several words each, in small letters.
    public let names: [String]
    /// Such as say by themselves that it is the unweighted mean over the classes.
    public let macroNames: [String]
    /// Of what it is that mean, such as "F1", where programs also take other means under the same names.
    public let averaged: String?

    init(_ names: [String], macroNames: [String] = [], averaged: String? = nil) {
      (self.names, self.macroNames, self.averaged) = (names, macroNames, averaged)
    }
  }

  /// How its interval over the examples of a split comes about.
  public var method: Method {
    switch computation {
    case .mean: .meanInterval
    case .share: .wilson
    case .counts: .acceleratedBootstrap
    }
  }
}

extension Metric: Hashable, CustomStringConvertible {
  public static func == (a: Metric, b: Metric) -> Bool { a.key == b.key }

  public func hash(into hasher: inout Hasher) { hasher.combine(key) }

  public var description: String { key }
}

// MARK: Computing

extension Metric {
  /// The metric of a split; NaN without examples.
  public func value(_ scores: Scores) -> Double {
    switch computation {
    case .mean(let numbers):
      let numbers = numbers(scores)
      return numbers.reduce(0, +) / Double(numbers.count)
    case .share(let outcomes):
      let outcomes = outcomes(scores)
      return Double(outcomes.count { $0 }) / Double(outcomes.count)
    case .counts(let value): return value(scores.confusion)
    }
  }

  /// The 95 % interval by a formula: that of a mean, truncated to the possible, or Wilson's.
  ///
  /// - Parameter scores: of the split.
  /// - Returns: `nil` for a metric of counts, whose interval is drawn, and where no honest one exists.
  public func formulaInterval(_ scores: Scores) -> Interval? {
    switch computation {
    case .mean(let numbers): return normalInterval(ofMean: numbers(scores)).map(withinRange)
    case .share(let outcomes):
      let outcomes = outcomes(scores)
      return wilsonInterval(successes: outcomes.count { $0 }, total: outcomes.count)
    case .counts: return nil
    }
  }

  /// An interval without what no value can be: intervals of a mean, or of few seeds, reach beyond.
  public func withinRange(_ interval: Interval) -> Interval {
    Interval(
      lower: max(interval.lower, range.lowerBound), upper: min(interval.upper, range.upperBound))
  }

  /// What a contrast of the metric is judged by.
  public func answers(_ scores: Scores) -> Answers {
    switch computation {
    case .mean(let numbers): .mean(numbers(scores))
    case .share(let outcomes): .mean(outcomes(scores).map { $0 ? 1 : 0 })
    case .counts(let value):
      .counts(
        labels: scores.labels, predictions: scores.predictions, classes: scores.confusion.classes,
        of: value)
    }
  }
}

extension ConfusionMatrix {
  /// 95 % bootstrap intervals of metrics of counts, all from the same draws; see `bootstrapIntervals`.
  ///
  /// - Parameters:
  ///   - metrics: each computed from counts.
  ///   - resamples: how often to draw.
  /// - Returns: one per metric; `nil` where no honest one exists.
  public func intervals(of metrics: [Metric], resamples: Int = usualResamples) -> [Interval?] {
    let values = metrics.map(\.valueOfCounts)
    return bootstrapIntervals(resamples: resamples) { drawn in values.map { $0(drawn) } }
  }
}

extension Metric {
  /// The metric as a function of the counts, of which it must be made.
  var valueOfCounts: @Sendable (ConfusionMatrix) -> Double {
    guard case .counts(let value) = computation else {
      // Unreachable: callers choose from `Metric.ofCounts`.
      preconditionFailure("\(key) is not made of counts")
    }
    return value
  }
}
