/// Multi-head self-attention within each example (Vaswani et al. 2017), up to the concatenated context;
/// the projection that follows is a `ResidualOutput`.
///
/// The weights of query, key and value lie one after another, so that one product makes all three.
package struct SelfAttention {
  /// Query, key and value: `[3H, H]`.
  let projection: Linear
  let layer: Int
  let heads: Int
  let dropoutProbability: Double

  /// What backward needs.
  struct Tape {
    /// Query, key and value of every token, `[tokens, 3H]`.
    let projected: Matrix
    /// Per example `[heads × length, length rounded up to 16]`, one after another in one row. A sign bit
    /// marks what dropout took.
    let probabilities: Matrix
    /// `[tokens, H]`.
    let context: Matrix
  }

  init(_ parameters: ParameterStore, layer: Int, configuration: EncoderConfiguration) {
    projection = Linear(
      weight: parameters.matrix(
        from: .layer(layer, .query, .weight), to: .layer(layer, .value, .weight)),
      bias: parameters.matrix(
        from: .layer(layer, .query, .bias), to: .layer(layer, .value, .bias)))
    self.layer = layer
    heads = configuration.heads
    dropoutProbability = configuration.attentionDropout
  }

  /// H.
  var hiddenSize: Int { projection.weight.columns }
  /// d, the width of a head.
  var width: Int { hiddenSize / heads }
  /// 1/√d.
  var scale: Float { 1 / Float(width).squareRoot() }

  func dropout(_ key: DropoutKey?) -> Dropout? {
    Dropout(dropoutProbability, key, layer: layer, site: .attentionProbabilities)
  }

  /// The columns of head `head` in part `part` of `projected`: 0 query, 1 key, 2 value.
  private func columns(_ part: Int, _ head: Int) -> Range<Int> {
    let start = part * hiddenSize + head * width
    return start..<start + width
  }

  /// A row of probabilities, padded for the kernels.
  static func stride(_ keys: Int) -> Int { (keys + 15) / 16 * 16 }

  /// Computes the context of every token.
  ///
  /// - Parameters:
  ///   - x: `[tokens, H]`.
  ///   - pass: the block.
  ///   - key: dropout's, or `nil` in evaluation mode.
  ///   - keepsTape: whether backward follows; if not, the tape's probabilities are not there.
  /// - Returns: the context and what backward needs, in the pass' workspace.
  func forward(_ x: Matrix, _ pass: Pass, dropout key: DropoutKey?, keepsTape: Bool) -> Tape {
    let workspace = pass.workspace
    let context = workspace.matrix(x.rows, hiddenSize)
    let projected = workspace.matrix(x.rows, 3 * hiddenSize)
    let sizes = pass.lengths.map { heads * $0 * Self.stride($0) }
    let probabilities = workspace.matrix(
      1, keepsTape ? sizes.reduce(0, +) : sizes.max() ?? 0)
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let dropout = dropout(key)
    let weightSpace = dropout == nil ? nil : workspace.matrix(1, sizes.max() ?? 0)

    projection.forward(x, into: projected, workspace)
    var start = 0
    for example in 0..<pass.count {
      let tokens = pass.tokens(of: example)
      let length = tokens.count
      let p = probabilities.columns(start..<start + sizes[example])
        .reshaped(rows: heads * length, columns: Self.stride(length))
      if keepsTape { start += sizes[example] }
      for head in 0..<heads {
        workspace.gemm(
          projected.window(rows: tokens, columns: columns(0, head)), .no,
          projected.window(rows: tokens, columns: columns(1, head)), .yes,
          into: p.window(rows: head * length..<(head + 1) * length, columns: 0..<length))
      }
      let weights = weightSpace.map {
        $0.columns(0..<sizes[example]).reshaped(rows: p.rows, columns: p.columns)
      }
      Kernels.attentionSoftmax(
        p, weights: weights, sums: nil, heads: heads, keys: length, scale: scale,
        dropout: dropout, example: pass.examples[example])
      for head in 0..<heads {
        workspace.gemm(
          (weights ?? p).window(rows: head * length..<(head + 1) * length, columns: 0..<length),
          .no, projected.window(rows: tokens, columns: columns(2, head)), .no,
          into: context.window(rows: tokens, columns: columns(0, head)))
      }
    }
    return Tape(projected: projected, probabilities: probabilities, context: context)
  }

  /// Carries a gradient from the context back to the input and the weights.
  ///
  /// - Parameters:
  ///   - dContext: ∂loss/∂context, `[tokens, H]`.
  ///   - x: the input of `forward`.
  ///   - pass: as in `forward`.
  ///   - key: as in `forward`.
  ///   - tape: from `forward`.
  ///   - gradient: overwritten, or `nil` if the layer is frozen.
  ///   - dx: `[tokens, H]`, added to, or `nil` if nobody needs it.
  func backward(
    _ dContext: Matrix, input x: Matrix, _ pass: Pass, dropout key: DropoutKey?, tape: Tape,
    into gradient: SelfAttention?, addingTo dx: Matrix?
  ) {
    let workspace = pass.workspace
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let dropout = dropout(key)
    let projected = tape.projected
    let dProjected = workspace.matrix(x.rows, 3 * hiddenSize)
    let sizes = pass.lengths.map { heads * $0 * Self.stride($0) }
    let weightSpace = dropout == nil ? nil : workspace.matrix(1, sizes.max() ?? 0)
    let scoreSpace = workspace.matrix(1, sizes.max() ?? 0)

    var start = 0
    for example in 0..<pass.count {
      let tokens = pass.tokens(of: example)
      let length = tokens.count
      let size = sizes[example]
      let p = tape.probabilities.columns(start..<start + size)
        .reshaped(rows: heads * length, columns: Self.stride(length))
      start += size
      let weights =
        weightSpace?.columns(0..<size).reshaped(rows: p.rows, columns: p.columns) ?? p
      if let dropout { Kernels.attentionWeights(p, into: weights, dropout: dropout) }
      let dScores = scoreSpace.columns(0..<size).reshaped(rows: p.rows, columns: p.columns)
      for head in 0..<heads {
        let square = head * length..<(head + 1) * length
        let dc = dContext.window(rows: tokens, columns: columns(0, head))
        workspace.gemm(
          dc, .no, projected.window(rows: tokens, columns: columns(2, head)), .yes,
          into: dScores.window(rows: square, columns: 0..<length))
        workspace.gemm(
          weights.window(rows: square, columns: 0..<length), .yes, dc, .no,
          into: dProjected.window(rows: tokens, columns: columns(2, head)))
      }
      Kernels.attentionSoftmaxBackward(p, dScores, keys: length, scale: scale, dropout: dropout)
      for head in 0..<heads {
        let ds = dScores.window(
          rows: head * length..<(head + 1) * length, columns: 0..<length)
        workspace.gemm(
          ds, .no, projected.window(rows: tokens, columns: columns(1, head)), .no,
          into: dProjected.window(rows: tokens, columns: columns(0, head)))
        workspace.gemm(
          ds, .yes, projected.window(rows: tokens, columns: columns(0, head)), .no,
          into: dProjected.window(rows: tokens, columns: columns(1, head)))
      }
    }
    if let gradient {
      pass.write(gradient.projection.weight) {
        workspace.gemm(dProjected, .yes, x, .no, into: $0)
      }
      pass.write(gradient.projection.bias) {
        Kernels.columnSums(dProjected, into: $0)
        // A softmax does not see a constant added to its scores, so the key bias has gradient zero;
        // the sum just formed is rounding noise, which AdamW would turn into steps of the full rate.
        $0.columns(hiddenSize..<2 * hiddenSize).setZero()
      }
    }
    if let dx { projection.inputGradient(dProjected, beta: 1, into: dx, workspace) }
  }
}
