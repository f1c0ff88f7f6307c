import Foundation
import Model
import RunLog
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Train

/// Unchecked, since its folder and preparation are only read by the threads of a test.
@Suite struct PrefixStoreTests: @unchecked Sendable {
  private let folder: TemporaryFolder
  private let experiment: Experiment
  private let preparation: Preparation

  init() throws {
    folder = try TemporaryFolder()
    experiment = try Self.experiment()
    preparation = try Preparation(experiment, threads: 1)
  }

  private static func experiment(_ settings: [String] = []) throws -> Experiment {
    var fixture = FixtureExperiment(
      "epochs: 2", "batch_size: 8", "block_tokens: 40", "optimizer: {learning_rate: 1e-3}")
    (fixture.hasTarget, fixture.frozenLayers) = (false, 2)
    return try Experiment.parse(
      fixture.yaml, file: "prefix.yaml", settings: settings, relativeTo: "/")
  }

  private var cache: PrefixCache { PrefixCache(folder: "\(folder.path)/cache") }

  private func make(
    _ precision: PrefixPrecision = .float32, weights: String = "w", cache: PrefixCache?,
    scratch: String? = nil, notes: (String) -> Void = { _ in }
  ) throws -> PrefixStore? {
    let backend = CPUBackend(preparation.classifier, threads: 2)
    let request = PrefixStore.Request(
      dataset: preparation.training, backend: backend, precision: precision, blockTokens: 40,
      weights: weights, cache: cache, scratchFolder: scratch ?? folder.path)
    return try PrefixStore.make(
      request, interruption: Interruption(), note: notes, progress: { _ in })
  }

  private var all: [Int] { Array(0..<preparation.training.count) }

  /// What the network computes, block by block as the store does.
  private func direct() -> [Float] {
    let data = preparation.training
    let worker = Worker(preparation.classifier)
    return blocks(lengths: all.map(data.length), blockTokens: 40).flatMap { cut in
      var hidden: [Float] = []
      worker.prefix(of: data.batch(cut), into: &hidden)
      return hidden
    }
  }

  /// Reads rows, computing damaged ones again as a backend does.
  private func rows(_ examples: [Int], of store: PrefixStore?) throws -> [Float]? {
    let worker = Worker(preparation.classifier)
    return try store?.rows(of: examples[...]) { batch in
      try preparation.classifier.restoreFrozenParameters()
      var rows: [Float] = []
      worker.prefix(of: batch, into: &rows)
      return rows
    }
  }

  @Test func givesBackWhatWasComputed() throws {
    let store = try #require(try make(cache: nil))
    #expect(!store.wasFound)
    #expect(try rows(all, of: store) == direct())
    let some = try rows([7, 2], of: store)
    let width = preparation.classifier.configuration.hiddenSize
    let offsets = preparation.training.offsets
    let expected = [7, 2].flatMap { direct()[offsets[$0] * width..<offsets[$0 + 1] * width] }
    #expect(some == expected)
  }

  @Test func depthAboveTheFrozenLayersMakesNoDifference() throws {
    _ = try make(cache: cache)
    let deeper = try Preparation(Self.experiment(["model.encoder_layers=4"]), threads: 1)
    let backend = CPUBackend(deeper.classifier, threads: 1)
    let request = PrefixStore.Request(
      dataset: deeper.training, backend: backend, precision: .float32, blockTokens: 40,
      weights: "w",
      cache: cache, scratchFolder: folder.path)
    let store = try PrefixStore.make(
      request, interruption: Interruption(), note: { _ in }, progress: { _ in })
    #expect(try #require(store).wasFound)
  }

  @Test func isFoundByContent() throws {
    let first = try #require(try make(cache: cache))
    let again = try #require(try make(cache: cache))
    #expect(!first.wasFound && again.wasFound)
    #expect(try rows(all, of: again) == rows(all, of: first))
    let other = try #require(try make(weights: "other weights", cache: cache))
    let half = try #require(try make(.float16, cache: cache))
    #expect(!other.wasFound && !half.wasFound)
    #expect(try cache.entries().count == 3)
  }

