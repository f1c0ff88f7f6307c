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

  /// Inputs that once broke a promise, or that a fuzzer found worth keeping.
  @Test(arguments: FuzzTarget.all)
  func keepsItsPromisesOnTheCorpus(_ target: FuzzTarget) throws {
    let folder = Self.corpus + "/" + target.name
    guard isFolder(folder) else { return }
    let start = ContinuousClock.now
    let names = try listFolder(folder)
    for name in names { target(try RandomAccessFile("\(folder)/\(name)").contents()) }
    #expect(ContinuousClock.now - start < .seconds(10 + names.count))
  }

  /// A folder of inputs that no target reads would be forgotten.
  @Test func everyCorpusHasItsTarget() throws {
    let names = Set(FuzzTarget.all.map(\.name))
    #expect(names.count == FuzzTarget.all.count)
    #expect(Set(try listFolder(Self.corpus)).isSubset(of: names))
    for target in FuzzTarget.all {
      if let dictionary = target.dictionary {
        #expect(exists("\(Self.corpus)/../Dictionaries/\(dictionary).dict"))
      }
    }
  }

  private static let corpus = Fixture.folder + "/../Fuzz/Corpus"
}
