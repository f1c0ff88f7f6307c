internal import Foundation
internal import Model

/// Two blocks next to each other in the tree, whose gradients are added tensor by tensor in one store.
final class PairSum: GradientMeeting, @unchecked Sendable {
  // Unchecked because what changes is touched only while the condition is locked; `missing` by `TreeSum` under its own lock.
  let node: SumTree.Node
  let store: ParameterStore
  /// How many of its blocks are not yet computed.
  var missing: Int
  private let condition = NSCondition()
  /// Whether the tensors that somebody has come to are written.
  private var isWritten: [Int: Bool] = [:]

  /// - Parameters:
  ///   - node: of the sum: both blocks' parent, or a block's leaf if it is alone here.
  ///   - store: nobody else uses it meanwhile.
  ///   - blocks: 1 or 2.
  init(_ node: SumTree.Node, _ store: ParameterStore, blocks: Int) {
    (self.node, self.store, missing) = (node, store, blocks)
  }

  /// Where a block's gradient goes.
  func gradient(of block: Int) -> BlockGradient {
    node.level == 0
      ? BlockGradient(store) : BlockGradient(store, meeting: self, isLeft: block % 2 == 0)
  }

  func begin(_ place: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    guard isWritten[place] == nil else { return false }
    isWritten[place] = false
    return true
  }

  func end(_ place: Int) {
    condition.lock()
    isWritten[place] = true
    condition.broadcast()
    condition.unlock()
  }

  func wait(for place: Int) {
    condition.lock()
    // Who came first writes and waits for nobody meanwhile.
    while isWritten[place] != true { condition.wait() }
    condition.unlock()
  }
}
