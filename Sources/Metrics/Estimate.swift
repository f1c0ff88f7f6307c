/// A number computed from examples, and how sure it is.
public struct Estimate: Equatable, Sendable {
  /// NaN where it is not known.
  public let value: Double
  /// Its 95 % interval; `nil` where no honest one exists.
  public let interval: Interval?
  /// How the interval came about, also where there is none.
  public let method: Method

  public init(_ value: Double, _ interval: Interval?, by method: Method) {
    (self.value, self.interval, self.method) = (value, interval, method)
  }
}

/// What an interval, a test or a number is, each defined in a section of docs/metrics.md.
public enum Method: String, CaseIterable, Sendable {
  case meanInterval = "mean-interval"
  case wilson = "wilson-interval"
  case newcombe = "newcombe-interval"
  case unpairedBootstrap = "unpaired-bootstrap"
  case pairedBootstrap = "paired-bootstrap"
  case acceleratedBootstrap = "bca-bootstrap"
  case areaInterval = "auc-interval"
  case macroAUCInterval = "macro-auc-interval"
  case calibrationError = "debiased-calibration-error"
  case ratioInterval = "ratio-interval"
  case temperature = "temperature"
  case seedInterval = "seed-interval"
  case twoLevelBootstrap = "two-level-bootstrap"
  case largestOfSeveral = "largest-gap"

  /// The section's anchor in docs/metrics.md.
  public var anchor: String { rawValue }

  /// What a sentence calls it.
  public var name: String {
    switch self {
    case .meanInterval: "normal interval of a mean"
    case .wilson: "Wilson's score interval"
    case .newcombe: "Newcombe's hybrid score interval"
    case .unpairedBootstrap: "unpaired bootstrap interval"
    case .pairedBootstrap: "paired bootstrap interval"
    case .acceleratedBootstrap: "BCa bootstrap interval"
    case .areaInterval: "DeLong's interval"
    case .macroAUCInterval: "DeLong interval of the mean area"
    case .calibrationError: "debiased estimate with its bootstrap spread"
    case .ratioInterval: "linearised interval of a ratio"
    case .seedInterval: "Student's interval over seeds"
    case .twoLevelBootstrap: "two-level bootstrap over seeds and examples"
    case .largestOfSeveral: "interval of the largest of several gaps"
    case .temperature: "sandwich interval of the temperature"
    }
  }
}
