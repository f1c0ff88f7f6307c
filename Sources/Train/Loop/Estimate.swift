internal import CKernels
internal import Model
internal import RunLog

/// What the process held before the first of several estimates, so that what earlier ones left behind (buffers
/// of OpenBLAS, stacks of threads) is not taken for the need of a later run, which has a process of its own.
public struct MemoryBaseline: Sendable {
  private let bytes = MemoryNeed.ownBytes

  public init() {}

  /// Gives freed memory back to the system.
  ///
  /// - Returns: bytes that the process holds beyond what it held at first; code that was read since is not
  ///   counted, as every run reads it.
  public func leftover() -> Int {
    tg_trim_heap()
    return max(0, MemoryNeed.ownBytes - bytes)
  }
}

/// What a training will take, from short measurements on this machine.
public struct Estimate: Sendable {
  /// Of computing the frozen layers once; 0 if they are not stored.
  public let prefixSeconds: Double
  /// Of the baselines, worked out from the multiply-adds that they take; 0 if there are none.
  public let baselineSeconds: Double
  /// Of one epoch with its evaluations.
  public let epochSeconds: Double
  /// Of the whole run.
  public var seconds: Double {
    prefixSeconds + baselineSeconds + Double(epochs) * epochSeconds + averageSeconds
  }
  /// Of evaluating averaged weights; 0 if nothing is averaged.
  public let averageSeconds: Double
  public let epochs: Int
  /// Bytes of the frozen layers' output.
  public let scratchBytes: Int
  /// Bytes of what stays: predictions, examples and the model.
  public let runBytes: Int
  /// Bytes of memory that the process will take at most, about.
  public let memoryBytes: Int
  /// Of bringing one step's gradients together on several ranks; 0 for a process alone.
  public let exchangeSeconds: Double

  /// Measures a block of each kind of work and scales it to the whole run.
  ///
  /// - Parameters:
  ///   - preparation: data, tokenizer and model.
  ///   - threads: as the run will have.
  ///   - leftover: bytes that the process held before the preparation and that are not the run's.
  ///   - team: the processes that will train together; the others follow this one.
  /// - Throws: what the backend throws where it cannot compute.
  public init(
    _ preparation: Preparation, threads: Int, leftover: Int = 0, team: RankTeam? = nil
  ) throws {
    let experiment = preparation.experiment
    let backend =
      team?.backend(preparation)
      ?? preparation.computing.backend(preparation.classifier, threads: threads)
    let threads = team.map { $0.ranks.reduce(0) { $0 + $1.threads } } ?? threads
    let training = preparation.training
    let all = preparation.datasets.reduce(0) { $0 + $1.tokens.count }
    memoryBytes = preparation.memoryBytes - leftover
    let isCached = backend.hasCacheablePrefix

    // A block on every thread at once, since threads share caches and memory.
    let cuts = blocks(
      lengths: (0..<training.count).map(training.length),
      blockTokens: experiment.training.blockTokens)
    let chosen = (0..<threads).map { Array(cuts[$0 % cuts.count]) }
    let picked = chosen.flatMap { $0 }
    let ends = chosen.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let measured = Blocks(
      picked, of: training, cuts: zip(ends, ends.dropFirst()).map { $0..<$1 })
    let tokens = Double(picked.reduce(0) { $0 + training.length($1) })
    func secondsPerToken(_ work: (Watch) throws -> Void) rethrows -> Double {
      func once() throws -> Double {
        let start = Clock.now
        try work(Watch())
        return (Clock.now - start) / tokens
      }
      // The first round touches fresh memory; the faster of two is what a long run sees.
      return try min(once(), once())
    }
    let prefix =
      isCached
      ? try secondsPerToken { try backend.prefixes(of: measured, $0) { _, _ in } } : 0
    let whole = try secondsPerToken { _ = try backend.logits(of: measured, $0) }
    // From the tokens, the frozen layers included.
    let gradient = try secondsPerToken {
      _ = try backend.gradient(
        of: measured, labels: picked.map { training.labels[$0] },
        dropout: DropoutKey(seed: 0, epoch: 1), $0)
    }
    // Once per step, however many tokens that has.
    exchangeSeconds = team?.secondsOfExchange ?? 0
    let before = backend.multiplyAdds
    let start = Clock.now
    _ = try backend.logits(of: measured, Watch())
    let secondsPerMultiplyAdd = (Clock.now - start) / Double(max(1, backend.multiplyAdds - before))
    baselineSeconds = (preparation.baselines.work?.cost ?? 0) * secondsPerMultiplyAdd
    let evaluated = Double(all - training.tokens.count)
    epochs = experiment.training.epochs
    prefixSeconds = prefix * Double(all)
    epochSeconds =
      max(0, gradient - prefix - exchangeSeconds / tokens) * Double(training.tokens.count)
      + exchangeSeconds * Double(preparation.stepsPerEpoch)
      + max(0, whole - prefix) * evaluated
    let isAveraged = experiment.average != nil
    averageSeconds = isAveraged ? max(0, whole - prefix) * evaluated : 0
    let counts = backend.parameterCounts
    let width = backend.configuration.hiddenSize
    scratchBytes = isCached ? all * width * 4 : 0
    let examples = preparation.datasets.reduce(0) { $0 + $1.count }
    runBytes =
      counts.total * 4 + examples * (epochs + (isAveraged ? 1 : 0))
      * (experiment.labels.count * 4 + 16) + examples * 200
  }
}
