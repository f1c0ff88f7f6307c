internal import Foundation

/// Lets threads pass a point one after another in the order of their numbers.
///
/// Sums that are added to in this order have the same bits on any number of threads.
final class Turnstile: Sendable {
  // `turn` is read and written only while the condition is locked.
  private let condition = NSCondition()
  nonisolated(unsafe) private var turn = 0

  /// Runs `body` when all smaller numbers, from 0 on, have had their turn.
  func pass<Result>(_ number: Int, _ body: () -> Result) -> Result {
    condition.lock()
    while turn != number { condition.wait() }
    condition.unlock()
    let result = body()
    condition.lock()
    turn += 1
    condition.broadcast()
    condition.unlock()
    return result
  }
}
