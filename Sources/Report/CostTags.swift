internal import Results
internal import RunLog

/// What the run took: the only part of a report that another run would not repeat.
struct CostTags: TagSource {
  let epochSeconds: String
  let tokens: String
  let tokensPerSecond: String
  let multiplyAddsPerToken: String?
  let totalSeconds: String?
  let prefixSeconds: String?
  let peakMemory: String?
  let interruptions: String?

  /// - Returns: `nil` for logs from elsewhere.
  init?(_ results: RunResults) {
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
    epochSeconds = NumberFormat.duration(seconds: seconds / Double(epochs.count))
    self.tokens = NumberFormat.count(epochs.last?.tokens ?? 0)
    tokensPerSecond =
      seconds > 0
      ? NumberFormat.count(Int(min(tokens / seconds, 1e15))) : NumberFormat.unknown
    let multiplyAdds = epochs.reduce(0) { $0 + $1.multiplyAdds }
    multiplyAddsPerToken =
      multiplyAdds > 0 && tokens > 0
      ? NumberFormat.decimal(multiplyAdds / tokens / 1e6, digits: 1) : nil
    let finished = results.finished
    totalSeconds = finished.map { NumberFormat.duration(seconds: $0.seconds) }
    prefixSeconds = finished.map { NumberFormat.duration(seconds: $0.prefixSeconds) }
    peakMemory = finished.map { NumberFormat.bytes($0.peakMemoryBytes) }
    interruptions = stops > 0 ? NumberFormat.count(stops, "time") : nil
  }

  static let tags: [TagDefinition<CostTags>] = [
    .text("epoch_seconds", \.epochSeconds, "mean time of training an epoch"),
    .text("tokens", \.tokens, "tokens an epoch"),
    .text("tokens_per_second", \.tokensPerSecond, "tokens trained on a second"),
    .optionalText(
      "multiply_adds_per_token", \.multiplyAddsPerToken, "millions of multiply-adds a token"),
    .optionalText("total_seconds", \.totalSeconds, "time of the whole run, if it is complete"),
    .optionalText("prefix_seconds", \.prefixSeconds, "time for the frozen prefix"),
    .optionalText("peak_memory", \.peakMemory, "largest resident memory"),
    .optionalText("interruptions", \.interruptions, "how often the run was stopped, if it was"),
  ]
}
