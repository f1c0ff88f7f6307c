internal import Storage
internal import Yams

/// A key that two experiments give different values.
public struct ExperimentDifference: Equatable, Sendable {
  /// Such as `training.epochs`.
  public let key: String
  /// The values as YAML on one line; `nil` where the key does not occur.
  public let first: String?
  public let second: String?

  public init(key: String, first: String?, second: String?) {
    (self.key, self.first, self.second) = (key, first, second)
  }
}

extension Experiment {
  /// Keys that say how a run is called and described, and change nothing that is computed.
  private static let describingKeys: Set = ["name", "note", "goals", "store_texts"]

  /// The keys whose values change what is computed, in the order in which the file has them.
  ///
  /// - Returns: every such key of either experiment whose values differ.
  public func differences(from other: Experiment) -> [ExperimentDifference] {
    let (ours, theirs) = (settings, other.settings)
    let values = Dictionary(ours, uniquingKeysWith: { first, _ in first })
    let otherValues = Dictionary(theirs, uniquingKeysWith: { first, _ in first })
    let keys = ours.map(\.0) + theirs.map(\.0).filter { values[$0] == nil }
    return keys.filter { values[$0] != otherValues[$0] }.map {
      ExperimentDifference(key: $0, first: values[$0], second: otherValues[$0])
    }
  }

  /// Dotted keys and values of all that changes what is computed; targets by their place.
  private var settings: [(String, String)] {
    // Our own YAML always reads; if it did not, no difference could be told.
    guard let node = try? compose(yaml: yaml),
      let pairs = try? StrictYAML(node: node, file: "").flattened(includingLists: true)
    else { return [] }
    return pairs.map { ($0.key, $0.value) }.filter { !Self.describingKeys.contains($0.0) }
  }
}
