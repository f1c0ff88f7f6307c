public import Metrics
public import Storage

/// A training by epoch, in the layout that Python trainers of this experiment write.
///
/// An object of equally long arrays: `train_losses`, `train_accuracies`, `train_f1_scores`, the same
/// with `_val_` for `english` (the source), `target` (the first target) and further languages by their
/// code, and `learning_rates`. Any but one of the arrays may be missing; a value may be NaN or null.
public struct TrainingHistory: Equatable, Sendable {
  /// Whose values an array holds.
  public enum Role: Hashable, Sendable {
    case training, source, firstTarget
    /// A further target, by its language's code.
    case target(String)
  }
  struct Key: Hashable {
    let role: Role
    let metric: Metric
  }

  /// The number of epochs.
  public private(set) var epochs: Int
  private var arrays: [Key: [Double]] = [:]
  public private(set) var learningRates: [Double]?
  /// Codes of further targets, in the order they occur.
  public private(set) var furtherTargets: [String] = []
  /// Keys that mean nothing here, for a warning.
  public private(set) var unknownKeys: [String] = []

  public init(epochs: Int, learningRates: [Double]?) {
    precondition(learningRates.map { $0.count == epochs } ?? true)
    (self.epochs, self.learningRates) = (epochs, learningRates)
  }

  /// The values by epoch, NaN where one is missing; `nil` if there is no such array.
  public subscript(role: Role, metric: Metric) -> [Double]? {
    get { arrays[Key(role: role, metric: metric)] }
    set {
      precondition(newValue.map { $0.count == epochs } ?? true)
      if case .target(let code) = role, !has(role) {
        furtherTargets.append(code)
      }
      arrays[Key(role: role, metric: metric)] = newValue
    }
  }

  /// Whether there is any array for a role.
  public func has(_ role: Role) -> Bool {
    Metric.all.contains { self[role, $0] != nil }
  }

  /// Adds an epoch.
  ///
  /// - Parameters:
  ///   - values: by role, in the order that roles are to have; the same roles in every epoch.
  ///   - learningRate: the rate that the epoch's last step used.
  public mutating func append(_ values: [(role: Role, values: MetricValues)], learningRate: Double)
  {
    precondition(learningRates?.count ?? 0 == epochs)
    learningRates = (learningRates ?? []) + [learningRate]
    epochs += 1
    for (role, values) in values {
      for metric in Metric.all {
        self[role, metric] = (self[role, metric] ?? []) + [values[metric] ?? .nan]
      }
    }
  }

  private static func prefix(_ role: Role) -> String {
    switch role {
    case .training: "train_"
    case .source: "english_val_"
    case .firstTarget: "target_val_"
    case .target(let code): "\(code)_val_"
    }
  }

  private static func role(_ prefix: Substring) -> Role? {
    switch prefix {
    case "train_": return .training
    case "english_val_": return .source
    case "target_val_": return .firstTarget
    default:
      guard prefix.hasSuffix("_val_"), isLanguageCode(String(prefix.dropLast(5))) else {
        return nil
      }
      return .target(String(prefix.dropLast(5)))
    }
  }

  /// Writes the history; NaN as Python's `json` writes it.
  public func write(to path: String) throws {
    var object = JSONObject()
    for role in [.training, .source, .firstTarget] + furtherTargets.map(Role.target) {
      for metric in Metric.all {
        guard let values = self[role, metric] else { continue }
        object[Self.prefix(role) + metric.historyKey] = .array(values.map { .number($0) })
      }
    }
    if let learningRates {
      object["learning_rates"] = .array(learningRates.map { .number($0) })
    }
    try AtomicFile.write(JSON.object(object).prettyText, to: path)
  }

  /// Reads a history.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - files: takes note of what was read.
  /// - Returns: at least one epoch.
  /// - Throws: `StorageError`, `JSONError`, or `RunLogError` if a known key does not hold numbers,
  ///   arrays differ in length, or none of the known keys is there.
  public static func read(
    _ path: String, from files: ReadFiles = ReadFiles()
  ) throws -> TrainingHistory {
    let json = try JSON.parse(files.contents(path), file: path)
    guard let members = json.object?.members else {
      throw RunLogError(file: path, "expected an object of arrays, found \(json.kind)")
    }
    var history: TrainingHistory?
    var firstKey = ""
    var unknownKeys: [String] = []
    for (key, value) in members {
      let metric = Metric.all.first { key.hasSuffix($0.historyKey) }
      let role = metric.flatMap { Self.role(key.dropLast($0.historyKey.count)) }
      guard role != nil || key == "learning_rates" else {
        unknownKeys.append(key)
        continue
      }
      let values = try numbers(value, key: key, file: path)
      if history == nil {
        (history, firstKey) = (Self(epochs: values.count, learningRates: nil), key)
      }
      guard values.count <= ExperimentRanges.mostEpochs else {
        throw RunLogError(
          file: path, "'\(key)' has more than \(ExperimentRanges.mostEpochs) entries")
      }
      guard let epochs = history?.epochs, epochs == values.count else {
        throw RunLogError(
          file: path,
          "'\(firstKey)' has \(history?.epochs ?? 0) entries and '\(key)' \(values.count); "
            + "every array must have one entry per epoch")
      }
      if let role, let metric {
        history?[role, metric] = values
        guard history?.furtherTargets.count ?? 0 <= Experiment.mostTargets else {
          throw RunLogError(
            file: path,
            "has more than \(Experiment.mostTargets) further languages, '\(key)' for one")
        }
      } else {
        history?.learningRates = values
      }
    }
    guard var history, history.epochs > 0 else {
      throw RunLogError(
        file: path,
        "holds no epoch of a training history; expected arrays such as 'train_losses' and "
          + "'english_val_accuracies'")
    }
    history.unknownKeys = unknownKeys
    return history
  }

  private static func numbers(
    _ json: JSON, key: String, file: String
  ) throws(RunLogError) -> [Double] {
    guard let elements = json.array else {
      throw RunLogError(file: file, "'\(key)' must be an array of numbers, not \(json.kind)")
    }
    return try jsonNumbers(elements, key: key, file: file)
  }
}

/// The numbers of an array, NaN for null.
///
/// - Parameters:
///   - elements: of the array.
///   - key: its name, for messages.
///   - file: for messages.
/// - Returns: as many numbers.
/// - Throws: `RunLogError` naming the first element that is no number.
func jsonNumbers(
  _ elements: [JSON], key: String, file: String
) throws(RunLogError) -> [Double] {
  var values: [Double] = []
  for (index, element) in elements.enumerated() {
    guard let value = element == .null ? .nan : element.double else {
      throw RunLogError(
        file: file, "'\(key)[\(index)]' must be a number, not \(element.kind)")
    }
    values.append(value)
  }
  return values
}
