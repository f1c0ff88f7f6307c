import Dispatch
import Glibc
import Storage
import Testing

@testable import Train

@Suite struct TurnstileTests {
  /// The first number comes last, and has its turn first all the same.
  @Test func numbersPassInTheirOrder() {
    let turnstile = Turnstile()
    let passed = Locked([Int]())
    let arrived = Locked([Int]())
    let count = 4
    let done = DispatchGroup()
    for number in (0..<count).reversed() {
      let thread = DispatchQueue(label: "\(number)")
      thread.async(group: done) {
        arrived.withLock { $0.append(number) }
        turnstile.pass(number) { passed.withLock { $0.append(number) } }
      }
      // The next one starts when this one is at the turnstile, or as good as.
      while !arrived.withLock({ $0.contains(number) }) { usleep(1000) }
      usleep(20_000)
    }
    done.wait()
    #expect(arrived.withLock { $0 } == [3, 2, 1, 0])
    #expect(passed.withLock { $0 } == [0, 1, 2, 3])
  }
}
