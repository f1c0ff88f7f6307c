import Foundation
import TestSupport
import Testing

/// Writes runs to look at, where the environment names a folder for them; no check.
@Suite struct PreviewRunTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PREVIEW_RUN"] != nil))
  func writesARunOfThreeTargets() throws {
    let path = try #require(ProcessInfo.processInfo.environment["PREVIEW_RUN"])
    try ThreeTargetRun().write(to: path)
  }
}
