internal import Foundation
internal import Storage

/// Rank 0's attention to the others while all compute: a thread for each takes what it brings and gives it what it lacks.
final class Attendance: @unchecked Sendable {
  // Unchecked because what changes is touched only while the condition is locked.
  private let transport: any Transport
  private let condition = NSCondition()
  /// The command under way, counted from 1.
  private var number = 0
  private var missing = 0
  private var done: [(rank: Int, reply: RankReply.Done)] = []
  private var handlers = HandlersInUse()
  private var problem: (any Error)?
  private var interruption: Interruption?
  /// Whether the ranks of a gradient have been told to bring their sums together, or not to.
  private var isDecided = true

  /// What is done with what comes.
  struct Handlers: @unchecked Sendable {
    // Unchecked because whoever began waits until all attendants have ended.
    /// Gives a block's stored rows.
    let rows: (Int) throws -> [Float]
    let store: (Int, [Float]) throws -> Void
    let progress: @Sendable (Int) -> Void
  }

  /// Handlers that are gone once nobody needs them, whatever a thread still refers to.
  private final class HandlersInUse: @unchecked Sendable {
    // Unchecked because it changes only while no attendant is at work.
    var handlers: Handlers?
  }

  init(_ transport: any Transport) {
    self.transport = transport
    transport.listen { [weak self] notice, _ in
      if case .failed = notice { self?.stopComputing() }
    }
  }

  private func stopComputing() {
    condition.lock()
    let interruption = interruption
    condition.unlock()
    interruption?.request()
  }

  /// Begins to attend to the others, who have just been told what to do.
  ///
  /// - Parameters:
  ///   - results: how many blocks of a gradient there are; 0 for other work.
  ///   - interruption: ends this rank's own work when it cannot come to anything.
  ///   - handlers: what is done with what comes.
  func begin(results: Int, _ interruption: Interruption, _ handlers: Handlers) {
    condition.lock()
    number += 1
    (missing, done, problem) = (transport.others.count, [], nil)
    (self.interruption, isDecided) = (interruption, results == 0)
    let inUse = HandlersInUse()
    inUse.handlers = handlers
    self.handlers = inUse
    condition.unlock()
    for rank in transport.others {
      Thread { self.attend(to: rank, results: results, inUse) }.start()
    }
  }

  /// Lets go of the handlers, once all attendants have ended.
  func forgetHandlers() { handlers.handlers = nil }

  private func attend(to rank: Int, results: Int, _ inUse: HandlersInUse) {
    do {
      while true {
        var reader = try transport.receiveMessage(from: rank)
        switch try RankReply(&reader, blocks: results) {
        case .block(let block, let values, let tokens):
          // After an error, what still comes is of no use.
          if hasProblem { continue }
          do {
            try inUse.handlers?.store(block, values)
            inUse.handlers?.progress(tokens)
          } catch {
            note(error)
          }
        case .rowsWanted(let block):
          var message = Message()
          message.append(try inUse.handlers?.rows(block) ?? [])
          try transport.send(message, to: rank)
        case .done(let reply):
          if reply.tokens > 0 { inUse.handlers?.progress(reply.tokens) }
          condition.lock()
          done.append((rank, reply))
          condition.unlock()
          return end()
        }
      }
    } catch {
      note(error)
      end()
    }
  }

  private var hasProblem: Bool {
    condition.lock()
    defer { condition.unlock() }
    return problem != nil
  }

  private func note(_ error: any Error) {
    condition.lock()
    problem = problem ?? error
    let interruption = interruption
    condition.unlock()
    interruption?.request()
  }

  private func end() {
    condition.lock()
    missing -= 1
    condition.broadcast()
    condition.unlock()
  }

  /// Multiply-adds of the others for the command under way.
  var multiplyAdds: Int {
    condition.lock()
    defer { condition.unlock() }
    return done.reduce(0) { $0 + $1.reply.multiplyAdds }
  }

  /// Waits until the others have done their shares.
  ///
  /// - Throws: what went wrong with what they brought; `RankFailure`.
  func wait() throws {
    let all = try replies()
    guard all.allSatisfy(\.reply.isWhole) else { throw CancellationError() }
  }

  /// What the others said in the end.
  func replies() throws -> [(rank: Int, reply: RankReply.Done)] {
    condition.lock()
    defer { condition.unlock() }
    while missing > 0 { condition.wait() }
    if let problem { throw problem }
    return done
  }

  /// Waits until the others have computed the gradients of their blocks, and tells all of them every block's result.
  ///
  /// - Parameter results: those of this rank's share are there, the others are filled in.
  /// - Throws: `CancellationError` if somebody was told to stop.
  func agree(_ results: inout [BlockResult?]) throws {
    try wait()
    condition.lock()
    for (_, reply) in done {
      for (block, result) in reply.results.enumerated() where result != nil {
        results[block] = result
      }
    }
    condition.unlock()
    try decide(results)
  }

  private func decide(_ results: [BlockResult?]?) throws {
    condition.lock()
    isDecided = true
    condition.unlock()
    var message = Message()
    message.append(results == nil ? 0 : 1)
    if let results { message.append(results) }
    try transport.sendToAll(message)
  }

  /// Has the others stop what they do, and waits until all of them have.
  ///
  /// - Returns: what went wrong with what they brought, if that is why.
  /// - Throws: `RankFailure` if one cannot be reached.
  func abandon() throws -> (any Error)? {
    condition.lock()
    let (number, isOver) = (number, missing == 0)
    condition.unlock()
    if !isOver { for rank in transport.others { transport.tell(.abandon(number), to: rank) } }
    condition.lock()
    while missing > 0 { condition.wait() }
    let (isDecided, problem) = (isDecided, problem)
    condition.unlock()
    if let failure = problem as? RankFailure { throw failure }
    if !isDecided { try decide(nil) }
    return problem
  }
}
