/// Where a block's gradient goes: a store of its own, or one that it shares with another block.
///
/// Of every tensor of a shared store the block that comes first writes its part, and the other one adds its own, which it
/// has computed in scratch memory of that tensor's size. So two blocks take one store, and neither waits for the other but
/// while both are at the same tensor.
package struct BlockGradient {
  /// Laid out like the parameters that learn.
  package let store: ParameterStore
  /// Says who comes first; `nil` if no other block writes here.
  private let meeting: (any GradientMeeting)?
  /// Whether this block's part is the left one of the sum.
  private let isLeft: Bool

  /// A store that one block overwrites.
  package init(_ store: ParameterStore) {
    (self.store, meeting, isLeft) = (store, nil, true)
  }

  /// A store that two blocks share.
  package init(_ store: ParameterStore, meeting: any GradientMeeting, isLeft: Bool) {
    (self.store, self.meeting, self.isLeft) = (store, meeting, isLeft)
  }

  /// Whether the other block is there already, for a tensor that is not written at once.
  ///
  /// - Returns: if not, `end` must follow when it is written.
  func isSecond(_ target: Matrix) -> Bool {
    guard let meeting, !target.isShapeAlone else { return false }
    return !meeting.begin(place(of: target))
  }

  /// Says that a tensor is written by the first block.
  func end(_ target: Matrix) {
    guard let meeting, !target.isShapeAlone else { return }
    meeting.end(place(of: target))
  }

  /// Adds what the second block has computed, when the first is done.
  ///
  /// - Parameters:
  ///   - part: used up.
  ///   - target: of the same shape.
  ///   - tensor: begins where what `isSecond` was asked for begins.
  func add(_ part: Matrix, to target: Matrix, of tensor: Matrix) {
    guard let meeting, !target.isShapeAlone else { return }
    meeting.wait(for: place(of: tensor))
    precondition(part.rows == target.rows && part.columns == target.columns)
    for row in 0..<target.rows {
      let own = part.window(rows: row..<row + 1)
      let other = target.window(rows: row..<row + 1)
      // Always onto the left one, so that even the payload of a NaN is the same.
      if isLeft {
        Kernels.add(own, other)
        other.copy(from: own)
      } else {
        Kernels.add(other, own)
      }
    }
  }

  /// Has tensors computed where they belong, or beside it and added.
  ///
  /// - Parameters:
  ///   - targets: the gradient's tensors, or windows on them, the same ones for both blocks.
  ///   - scratch: of the same shapes.
  ///   - body: overwrites what it is given.
  package func write(_ targets: [Matrix], scratch: [Matrix], _ body: ([Matrix]) -> Void) {
    guard let first = targets.first else { return }
    if isSecond(first) {
      body(scratch)
      for (part, target) in zip(scratch, targets) { add(part, to: target, of: first) }
    } else {
      body(targets)
      end(first)
    }
  }

  private func place(of target: Matrix) -> Int { target.base - store.base }
}

/// Two blocks that share a gradient's store, tensor by tensor; a tensor is named by where in the store it begins.
package protocol GradientMeeting: AnyObject, Sendable {
  /// Comes to a tensor.
  ///
  /// - Returns: whether nobody has come before, who thereby has to write it, and then to call `end`.
  func begin(_ place: Int) -> Bool

  /// Says that who came first has written.
  func end(_ place: Int)

  /// Waits until who came first has written.
  func wait(for place: Int)
}

extension Pass {
  /// Has a tensor of the block's gradient computed, straight into its place unless another block's is there.
  ///
  /// - Parameters:
  ///   - target: the tensor, or a window on it that depends on the tensor's shape alone.
  ///   - body: overwrites what it is given.
  func write(_ target: Matrix, _ body: (Matrix) -> Void) { write([target]) { body($0[0]) } }

  /// The same of several that are computed at once.
  func write(_ targets: [Matrix], _ body: ([Matrix]) -> Void) {
    guard let gradient else { return body(targets) }
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    // Handed out whether needed or not, so that memory does not depend on who comes first; unused it is never touched.
    let scratch = targets.map { workspace.matrix($0.rows, $0.columns) }
    gradient.write(targets, scratch: scratch, body)
  }

  /// The same of position and word embeddings, where of the words' rows only those count that occur in the block.
  ///
  /// - Parameters:
  ///   - positions: `[positions, H]`.
  ///   - words: `[vocabulary, H]`.
  ///   - wordRows: of each token the row in `words`.
  ///   - padding: the row of `words` that does not learn, which stays zero.
  ///   - body: overwrites both, given of each token the row in what it is given; what it makes of the padding's row does
  ///     not matter.
  func write(
    positions: Matrix, words: Matrix, at wordRows: UnsafePointer<Int32>, except padding: Int?,
    _ body: (_ positions: Matrix, _ words: Matrix, _ wordRows: UnsafePointer<Int32>) -> Void
  ) {
    func clearPadding() {
      guard let padding, padding < words.rows else { return }
      words.window(rows: padding..<padding + 1).setZero()
    }
    guard let gradient else {
      body(positions, words, wordRows)
      return clearPadding()
    }
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let tokens = keys(.all).count
    let positionSpace = workspace.matrix(positions.rows, positions.columns)
    let wordSpace = workspace.matrix(tokens, words.columns)
    let rows = UnsafeMutableRawPointer(workspace.words(tokens))
      .bindMemory(to: Int32.self, capacity: tokens)
    guard gradient.isSecond(words) else {
      body(positions, words, wordRows)
      clearPadding()
      return gradient.end(words)
    }
    var places: [Int32: Int32] = [:]
    for token in 0..<tokens {
      let next = Int32(places.count)
      rows[token] = places[wordRows[token], default: next]
      places[wordRows[token]] = rows[token]
    }
    body(positionSpace, wordSpace, rows)
    gradient.add(positionSpace, to: positions, of: words)
    // The other rows' gradient is +0, and sums that begin with +0 are never −0, so that adding it would change nothing.
    for (row, place) in places where Int(row) != padding {
      gradient.add(
        wordSpace.window(rows: Int(place)..<Int(place) + 1),
        to: words.window(rows: Int(row)..<Int(row) + 1), of: words)
    }
  }
}