  @Test func halfPrecisionRoundsToElevenBits() throws {
    let store = try #require(try make(.float16, cache: nil))
    let (found, exact) = (try #require(try rows(all, of: store)), direct())
    #expect(found == exact.map { Float(Float16($0)) })
    expectClose(found, exact, absolute: 1e-4, relative: 1 / 2048)
  }

  @Test(arguments: [0, 1000, 40_000])
  func aFlippedBitIsComputedAgain(_ place: Int) throws {
    _ = try make(cache: cache)
    let path = try #require(try cache.entries().first?.path)
    var bytes = try RandomAccessFile(path).contents()
    let data = preparation.training.tokens.count * 16 * 4
    bytes[min(place, data - 1)] ^= 0x10
    try AtomicFile.write(bytes, to: path)
    let store = try #require(try make(cache: cache))
    #expect(store.wasFound)
    #expect(try rows(all, of: store) == direct())
  }

  @Test func aDamagedTrailerOrATornFileIsNotUsed() throws {
    _ = try make(cache: cache)
    let path = try #require(try cache.entries().first?.path)
    let bytes = try RandomAccessFile(path).contents()
    var flipped = bytes
    flipped[bytes.count - 60] ^= 1
    for damaged in [flipped, Array(bytes.dropLast(8)), []] {
      try AtomicFile.write(damaged, to: path)
      let store = try #require(try make(cache: cache))
      #expect(!store.wasFound)
      #expect(try rows(all, of: store) == direct())
    }
  }

  @Test func aFileThatShrinksWhileReadIsComputedAgain() throws {
    _ = try make(cache: cache)
    let store = try #require(try make(cache: cache))
    let path = try #require(try cache.entries().first?.path)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: 100)
    #expect(try rows(all, of: store) == direct())
  }

  @Test func releasedLayersAreReadAgainForADamagedExample() throws {
    let expected = direct()
    _ = try make(cache: cache)
    let path = try #require(try cache.entries().first?.path)
    var bytes = try RandomAccessFile(path).contents()
    bytes[1000] ^= 0x10
    try AtomicFile.write(bytes, to: path)
    let store = try #require(try make(cache: cache))
    let classifier = preparation.classifier
    classifier.releaseFrozenParameters()
    #expect(!classifier.hasFrozenParameters)
    #expect(try rows(all, of: store) == expected)
    #expect(classifier.hasFrozenParameters)
  }

  @Test func leftoversOfKilledProcessesGo() throws {
    try makeFolder(cache.folder)
    // No process has the largest number that Linux allows plus one.
    let stale = "\(cache.folder)/abc.prefix.4194305.tmp"
    try AtomicFile.write("half", to: stale)
    _ = try make(cache: cache)
    #expect(!exists(stale))
    #expect(try cache.entries().count == 1)
  }

  /// Makes a file as old as if it had been used some time ago.
  private func age(_ path: String, seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: path)
  }

  @Test func theLeastRecentlyUsedGoesFirst() throws {
    _ = try make(weights: "a", cache: cache)
    let size = try #require(try cache.entries().first?.bytes)
    let small = PrefixCache(folder: cache.folder, sizeLimit: 2 * size + 10)
    let a = try #require(try cache.entries().first?.path)
    try age(a, seconds: 300)
    _ = try make(weights: "b", cache: small)
    try age(#require(try cache.entries().map(\.path).first { $0 != a }), seconds: 200)
    // Using the first again makes the second the oldest.
    #expect(try make(weights: "a", cache: small)?.wasFound == true)
    _ = try make(weights: "c", cache: small)
    let left = try cache.entries().map(\.path)
    #expect(left.count == 2 && left.contains(a))
    #expect(try make(weights: "b", cache: small)?.wasFound == false)
  }

  @Test func whatIsLargerThanTheCacheIsKeptForTheRunOnly() throws {
    var notes: [String] = []
    let tiny = PrefixCache(folder: cache.folder, sizeLimit: 1000)
    let store = try make(cache: tiny, notes: { notes.append($0) })
    #expect(try rows(all, of: store) == direct())
    let kept = try tiny.entries()
    #expect(notes.count == 1 && kept.isEmpty)
  }

  // MARK: Several at a time

  /// Notes and results of threads.
  private final class Gathered: Sendable {
    let notes = Mutex<[String]>([])
    let found = Mutex<[Bool]>([])
  }

  @Test func ofSeveralAtATimeOneComputes() throws {
    let gathered = Gathered()
    let queue = DispatchQueue(label: "several", attributes: .concurrent)
    let group = DispatchGroup()
    for _ in 0..<4 {
      queue.async(group: group) {
        let store = try? make(cache: cache)
        gathered.found.withLock { $0.append(store?.wasFound ?? false) }
      }
    }
    group.wait()
    #expect(gathered.found.withLock { $0.count } == 4)
    #expect(gathered.found.withLock { $0.count { !$0 } } == 1)
    #expect(try listFolder(cache.folder).filter { $0.hasSuffix(".lock") }.isEmpty)
  }

  /// Whoever waits takes what the holder leaves, and computes it if that is nothing.
  @Test(arguments: [true, false])
  func waitsForWhoeverComputesIt(_ isLeft: Bool) throws {
    let first = try #require(try make(cache: cache))
    let path = cache.path(key: first.key)
    let bytes = try RandomAccessFile(path).contents()
    try removeFile(path)
    var lock: LockFile? = try LockFile("\(cache.folder)/\(first.key).lock")
    let gathered = Gathered()
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      let store = try? make(
        cache: cache, notes: { note in gathered.notes.withLock { $0.append(note) } })
      gathered.found.withLock { $0.append(store?.wasFound ?? !isLeft) }
    }
    try wait(for: "the note of waiting") { gathered.notes.withLock { !$0.isEmpty } }
    #expect(gathered.notes.withLock { $0 }.first?.contains("process \(getpid())") == true)
    #expect(gathered.found.withLock { $0.isEmpty })
    if isLeft { try AtomicFile.write(bytes, to: path) }
    #expect(lock != nil)
    lock = nil
    group.wait()
    #expect(gathered.found.withLock { $0 } == [isLeft])
    #expect(gathered.notes.withLock { $0.count } == 1)
  }

