internal import Foundation
internal import Model
internal import RunLog
internal import Storage

/// Rank 0 of several: computes its share of every call's blocks, has the other ranks compute theirs, and takes what they
/// bring.
///
/// Training, log and checkpoints know nothing of the ranks. The others' parameters and moments are kept as this rank's
/// are: every change goes to all of them.
final class RankBackend: Backend, @unchecked Sendable {
  // Unchecked for the same reasons as `CPUBackend`; what attendants change is behind locks.
  private let transport: any Transport
  private let weights: [Int]
  private let local: CPUBackend
  private let attendance: Attendance
  /// Multiply-adds of the other ranks.
  private let othersMultiplyAdds = Locked(0)
  /// Of which splits the ranks were told to look for the stored rows, and the store that was meant.
  private var opened: [Split: ObjectIdentifier] = [:]

  /// - Parameters:
  ///   - classifier: the network.
  ///   - transport: to the other ranks, each of which follows.
  ///   - threads: of every rank.
  ///   - clock: adds up the time that gradients take to come together.
  init(
    _ classifier: Classifier, _ transport: any Transport, threads: [Int],
    clock: ExchangeClock = ExchangeClock()
  ) {
    (self.transport, weights) = (transport, threads)
    let attendance = Attendance(transport)
    self.attendance = attendance
    local = CPUBackend(
      classifier, threads: threads[0],
      collective: RankCollective(
        transport, weights: threads, pool: WorkerPool(threads: threads[0]), clock: clock
      ) { try attendance.agree(&$0) })
  }

  var configuration: EncoderConfiguration { local.configuration }
  var fineTuning: FineTuning { local.fineTuning }
  var parameterCounts: (total: Int, trainable: Int) { local.parameterCounts }
  var identity: BackendIdentity { local.identity }
  var multiplyAdds: Int { local.multiplyAdds + othersMultiplyAdds.withLock { $0 } }

  static func bytesNeeded(for plan: MemoryPlan, threads: Int) -> BytesNeeded {
    CPUBackend.bytesNeeded(for: plan, threads: threads)
  }

  static func checkResources(threads: Int) throws {
    try CPUBackend.checkResources(threads: threads)
  }

  // MARK: What has no result

  /// A rank that cannot be told has ended, which the next call that can throw says.
  private func tell(_ command: RankCommand) { try? transport.sendToAll(command.message) }

  func loadEmbeddingRows(for tokens: [Int32]) throws {
    try transport.sendToAll(RankCommand.loadEmbeddingRows(tokens.map { Int($0) }).message)
    try local.loadEmbeddingRows(for: tokens)
  }

  func releaseFrozenParameters() {
    tell(.releaseFrozenParameters)
    local.releaseFrozenParameters()
  }

  func prepareTraining(_ optimizer: OptimizerSettings) {
    tell(.prepareTraining)
    local.prepareTraining(optimizer)
  }

  var gradientNorm: Double { local.gradientNorm }

  func step(learningRate: Double, gradientFactor factor: Float) {
    tell(.step(learningRate: learningRate, gradientFactor: factor))
    local.step(learningRate: learningRate, gradientFactor: factor)
  }

  var tensors: [ParameterStore.Tensor] { local.tensors }
  var steps: Int { local.steps }
  func read(_ part: StatePart, _ name: String) -> [Float] { local.read(part, name) }

  func write(_ elements: [Float], to part: StatePart, _ name: String) {
    // The best epoch's parameters are kept here alone.
    if part != .kept { tell(.write(elements, part, name: name)) }
    local.write(elements, to: part, name)
  }

  func resume(after steps: Int) {
    tell(.resume(steps: steps))
    local.resume(after: steps)
  }

  func keepParameters() { local.keepParameters() }

  func useKeptParameters() {
    local.useKeptParameters()
    for tensor in local.tensors {
      tell(.write(local.read(.parameters, tensor.name), .parameters, name: tensor.name))
    }
  }

  func export(to directory: String) throws { try local.export(to: directory) }

  // MARK: What is shared

