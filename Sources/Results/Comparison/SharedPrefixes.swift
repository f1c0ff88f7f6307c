internal import RunLog

/// What runs had to compute of the frozen layers, and what they took from the store, by their own logs.
public struct SharedPrefixes: Sendable {
  /// Runs whose splits all have the same frozen layers' output.
  public struct Share: Sendable {
    public let frozenLayers: Int
    /// What names the output, a key a split.
    public let keys: [String]
    /// The places of its runs' groups, and theirs in them.
    public let members: [(group: Int, run: Int)]
    /// Names of the configurations, in their order.
    public let configurations: [String]
    /// Folders of the runs that computed it, or a part of it.
    public let computedBy: [String]
    /// How many they are. Which of them computed and which found what others had computed is not counted: side
    /// by side a run may compute one split and take another from its neighbour.
    public let runs: Int
    /// Tokens that went through the frozen layers, in all runs that computed.
    public let computedTokens: Int
    /// Tokens that need not go through them again, in all runs.
    public let savedTokens: Int
    /// Floating-point operations of computing, in all runs.
    public let computedOperations: Double
    /// Operations that were saved; `nil` where no complete run says what they were, since the store held the
    /// output before.
    public let savedOperations: Double?
    /// Seconds of computing, waiting for others included, of the runs that computed.
    public let computedSeconds: Double
  }

  /// In the order of the configurations.
  public let shares: [Share]
  /// How many runs keep the frozen layers' output.
  public let runs: Int
  /// Configurations whose runs keep none, as nothing is frozen or their logs do not say.
  public let without: [String]

  /// Gathers what the logs say.
  ///
  /// - Parameter groups: the runs, by configuration.
  public init(_ groups: [RunGroup]) {
    typealias Entry = (
      configuration: String, run: RunResults, records: [PrefixRecord], place: (group: Int, run: Int)
    )
    var entries: [Entry] = []
    var without: [String] = []
    for (place, group) in groups.enumerated() {
      let found = group.runs.enumerated().map { run in
        (group.name, run.element, run.element.prefixRecords, (place, run.offset))
      }.filter { !$0.2.isEmpty }
      if found.isEmpty { without.append(group.name) }
      entries += found
    }
    self.without = without
    runs = entries.count
    // An operation is half a multiply-add.
    var operations: [String: Double] = [:]
    for record in entries.flatMap(\.records) where record.source == .computed {
      operations[record.key] = 2 * record.multiplyAdds
    }
    var members: [(keys: [String], entries: [Entry])] = []
    for entry in entries {
      let keys = entry.records.map(\.key)
      if let place = members.firstIndex(where: { $0.keys == keys }) {
        members[place].entries.append(entry)
      } else {
        members.append((keys, [entry]))
      }
    }
    shares = members.map { keys, entries in
      let records = entries.flatMap(\.records)
      let computed = records.filter { $0.source == .computed }
      let stored = records.filter { $0.source == .stored }
      let known = stored.compactMap { operations[$0.key] }
      var configurations: [String] = []
      for name in entries.map(\.configuration) where !configurations.contains(name) {
        configurations.append(name)
      }
      return Share(
        frozenLayers: entries[0].run.run.experiment?.model.frozenLayers ?? 0,
        keys: keys, members: entries.map(\.place),
        configurations: configurations,
        computedBy: entries.filter { entry in
          entry.records.contains { $0.source == .computed }
        }.map(\.run.folder),
        runs: entries.count,
        computedTokens: computed.reduce(0) { $0 + $1.tokens },
        savedTokens: stored.reduce(0) { $0 + $1.tokens },
        computedOperations: computed.reduce(0) { $0 + 2 * $1.multiplyAdds },
        savedOperations: known.count == stored.count ? known.reduce(0, +) : nil,
        computedSeconds: computed.reduce(0) { $0 + $1.seconds })
    }
  }
}

extension RunResults {
  fileprivate var prefixRecords: [PrefixRecord] {
    run.records.compactMap { if case .prefix(let record) = $0 { record } else { nil } }
  }
}
