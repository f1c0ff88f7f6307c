internal import Results
internal import RunLog

/// What the run took: the only part of a report that another run would not repeat.
struct CostTags: TagSource {
  let epochSeconds: PrintedNumber
  let tokens: PrintedNumber
  let tokensPerSecond: PrintedNumber
  let multiplyAddsPerToken: PrintedNumber?
  let totalSeconds: PrintedNumber?
  let prefixSeconds: PrintedNumber?
  let peakMemory: PrintedNumber?
  let interruptions: PrintedNumber?
  let unannouncedEnds: PrintedNumber?

  /// - Returns: `nil` for logs from elsewhere.
  init?(_ results: RunResults, _ origins: Origins) {
    let records = results.run.records
    var epochs: [EpochRecord] = []
    var stops = 0
    for record in records {
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
    let seconds = epochs.reduce(0) { $0 + $1.seconds }
    let tokens = epochs.reduce(0.0) { $0 + Double($1.tokens) }
    epochSeconds = origins.epochs("seconds").duration(seconds: seconds / Double(epochs.count))
    self.tokens = origins.epochs("tokens", epoch: epochs.last?.epoch).count(
      epochs.last?.tokens ?? 0)
    let speed = origins.epochs("tokens", "seconds")
    tokensPerSecond =
      seconds > 0
      ? speed.number(
        NumberFormat.count(Int(min(tokens / seconds, 1e15).rounded())), [tokens / seconds],
        .perSecond)
      : speed.unknown(.perSecond)
    let multiplyAdds = epochs.reduce(0) { $0 + $1.multiplyAdds }
    multiplyAddsPerToken =
      multiplyAdds > 0 && tokens > 0
      ? origins.epochs("multiply_adds", "tokens").decimal(
        multiplyAdds / tokens / 1e6, digits: 1, .megaMultiplyAdds) : nil
    let finished = results.finished
    totalSeconds = finished.map { origins.finished("seconds").duration(seconds: $0.seconds) }
    prefixSeconds = finished.map {
      origins.finished("prefix_seconds").duration(seconds: $0.prefixSeconds)
    }
    peakMemory = finished.map { origins.finished("peak_memory_bytes").bytes($0.peakMemoryBytes) }
    interruptions = stops > 0 ? origins.interruptions().count(stops, "time") : nil
    let ends = results.run.unannouncedEnds.count
    unannouncedEnds = ends > 0 ? origins.unannouncedEnds().count(ends, "time") : nil
  }

  static let tags: [TagDefinition<CostTags>] = [
    .number("epoch_seconds", \.epochSeconds, "mean time of training for an epoch"),
    .number("tokens", \.tokens, "tokens per epoch"),
    .number("tokens_per_second", \.tokensPerSecond, "tokens trained on per second"),
    .optionalNumber(
      "multiply_adds_per_token", \.multiplyAddsPerToken, "millions of multiply-adds per token"),
    .optionalNumber("total_seconds", \.totalSeconds, "time of the whole run, if it is complete"),
    .optionalNumber("prefix_seconds", \.prefixSeconds, "time for the frozen prefix"),
    .optionalNumber("peak_memory", \.peakMemory, "largest resident memory"),
    .optionalNumber(
      "interruptions", \.interruptions, "how often a signal stopped the run, if one did"),
    .optionalNumber(
      "unannounced_ends", \.unannouncedEnds,
      "how often the run went on after its process had been killed or had failed, if it was so"),
  ]
}

/// What a run did not have to compute.
struct SavingsTags: TagSource {
  let trained: PrintedNumber
  let byCutting: PrintedNumber?
  let byFreezing: PrintedNumber?
  let byCache: PrintedNumber?
  let truncatedTexts: PrintedNumber
  let allTexts: PrintedNumber

  init?(_ results: RunResults, _ origins: Origins) throws {
    guard let savings = try results.savings(), let started = results.started else { return nil }
    let splits = started.splits
    let from =
      splits.reduce(
        origins.epochs("multiply_adds") + origins.started("hidden_size")
          + origins.configuration(
            "model.encoder_layers", "model.frozen_layers", "model.freeze_embeddings")
      ) {
        $0 + origins.examples($1.split)
      }
    func operations(_ count: Double) -> PrintedNumber {
      from.number(NumberFormat.operations(count), [count], .operations).defined("savings")
    }
    func saved(_ count: Double) -> PrintedNumber? { count > 0 ? operations(count) : nil }
    trained = operations(savings.trained)
    byCutting = saved(savings.byCutting)
    byFreezing = saved(savings.byFreezing)
    byCache = saved(savings.byCache)
    let facts = origins.started("splits")
    truncatedTexts = facts.count(splits.reduce(0) { $0 + $1.truncated })
    allTexts = facts.count(splits.reduce(0) { $0 + $1.examples })
  }

  static let tags: [TagDefinition<SavingsTags>] = [
    .number("trained", \.trained, "floating-point operations of training"),
    .optionalNumber("by_cutting", \.byCutting, "saved by leaving encoder layers out"),
    .optionalNumber("by_freezing", \.byFreezing, "saved by freezing layers"),
    .optionalNumber("by_cache", \.byCache, "saved by computing the frozen layers once"),
    .number("truncated_texts", \.truncatedTexts, "texts that were cut at the greatest length"),
    .number("all_texts", \.allTexts, "texts in all"),
  ]
}
