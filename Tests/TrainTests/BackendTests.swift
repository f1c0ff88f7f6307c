import Foundation
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

@Suite struct BackendTests {
  private func experiment() throws -> Experiment {
    try Experiment.parse(
      """
      name: backend
      model: {checkpoint: model, encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: data/train.tsv, validation: data/validation.tsv}
        max_length: 24
      training: {epochs: 2, batch_size: 10, block_tokens: 20, optimizer: {learning_rate: 1e-3}}
      """, file: "backend.yaml", relativeTo: Fixture.path("train"))
  }

  /// Processes, here threads, that share every batch: each gives what it has and takes what it lacks.
  private final class Members: @unchecked Sendable {
    // Unchecked because all of it is touched only while the condition is locked.
    private let condition = NSCondition()
    private let count: Int
    private var given: [(parts: [(SumTree.Node, [Float])], results: [BlockResult?])] = []
    private var taken = 0

    init(_ count: Int) { self.count = count }

    func exchange(_ sum: TreeSum, _ results: inout [BlockResult?]) {
      condition.lock()
      defer { condition.unlock() }
      // Whoever is at the next batch already waits until all have taken this one's.
      while given.count == count { condition.wait() }
      let own = sum.parts
      given.append((own.map { ($0.key, $0.value.withElements { Array($0) }) }, results))
      condition.broadcast()
      while given.count < count { condition.wait() }
      for (parts, others) in given {
        for (node, elements) in parts where own[node] == nil {
          sum.receive(node) { store in
            store.withElements { _ = $0.update(fromContentsOf: elements) }
          }
        }
        for (block, result) in others.enumerated() where result != nil { results[block] = result }
      }
      taken += 1
      if taken == count {
        (given, taken) = ([], 0)
        condition.broadcast()
      } else {
        while taken != 0 { condition.wait() }
      }
    }
  }

  private struct Member: Collective {
    let members: Members
    /// Of all blocks, in hundredths.
    let share: Range<Int>

    func share(of tree: SumTree) -> Range<Int> {
      tree.blocks * share.lowerBound / 100..<tree.blocks * share.upperBound / 100
    }

    func complete(_ sum: TreeSum, _ results: inout [BlockResult?]) {
      members.exchange(sum, &results)
    }
  }

  /// The gradient of one batch, in bits, with losses and logits.
  private struct Outcome: Equatable {
    let gradient: [UInt32]
    let lossSum: Double
    let logits: [Float]

    init(_ backend: CPUBackend, _ data: Dataset) throws {
      let batch = Array(data.labels.indices.reversed())
      let sums = try backend.gradient(
        of: Blocks(batch, of: data, blockTokens: 20), labels: batch.map { data.labels[$0] },
        dropout: DropoutKey(seed: 1, epoch: 1), Watch())
      gradient = backend.gradient?.withElements { $0.map(\.bitPattern) } ?? []
      (lossSum, logits) = sums
    }
  }

  /// However processes share a batch, each ends with the gradient of one that computes it alone.
  @Test(arguments: [[0, 50, 100], [0, 3, 3, 100], [0, 30, 61, 99, 100]])
  func processesThatShareABatchGetTheSameBits(_ cuts: [Int]) throws {
    let preparation = try Preparation(experiment(), threads: 1)
    let (data, classifier) = (preparation.training, preparation.classifier)
    let alone = try Outcome(CPUBackend(classifier, threads: 1), data)
    #expect(alone.gradient.contains { $0 != 0 })
    let shares = zip(cuts, cuts.dropFirst()).map { $0..<$1 }
    let members = Members(shares.count)
    let outcomes = Locked([Int: Outcome]())
    let group = DispatchGroup()
    for (number, share) in shares.enumerated() {
      // A thread of its own, since each waits for the others.
      let queue = DispatchQueue(label: "member \(number)")
      let backend = CPUBackend(
        classifier, threads: number % 2 + 1, collective: Member(members: members, share: share))
      queue.async(group: group) {
        for _ in 0..<2 {
          let outcome = try? Outcome(backend, data)
          outcomes.withLock { $0[number] = outcome }
        }
      }
    }
    group.wait()
    #expect(
      outcomes.withLock { $0 }
        == [Int: Outcome](uniqueKeysWithValues: shares.indices.map { ($0, alone) }))
  }

  /// A training asks nothing of what computes but what the protocol says.
  @Test func aTrainingSpeaksToTheProtocolAlone() throws {
    let folder = try TemporaryFolder()
    var weights: [String] = []
    for isOther in [false, true] {
      let preparation = try Preparation(experiment(), threads: 2)
      let cpu = CPUBackend(preparation.classifier, threads: 2)
      let other = OtherBackend(cpu)
      let run = RunDirectory("\(folder.path)/\(isOther)")
      try Trainer(
        preparation, run: run, on: isOther ? other : cpu, interruption: Interruption(),
        watch: { _ in }
      ).train()
      weights.append(try SHA256.hex(ofFile: "\(run.model)/model.safetensors"))
      if isOther {
        #expect(
          other.calls.withLock { $0.filter { $0 == "step" }.count } == 2 * preparation.stepsPerEpoch
        )
        let environment = try RunEnvironment.read(run.environment)
        #expect(environment.kernels == "other kernels" && environment.blas == cpu.identity.products)
      }
    }
    #expect(Set(weights).count == 1)
  }
}

