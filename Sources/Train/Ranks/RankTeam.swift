internal import Foundation
internal import Model
internal import RunLog
internal import Storage

/// The processes that train one network together, and this one's place among them.
///
/// Rank 0 trains as a process alone does, and has the others compute their shares; these follow it and write nothing.
public final class RankTeam: Sendable {
  private let transport: MPITransport
  /// How many threads each rank has, and how much memory it needs; filled in when all have agreed.
  private let threadsOfAll = Locked<[Int]>([])
  private let memory = Locked<[Int]>([])
  private let clock = ExchangeClock()
  /// Somebody wants the training to stop; on rank 0 also what another rank was told.
  public let wish = Interruption()

  public var rank: Int { transport.rank }
  public var count: Int { transport.count }
  public var isFirst: Bool { rank == 0 }
  public var host: String { transport.host }

  /// How many processes mpirun or srun has started to work together; 1 if none of them has started this one.
  public static var launched: Int {
    let variables = ProcessInfo.processInfo.environment
    let counts =
      variables["PMIX_RANK"] == nil
      ? ["OMPI_COMM_WORLD_SIZE"]
      : ["OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"]
    return counts.lazy.compactMap { variables[$0] }.compactMap { Int($0) }.first ?? 1
  }

  /// How many of them are on this host.
  public static var launchedHere: Int {
    let variables = ProcessInfo.processInfo.environment
    if let count = variables["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap({ Int($0) }) {
      return max(1, count)
    }
    // Such as "4(x2),3": of the nodes from the first on; all but the last have the most.
    guard launched > 1, let tasks = variables["SLURM_STEP_TASKS_PER_NODE"] else { return 1 }
    return Int(tasks.prefix { $0.isNumber }) ?? 1
  }

  /// How many threads this process has a core for.
  public static var coresForThisRank: Int {
    let process = ProcessInfo.processInfo
    // Those that it may run on: mpirun binds two ranks to a core each, more to sockets that they share.
    let mine = process.activeProcessorCount
    let isBound = process.environment["OMPI_MCA_orte_bound_at_launch"] != nil
    return min(mine, max(1, (isBound ? process.processorCount : mine) / launchedHere))
  }

  /// This process' rank, as its launcher says; 0 for one that was started alone.
  public static var launchedRank: Int {
    let variables = ProcessInfo.processInfo.environment
    return ["OMPI_COMM_WORLD_RANK", "PMIX_RANK"].lazy.compactMap { variables[$0] }
      .compactMap { Int($0) }.first ?? 0
  }

  /// Another MPI's launcher, whose processes know nothing of one another here.
  public static var foreignLauncher: String? {
    let variables = ProcessInfo.processInfo.environment
    guard launched == 1, let count = variables["MPI_LOCALNRANKS"].flatMap({ Int($0) }), count > 1
    else { return nil }
    return "MPICH or Intel MPI"
  }

  /// Joins the processes that were started together.
  ///
  /// - Returns: `nil` if this one was started alone.
  /// - Throws: `OpenMPIUnusable`; `RankFailure`.
  public static func join() throws -> RankTeam? {
    if let foreignLauncher {
      throw OpenMPIUnusable(
        file: OpenMPI.fileName, reason: "the processes were started by \(foreignLauncher)")
    }
    guard launched > 1 else { return nil }
    let transport = try MPITransport.join()
    guard transport.count > 1 else {
      throw OpenMPIUnusable(
        file: OpenMPI.fileName,
        reason:
          "of \(launched) processes that were started it finds one; with Slurm, start them with srun --mpi=pmix"
      )
    }
    let team = RankTeam(transport)
    try team.exchangeHosts()
    return team
  }

  private init(_ transport: MPITransport) {
    self.transport = transport
    let wish = wish
    transport.listen { notice, _ in
      if case .wish = notice { wish.request() }
    }
  }

  private func exchangeHosts() throws {
    if isFirst {
      var hosts = [host]
      for other in transport.others {
        var reader = try transport.receiveMessage(from: other)
        hosts.append(try reader.string())
      }
      var message = Message()
      for host in hosts { message.append(host) }
      try transport.sendToAll(message)
      transport.name(hosts)
    } else {
      var message = Message()
      message.append(host)
      try transport.send(message, to: 0)
      var reader = try transport.receiveMessage(from: 0)
      transport.name(try (0..<count).map { _ in try reader.string() })
    }
  }

  // MARK: Agreeing

