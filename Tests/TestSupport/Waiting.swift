public import Testing

internal import Glibc

/// Waits until something has happened; if it does not, the test ends here and says what it waited for.
///
/// - Parameters:
///   - what: what is waited for, such as "the first epoch".
///   - limit: how long at most; far longer than it takes, whatever else the machine does.
///   - isPossible: whether it may still happen, as while a process is running.
///   - sourceLocation: where the test waits.
///   - condition: whether it has happened.
/// - Throws: `ExpectationFailedError` if it has not; what `condition` throws.
public func wait(
  for what: String, atMost limit: Duration = .seconds(240),
  while isPossible: () -> Bool = { true },
  sourceLocation: SourceLocation = #_sourceLocation, until condition: () throws -> Bool
) throws {
  let end = ContinuousClock.now + limit
  while true {
    // Asked before the condition: what happens just before the end counts.
    let (isOver, isLate) = (!isPossible(), ContinuousClock.now >= end)
    if try condition() { return }
    try #require(!isOver, "waited in vain for \(what)", sourceLocation: sourceLocation)
    try #require(
      !isLate, "waited longer than \(limit) for \(what)", sourceLocation: sourceLocation)
    usleep(5000)
  }
}
