/// Examples one after another, without padding.
public struct PackedBatch: Equatable, Sendable {
  /// The token ids of all examples; each begins with the special token whose row the head reads.
  public let tokens: [Int32]
  /// Where each example begins in `tokens`, and at last where the last one ends: `count + 1` numbers.
  public let offsets: [Int]
  /// One number per example that keys its dropout, such as its row in the training file.
  public let examples: [UInt32]

  /// Packs ids that already follow one another.
  ///
  /// - Parameters:
  ///   - tokens: ids of all examples.
  ///   - offsets: strictly increasing from 0 to `tokens.count`.
  ///   - examples: one key per example.
  public init(tokens: [Int32], offsets: [Int], examples: [UInt32]) {
    precondition(offsets.first == 0 && offsets.last == tokens.count)
    precondition(offsets.count == examples.count + 1 && !examples.isEmpty)
    precondition(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }, "an example is empty")
    (self.tokens, self.offsets, self.examples) = (tokens, offsets, examples)
  }

  /// Packs examples.
  ///
  /// - Parameters:
  ///   - sequences: the ids of each, at least one.
  ///   - examples: one key per example.
  public init(_ sequences: [[Int32]], examples: [UInt32]) {
    var offsets = [0]
    for sequence in sequences { offsets.append(offsets[offsets.count - 1] + sequence.count) }
    self.init(tokens: sequences.flatMap { $0 }, offsets: offsets, examples: examples)
  }

  /// The number of examples.
  public var count: Int { examples.count }
  /// The number of tokens.
  public var tokenCount: Int { tokens.count }
}

/// A batch on its way through the layers: where its examples lie, and the memory to compute in.
package struct Pass {
  package let workspace: Workspace
  let offsets: [Int]
  let examples: [UInt32]
  let lengths: [Int]
  private let all: RowKeys
  private let first: RowKeys
  let gradient: BlockGradient?

  /// - Parameters:
  ///   - batch: the block.
  ///   - workspace: the thread's.
  ///   - gradient: where its gradient goes, if there will be one.
  package init(_ batch: PackedBatch, _ workspace: Workspace, gradient: BlockGradient? = nil) {
    (self.workspace, offsets, examples) = (workspace, batch.offsets, batch.examples)
    self.gradient = gradient
    lengths = zip(batch.offsets, batch.offsets.dropFirst()).map { $1 - $0 }
    let (tokens, n) = (batch.tokenCount, batch.count)
    all = RowKeys(
      count: tokens, examples: workspace.words(tokens), positions: workspace.words(tokens))
    first = RowKeys(count: n, examples: workspace.words(n), positions: workspace.words(n))
    guard !workspace.isCounting else { return }
    for example in 0..<n {
      first.examples[example] = examples[example]
      first.positions[example] = 0
      for token in offsets[example]..<offsets[example + 1] {
        all.examples[token] = examples[example]
        all.positions[token] = UInt32(token - offsets[example])
      }
    }
  }

  /// The number of examples.
  var count: Int { examples.count }

  /// The rows of an example.
  func tokens(of example: Int) -> Range<Int> { offsets[example]..<offsets[example + 1] }

  /// The keys of a layer's output rows.
  package func keys(_ rows: EncoderLayer.Rows) -> RowKeys { rows == .all ? all : first }

  /// A copy of the first row of every example of `x`, `[examples, H]`.
  func firstRows(of x: Matrix) -> Matrix {
    let rows = workspace.matrix(count, x.columns)
    for example in 0..<count {
      rows.window(rows: example..<example + 1)
        .copy(from: x.window(rows: offsets[example]..<offsets[example] + 1))
    }
    return rows
  }

  /// Adds a row to the first row of every example of `x`.
  func add(_ rows: Matrix, toFirstRowsOf x: Matrix) {
    for example in 0..<count {
      Kernels.add(
        x.window(rows: offsets[example]..<offsets[example] + 1),
        rows.window(rows: example..<example + 1))
    }
  }
}