  /// Makes sure that all ranks compute with the same program, kernels, configuration and data, before anything is
  /// written.
  ///
  /// - Parameters:
  ///   - preparation: what this rank has read.
  ///   - threads: as this rank has.
  /// - Throws: `RanksDiffer` on rank 0; `RankFailure`.
  public func agree(on preparation: Preparation, threads: Int) throws {
    let facts = try RankFacts(preparation, threads: threads)
    guard isFirst else {
      try transport.send(facts.message, to: 0)
      var reader = try transport.receiveMessage(from: 0)
      let (counts, bytes) = (try reader.integers(), try reader.integers())
      threadsOfAll.withLock { $0 = counts }
      memory.withLock { $0 = bytes }
      return
    }
    var all = [facts]
    for other in transport.others {
      var reader = try transport.receiveMessage(from: other)
      all.append(try RankFacts(&reader))
    }
    try RankFacts.compare(all, hosts: transport.hosts)
    let counts = all.map(\.threads)
    var message = Message()
    message.append(counts)
    message.append(all.map(\.memory))
    try transport.sendToAll(message)
    threadsOfAll.withLock { $0 = counts }
    memory.withLock { $0 = all.map(\.memory) }
  }

  /// What computes on rank 0.
  func backend(_ preparation: Preparation) -> any Backend {
    RankBackend(
      preparation.classifier, transport, threads: threadsOfAll.withLock { $0 }, clock: clock)
  }

  /// The ranks' hosts and numbers of threads, for the record.
  var ranks: [RunEnvironment.Rank] {
    zip(transport.hosts, threadsOfAll.withLock { $0 }).map {
      RunEnvironment.Rank(host: $0, threads: $1)
    }
  }

  /// Does what rank 0 says until it says to end.
  ///
  /// - Parameters:
  ///   - preparation: what all have agreed on.
  ///   - cache: where stored output of the frozen layers is looked for.
  /// - Returns: the exit status that rank 0 gives.
  /// - Throws: `RankFailure`; whatever goes wrong here.
  public func follow(_ preparation: Preparation, cache: PrefixCache?) throws -> Int {
    try RankFollower(
      preparation, transport, threads: threadsOfAll.withLock { $0 }, cache: cache,
      weights: PrefixStore.weights(preparation.hashes())
    ).run()
  }

  /// How long bringing gradients together takes, in seconds per step; `nil` before the first.
  var secondsOfExchange: Double? { clock.means?.exchanging }

  /// What each rank takes: its host, its threads, about how many bytes of memory, and how many bytes it sends per step.
  ///
  /// - Parameter preparation: what all have agreed on.
  /// - Returns: of every rank.
  public func needs(
    _ preparation: Preparation
  ) -> [(host: String, threads: Int, memory: Int, sent: Int)] {
    let weights = threadsOfAll.withLock { $0 }
    let training = preparation.training
    let settings = preparation.experiment.training
    let batch = min(settings.batchSize, training.count)
    let blocks = mostBlocks(
      tokens: training.tokens.count * batch / max(1, training.count), examples: batch,
      blockTokens: settings.blockTokens)
    let sent = RankCollective.elementsSent(
      of: preparation.classifier.trainable.count, blocks: blocks, weights: weights)
    return zip(zip(transport.hosts, weights), zip(memory.withLock { $0 }, sent)).map {
      ($0.0, $0.1, $1.0, 4 * $1.1)
    }
  }

  /// What the ranks' gradients took to come together, for the user of rank 0; `nil` if there were none.
  public var exchangeWords: String? {
    guard let means = clock.means else { return nil }
    func milliseconds(_ seconds: Double) -> String { String(format: "%.1f ms", 1000 * seconds) }
    return
      "The gradients of \(count) ranks took \(milliseconds(means.exchanging)) per step on the wire, and the first rank waited "
      + "\(milliseconds(means.waiting)) for the others (means of \(means.steps) steps)."
  }

  /// What is to be said of how the processes were started; `nil` if nothing is wrong.
  public static func bindingWords(threads: Int) -> String? {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    guard ProcessInfo.processInfo.environment["OMPI_MCA_orte_bound_at_launch"] != nil,
      threads > cores
    else { return nil }
    return
      "mpirun lets each rank run on \(cores) of the cores, fewer than its \(threads) threads; start it with --bind-to none, or "
      + "with --map-by slot:PE=\(threads)."
  }

  /// Tells rank 0 that somebody wants the training to stop.
  public func passOnWish() { transport.tell(.wish, to: 0) }

  // MARK: Ending

  /// Ends all ranks in good order.
  ///
  /// - Parameter status: the exit status of the others; on them nothing.
  public func end(status: Int = 0) {
    // Who cannot be told has ended.
    if isFirst { try? transport.sendToAll(RankCommand.end(status: status).message) }
    transport.finish()
  }

  /// Ends because of an error, and has all other ranks end.
  public func end(after error: any Error) {
    if !(error is RankFailure) {
      for other in transport.others { transport.tell(.failed("ended: \(error)"), to: other) }
    }
    transport.leave()
  }
}
