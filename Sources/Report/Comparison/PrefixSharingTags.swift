internal import Results

/// How often the frozen layers' output was computed and how often it was taken from the store.
struct PrefixSharingTags: TagSource {
  let runs: PrintedNumber
  let outputs: PrintedNumber
  let tokens: PrintedNumber
  let operations: PrintedNumber?
  let shares: [PrefixShareTags]
  let without: String?

  /// `nil` where no run's log says anything.
  init?(_ prefixes: SharedPrefixes) {
    guard prefixes.runs > 0 else { return nil }
    let from = Evidence([])
    runs = from.count(prefixes.runs, "run")
    outputs = from.count(prefixes.shares.count, "output")
    tokens = from.count(prefixes.shares.reduce(0) { $0 + $1.savedTokens })
    let operations = prefixes.shares.compactMap(\.savedOperations)
    self.operations =
      operations.count == prefixes.shares.count ? from.operations(operations.reduce(0, +)) : nil
    shares = prefixes.shares.map { PrefixShareTags($0) }
    without =
      prefixes.without.isEmpty ? nil : markdown(NumberFormat.list(prefixes.without))
  }

  static let tags: [TagDefinition<PrefixSharingTags>] = [
    .number("runs", \.runs, "how many runs keep the frozen layers' output, with the noun"),
    .number("outputs", \.outputs, "how many different ones there are, with the noun"),
    .number("tokens", \.tokens, "tokens that did not go through the frozen layers again"),
    .optionalNumber(
      "operations", \.operations,
      "operations that were saved; absent where nobody logged what computing took"),
    .list("shares", \.shares, "runs with the same output"),
    .optionalText("without", \.without, "configurations whose runs keep none"),
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

  init(_ share: SharedPrefixes.Share) {
    let from = Evidence([])
    layers =
      share.frozenLayers > 0
      ? from.count(share.frozenLayers) : from.number("none, embeddings alone", [0])
    configurations = markdown(NumberFormat.list(share.configurations))
    computedBy =
      share.computedBy.isEmpty
      ? "an earlier run" : markdown(NumberFormat.list(share.computedBy))
    runs = from.count(share.runs)
    let isComputed = !share.computedBy.isEmpty
    tokens = isComputed ? from.count(share.computedTokens) : from.unknown(.tokens)
    operations =
      isComputed ? from.operations(share.computedOperations) : from.unknown(.operations)
    seconds = isComputed ? from.duration(seconds: share.computedSeconds) : from.unknown(.seconds)
    savedTokens = from.count(share.savedTokens)
    savedOperations =
      share.savedOperations.map { from.operations($0) } ?? from.unknown(.operations)
  }

  static let tags: [TagDefinition<PrefixShareTags>] = [
    .number("layers", \.layers, "the frozen encoder layers"),
    .text("configurations", \.configurations, "whose runs share it"),
    .text("computed_by", \.computedBy, "the runs that computed it"),
    .number("runs", \.runs, "how many runs those are"),
    .number("tokens", \.tokens, "tokens that went through the frozen layers"),
    .number("operations", \.operations, "operations of computing it"),
    .number("seconds", \.seconds, "what computing it took"),
    .number("saved_tokens", \.savedTokens, "tokens that did not go through them again"),
    .number(
      "saved_operations", \.savedOperations,
      "operations that were saved, by the log of the run that computed it"),
  ]
}
