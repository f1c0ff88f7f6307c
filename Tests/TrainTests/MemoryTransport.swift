import Foundation

@testable import Train

/// Ranks that are threads of one process, and the bytes between them.
final class MemoryNetwork: @unchecked Sendable {
  // Unchecked because all that changes is touched only while the condition is locked.
  fileprivate struct Route: Hashable { let from, to: Int }
  private let condition = NSCondition()
  private var mail: [Route: [[UInt8]]] = [:]
  private var listeners: [Int: [@Sendable (Notice, Int) -> Void]] = [:]
  private var failure: RankFailure?
  /// How many pieces a rank has sent, and the piece at which it is lost.
  private var sent: [Int: Int] = [:]
  private let loss: (rank: Int, piece: Int)?
  let count: Int

  /// - Parameters:
  ///   - count: how many ranks.
  ///   - loss: a rank that disappears in the place of sending so many pieces.
  init(_ count: Int, losing loss: (rank: Int, piece: Int)? = nil) {
    (self.count, self.loss) = (count, loss)
  }

  func transport(_ rank: Int) -> MemoryTransport { MemoryTransport(self, rank) }

  /// Lets all ranks fail, as when one has ended.
  func fail(_ rank: Int, _ words: String) {
    condition.lock()
    failure = failure ?? RankFailure(rank: rank, host: "host\(rank)", words, isTold: false)
    condition.broadcast()
    let all = listeners.values.flatMap { $0 }
    condition.unlock()
    for listener in all { listener(.failed(words), rank) }
  }

  fileprivate func send(_ bytes: [UInt8], _ route: Route) {
    condition.lock()
    sent[route.from, default: 0] += 1
    let isLost = loss.map { $0.rank == route.from && sent[route.from] == $0.piece } ?? false
    if failure == nil, !isLost { mail[route, default: []].append(bytes) }
    condition.broadcast()
    condition.unlock()
    if isLost { fail(route.from, "is lost") }
  }

  fileprivate func receive(into bytes: UnsafeMutableRawBufferPointer, _ route: Route) throws {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let failure { throw failure }
      if mail[route]?.isEmpty == false, let next = mail[route]?.removeFirst() {
        precondition(next.count == bytes.count, "\(next.count) bytes came, not \(bytes.count)")
        bytes.copyBytes(from: next)
        return
      }
      condition.wait()
    }
  }

  fileprivate func check() throws {
    condition.lock()
    defer { condition.unlock() }
    if let failure { throw failure }
  }

  fileprivate func tell(_ notice: Notice, _ route: Route) {
    condition.lock()
    let all = listeners[route.to] ?? []
    condition.unlock()
    for listener in all { listener(notice, route.from) }
  }

  fileprivate func listen(_ rank: Int, _ body: @escaping @Sendable (Notice, Int) -> Void) {
    condition.lock()
    listeners[rank, default: []].append(body)
    let failure = failure
    condition.unlock()
    if let failure { body(.failed(failure.words), failure.rank) }
  }
}

final class MemoryTransport: Transport {
  private let network: MemoryNetwork
  let rank: Int
  var count: Int { network.count }
  var hosts: [String] { (0..<count).map { "host\($0)" } }

  fileprivate init(_ network: MemoryNetwork, _ rank: Int) {
    (self.network, self.rank) = (network, rank)
  }

  func send(_ bytes: UnsafeRawBufferPointer, to other: Int) -> Transfer {
    network.send(Array(bytes), MemoryNetwork.Route(from: rank, to: other))
    return Transfer { [network] in try network.check() }
  }

  func receive(into bytes: UnsafeMutableRawBufferPointer, from other: Int) -> Transfer {
    Transfer { [network, rank] in
      try network.receive(into: bytes, MemoryNetwork.Route(from: other, to: rank))
    }
  }

  func tell(_ notice: Notice, to other: Int) {
    network.tell(notice, MemoryNetwork.Route(from: rank, to: other))
  }

  func listen(_ body: @escaping @Sendable (Notice, Int) -> Void) { network.listen(rank, body) }
}
