import Foundation
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

/// Ranks that are threads of this process, on Tests/Fixtures/train; over Open MPI itself see TeamCommandTests.
@Suite struct RankTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func experiment(_ settings: [String] = []) throws -> Experiment {
    var fixture = FixtureExperiment(
      "epochs: 3", "batch_size: 13", "block_tokens: 30", "gradient_clipping: 1",
      "checkpoint_every: {steps: 2}", "optimizer: {learning_rate: 3e-3}")
    fixture.further = ["select: best_source_validation"]
    return try Experiment.parse(
      fixture.yaml, file: "fixture.yaml", settings: settings, relativeTo: "/")
  }

  private func run(_ name: String) -> RunDirectory { RunDirectory("\(folder.path)/\(name)") }

  /// Ranks other than 0, each on a thread.
  private final class Followers: Sendable {
    private let ends = Locked<[Int: Result<Int, any Error>]>([:])
    private let group = DispatchGroup()

    init(_ experiment: Experiment, _ network: MemoryNetwork, threads: [Int], cache: PrefixCache?) {
      for rank in 1..<threads.count {
        group.enter()
        Thread { [ends, group] in
          let end = Result {
            let preparation = try Preparation(experiment, threads: 1)
            return try RankFollower(
              preparation, network.transport(rank), threads: threads, cache: cache,
              weights: PrefixStore.weights(preparation.hashes())
            ).run()
          }
          if case .failure(let error) = end { network.fail(rank, "ended: \(error)") }
          ends.withLock { $0[rank] = end }
          group.leave()
        }.start()
      }
    }

    /// Waits until all have ended.
    func wait() -> [Int: Result<Int, any Error>] {
      group.wait()
      return ends.withLock { $0 }
    }
  }

  /// Trains, or goes on, with ranks of so many threads each, and ends all of them.
  private func train(
    _ experiment: Experiment, _ run: RunDirectory, threads: [Int], cache: PrefixCache? = nil,
    losing loss: (rank: Int, piece: Int)? = nil, interruption: Interruption = Interruption(),
    watch: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> [Int: Result<Int, any Error>] {
    let network = MemoryNetwork(threads.count, losing: loss)
    let transport = network.transport(0)
    let followers = Followers(experiment, network, threads: threads, cache: cache)
    let preparation = try Preparation(experiment, threads: threads[0])
    let outcome = Result {
      _ = try Trainer(
        preparation, run: run,
        on: RankBackend(preparation.classifier, transport, threads: threads), cache: cache,
        interruption: interruption, watch: watch
      ).resume()
    }
    try? transport.sendToAll(RankCommand.end(status: 7).message)
    let ends = followers.wait()
    try outcome.get()
    return ends
  }

  /// What must be the same: weights, logits, history, and the log without times, checkpoints and what is taken back.
  private func digest(_ run: RunDirectory) throws -> [String] {
    var result = [
      try SHA256.hex(ofFile: "\(run.model)/model.safetensors"),
      try SHA256.hex(ofFile: run.history),
    ]
    for epoch in 1...3 {
      for split in ["en.train", "en.validation", "de.validation", "de.test"] {
        let split = try #require(Split(split))
        result.append(try SHA256.hex(ofFile: run.predictions(epoch: epoch, split)))
      }
    }
    for record in try RunLogContents.read(run.log).records {
      switch record {
      case .step(let step): result.append("\(step.step) \(step.loss) \(step.gradientNorm)")
      case .epoch(let epoch): result.append("\(epoch.epoch) \(epoch.multiplyAdds)")
      default: continue
      }
    }
    return result
  }

  private func alone() throws -> [String] {
    let run = run("alone")
    try Trainer(
      Preparation(experiment(), threads: 2), run: run, threads: 2, interruption: Interruption(),
      watch: { _ in }
    ).train()
    return try digest(run)
  }

  /// Threads by rank, and whether the ranks find the frozen layers' output in a cache or have it sent.
  @Test func anyRanksGiveTheBitsOfOneProcess() throws {
    let expected = try alone()
    for (number, threads) in [
      [1], [1, 1], [2, 1], [1, 3, 1], [1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1],
    ]
    .enumerated() {
      for isCached in [true, false] {
        let cache =
          isCached ? PrefixCache(folder: "\(folder.path)/cache\(number)") : nil
        let run = run("ranks-\(number)-\(isCached)")
        let ends = try train(experiment(), run, threads: threads, cache: cache)
        #expect(try digest(run) == expected, "\(threads), cache: \(isCached)")
        for (rank, end) in ends { #expect(try end.get() == 7, "rank \(rank)") }
      }
    }
  }

  /// A training whose layers all learn stores nothing; an averaged one writes parameters.
  @Test func trainingsOfOtherKindsHaveTheSameBits() throws {
    for settings in [
      ["model.frozen_layers=0", "model.freeze_embeddings=false"], ["average={epochs: 2}"],
      ["model.frozen_dropout=true"], ["baselines.layers=unfrozen"],
    ] {
      let (a, b) = (run("a\(settings[0].hashValue)"), run("b\(settings[0].hashValue)"))
      let experiment = try experiment(settings)
      _ = try train(experiment, a, threads: [1])
      _ = try train(experiment, b, threads: [1, 2])
      #expect(try digest(a) == digest(b), "\(settings)")
    }
  }

  /// Stopped at one sign of progress after another, with other ranks each time.
  @Test func anInterruptedRunGoesOnWithOtherRanks() throws {
    let expected = try alone()
    let run = run("interrupted")
    let cache = PrefixCache(folder: "\(folder.path)/cache")
    var (stops, ranks) = (0, 0)
    while true {
      let interruption = Interruption()
      // Later each time, so that it comes to an end whatever has to be done again.
      let watcher = Countdown(20 + 10 * stops, interruption)
      ranks = ranks % 4 + 1
      do {
        let ends = try train(
          experiment(), run, threads: [Int](repeating: 1, count: ranks), cache: cache,
          interruption: interruption
        ) { event in
          if case .progress = event { watcher.count() }
        }
        for (_, end) in ends { #expect(try end.get() == 7) }
        break
      } catch is Interrupted {
        stops += 1
      }
    }
    #expect(stops >= 3)
    let steps = try digest(run)
    // Weights, history and predictions; the log has what was taken back, too.
    #expect(steps.prefix(14) == expected.prefix(14))
  }

  private final class Countdown: Sendable {
    private let left: Locked<Int>
    private let interruption: Interruption

    init(_ count: Int, _ interruption: Interruption) {
      (left, self.interruption) = (Locked(count), interruption)
    }

    func count() {
      left.withLock {
        $0 -= 1
        if $0 == 0 { interruption.request() }
      }
    }
  }

  /// Whoever is lost, and whenever: all ranks end and name it, and the run goes on without it to the same bits.
  @Test(arguments: [0, 1, 2])
  func aLostRankEndsAllAndTheRunGoesOn(_ lost: Int) throws {
    let expected = try alone()
    for piece in [2, 9, 40, 90] {
      let run = run("lost-\(lost)-\(piece)")
      do {
        _ = try train(
          experiment(), run, threads: [1, 1, 1], losing: (rank: lost, piece: piece))
        Issue.record("rank \(lost) sends fewer than \(piece) pieces")
      } catch let failure as RankFailure {
        #expect(failure.description == "rank \(lost) on host host\(lost) is lost")
      }
      _ = try train(experiment(), run, threads: [1, 1])
      #expect(try digest(run).prefix(14) == expected.prefix(14), "\(piece)")
    }
  }

  /// Nothing that goes wrong on rank 0 alone keeps the others from the next command.
  @Test func aFailureToStoreLeavesTheRanksInStep() throws {
    struct Full: Error {}
    let experiment = try experiment()
    let network = MemoryNetwork(3)
    let followers = Followers(experiment, network, threads: [1, 1, 1], cache: nil)
    let preparation = try Preparation(experiment, threads: 1)
    let transport = network.transport(0)
    let backend = RankBackend(preparation.classifier, transport, threads: [1, 1, 1])
    let data = preparation.training
    let blocks = Blocks(Array(0..<data.count), of: data, blockTokens: 30)
    // Each block once, this rank's and others'.
    for full in 0..<blocks.count {
      #expect(throws: Full.self) {
        try backend.prefixes(of: blocks, Watch()) { block, _ in
          if block == full { throw Full() }
        }
      }
    }
    let stored = Locked<[Int: [Float]]>([:])
    try backend.prefixes(of: blocks, Watch()) { block, rows in stored.withLock { $0[block] = rows }
    }
    let expected = Locked<[Int: [Float]]>([:])
    try CPUBackend(preparation.classifier, threads: 1).prefixes(of: blocks, Watch()) {
      block, rows in
      expected.withLock { $0[block] = rows }
    }
    #expect(stored.withLock { $0 } == expected.withLock { $0 })
    try transport.sendToAll(RankCommand.end(status: 0).message)
    for (_, end) in followers.wait() { #expect(try end.get() == 0) }
  }

  /// Gradients that are given up, whoever has come how far, leave all ranks ready for the next.
  @Test func aGradientThatIsGivenUpLeavesTheRanksInStep() throws {
    let experiment = try experiment()
    let network = MemoryNetwork(3)
    let followers = Followers(experiment, network, threads: [1, 1, 1], cache: nil)
    let preparation = try Preparation(experiment, threads: 1)
    let transport = network.transport(0)
    let backend = RankBackend(preparation.classifier, transport, threads: [1, 1, 1])
    let data = preparation.training
    let all = Array(0..<data.count)
    // Many blocks, of which one of this rank's ends the whole.
    let blocks = Blocks(all, of: data, blockTokens: 12)
    for last in 1...4 {
      let interruption = Interruption()
      let countdown = Countdown(last, interruption)
      #expect(throws: CancellationError.self) {
        try backend.gradient(
          of: blocks, labels: data.labels, dropout: nil,
          Watch(interruption) { _ in countdown.count() })
      }
    }
    let found = try backend.gradient(of: blocks, labels: data.labels, dropout: nil, Watch())
    let norm = backend.gradientNorm
    let alone = CPUBackend(preparation.classifier, threads: 1)
    let expected = try alone.gradient(of: blocks, labels: data.labels, dropout: nil, Watch())
    #expect(found.lossSum == expected.lossSum && found.logits == expected.logits)
    #expect(norm == alone.gradientNorm)
    try transport.sendToAll(RankCommand.end(status: 0).message)
    for (_, end) in followers.wait() { #expect(try end.get() == 0) }
  }

  /// A rank whose parameters are not rank 0's, as after a fault of its memory, is named before its logits are used.
  @Test func otherParametersAreNoticed() throws {
    let experiment = try experiment()
    let network = MemoryNetwork(2)
    let preparation = try Preparation(experiment, threads: 1)
    let follower = RankFollower(
      try Preparation(experiment, threads: 1), network.transport(1), threads: [1, 1], cache: nil,
      weights: "")
    follower.backend.classifier.trainable.withElements { $0[0] = $0[0].nextUp }
    let group = DispatchGroup()
    group.enter()
    Thread {
      #expect(throws: RankFailure.self) { _ = try follower.run() }
      group.leave()
    }.start()
    let backend = RankBackend(preparation.classifier, network.transport(0), threads: [1, 1])
    let data = preparation.training
    let failure = try #require(throws: RankFailure.self) {
      _ = try backend.logits(
        of: Blocks(Array(0..<data.count), of: data, blockTokens: 30), Watch())
    }
    #expect(failure.description.hasPrefix("rank 1 on host host1 has other parameters than rank 0"))
    network.fail(1, "is over")
    group.wait()
  }

  // MARK: Shares

  @Test func sharesCoverAllBlocksInProportion() {
    for blocks in 0...40 {
      for weights in [
        [1], [1, 1], [3, 1], [1, 1, 1], [2, 2, 1, 8], [Int](repeating: 1, count: 64),
      ] {
        // A sum has at least one block.
        for shares in [shares(of: blocks, weights: weights)]
          + (blocks == 0 ? [] : [treeShares(of: blocks, weights: weights)])
        {
          #expect(shares.flatMap { Array($0) } == Array(0..<blocks))
          #expect(shares.count == weights.count)
        }
        let total = weights.reduce(0, +)
        for (share, weight) in zip(shares(of: blocks, weights: weights), weights) {
          #expect(abs(Double(share.count) - Double(blocks * weight) / Double(total)) <= 1)
        }
      }
    }
  }

  /// Runs end where subtrees do, unless some rank would take longer for that.
  @Test func sharesOfASumAreFewSubtrees() {
    #expect(treeShares(of: 16, weights: [1, 1, 1]) == [0..<6, 6..<10, 10..<16])
    #expect(treeShares(of: 16, weights: [1, 1]) == [0..<8, 8..<16])
    #expect(treeShares(of: 12, weights: [1, 1]) == [0..<6, 6..<12])
    #expect(treeShares(of: 3, weights: [1, 1, 1, 1]).map(\.count).reduce(0, +) == 3)
  }

  /// With one subtree each, a rank sends the others their slices and its own slice's sum to each.
  @Test func aRankSendsTwiceTheGradientAtMost() {
    #expect(RankCollective.elementsSent(of: 100, blocks: 4, weights: [1, 1]) == [100, 100])
    #expect(
      RankCollective.elementsSent(of: 100, blocks: 4, weights: [1, 1, 1, 1]) == [
        150, 150, 150, 150,
      ])
    // Two subtrees each, of which both are sent.
    #expect(RankCollective.elementsSent(of: 100, blocks: 12, weights: [1, 1]) == [150, 150])
    // Nobody computed anything on the second.
    #expect(RankCollective.elementsSent(of: 100, blocks: 1, weights: [3, 1]) == [100, 50])
    #expect(RankCollective.elementsSent(of: 100, blocks: 7, weights: [1]) == [0])
  }

  // MARK: Words

  @Test func ranksThatDifferAreNamed() throws {
    let one = RankFacts(
      threads: 1, memory: 1,
      facts: [("the program", "a"), ("the file data/en.train", "b")])
    var other = one
    #expect(throws: Never.self) { try RankFacts.compare([one, other], hosts: ["x", "y"]) }
    other = RankFacts(
      threads: 8, memory: 2,
      facts: [("the program", "a"), ("the file data/en.train", "c")])
    let error = try #require(throws: RanksDiffer.self) {
      try RankFacts.compare([one, one, other], hosts: ["x", "y", "z"])
    }
    #expect(
      error.differences == [
        "the file data/en.train is b on rank 0 (host x) and c on rank 2 (host z)"
      ])
    // Where the files lie may differ; settings may not.
    let preparation = try Preparation(experiment(), threads: 1)
    let names = try RankFacts(preparation, threads: 1).facts.map(\.name)
    #expect(names.contains("the setting training.batch_size"))
    #expect(names.contains("the file data/en.train"))
    #expect(!names.contains { $0.hasPrefix("the setting model.checkpoint") })
    #expect(!names.contains { $0.hasPrefix("the setting data.") && $0.hasSuffix(".train") })
  }

  @Test func messagesComeBackAsTheyWere() throws {
    let blocks = BlockList(
      Blocks([3, 1, 2], of: try Preparation(experiment(), threads: 1).training, blockTokens: 10),
      of: Split("en", .train))
    let labels = RankCommand.Work.gradient(
      labels: [0, 2], DropoutKey(seed: .max, epoch: 4))
    let bytes = RankCommand.compute(labels, blocks).message.bytes
    var reader = MessageReader(bytes)
    guard case .compute(let work, let list) = try RankCommand(&reader) else {
      Issue.record("another command")
      return
    }
    #expect(work == labels && list == blocks)
    for notice in [Notice.wish, .abandon(7), .failed("no space left on device")] {
      #expect(try Notice(notice.message.bytes) == notice)
    }
    // However little of it comes, it is an error and no end.
    for length in 0..<bytes.count {
      #expect(throws: MessageError.self) {
        var reader = MessageReader(Array(bytes.prefix(length)))
        _ = try RankCommand(&reader)
      }
    }
  }

  /// A library that is not Open MPI is refused by name.
  @Test func anotherLibraryIsRefused() throws {
    let missing = try #require(throws: OpenMPIUnusable.self) { _ = try OpenMPI(file: "libnone.so") }
    #expect("\(missing)".contains("libnone.so cannot be used"))
    let other = try #require(throws: OpenMPIUnusable.self) { _ = try OpenMPI(file: "libm.so.6") }
    #expect("\(other)".contains("it lacks MPI_Get_library_version"))
  }
}
