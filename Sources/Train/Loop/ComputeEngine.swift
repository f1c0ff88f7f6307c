public import Model

/// A model with a worker for each thread of a pool.
public struct ComputeEngine: @unchecked Sendable {
  // Unchecked because workers are scratch memory: the pool hands each worker number to one thread
  // at a time, and nothing else touches `workers`.
  public let classifier: Classifier
  public let pool: WorkerPool
  private let workers: [Worker]

  /// - Parameters:
  ///   - classifier: the model that all workers share.
  ///   - threads: at least 1; each uses BLAS on one thread.
  public init(classifier: Classifier, threads: Int) {
    self.classifier = classifier
    pool = WorkerPool(threads: threads)
    workers = (0..<threads).map { _ in Worker(classifier) }
  }

  /// Lends the worker of a pool's thread.
  package func withWorker<Result>(
    _ number: Int, _ body: (Worker) throws -> Result
  ) rethrows -> Result {
    try body(workers[number])
  }

  /// Multiply-adds of all workers so far.
  package var multiplyAdds: Int { workers.reduce(0) { $0 + $1.multiplyAdds } }
}
