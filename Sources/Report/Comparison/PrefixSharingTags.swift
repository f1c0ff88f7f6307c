internal import Results
internal import RunLog

/// How often the frozen layers' output was computed and how often it was taken from the store.
struct PrefixSharingTags: TagSource {
  let prefixes: SharedPrefixes
  let origins: ComparedOrigins

  /// `nil` where no run's log says anything.
  init?(_ prefixes: SharedPrefixes, _ origins: ComparedOrigins) {
    guard prefixes.runs > 0 else { return nil }
    (self.prefixes, self.origins) = (prefixes, origins)
  }

  private var keys: Evidence { origins.all { $0.prefixes("key") } }

  static let tags: [TagDefinition<PrefixSharingTags>] = [
    .number("runs", "how many runs keep the frozen layers' output, with the noun") {
      $0.keys.count($0.prefixes.runs, "run")
    },
    .number("outputs", "how many different ones there are, with the noun") {
      $0.keys.count($0.prefixes.shares.count, "output")
    },
    .number("tokens", "tokens that did not go through the frozen layers again") {
      $0.origins.text("sharing.shares[].saved_tokens").count(
        $0.prefixes.shares.reduce(0) { $0 + $1.savedTokens })
    },
    .optionalNumber(
      "operations", "operations that were saved; absent where no log says what computing took"
    ) {
      let known = $0.prefixes.shares.compactMap(\.savedOperations)
      return known.count == $0.prefixes.shares.count
        ? $0.origins.text("sharing.shares[].saved_operations").operations(known.reduce(0, +))
        : nil
    },
    .list("shares", "runs with the same output") { source in
      source.prefixes.shares.map { PrefixShareTags(share: $0, origins: source.origins) }
    },
    .optionalText("without", "configurations whose runs keep none") {
      $0.prefixes.without.isEmpty ? nil : markdown(NumberFormat.list($0.prefixes.without))
    },
  ]
}

/// Runs that have the same frozen layers' output.
struct PrefixShareTags: TagSource {
  let share: SharedPrefixes.Share
  let origins: ComparedOrigins

  private func logged(_ name: String, _ source: PrefixRecord.Source? = nil) -> Evidence {
    origins.some(share.members) { $0.prefixes(name, source: source) }
  }

  /// A number of computing the output; unknown where an earlier run did that.
  private func computed(
    _ name: String, _ unit: PrintedNumber.Unit, _ number: (Evidence) -> PrintedNumber
  ) -> PrintedNumber {
    share.computedBy.isEmpty ? logged("key").unknown(unit) : number(logged(name, .computed))
  }

  /// What was found took as many operations as whichever run computed it.
  private var computing: Evidence {
    let keys = Set(share.keys)
    return origins.all { $0.prefixes("multiply_adds", keys: keys, source: .computed) }
  }

  static let tags: [TagDefinition<PrefixShareTags>] = [
    .number("layers", "the frozen encoder layers") { source in
      let frozen = source.origins.some(source.share.members) {
        $0.configuration("model.frozen_layers")
      }
      return source.share.frozenLayers > 0
        ? frozen.count(source.share.frozenLayers)
        : frozen.number("none, embeddings alone", [0])
    },
    .text("configurations", "whose runs share it") {
      markdown(NumberFormat.list($0.share.configurations))
    },
    .text("computed_by", "the runs that computed it") {
      $0.share.computedBy.isEmpty
        ? "an earlier run" : markdown(NumberFormat.list($0.share.computedBy))
    },
    .number("runs", "how many runs those are") { $0.logged("key").count($0.share.runs) },
    .number("tokens", "tokens that went through the frozen layers") { source in
      source.computed("tokens", .tokens) { $0.count(source.share.computedTokens) }
    },
    .number("operations", "operations of computing it") { source in
      source.computed("multiply_adds", .operations) {
        $0.operations(source.share.computedOperations)
      }
    },
    .number("seconds", "what computing it took") { source in
      source.computed("seconds", .seconds) { $0.duration(seconds: source.share.computedSeconds) }
    },
    .number("saved_tokens", "tokens that did not go through them again") {
      $0.logged("tokens", .stored).count($0.share.savedTokens)
    },
    .number(
      "saved_operations", "operations that were saved, by the log of the run that computed it"
    ) { source in
      source.share.savedOperations.map {
        (source.logged("key", .stored) + source.computing).operations($0)
      } ?? source.logged("key").unknown(.operations)
    },
  ]
}
