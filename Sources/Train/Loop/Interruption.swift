internal import Synchronization

/// A wish to stop, set from a signal handler or another thread and looked at between blocks.
public final class Interruption: Sendable {
  private let flag = Atomic(false)
  private let other: Interruption?

  /// - Parameter other: a wish that counts for this one, too.
  public init(following other: Interruption? = nil) { self.other = other }

  /// Asks the training to stop at the next block.
  ///
  /// - Returns: whether it was asked to before; of two that ask at once one gets `true`.
  @discardableResult
  public func request() -> Bool { flag.exchange(true, ordering: .relaxed) }

  /// Whether it was asked to stop.
  public var isRequested: Bool { flag.load(ordering: .relaxed) || other?.isRequested == true }
}

/// Training stopped at a block because its user asked for it.
public struct Interrupted: Error {
  /// The epoch under way, from 1.
  public let epoch: Int
  /// Complete optimiser steps over the whole run.
  public let step: Int
}
