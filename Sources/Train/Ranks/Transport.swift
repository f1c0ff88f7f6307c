/// Carries bytes between the processes that train together, each of which has a rank.
///
/// What one rank sends to another arrives in the order in which it was sent. All errors are `RankFailure`s and last: once
/// one rank has ended, so has the training for all.
package protocol Transport: AnyObject, Sendable {
  /// This process, from 0.
  var rank: Int { get }
  /// How many processes there are.
  var count: Int { get }

  /// The ranks' hosts, as far as they are known.
  var hosts: [String] { get }

  /// Begins to send; the bytes must stay as they are until the transfer is waited for.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) -> Transfer

  /// Begins to receive just as many bytes as the buffer has; it must stay until the transfer is waited for.
  func receive(into bytes: UnsafeMutableRawBufferPointer, from rank: Int) -> Transfer

  /// Sends a notice, which reaches the other rank whatever it is doing.
  func tell(_ notice: Notice, to rank: Int)

  /// Says who gets notices, beside whoever gets them already; those that came before are given at once.
  ///
  /// - Parameter body: called from any thread.
  func listen(_ body: @escaping @Sendable (Notice, _ from: Int) -> Void)
}

/// Bytes on their way.
package struct Transfer {
  private let body: () throws -> Void

  package init(_ body: @escaping () throws -> Void) { self.body = body }

  /// Waits until the buffer is the caller's again.
  ///
  /// - Throws: `RankFailure` if it never will be.
  package func wait() throws { try body() }
}

/// What a rank tells another beside the order of things.
package enum Notice: Equatable, Sendable {
  /// Somebody wants the training to stop; rank 0 decides.
  case wish
  /// What the command of this number computes is not needed any more.
  case abandon(Int)
  /// The rank ends because of an error, in words.
  case failed(String)

  private static let kinds = (wish: 1, abandon: 2, failed: 3)

  package var message: Message {
    var message = Message()
    switch self {
    case .wish: message.append(Self.kinds.wish)
    case .abandon(let number):
      message.append(Self.kinds.abandon)
      message.append(number)
    case .failed(let words):
      message.append(Self.kinds.failed)
      message.append(words)
    }
    return message
  }

  package init(_ bytes: [UInt8]) throws {
    var reader = MessageReader(bytes)
    switch try reader.integer() {
    case Self.kinds.wish: self = .wish
    case Self.kinds.abandon: self = .abandon(try reader.integer())
    case Self.kinds.failed: self = .failed(try reader.string())
    case let kind: throw MessageError("there is no notice \(kind)")
    }
  }
}

extension Transport {
  /// Every rank but this one.
  package var others: [Int] { (0..<count).filter { $0 != rank } }

  /// Sends a message, and waits until it is on its way.
  package func send(_ message: Message, to rank: Int) throws {
    // The length first, so that the other side knows how much to receive.
    try withUnsafeBytes(of: UInt64(message.bytes.count)) { length in
      try message.bytes.withUnsafeBytes { bytes in
        let first = send(length, to: rank)
        let second = bytes.isEmpty ? nil : send(bytes, to: rank)
        try first.wait()
        try second?.wait()
      }
    }
  }

  /// Waits for the next message of a rank.
  package func receiveMessage(from rank: Int) throws -> MessageReader {
    var length: UInt64 = 0
    try withUnsafeMutableBytes(of: &length) { try receive(into: $0, from: rank).wait() }
    guard length > 0 else { return MessageReader([]) }
    let bytes = try [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, initialized in
      try receive(
        into: UnsafeMutableRawBufferPointer(
          start: buffer.baseAddress, count: Int(length)), from: rank
      ).wait()
      initialized = Int(length)
    }
    return MessageReader(bytes)
  }

  /// Sends the same message to every other rank.
  package func sendToAll(_ message: Message) throws {
    for rank in others { try send(message, to: rank) }
  }
}

/// One of the ranks has ended, or cannot be reached any more.
public struct RankFailure: Error, Equatable, CustomStringConvertible {
  public let rank: Int
  public let host: String
  /// What happened, as the end of a sentence that begins with the rank.
  public let words: String
  /// Whether the rank itself has said so.
  public let isTold: Bool

  package init(rank: Int, host: String, _ words: String, isTold: Bool) {
    (self.rank, self.host, self.words, self.isTold) = (rank, host, words, isTold)
  }

  /// An error on this rank, for the user.
  public init(_ error: any Error, of team: RankTeam) {
    self.init(rank: team.rank, host: team.host, "ended: \(error)", isTold: false)
  }

  public var description: String { "rank \(rank) on host \(host) \(words)" }
}
