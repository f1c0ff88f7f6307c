internal import Dispatch
internal import Synchronization

/// Threads that work through numbered items, each item by one thread.
///
/// Items are handed out in order. What an item computes must depend on the item alone; the worker
/// number is there only to find the thread's own scratch memory.
public struct WorkerPool: Sendable {
  /// At least 1.
  public let threads: Int

  /// - Parameter threads: at least 1.
  public init(threads: Int) {
    precondition(threads >= 1)
    self.threads = threads
  }

  /// Runs `body` for every item in `0..<count` and returns when all are done.
  ///
  /// - Parameters:
  ///   - count: the number of items.
  ///   - body: gets the item and the number of the worker, in `0..<threads`.
  public func forEach(_ count: Int, _ body: @Sendable (_ item: Int, _ worker: Int) -> Void) {
    let next = Atomic(0)
    let workers = min(threads, count)
    guard workers > 1 else {
      for item in 0..<count { body(item, 0) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      while true {
        let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard item < count else { return }
        body(item, worker)
      }
    }
  }
}
