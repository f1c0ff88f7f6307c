internal import RunLog

/// What a run did not have to compute, in floating-point operations, from the facts it logged.
///
/// A layer's forward pass takes `F = T (4 H² + 2 H I) + 2 H Σ n²` multiply-adds for T tokens in examples of
/// n tokens each, H being the hidden and I the intermediate size; the gradients of its input and of its
/// weights take F each. An operation is half a multiply-add. docs/metrics.md has the derivation.
public struct Savings: Equatable, Sendable {
  /// What training took by the log's own count, all epochs together.
  public let trained: Double
  /// Of computing the frozen layers once for every split.
  public let prefix: Double
  /// Of the encoder layers that were cut off: they would have been trained every epoch, and evaluated.
  public let byCutting: Double
  /// Of the gradients of the frozen layers, every epoch.
  public let byFreezing: Double
  /// Of computing the frozen layers once, not every epoch; 0 where dropout keeps changing them.
  public let byCache: Double
}

extension RunResults {
  /// What cutting, freezing and the cache saved; `nil` without our own logs or the facts of every
  /// example.
  ///
  /// - Throws: what a damaged file of examples throws.
  public func savings() throws -> Savings? {
    guard let started, let experiment = run.experiment else { return nil }
    var (trained, multiplyAdds) = (0.0, 0.0)
    for record in epochRecords { multiplyAdds += record.multiplyAdds }
    trained = 2 * multiplyAdds
    let (h, i) = (Double(started.hiddenSize), Double(started.intermediateSize))
    var (training, evaluation) = (0.0, 0.0)
    for split in started.splits {
      guard let facts = try examples.facts(split.split) else { return nil }
      let tokens = facts.reduce(0.0) { $0 + Double($1.tokens) }
      let squares = facts.reduce(0.0) { $0 + Double($1.tokens) * Double($1.tokens) }
      let forward = 2 * (tokens * (4 * h * h + 2 * h * i) + 2 * h * squares)
      if split.split.part == .train { training += forward } else { evaluation += forward }
    }
    let model = experiment.model
    let (frozen, cut) = (
      Double(model.frozenLayers), Double(started.checkpointLayers) - Double(model.encoderLayers)
    )
    let passes = Double(epochs)
    // Learning embeddings lie below the frozen layers, so gradients still pass through these: only those
    // of their weights are saved, and nothing can be kept.
    let gradients = model.freezeEmbeddings ? 2.0 : 1.0
    let isKept = model.freezeEmbeddings && !model.frozenDropout
    return Savings(
      trained: trained, prefix: isKept ? frozen * (training + evaluation) : 0,
      byCutting: cut * passes * (3 * training + evaluation),
      byFreezing: frozen * passes * gradients * training,
      byCache: isKept ? frozen * (passes - 1) * (training + evaluation) : 0)
  }
}
