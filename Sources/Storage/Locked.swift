internal import Foundation

/// A value that one thread at a time may touch.
///
/// What `Synchronization.Mutex` is, on a lock that the Thread Sanitizer sees: on Linux a mutex waits on a futex
/// inside a library that is not instrumented, so every value behind one is reported as a race.
package final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  package init(_ value: Value) {
    self.value = value
  }

  /// Runs `body` on the value while no other thread does. Not to be nested: the second call would wait for ever.
  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
