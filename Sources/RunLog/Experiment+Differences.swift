internal import Yams

/// A key that two experiments give different values.
public struct ExperimentDifference: Equatable, Sendable {
  /// Such as `training.epochs`, or `data.targets.0.validation`.
  public let key: String
  /// The other experiment's value as YAML on one line; `nothing` where the key does not occur.
  public let before: String
  /// This experiment's value.
  public let now: String

  public init(key: String, before: String, now: String) {
    (self.key, self.before, self.now) = (key, before, now)
  }

  /// Whether the trained network and its scores depend on the key; how a run is called and described does not count, nor
  /// what it is compared with.
  public var changesWhatIsComputed: Bool { Experiment.changesWhatIsComputed(key) }
}

extension Experiment {
  /// Whether the trained network and its scores depend on a key, such as `training.epochs`.
  package static func changesWhatIsComputed(_ key: String) -> Bool {
    key != "data.intended" && !isTargetTraining(key)
      && !["name", "note", "goals", "store_texts", "baselines", "checks", "few_shot"].contains(
        key.prefix { $0 != "." })
  }

  /// Whether a key names training data of a target, such as `data.targets.0.train`, which a run does not read.
  private static func isTargetTraining(_ key: String) -> Bool {
    let parts = key.split(separator: ".")
    return parts.count >= 4 && parts[0] == "data" && parts[1] == "targets" && parts[3] == "train"
  }

  /// Where this experiment differs from another.
  ///
  /// - Parameter other: such as what a run was started with.
  /// - Returns: the keys in the order in which a file has them.
  public func differences(from other: Experiment) -> [ExperimentDifference] {
    let (before, now) = (other.settings, settings)
    let keys = now.map(\.key) + before.map(\.key).filter { key in !now.contains { $0.key == key } }
    return keys.compactMap { key in
      let a = before.first { $0.key == key }?.value ?? "nothing"
      let b = now.first { $0.key == key }?.value ?? "nothing"
      return a == b ? nil : ExperimentDifference(key: key, before: a, now: b)
    }
  }

  /// Dotted keys and their values; targets by their place.
  package var settings: [(key: String, value: String)] {
    // What a resolved experiment writes is YAML.
    guard let node = try? compose(yaml: yaml) else { return [] }
    return (try? StrictYAML(node: node, file: "").flattened(includingLists: true)) ?? []
  }
}
