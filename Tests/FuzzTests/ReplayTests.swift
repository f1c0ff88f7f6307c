import FuzzTargets
import Storage
import TestSupport
import Testing

/// What the fuzzers found, and their seeds, read again in every run of the tests.
@Suite struct ReplayTests {
  /// Seeds are right, so a reader takes them; a target whose seeds are refused would fuzz nothing.
  @Test(arguments: FuzzTarget.all)
  func takesItsSeeds(_ target: FuzzTarget) throws {
    let answers = try target.seeds().map { target($0) }
    #expect(!answers.isEmpty)
    for answer in answers { #expect(answer == nil) }
  }
}
