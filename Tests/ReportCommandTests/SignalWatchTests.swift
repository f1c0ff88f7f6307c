import Glibc
import Testing
import Train

@testable import ReportCommand

/// A signal that comes as soon as a watch is there is noticed; one after it was stopped has its usual meaning.
@Suite struct SignalWatchTests {
  /// One of those that end nothing when they come twice. Tests run at the same time, so that only one test may use it.
  @Test func aSignalRightAfterTheBeginningIsNoticed() {
    for _ in 0..<20 {
      let interruption = Interruption()
      let watch = SignalWatch(interruption)
      #expect(kill(getpid(), SIGUSR1) == 0)
      let deadline = ContinuousClock.now + .seconds(60)
      while !interruption.isRequested, ContinuousClock.now < deadline { sched_yield() }
      #expect(interruption.isRequested, "the signal was lost")
      watch.stop()
    }
    var action = sigaction()
    #expect(sigaction(SIGUSR1, nil, &action) == 0)
    #expect(withUnsafeBytes(of: &action) { $0.load(as: UInt.self) } == 0, "not as before")
  }
}
