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
  /// Of one epoch with its evaluations.
  public let epochSeconds: Double
  /// Of the whole run.
  public var seconds: Double { prefixSeconds + Double(epochs) * epochSeconds }
  public let epochs: Int
  /// Bytes of the frozen layers' output.
  public let scratchBytes: Int
  /// Bytes of what stays: predictions, examples and the model.
  public let runBytes: Int
  /// Bytes of memory that the process will take at most, about.
  public let memoryBytes: Int

  /// Measures a block of each kind of work and scales it to the whole run.
  ///
  /// - Parameters:
  ///   - preparation: data, tokenizer and model.
  ///   - threads: as the run will have.
  ///   - leftover: bytes that the process held before the preparation and that are not the run's.
  public init(_ preparation: Preparation, threads: Int, leftover: Int = 0) {
    let experiment = preparation.experiment
    let engine = ComputeEngine(classifier: preparation.classifier, threads: threads)
    let training = preparation.training
    let all = preparation.datasets.reduce(0) { $0 + $1.tokens.count }
    let cuts = blocks(
      lengths: (0..<training.count).map(training.length),
      blockTokens: experiment.training.blockTokens)
    memoryBytes = preparation.memoryBytes - leftover
    let isCached = preparation.classifier.hasCacheablePrefix
    let gradients = (0..<threads).map { _ in preparation.classifier.makeGradient() }

    // A block on every thread at once, since threads share caches and memory.
    func secondsPerToken(_ work: @escaping @Sendable (PackedBatch, [Int], Int) -> Void) -> Double {
      let chosen = (0..<threads).map { cuts[$0 % cuts.count] }
      let batches = chosen.map { training.batch($0) }
      let labels = chosen.map { $0.map { training.labels[$0] } }
      func once() -> Double {
        let start = Clock.now
        engine.pool.forEach(threads) { item, worker in work(batches[item], labels[item], worker) }
        return (Clock.now - start) / Double(batches.reduce(0) { $0 + $1.tokenCount })
      }
      // The first round touches fresh memory; the faster of two is what a long run sees.
      return min(once(), once())
    }
    let prefix =
      isCached
      ? secondsPerToken { batch, _, worker in
        var hidden: [Float] = []
        engine.withWorker(worker) { $0.prefix(of: batch, into: &hidden) }
      } : 0
    let whole = secondsPerToken { batch, _, worker in
      _ = engine.withWorker(worker) { $0.logits(of: batch) }
    }
    let gradient = secondsPerToken { batch, labels, worker in
      _ = engine.withWorker(worker) {
        var hidden: [Float]?
        if isCached {
          var rows: [Float] = []
          $0.prefix(of: batch, into: &rows)
          hidden = rows
        }
        return $0.gradient(
          of: batch, prefix: hidden, labels: labels, scale: 1,
          dropout: DropoutKey(seed: 0, epoch: 1), into: gradients[worker])
      }
    }
    let evaluated = Double(all - training.tokens.count)
    epochs = experiment.training.epochs
    prefixSeconds = prefix * Double(all)
    epochSeconds =
      max(0, gradient - prefix) * Double(training.tokens.count)
      + max(0, whole - prefix) * evaluated
    let counts = preparation.classifier.parameterCounts
    let width = preparation.classifier.configuration.hiddenSize
    scratchBytes = isCached ? all * width * 4 : 0
    let examples = preparation.datasets.reduce(0) { $0 + $1.count }
    runBytes =
      counts.total * 4 + examples * epochs * (experiment.labels.count * 4 + 16) + examples * 200
  }
}