  @Test func waitingCanBeInterrupted() throws {
    let first = try #require(try make(cache: cache))
    try removeFile(cache.path(key: first.key))
    let lock = try LockFile("\(cache.folder)/\(first.key).lock")
    let interruption = Interruption()
    #expect(throws: CancellationError.self) {
      _ = try cache.lock(
        key: first.key, interruption: interruption, note: { _ in interruption.request() },
        of: Split("en", .train))
    }
    withExtendedLifetime(lock) {}
  }

  @Test func aLockThatADeadProcessLeftHoldsNobodyUp() throws {
    let first = try #require(try make(cache: cache))
    try removeFile(cache.path(key: first.key))
    let left = "\(cache.folder)/\(first.key).lock"
    try AtomicFile.write("999999999 no-boot 1\n", to: left)
    var notes: [String] = []
    #expect(try make(cache: cache, notes: { notes.append($0) })?.wasFound == false)
    #expect(notes.isEmpty && !exists(left))
    try AtomicFile.write("999999999 no-boot 1\n", to: left)
    _ = try cache.empty()
    #expect(!exists(left))
  }

  /// A folder in the lock's place makes the key unlockable; then it is computed all the same.
  @Test func withoutALockItIsComputed() throws {
    let first = try #require(try make(cache: cache))
    try removeFile(cache.path(key: first.key))
    try makeFolder("\(cache.folder)/\(first.key).lock")
    #expect(try make(cache: cache)?.wasFound == false)
    #expect(try make(cache: cache)?.wasFound == true)
  }

  @Test func withoutAnyDiskItIsComputedEachTime() throws {
    var notes: [String] = []
    let store = try make(
      cache: PrefixCache(folder: "/proc/none"), scratch: "/proc/none",
      notes: { notes.append($0) })
    #expect(store == nil && notes.count == 2)
  }

  /// With the prefix found, computed, or computed anew in every block, a run ends with the same weights:
  /// the first two to the bit, the last to rounding, since its blocks are cut otherwise.
  @Test func aRunEndsTheSameWithAndWithoutTheStore() throws {
    func weights(_ name: String, _ cache: PrefixCache?) throws -> SafetensorsReader {
      let run = RunDirectory("\(folder.path)/\(name)")
      try Trainer(
        preparation(), run: run, threads: 2, cache: cache, interruption: Interruption(),
        watch: { _ in }
      ).train()
      return try SafetensorsReader("\(run.model)/model.safetensors")
    }
    func preparation() throws -> Preparation { try Preparation(experiment, threads: 1) }
    let fresh = try weights("fresh", cache)
    let found = try weights("found", cache)
    let scratch = try weights("scratch", nil)
    for name in fresh.entries.keys.sorted() {
      let expected = try fresh.floats(name)
      #expect(try found.floats(name) == expected)
      #expect(try scratch.floats(name) == expected)
    }
  }
}
