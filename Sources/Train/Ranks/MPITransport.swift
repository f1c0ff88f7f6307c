internal import Foundation
internal import Glibc

/// Carries bytes over MPI.
///
/// One thread makes all calls. It tests what has begun, and sleeps in between for a fiftieth of the time that nothing has
/// come, so that waiting takes no processor from who computes; while large transfers are under way it does not
/// sleep, for then nobody computes. Every second it sends each rank a beat; a rank of which nothing has come for
/// `patience` is gone, whatever the network says of it.
final class MPITransport: Transport, @unchecked Sendable {
  // Unchecked because what changes is touched only while the condition is locked, or by the one thread alone.
  let rank: Int
  let count: Int
  let host: String
  private let mpi: OpenMPI
  /// Seconds.
  private let patience: Double
  private let condition = NSCondition()
  /// Begun by others, not yet known to MPI.
  private var fresh: [Operation] = []
  private var outbox: [Letter] = []
  private var inbox: [(notice: Notice, rank: Int)] = []
  private var listeners: [@Sendable (Notice, Int) -> Void] = []
  private var hostNames: [String]
  private var failure: RankFailure?
  private var closing: Closing?
  private var isClosed = false

  private enum Closing { case finishing, leaving }

  /// A rank from which nothing has come for so many seconds is gone. Ranks end within 30 seconds of any fault.
  static let patience = 15.0
  private static let beatInterval = 1.0
  /// How long a failure waits until the process ends by itself.
  private static let grace = 5.0
  private static let (dataTag, noticeTag) = (1, 2)
  /// The most bytes of a notice; longer words are cut.
  private static let noticeBytes = 4096
  /// The most bytes that go in one piece; MPI counts in 32 bits.
  private static let pieceBytes = 1 << 28
  /// From here on a transfer is large.
  private static let largeBytes = 1 << 16

  /// A piece of a transfer.
  private final class Operation: @unchecked Sendable {
    enum Bytes {
      case sent(UnsafeRawBufferPointer)
      case received(UnsafeMutableRawBufferPointer)
    }
    let bytes: Bytes
    let peer: Int
    var request = OpenMPI.Request()
    var isDone = false
    var isLarge: Bool {
      switch bytes {
      case .sent(let bytes): bytes.count >= MPITransport.largeBytes
      case .received(let bytes): bytes.count >= MPITransport.largeBytes
      }
    }

    init(_ bytes: Bytes, _ peer: Int) { (self.bytes, self.peer) = (bytes, peer) }
  }

  /// A notice or a beat on its way.
  private struct Letter {
    let bytes: UnsafeMutableRawBufferPointer
    let peer: Int
    var request = OpenMPI.Request()
  }

  // MARK: Beginning and ending

  /// Joins the other processes that mpirun or srun has started.
  ///
  /// - Parameter patience: seconds without a sign after which a rank is gone.
  /// - Returns: this process among them.
  /// - Throws: `OpenMPIUnusable`.
  static func join(patience: Double = patience) throws -> MPITransport {
    let mpi = try OpenMPI()
    let result = Handover()
    let thread = Thread {
      let transport: MPITransport
      do throws(OpenMPIError) {
        let place = try mpi.start()
        transport = MPITransport(mpi, place, patience: patience)
      } catch {
        return result.give(.failure(OpenMPIUnusable(file: OpenMPI.fileName, reason: error.words)))
      }
      result.give(.success(transport))
      transport.work()
    }
    thread.name = "MPI"
    thread.start()
    return try result.take()
  }

  /// Brings what a thread has made to the one that started it.
  private final class Handover: @unchecked Sendable {
    // Unchecked because the result is touched only while the condition is locked.
    private let condition = NSCondition()
    private var result: Result<MPITransport, OpenMPIUnusable>?

    func give(_ result: Result<MPITransport, OpenMPIUnusable>) {
      condition.lock()
      self.result = result
      condition.signal()
      condition.unlock()
    }

    func take() throws(OpenMPIUnusable) -> MPITransport {
      condition.lock()
      defer { condition.unlock() }
      while true {
        if let result { return try result.get() }
        condition.wait()
      }
    }
  }

  private init(
    _ mpi: OpenMPI, _ place: (rank: Int, count: Int, host: String), patience: Double
  ) {
    (self.mpi, self.patience) = (mpi, patience)
    (rank, count, host) = place
    hostNames = [String](repeating: "unknown", count: place.count)
    hostNames[place.rank] = place.host
  }

  /// Says what the ranks' hosts are called.
  func name(_ hosts: [String]) {
    condition.lock()
    hostNames = hosts
    condition.unlock()
  }

