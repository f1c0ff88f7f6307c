import Foundation
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

@Suite struct MemoryCheckTests {
  private func experiment(_ settings: [String]) throws -> Experiment {
    var fixture = FixtureExperiment()
    fixture.hasTarget = false
    return try Experiment.parse(
      fixture.yaml, file: "memory.yaml", settings: settings, relativeTo: "/")
  }

  private func need(_ settings: [String] = [], threads: Int = 1) throws -> MemoryNeed {
    try Preparation(experiment(settings), threads: threads).memoryNeed
  }

  /// 4,243 trainable parameters, 268 tokens of 16 numbers in one block, or in one per example.
  @Test func growsWithWhatIsKept() throws {
    let one = try need().additional
    #expect(try need(["select=best_source_validation"]).additional == one + 4 * 4243)
    // A workspace and a block's rows for each thread as far as there are processors.
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let many = try need(threads: processors).additional
    #expect(try need(threads: processors + 3).additional == many)
    if processors > 1 { #expect(many - one > (processors - 1) * 268 * 16 * 4) }
    // Of several blocks, gradients as many as adding them up takes at a time.
    let cut = ["training.block_tokens=10"]
    let tree = SumTree(blocks: mostBlocks(tokens: 268 + 268 / 16, examples: 29, blockTokens: 10))
    func gradients(_ threads: Int) -> Int {
      tree.mostSums(of: 0..<tree.blocks, workers: threads)
    }
    #expect(gradients(processors + 3) > gradients(processors))
    #expect(
      try need(cut, threads: processors + 3).additional - need(cut, threads: processors).additional
        == 4 * 4243 * (gradients(processors + 3) - gradients(processors)))
    #expect(try need(["training.block_tokens=30"]).additional < one)
    #expect(try need(["training.batch_size=2"]).additional <= one)
    // What cannot be given back after the first pass stays.
    #expect(try need(["model.frozen_dropout=true"]).additional > one)
  }