  func prefixes(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try share(.prefixes, blocks, watch, store: store) { part, first, watch in
      try local.prefixes(of: part, watch) { try store(first + $0, $1) }
    }
  }

  func pooledStates(
    of blocks: Blocks, _ watch: Watch, store: @Sendable (Int, [Float]) throws -> Void
  ) throws {
    try share(.pooledStates, blocks, watch, store: store) { part, first, watch in
      try local.pooledStates(of: part, watch) { try store(first + $0, $1) }
    }
  }

  func logits(of blocks: Blocks, _ watch: Watch) throws -> [Float] {
    let others = Locked([[Float]](repeating: [], count: blocks.count))
    let first = try share(
      .logits, blocks, watch, store: { block, logits in others.withLock { $0[block] = logits } }
    ) { part, _, watch in
      try local.logits(of: part, watch)
    }
    let norm = local.classifier.trainable.squaredNorm()
    for (rank, reply) in try attendance.replies()
    where reply.parameterNorm.bitPattern != norm.bitPattern {
      throw RankFailure(
        rank: rank, host: transport.hosts[rank],
        "has other parameters than rank 0, which happens only if a processor or its memory is faulty",
        isTold: false)
    }
    // This rank's blocks come first.
    return first + others.withLock { $0.flatMap { $0 } }
  }

  func gradient(
    of blocks: Blocks, labels: [Int], dropout: DropoutKey?, _ watch: Watch
  ) throws -> (lossSum: Double, logits: [Float]) {
    try attend(.gradient(labels: labels, dropout), blocks, watch, store: { _, _ in }) { watch in
      // Calls `Attendance.agree` when its share is done.
      try local.gradient(of: blocks, labels: labels, dropout: dropout, watch)
    }
  }

  /// Has all ranks compute their shares of blocks; `body` computes this rank's, which are the first, and gets the number of
  /// the first of them.
  private func share<Result>(
    _ work: RankCommand.Work, _ blocks: Blocks, _ watch: Watch,
    store: @Sendable (Int, [Float]) throws -> Void,
    _ body: (Blocks, Int, Watch) throws -> Result
  ) throws -> Result {
    let share = shares(of: blocks.count, weights: weights)[0]
    return try attend(work, blocks, watch, store: store) { watch in
      let result = try body(blocks.part(share), share.lowerBound, watch)
      try attendance.wait()
      return result
    }
  }

  private func attend<Result>(
    _ work: RankCommand.Work, _ blocks: Blocks, _ watch: Watch,
    store: @Sendable (Int, [Float]) throws -> Void, _ body: (Watch) throws -> Result
  ) throws -> Result {
    guard let dataset = blocks.source as? Dataset else {
      // Unreachable: who trains or scores on several ranks has datasets.
      preconditionFailure("ranks compute examples of datasets only")
    }
    try openPrefix(of: blocks, dataset.split)
    try transport.sendToAll(RankCommand.compute(work, BlockList(blocks, of: dataset.split)).message)
    let isGradient = if case .gradient = work { true } else { false }
    return try withoutActuallyEscaping(store) { store in
      let interruption = Interruption(following: watch.interruption)
      attendance.begin(
        results: isGradient ? blocks.count : 0, interruption,
        Attendance.Handlers(
          rows: { [local] in try local.rowsToSend(of: blocks, $0) }, store: store,
          progress: watch.progress))
      defer {
        attendance.forgetHandlers()
        let multiplyAdds = attendance.multiplyAdds
        othersMultiplyAdds.withLock { $0 += multiplyAdds }
      }
      do {
        return try body(Watch(interruption, progress: watch.progress))
      } catch {
        // Whatever happened here, the others are to wait for the next command.
        let problem = try attendance.abandon()
        throw problem ?? error
      }
    }
  }

  /// Has the others look for a split's stored rows, once for each store.
  private func openPrefix(of blocks: Blocks, _ split: Split) throws {
    guard let store = blocks.store, opened[split] != ObjectIdentifier(store) else {
      return
    }
    try transport.sendToAll(RankCommand.openPrefix(split).message)
    opened[split] = ObjectIdentifier(store)
  }
}
