internal import Results
internal import RunLog

/// How often the frozen layers' output was computed and how often it was taken from the store.
struct PrefixSharingTags: TagSource {
  let runs: PrintedNumber
  let outputs: PrintedNumber
  let tokens: PrintedNumber
  let operations: PrintedNumber?
  let shares: [PrefixShareTags]
  let without: String?

  /// `nil` where no run's log says anything.
  init?(_ prefixes: SharedPrefixes, _ origins: ComparedOrigins) {
    guard prefixes.runs > 0 else { return nil }
    let keys = origins.all { $0.prefixes("key") }
    runs = keys.count(prefixes.runs, "run")
    outputs = keys.count(prefixes.shares.count, "output")
    tokens = origins.text("sharing.shares[].saved_tokens").count(
      prefixes.shares.reduce(0) { $0 + $1.savedTokens })
    let operations = prefixes.shares.compactMap(\.savedOperations)
    self.operations =
      operations.count == prefixes.shares.count
      ? origins.text("sharing.shares[].saved_operations").operations(operations.reduce(0, +)) : nil
    shares = prefixes.shares.map { PrefixShareTags($0, origins) }
    without =
      prefixes.without.isEmpty ? nil : markdown(NumberFormat.list(prefixes.without))
  }

  static let tags: [TagDefinition<PrefixSharingTags>] = [
    .number("runs", "how many runs keep the frozen layers' output, with the noun") { $0.runs },
    .number("outputs", "how many different ones there are, with the noun") { $0.outputs },
    .number("tokens", "tokens that did not go through the frozen layers again") { $0.tokens },
    .optionalNumber(
      "operations", "operations that were saved; absent where no log says what computing took"
    ) { $0.operations },
    .list("shares", "runs with the same output") { $0.shares },
    .optionalText("without", "configurations whose runs keep none") { $0.without },
  ]
}

/// Runs that have the same frozen layers' output.
struct PrefixShareTags: TagSource {
  let layers: PrintedNumber
  let configurations: String
  let computedBy: String
  let runs: PrintedNumber
  let tokens: PrintedNumber
  let operations: PrintedNumber
  let seconds: PrintedNumber
  let savedTokens: PrintedNumber
  let savedOperations: PrintedNumber

  init(_ share: SharedPrefixes.Share, _ origins: ComparedOrigins) {
    func logged(_ name: String, _ source: PrefixRecord.Source? = nil) -> Evidence {
      origins.some(share.members) { $0.prefixes(name, source: source) }
    }
    let frozen = origins.some(share.members) { $0.configuration("model.frozen_layers") }
    layers =
      share.frozenLayers > 0
      ? frozen.count(share.frozenLayers) : frozen.number("none, embeddings alone", [0])
    configurations = markdown(NumberFormat.list(share.configurations))
    computedBy =
      share.computedBy.isEmpty
      ? "an earlier run" : markdown(NumberFormat.list(share.computedBy))
    runs = logged("key").count(share.runs)
    let isComputed = !share.computedBy.isEmpty
    tokens =
      isComputed
      ? logged("tokens", .computed).count(share.computedTokens) : logged("key").unknown(.tokens)
    operations =
      isComputed
      ? logged("multiply_adds", .computed).operations(share.computedOperations)
      : logged("key").unknown(.operations)
    seconds =
      isComputed
      ? logged("seconds", .computed).duration(seconds: share.computedSeconds)
      : logged("key").unknown(.seconds)
    savedTokens = logged("tokens", .stored).count(share.savedTokens)
    // What was found took as many operations as whichever run computed it.
    let keys = Set(share.keys)
    let computed = origins.all { $0.prefixes("multiply_adds", keys: keys, source: .computed) }
    savedOperations =
      share.savedOperations.map { (logged("key", .stored) + computed).operations($0) }
      ?? logged("key").unknown(.operations)
  }

  static let tags: [TagDefinition<PrefixShareTags>] = [
    .number("layers", "the frozen encoder layers") { $0.layers },
    .text("configurations", "whose runs share it") { $0.configurations },
    .text("computed_by", "the runs that computed it") { $0.computedBy },
    .number("runs", "how many runs those are") { $0.runs },
    .number("tokens", "tokens that went through the frozen layers") { $0.tokens },
    .number("operations", "operations of computing it") { $0.operations },
    .number("seconds", "what computing it took") { $0.seconds },
    .number("saved_tokens", "tokens that did not go through them again") { $0.savedTokens },
    .number(
      "saved_operations", "operations that were saved, by the log of the run that computed it"
    ) { $0.savedOperations },
  ]
}
