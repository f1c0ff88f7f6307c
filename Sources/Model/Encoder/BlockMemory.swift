/// What a worker hands out at most while it computes a block, worked out from the shapes alone.
///
/// Each function follows the layers' calls of `Workspace.matrix` and of `release`: what a layer keeps for the
/// way back adds up over the layers, what it gives back at once counts where it is largest. With t tokens, n
/// examples, H hidden units, I intermediate units, A heads and lengths l, a layer that learns keeps
/// 8 t H + t I + Σ A l² numbers (l rounded up to 16 in one factor) and needs max(t I, 4 t H + 2 max A l²) more
/// on its way back; the last layer keeps rows for examples only.
public struct BlockMemory {
  private let hidden: Int
  private let intermediate: Int
  private let heads: Int
  private let labels: Int
  private let tuning: FineTuning
  /// Whether dropout needs matrices of its own; probabilities of 0 need none.
  private let dropsAttention: Bool
  private let dropsPooled: Bool

  /// - Parameters:
  ///   - configuration: of the model whose blocks are computed.
  ///   - fineTuning: what is kept of it and what learns.
  public init(_ configuration: EncoderConfiguration, _ fineTuning: FineTuning) {
    (hidden, intermediate) = (configuration.hiddenSize, configuration.intermediateSize)
    (heads, tuning) = (configuration.heads, fineTuning)
    labels = fineTuning.labels.count
    (dropsAttention, dropsPooled) = (
      configuration.attentionDropout > 0, configuration.classifierDropout > 0
    )
  }

  /// A block's shapes.
  private struct Shape {
    let tokens: Int
    let examples: Int
    /// Numbers of all attention probabilities, and of the example that has most.
    let (squares, largestSquare): (Int, Int)
    /// The same of the first row alone.
    let (rows, largestRow): (Int, Int)

    init(_ lengths: [Int], heads: Int) {
      tokens = lengths.reduce(0, +)
      examples = lengths.count
      let rowSizes = lengths.map { heads * SelfAttention.stride($0) }
      let squareSizes = zip(lengths, rowSizes).map { $0 * $1 }
      (squares, largestSquare) = (squareSizes.reduce(0, +), squareSizes.max() ?? 0)
      (rows, largestRow) = (rowSizes.reduce(0, +), rowSizes.max() ?? 0)
    }
  }

  /// What a matrix takes, in numbers.
  private func matrix(_ rows: Int, _ columns: Int) -> Int { Workspace.size(rows * columns) }

  /// The keys of a pass: two words a token, two an example.
  private func pass(_ shape: Shape) -> Int {
    2 * Workspace.size(shape.tokens) + 2 * Workspace.size(shape.examples)
  }

  /// What computing a block's frozen layers takes, in bytes.
  ///
  /// - Parameter lengths: tokens of each example.
  /// - Returns: what the workspace hands out at a time, at most.
  public func prefix(lengths: [Int]) -> Int {
    let shape = Shape(lengths, heads: heads)
    return 4 * (pass(shape) + frozenPart(shape, drops: false).most)
  }

  /// What scoring a block takes, in bytes.
  ///
  /// - Parameters:
  ///   - lengths: tokens of each example.
  ///   - isStored: whether the frozen layers' output is given.
  /// - Returns: what the workspace hands out at a time, at most.
  public func logits(lengths: [Int], isStored: Bool) -> Int {
    let shape = Shape(lengths, heads: heads)
    var (most, kept) = (0, 0)
    if isStored {
      let rows =
        tuning.frozenLayers == tuning.encoderLayers ? shape.examples : shape.tokens
      kept = matrix(rows, hidden)
    } else {
      (most, kept) = frozenPart(shape, drops: false)
    }
    let last = tuning.encoderLayers - 1
    for layer in tuning.frozenLayers..<max(tuning.frozenLayers, tuning.encoderLayers) {
      most = max(most, kept + replacing(shape, isLast: layer == last, drops: false))
    }
    let head = matrix(shape.examples, hidden) + matrix(shape.examples, labels)
    return 4 * (pass(shape) + max(most, kept + head))
  }

