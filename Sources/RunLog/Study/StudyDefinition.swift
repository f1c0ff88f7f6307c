public import Metrics

/// Several runs that together answer questions, as a `study.yaml` describes them.
///
/// Every configuration is trained once for every seed.
public struct StudyDefinition: Equatable, Sendable {
  /// A change to the base experiment under a name of its own.
  public struct Configuration: Equatable, Sendable {
    public let name: String
    /// `key=value` assignments over the base experiment; empty for the base itself.
    public let settings: [String]
    /// 1-based, in the study's file.
    public let line: Int?
  }

  /// A goal and the claim that would support it.
  public struct Question: Equatable, Sendable {
    public let goal: String
    public let claim: Claim
    /// 1-based, in the study's file.
    public let line: Int?
  }

  /// The study's file, for messages.
  public let file: String
  /// What stands in it.
  public let text: String
  /// Also its folder's, under `studies/`.
  public let name: String
  /// The experiment that the configurations change: an absolute path, or under `builtin:`.
  public let base: String
  /// `key=value` assignments over the base that all configurations share.
  public let settings: [String]
  /// At least one, all different.
  public let seeds: [Int]
  /// At least one, names all different.
  public let configurations: [Configuration]
  public let questions: [Question]

  /// What the run of a configuration and a seed is called, such as `baseline-seed-1`; also its folder's name.
  public static func runName(_ configuration: String, seed: Int) -> String {
    "\(configuration)-seed-\(seed)"
  }

  /// Every run's name, configuration by configuration.
  public var runNames: [String] {
    configurations.flatMap { configuration in
      seeds.map { Self.runName(configuration.name, seed: $0) }
    }
  }

  /// Where a run of the study lies.
  ///
  /// - Parameters:
  ///   - name: the run's.
  ///   - folder: the study's.
  /// - Returns: the run's directory, whether it is there or not.
  public static func runDirectory(_ name: String, in folder: String) -> RunDirectory {
    RunDirectory("\(folder)/runs/\(name)")
  }
}

/// A statement about configurations that a study's runs can speak for or against.
public struct Claim: Equatable, Sendable {
  /// What is said of the first side in comparison with the second.
  public enum Relation: String, Sendable, CaseIterable {
    /// They differ by less than the margin.
    case equivalent
    /// The first lies below the second by more than the margin.
    case less
    /// The first lies above the second by more than the margin.
    case greater
    /// The first lies above the second, or below it by less than the margin.
    case notLess = "not_less"
    /// The first lies below the second, or above it by less than the margin.
    case notGreater = "not_greater"

    /// Whether the margin is what counts as no difference, not what a difference must exceed.
    public var needsMargin: Bool {
      switch self {
      case .equivalent, .notLess, .notGreater: true
      case .less, .greater: false
      }
    }
  }

  /// What is compared.
  public enum Quantity: Hashable, Sendable {
    /// Measured on a split.
    case metric(Metric)
    /// The source's value minus a target's, on the same part.
    case transferGap(Metric)
    /// Training alone, without evaluation.
    case secondsPerEpoch

    /// Whether it is measured on the examples of a split.
    public var needsSplit: Bool { self != .secondsPerEpoch }
    /// Whether it is measured on the source's split of the same part as well.
    public var isTransferGap: Bool { if case .transferGap = self { true } else { false } }

    /// The difference that counts as none; `nil` where the claim has to say.
    var usualMargin: Double? {
      switch self {
      case .metric(let metric), .transferGap(let metric): metric.usualMargin
      case .secondsPerEpoch: nil
      }
    }
  }

  /// One side of a comparison.
  public enum Side: Equatable, Sendable {
    /// The mean of a configuration's runs.
    case configuration(String)
    /// The first configuration's mean minus the second's.
    case difference(String, String)

    /// The configurations it names.
    public var names: [String] {
      switch self {
      case .configuration(let name): [name]
      case .difference(let first, let second): [first, second]
      }
    }
  }

  public let relation: Relation
  public let first: Side
  public let second: Side
  public let metric: Quantity
  /// What the metric is measured on; `nil` for those that need none.
  public let split: Split?
  /// In the metric's unit (shares and gaps from 0 to 1): the largest difference that counts as
  /// none. Above 0 for relations that need one; at least 0 for `less` and `greater`.
  public let margin: Double

  public init(
    relation: Relation, first: Side, second: Side, metric: Quantity, split: Split?, margin: Double
  ) {
    (self.relation, self.first, self.second) = (relation, first, second)
    (self.metric, self.split, self.margin) = (metric, split, margin)
  }
}

extension Claim.Quantity: RawRepresentable, CaseIterable {
  /// As a study's file calls it.
  public var rawValue: String {
    switch self {
    case .metric(let metric): metric.key
    case .transferGap(let metric): metric.gap?.key ?? ""
    case .secondsPerEpoch: "seconds_per_epoch"
    }
  }

  public init?(rawValue: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = found
  }

  /// Scores first, then what less is better of, then gaps.
  public static var allCases: [Self] {
    Metric.scores.map(Self.metric) + Metric.all.filter { $0.gap == nil }.map(Self.metric)
      + Metric.scores.map(Self.transferGap) + [.secondsPerEpoch]
  }
}