/// A backend that is not `CPUBackend`, though one computes for it.
private final class OtherBackend: Backend, @unchecked Sendable {
  // Unchecked because nothing of it changes but what is locked.
  private let cpu: CPUBackend
  let calls = Locked([String]())

  init(_ cpu: CPUBackend) { self.cpu = cpu }

  private func call(_ name: String = #function) {
    calls.withLock { $0.append(String(name.prefix { $0 != "(" })) }
  }

  var configuration: EncoderConfiguration { cpu.configuration }
  var fineTuning: FineTuning { cpu.fineTuning }
  var parameterCounts: (total: Int, trainable: Int) { cpu.parameterCounts }
  var multiplyAdds: Int { cpu.multiplyAdds }
  var identity: BackendIdentity {
    let own = cpu.identity
    return BackendIdentity(
      threads: own.threads, products: own.products, productKernel: own.productKernel,
      productKernelReason: own.productKernelReason, kernels: "other kernels")
  }
  static func bytesNeeded(for plan: MemoryPlan, threads: Int) -> BytesNeeded {
    CPUBackend.bytesNeeded(for: plan, threads: threads)
  }
  static func checkResources(threads: Int) throws {
    try CPUBackend.checkResources(threads: threads)
  }
  func loadEmbeddingRows(for tokens: [Int32]) throws { try cpu.loadEmbeddingRows(for: tokens) }
  func releaseFrozenParameters() { cpu.releaseFrozenParameters() }
  func prefixes(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try cpu.prefixes(of: blocks, watch, store: store)
  }
  func pooledStates(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try cpu.pooledStates(of: blocks, watch, store: store)
  }
  func logits(of blocks: Blocks, _ watch: Watch) throws -> [Float] {
    try cpu.logits(of: blocks, watch)
  }
  func prepareTraining(_ optimizer: OptimizerSettings) { cpu.prepareTraining(optimizer) }
  func gradient(
    of blocks: Blocks, labels: [Int], dropout: DropoutKey?, _ watch: Watch
  ) throws -> (lossSum: Double, logits: [Float]) {
    try cpu.gradient(of: blocks, labels: labels, dropout: dropout, watch)
  }
  var gradientNorm: Double { cpu.gradientNorm }
  func step(learningRate: Double, gradientFactor factor: Float) {
    call()
    cpu.step(learningRate: learningRate, gradientFactor: factor)
  }
  var tensors: [ParameterStore.Tensor] { cpu.tensors }
  var steps: Int { cpu.steps }
  func read(_ part: StatePart, _ name: String) -> [Float] { cpu.read(part, name) }
  func write(_ elements: [Float], to part: StatePart, _ name: String) {
    cpu.write(elements, to: part, name)
  }
  func resume(after steps: Int) { cpu.resume(after: steps) }
  func keepParameters() { cpu.keepParameters() }
  func useKeptParameters() { cpu.useKeptParameters() }
  func export(to directory: String) throws { try cpu.export(to: directory) }
}
