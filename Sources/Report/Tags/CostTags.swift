internal import Results
internal import RunLog

/// What the run took: the only part of a report that another run would not repeat.
struct CostTags: TagSource {
  let results: RunResults
  let origins: Origins
  let epochs: [EpochRecord]
  /// How often a signal stopped the run.
  private let stops: Int
  private let seconds: Double
  private let tokens: Double
  private let multiplyAdds: Double

  /// - Returns: `nil` for logs from elsewhere.
  init?(_ results: RunResults, _ origins: Origins) {
    (self.results, self.origins) = (results, origins)
    var epochs: [EpochRecord] = []
    var stops = 0
    for record in results.run.records {
      switch record {
      // A resumed run repeats an epoch; the last record of each counts.
      case .epoch(let epoch):
        while let last = epochs.last, last.epoch >= epoch.epoch { epochs.removeLast() }
        epochs.append(epoch)
      case .interrupted: stops += 1
      default: continue
      }
    }
    guard !epochs.isEmpty else { return nil }
    (self.epochs, self.stops) = (epochs, stops)
    seconds = epochs.reduce(0) { $0 + $1.seconds }
    tokens = epochs.reduce(0.0) { $0 + Double($1.tokens) }
    multiplyAdds = epochs.reduce(0) { $0 + $1.multiplyAdds }
  }

  private var tokensPerSecond: PrintedNumber {
    let from = origins.epochs("tokens", "seconds")
    guard seconds > 0 else { return from.unknown(.perSecond) }
    let speed = tokens / seconds
    return from.number(NumberFormat.count(Int(min(speed, 1e15).rounded())), [speed], .perSecond)
  }

  static let tags: [TagDefinition<CostTags>] = [
    .number("epoch_seconds", "mean time of training for an epoch") {
      $0.origins.epochs("seconds").duration(seconds: $0.seconds / Double($0.epochs.count))
    },
    .number("tokens", "tokens per epoch") {
      $0.origins.epochs("tokens", epoch: $0.epochs.last?.epoch).count($0.epochs.last?.tokens ?? 0)
    },
    .number("tokens_per_second", "tokens trained on per second") { $0.tokensPerSecond },
    .optionalNumber("multiply_adds_per_token", "millions of multiply-adds per token") {
      $0.multiplyAdds > 0 && $0.tokens > 0
        ? $0.origins.epochs("multiply_adds", "tokens").decimal(
          $0.multiplyAdds / $0.tokens / 1e6, digits: 1, .megaMultiplyAdds) : nil
    },
    .optionalNumber("total_seconds", "time of the whole run, if it is complete") { cost in
      cost.results.finished.map {
        cost.origins.finished("seconds").duration(seconds: $0.seconds)
      }
    },
    .optionalNumber("prefix_seconds", "time for the frozen prefix") { cost in
      cost.results.finished.map {
        cost.origins.finished("prefix_seconds").duration(seconds: $0.prefixSeconds)
      }
    },
    .optionalNumber("baseline_seconds", "time for the baselines, if there are any") { cost in
      let fits = cost.results.baselines
      guard let record = cost.results.baselinesRecord, !fits.isEmpty else { return nil }
      let from = fits.reduce(cost.origins.baselines("seconds")) {
        $0 + cost.origins.baseline(layer: $1.layer, "seconds")
      }
      return from.duration(seconds: fits.reduce(record.seconds) { $0 + $1.record.seconds })
    },
    .optionalNumber("peak_memory", "largest resident memory") { cost in
      cost.results.finished.map {
        cost.origins.finished("peak_memory_bytes").bytes($0.peakMemoryBytes)
      }
    },
    .optionalNumber("interruptions", "how often a signal stopped the run, if one did") {
      $0.stops > 0 ? $0.origins.interruptions().count($0.stops, "time") : nil
    },
    .optionalNumber(
      "unannounced_ends",
      "how often the run went on after its process had been killed or had failed, if it was so"
    ) {
      let ends = $0.results.run.unannouncedEnds.count
      return ends > 0 ? $0.origins.unannouncedEnds().count(ends, "time") : nil
    },
  ]
}

/// What a run did not have to compute.
struct SavingsTags: TagSource {
  let savings: Savings
  let splits: [RunStarted.SplitFacts]
  let origins: Origins
  private let from: Evidence

  init?(_ results: RunResults, _ origins: Origins) throws {
    guard let savings = try results.savings(), let started = results.started else { return nil }
    (self.savings, self.origins, splits) = (savings, origins, started.splits)
    from = started.splits.reduce(
      origins.epochs("multiply_adds") + origins.started("hidden_size")
        + origins.configuration(
          "model.encoder_layers", "model.frozen_layers", "model.freeze_embeddings")
    ) { $0 + origins.examples($1.split) }
  }

  private func operations(_ count: Double) -> PrintedNumber {
    from.number(NumberFormat.operations(count), [count], .operations).defined("savings")
  }

  private func saved(_ count: Double) -> PrintedNumber? { count > 0 ? operations(count) : nil }

  static let tags: [TagDefinition<SavingsTags>] = [
    .number("trained", "floating-point operations of training") {
      $0.operations($0.savings.trained)
    },
    .optionalNumber("by_cutting", "saved by leaving encoder layers out") {
      $0.saved($0.savings.byCutting)
    },
    .optionalNumber("by_freezing", "saved by freezing layers") { $0.saved($0.savings.byFreezing) },
    .optionalNumber("by_cache", "saved by computing the frozen layers once") {
      $0.saved($0.savings.byCache)
    },
    .number("truncated_texts", "texts that were cut at the greatest length") {
      $0.origins.started("splits").count($0.splits.reduce(0) { $0 + $1.truncated })
    },
    .number("all_texts", "texts in all") {
      $0.origins.started("splits").count($0.splits.reduce(0) { $0 + $1.examples })
    },
  ]
}