  /// Lines are counted over the pieces in which a file is read.
  @Test func sizesAreCounted() throws {
    let folder = try TemporaryFolder()
    let (text, labels) = ("\(folder.path)/text", "\(folder.path)/labels")
    try AtomicFile.write(String(repeating: "a text\n", count: 400_000) + "the last", to: text)
    try AtomicFile.write("0\n", to: labels)
    let reader = DataReader(labels: ["a", "b"])
    #expect(
      try reader.size(of: DataFile(location: .lines(text: text, labels: labels)))
        == DataFileSize(bytes: 7 * 400_000 + 8 + 2, lines: 400_001))
    try AtomicFile.write("", to: text)
    #expect(
      try reader.size(of: DataFile(location: .table(text))) == DataFileSize(bytes: 0, lines: 1))
  }

  /// What is refused before data are read would be refused afterwards, too.
  @Test func theFirstCheckAsksForNoMoreThanTheSecond() throws {
    for settings in [
      [], ["model.frozen_layers=0", "model.freeze_embeddings=false"], ["model.frozen_layers=3"],
      ["select=best_source_validation", "model.frozen_dropout=true"], ["store_texts=false"],
    ] {
      for threads in [1, 8] {
        let experiment = try experiment(settings)
        let preparation = try Preparation(experiment, threads: threads)
        let folder = preparation.checkpointFolder
        let need = try Preparation.needBeforeReading(
          experiment,
          weights: WeightMemory(
            directory: folder, fineTuning: preparation.classifier.fineTuning), in: folder,
          DataReader(labels: experiment.labels), threads: threads)
        #expect(need.step == .beforeReading && preparation.memoryNeed.step == .beforeWeights)
        #expect(need.additional <= preparation.memoryNeed.additional, "\(settings)")
        #expect(need.reserved == preparation.memoryNeed.reserved)
      }
    }
  }

  @Test func scoringNeedsWhatItsBlocksTake() throws {
    let folder = Fixture.path("train/model")
    let tuning = FineTuning(
      encoderLayers: 3, frozenLayers: 3, freezeEmbeddings: true, labels: ["a", "b"], seed: 0)
    let weights = try WeightMemory(directory: folder, fineTuning: tuning)
    func need(
      _ blocks: [[Int]], words: Int = 5, isRead: Bool = false, hasBuffers: Bool = false,
      threads: Int = 1
    ) -> MemoryNeed {
      .scoring(
        MemoryPlan(weights, scoring: blocks), examples: blocks.reduce(0) { $0 + $1.count },
        words: words, isRead: isRead, hasComputed: hasBuffers, threads: threads)
    }
    let one = need([[5, 5]])
    // The largest block counts, and every example's logits.
    #expect(need([[5, 5], [5]]).additional - one.additional < 1000)
    #expect(need([[24, 24, 24]]).additional > one.additional)
    // Weights that are read already, and words that are not.
    #expect(need([[5, 5]], isRead: true).additional < one.additional)
    #expect(
      need([[5, 5]], words: 25, isRead: true).additional
        == need([[5, 5]], words: 5, isRead: true).additional + 20 * 16 * 4)
    #expect(one.reserved == 136 << 20 && need([[5, 5]], hasBuffers: true).reserved == 0)
    // What files alone tell is no more than that, and grows with the file.
    func before(_ bytes: Int) -> MemoryNeed {
      .beforeScoring(
        weights: weights, file: DataFileSize(bytes: bytes, lines: 10), maxLength: 24,
        keepsTexts: true, vocabularyBytes: 0, threads: 1)
    }
    #expect(before(100).step == .beforeReading && before(100).additional <= one.additional)
    #expect(before(1_000_000).additional > before(100).additional + 1_000_000)
    let error = #expect(throws: TooLittleMemory.self) {
      try MemoryCheck(need: one).check(against: [MemoryCheck.Bound(bytes: 1, name: "the cage")])
    }
    #expect(error?.description.contains("scoring needs about") == true)
    #expect(error?.description.contains("ignore-memory") == false)
  }

  @Test func theTightestBoundCounts() throws {
    let need = try need()
    let check = MemoryCheck(need: need)
    let bounds = [
      MemoryCheck.Bound(bytes: .max, name: "one"),
      MemoryCheck.Bound(bytes: need.additional, name: "two"),
    ]
    try check.check(against: bounds)
    let tight = bounds + [MemoryCheck.Bound(bytes: need.additional - 1, name: "the cage")]
    let error = #expect(throws: TooLittleMemory.self) { try check.check(against: tight) }
    #expect(
      error?.description.contains("beyond its data, but the cage leaves") == true)
    #expect(error?.description.contains("--ignore-memory") == true)
    try check.check(against: [])
  }

  @Test func readsWhatTheSystemTells() {
    #expect(
      MemoryCheck.freeMemory("MemTotal: 9 kB\nMemAvailable:    1000 kB\nSwapFree: 24 kB\n")
        == 1_048_576)
    #expect(MemoryCheck.freeMemory("MemTotal: 9 kB\n") == nil)
    let files = [
      "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/b/memory.current": "10\n",
      "/sys/fs/cgroup/a/memory.max": "1000\n", "/sys/fs/cgroup/a/memory.current": "700\n",
      "/sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 200\n",
      "/sys/fs/cgroup/memory.max": "600\n", "/sys/fs/cgroup/memory.current": "700\n",
      "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "5000\n",
      "/sys/fs/cgroup/memory/x/memory.usage_in_bytes": "1000\n",
    ]
    #expect(
      MemoryCheck.controlGroupBounds("0::/a/b\n") { files[$0] }.map(\.bytes) == [500, 0])
    #expect(
      MemoryCheck.controlGroupBounds("7:cpu,memory:/x\n3:cpu:/y\n") { files[$0] }.map(\.bytes)
        == [4000])
    #expect(MemoryCheck.controlGroupBounds("nonsense\n") { files[$0] }.isEmpty)
    #expect(!MemoryCheck.bounds().isEmpty)
  }

  /// Of many blocks the largest ones alone are counted, and the most that any takes is among what they take.
  @Test(arguments: [[], ["model.frozen_layers=0", "model.freeze_embeddings=false"]])
  func theLargestBlocksTakeMost(_ settings: [String]) throws {
    let preparation = try Preparation(experiment(settings), threads: 1)
    let weights = try WeightMemory(
      directory: preparation.checkpointFolder, fineTuning: preparation.classifier.fineTuning)
    let memory = BlockMemory(weights)
    var generator = SplitMix64(seed: 11)
    for _ in 0..<10 {
      let blocks = (0..<60).map { _ in
        (0..<Int.random(in: 1...12, using: &generator)).map { _ in
          Int.random(in: 2...24, using: &generator)
        }
      }
      let largest = MemoryPlan.largest(of: blocks)
      #expect(largest.count < blocks.count && largest.allSatisfy(blocks.contains))
      let isStored = settings.isEmpty
      for count in [
        { memory.logits(lengths: $0, isStored: isStored) },
        { memory.gradient(lengths: $0, isStored: isStored) }, memory.prefix,
      ] as [([Int]) -> Int] {
        #expect(largest.map(count).max() == blocks.map(count).max())
      }
    }
  }
}