  var hosts: [String] {
    condition.lock()
    defer { condition.unlock() }
    return hostNames
  }

  /// Leaves the others in good order; all of them must.
  func finish() { close(.finishing) }

  /// Leaves the others as it is, once they are told why.
  func leave() { close(.leaving) }

  private func close(_ how: Closing) {
    condition.lock()
    closing = how
    condition.broadcast()
    // Leaving never takes longer than the others would wait for.
    let limit = Date(timeIntervalSinceNow: 10)
    while !isClosed, condition.wait(until: limit) {}
    condition.unlock()
  }

  // MARK: What others call

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) -> Transfer {
    begin(
      stride(from: 0, to: bytes.count, by: Self.pieceBytes).map {
        Operation(
          .sent(
            UnsafeRawBufferPointer(rebasing: bytes[$0..<min($0 + Self.pieceBytes, bytes.count)])),
          rank)
      })
  }

  func receive(into bytes: UnsafeMutableRawBufferPointer, from rank: Int) -> Transfer {
    begin(
      stride(from: 0, to: bytes.count, by: Self.pieceBytes).map {
        Operation(
          .received(
            UnsafeMutableRawBufferPointer(
              rebasing: bytes[$0..<min($0 + Self.pieceBytes, bytes.count)])), rank)
      })
  }

  private func begin(_ operations: [Operation]) -> Transfer {
    condition.lock()
    fresh += operations
    condition.broadcast()
    condition.unlock()
    return Transfer { [self] in
      condition.lock()
      defer { condition.unlock() }
      for operation in operations {
        while !operation.isDone {
          if let failure { throw failure }
          condition.wait()
        }
      }
    }
  }

  func tell(_ notice: Notice, to rank: Int) { post(notice.message.bytes, to: [rank]) }

  private func post(_ bytes: [UInt8], to ranks: [Int]) {
    condition.lock()
    for peer in ranks {
      let bytes = bytes.prefix(Self.noticeBytes)
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      copy.copyBytes(from: bytes)
      outbox.append(Letter(bytes: copy, peer: peer))
    }
    condition.broadcast()
    condition.unlock()
  }

  func listen(_ body: @escaping @Sendable (Notice, Int) -> Void) {
    condition.lock()
    let early = inbox
    listeners.append(body)
    condition.unlock()
    for (notice, rank) in early { body(notice, rank) }
  }

  // MARK: The thread

  private static var now: Double { Clock.now }

  private func work() {
    var active: [Operation] = []
    var letters: [Letter] = []
    var beats = [OpenMPI.Request?](repeating: nil, count: count)
    // A byte that never changes, and where the next notice comes; they live as long as the process.
    let beat = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
    beat[0] = 0
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.noticeBytes, alignment: 8)
    var lastHeard = [Double](repeating: Self.now, count: count)
    var (lastBeat, lastRound, lastMove) = (-Double.infinity, Self.now, Self.now)
    do {
      var arrival = try mpi.receive(into: space, from: nil, tag: Self.noticeTag)
      while true {
        condition.lock()
        let begun = fresh
        let posted = outbox
        (fresh, outbox) = ([], [])
        let (closing, failure) = (closing, failure)
        condition.unlock()
        if failure != nil { return end() }
        for operation in begun {
          operation.request =
            switch operation.bytes {
            case .sent(let bytes): try mpi.send(bytes, to: operation.peer, tag: Self.dataTag)
            case .received(let bytes):
              try mpi.receive(into: bytes, from: operation.peer, tag: Self.dataTag)
            }
        }
        for var letter in posted {
          letter.request = try mpi.send(
            UnsafeRawBufferPointer(letter.bytes), to: letter.peer, tag: Self.noticeTag)
          letters.append(letter)
        }
        active += begun
        var hasMoved = !begun.isEmpty || !posted.isEmpty

        var isAnyDone = false
        for operation in active where try mpi.test(&operation.request) != nil {
          isAnyDone = true
          if case .received = operation.bytes { lastHeard[operation.peer] = Self.now }
          condition.lock()
          operation.isDone = true
          condition.unlock()
        }
        if isAnyDone {
          hasMoved = true
          active.removeAll(where: \.isDone)
          condition.lock()
          condition.broadcast()
          condition.unlock()
        }
        while let (peer, size) = try mpi.test(&arrival) {
          hasMoved = true
          lastHeard[peer] = Self.now
          let bytes = Array(space.prefix(size))
          arrival = try mpi.receive(into: space, from: nil, tag: Self.noticeTag)
          if bytes.count > 1 { hear(bytes, from: peer) }
        }
        var underWay: [Letter] = []
        for var letter in letters {
          if try mpi.test(&letter.request) == nil {
            underWay.append(letter)
          } else {
            letter.bytes.deallocate()
          }
        }
        letters = underWay

        let now = Self.now
        // Whoever was stopped itself for a while must not take the others for gone.
        if now - lastRound > 2 {
          for peer in lastHeard.indices { lastHeard[peer] += now - lastRound }
        }
        lastRound = now
        if now - lastBeat >= Self.beatInterval {
          lastBeat = now
          for peer in 0..<count where peer != rank {
            if var request = beats[peer], try mpi.test(&request) == nil {
              beats[peer] = request
              continue
            }
            beats[peer] = try mpi.send(UnsafeRawBufferPointer(beat), to: peer, tag: Self.noticeTag)
          }
        }
        if closing == nil,
          let gone = (0..<count).first(where: { $0 != rank && now - lastHeard[$0] > patience })
        {
          loseTouch(with: gone, letters: &letters)
          continue
        }
        if closing != nil, letters.isEmpty || now - lastMove > 2 {
          if closing == .finishing { mpi.finish() }
          condition.lock()
          isClosed = true
          condition.broadcast()
          condition.unlock()
          return
        }
        if hasMoved {
          lastMove = now
          continue
        }
        if active.contains(where: \.isLarge) {
          sched_yield()
          continue
        }
        // A wait that has lasted t is at most a fiftieth longer for this; idle, twenty times a second is enough for notices.
        let longest = active.isEmpty ? 0.02 : 0.002
        let pause = min(max((now - lastMove) / 50, 0.00002), longest)
        condition.lock()
        if fresh.isEmpty, outbox.isEmpty, self.closing == closing {
          _ = condition.wait(until: Date(timeIntervalSinceNow: pause))
        }
        condition.unlock()
      }
    } catch {
      fail(
        RankFailure(
          rank: rank, host: host, "cannot reach the others: MPI says \(error.words)", isTold: false)
      )
      end()
    }
  }

  private func hear(_ bytes: [UInt8], from peer: Int) {
    let notice: Notice
    do {
      notice = try Notice(bytes)
    } catch {
      return fail(RankFailure(rank: peer, host: hostName(peer), "has sent \(error)", isTold: false))
    }
    if case .failed(let words) = notice {
      return fail(RankFailure(rank: peer, host: hostName(peer), words, isTold: true))
    }
    condition.lock()
    inbox.append((notice, peer))
    let listeners = listeners
    condition.unlock()
    for listener in listeners { listener(notice, peer) }
  }

  private func hostName(_ peer: Int) -> String { hosts[peer] }

  /// Gives a silent rank up, and tells the others first, of whom one may still hear it.
  private func loseTouch(with peer: Int, letters: inout [Letter]) {
    let words =
      "has not been heard of for \(Int(patience)) seconds; its process, its host or the network between is gone"
    let lost = RankFailure(rank: peer, host: hostName(peer), words, isTold: false)
    post(Notice.failed("has lost touch: \(lost)").message.bytes, to: others.filter { $0 != peer })
    condition.lock()
    let posted = outbox
    outbox = []
    condition.unlock()
    for var letter in posted {
      guard
        let request = try? mpi.send(
          UnsafeRawBufferPointer(letter.bytes), to: letter.peer, tag: Self.noticeTag)
      else { continue }
      letter.request = request
      letters.append(letter)
    }
    // Before anybody is woken, whose memory MPI may still write to while it is called.
    let start = Self.now
    while Self.now - start < 1, !letters.isEmpty {
      letters = letters.filter { letter in
        var letter = letter
        return (try? mpi.test(&letter.request)) == nil
      }
      usleep(1000)
    }
    fail(lost)
  }

  private func fail(_ failure: RankFailure) {
    condition.lock()
    self.failure = self.failure ?? failure
    let listeners = listeners
    condition.broadcast()
    condition.unlock()
    // Whoever computes is to look up.
    for listener in listeners { listener(.failed(failure.words), failure.rank) }
  }

  /// After a failure: MPI is not called any more, and the process ends, if need be by this thread.
  private func end() {
    condition.lock()
    let limit = Date(timeIntervalSinceNow: Self.grace)
    while closing == nil, condition.wait(until: limit) {}
    let (isLeft, failure) = (closing != nil, failure)
    isClosed = true
    condition.broadcast()
    condition.unlock()
    guard !isLeft else { return }
    // Something is under way that nobody can interrupt. What is on the disk is good at any moment.
    let text = "Error: \(failure.map { "\($0)" } ?? "rank \(rank) has failed")\n"
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    _exit(1)
  }
}