  /// What a block's gradient takes, in bytes.
  ///
  /// - Parameters:
  ///   - lengths: tokens of each example.
  ///   - isStored: whether the frozen layers' output is given.
  /// - Returns: what the workspace hands out at a time, at most.
  public func gradient(lengths: [Int], isStored: Bool) -> Int {
    let shape = Shape(lengths, heads: heads)
    let (t, n, H) = (shape.tokens, shape.examples, hidden)
    var (most, kept) = (0, 0)
    if !isStored {
      if tuning.freezeEmbeddings {
        (most, kept) = frozenPart(shape, drops: tuning.frozenDropout)
      } else {
        // Output, what the normalisation keeps, and the rows of the words.
        kept = 2 * matrix(t, H) + 2 * Workspace.size(t)
      }
    }
    let taped = (tuning.freezeEmbeddings ? tuning.frozenLayers : 0)..<tuning.encoderLayers
    var wayBack = 0
    for layer in taped {
      let isLast = layer == tuning.encoderLayers - 1
      let drops =
        dropsAttention && (layer >= tuning.frozenLayers || tuning.frozenDropout)
      kept += isLast ? keptOfFirstRows(shape) : keptOfAllRows(shape)
      let wide = matrix(isLast ? n : t, intermediate)
      wayBack = max(
        wayBack, wide,
        isLast ? wayBackOfFirstRows(shape, drops: drops) : wayBackOfAllRows(shape, drops: drops))
    }
    kept += (dropsPooled ? 2 : 1) * matrix(n, H) + matrix(n, labels)
    if !taped.isEmpty { kept += matrix(n, H) }
    // The head's own way back needs one matrix.
    return 4 * (pass(shape) + max(most, kept + max(wayBack, matrix(n, H))))
  }

  // MARK: Parts

  /// Embeddings and frozen layers: at most, and what stays.
  private func frozenPart(_ shape: Shape, drops: Bool) -> (most: Int, kept: Int) {
    let kept = matrix(shape.tokens, hidden) + Workspace.size(shape.tokens)
    let layers =
      (0..<tuning.frozenLayers).map {
        replacing(
          shape, isLast: $0 == tuning.encoderLayers - 1, drops: drops && dropsAttention)
      }.max() ?? 0
    return (kept + layers, kept)
  }

  /// A layer whose output goes over its input.
  private func replacing(_ shape: Shape, isLast: Bool, drops: Bool) -> Int {
    let count = isLast ? shape.examples : shape.tokens
    let attention =
      isLast
      ? tapeOfFirstRows(shape)
      : matrix(count, hidden) + matrix(count, 3 * hidden) + Workspace.size(shape.largestSquare)
    let weights =
      drops ? Workspace.size(isLast ? shape.largestRow : shape.largestSquare) : 0
    // Two normalisations that keep nothing still take the smallest piece for each of their matrices.
    return attention
      + max(
        weights, matrix(count, hidden) + 4 * Workspace.size(0) + matrix(count, intermediate))
  }

  private func keptOfAllRows(_ shape: Shape) -> Int {
    let (t, H) = (shape.tokens, hidden)
    // Output, context and middle, projections, probabilities, two normalisations, the wide layer.
    return 5 * matrix(t, H) + matrix(t, 3 * H) + Workspace.size(shape.squares)
      + 2 * Workspace.size(t) + matrix(t, intermediate)
  }

  /// First rows, query, context; keys and values of each head; probabilities and their sums.
  private func tapeOfFirstRows(_ shape: Shape) -> Int {
    let (n, H) = (shape.examples, hidden)
    return 3 * matrix(n, H) + 2 * matrix(n, heads * H) + Workspace.size(shape.rows)
      + matrix(n, heads)
  }

  private func keptOfFirstRows(_ shape: Shape) -> Int {
    let (n, H) = (shape.examples, hidden)
    return tapeOfFirstRows(shape) + 4 * matrix(n, H) + 2 * Workspace.size(n)
      + matrix(n, intermediate)
  }

  private func wayBackOfAllRows(_ shape: Shape, drops: Bool) -> Int {
    matrix(shape.tokens, hidden) + matrix(shape.tokens, 3 * hidden)
      + (drops ? 2 : 1) * Workspace.size(shape.largestSquare)
  }

  private func wayBackOfFirstRows(_ shape: Shape, drops: Bool) -> Int {
    let (n, H) = (shape.examples, hidden)
    return 2 * matrix(n, H) + 2 * matrix(n, heads * H) + matrix(n, heads)
      + (drops ? 2 : 1) * Workspace.size(shape.largestRow)
  }
}
