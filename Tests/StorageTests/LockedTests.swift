import Dispatch
import Testing

@testable import Storage

@Suite struct LockedTests {
  private struct Refusal: Error {}

  @Test func manyThreadsLoseNoAddition() {
    let sums = Locked((count: 0, total: 0))
    DispatchQueue.concurrentPerform(iterations: 10_000) { number in
      sums.withLock {
        $0.count += 1
        $0.total += number
      }
    }
    #expect(sums.withLock { $0 } == (10_000, 49_995_000))
  }

  @Test func anErrorLeavesItUnlocked() {
    let value = Locked(1)
    #expect(throws: Refusal.self) { try value.withLock { _ in throw Refusal() } }
    #expect(value.withLock { $0 } == 1)
  }
}
