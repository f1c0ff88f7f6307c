internal import RunLog

/// What differs in the configurations of several groups of runs, and nothing else.
public struct ConfigurationTable: Equatable, Sendable {
  public struct Row: Equatable, Sendable {
    /// Such as `training.epochs`.
    public let key: String
    /// One a group, as in experiment.yaml; `nil` where the key does not occur or nothing is known.
    public let values: [String?]
  }
  public let rows: [Row]

  init(_ groups: [RunGroup]) {
    let settings = groups.map { $0.experiment?.settings }
    var keys: [String] = []
    for (key, _) in settings.compactMap({ $0 }).flatMap({ $0 }) where !keys.contains(key) {
      keys.append(key)
    }
    rows = keys.compactMap { key in
      // Runs of a group differ in the seed.
      guard Experiment.changesWhatIsComputed(key), key != "training.seed" else { return nil }
      let values = settings.map { $0?.first { $0.key == key }?.value }
      // A group of which nothing is known does not differ.
      let known = zip(values, settings).filter { $0.1 != nil }.map(\.0)
      return known.allSatisfy { $0 == known.first } ? nil : Row(key: key, values: values)
    }
  }
}
