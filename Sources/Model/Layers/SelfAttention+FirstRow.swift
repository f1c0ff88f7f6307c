/// Attention of the last layer, where only the context of each example's first token is wanted.
///
/// For one query, keys and values need not be formed. Per head, with `q = W_q x_cls + b_q` and
/// `u = W_kᵀ q`, the scores are `u · x_t / √d` (the key bias adds the same to all and drops out), and
/// the context is `W_v s + b_v Σ a` with `s = Σ_t a_t x_t`, `a` being the probabilities after dropout.
/// That takes 2 · heads · H multiply-adds a token instead of 2 · H².
extension SelfAttention {
  /// What backward needs.
  struct FirstRowTape {
    /// The first token's input, `[examples, H]`.
    let first: Matrix
    /// `[examples, H]`.
    let query: Matrix
    /// u of every head, `[examples, heads × H]`.
    let keyed: Matrix
    /// s of every head, `[examples, heads × H]`.
    let attended: Matrix
    /// Per example `[heads, length rounded up to 16]`, one after another in one row.
    let probabilities: Matrix
    /// Σ a, `[examples, heads]`.
    let sums: Matrix
    /// `[examples, H]`.
    let context: Matrix
  }

  private func part(_ part: Int) -> Linear {
    let rows = part * hiddenSize..<(part + 1) * hiddenSize
    return Linear(weight: projection.weight.window(rows: rows), bias: projection.bias.columns(rows))
  }

  /// Rows of a head in a `[H, H]` weight, or its columns in `[examples, H]`.
  private func slice(_ head: Int) -> Range<Int> { head * width..<(head + 1) * width }
  /// Columns of a head in `[examples, heads × H]`.
  private func wide(_ head: Int) -> Range<Int> { head * hiddenSize..<(head + 1) * hiddenSize }

  /// Computes the context of every example's first token.
  ///
  /// - Parameters:
  ///   - x: `[tokens, H]`.
  ///   - pass: the block.
  ///   - key: dropout's, or `nil` in evaluation mode. The draws are those of `forward` for query 0.
  /// - Returns: the context and what backward needs, in the pass' workspace.
  func forwardFirstRow(_ x: Matrix, _ pass: Pass, dropout key: DropoutKey?) -> FirstRowTape {
    let workspace = pass.workspace
    let (n, H) = (pass.count, hiddenSize)
    let sizes = pass.lengths.map { heads * Self.stride($0) }
    let tape = FirstRowTape(
      first: pass.firstRows(of: x), query: workspace.matrix(n, H),
      keyed: workspace.matrix(n, heads * H), attended: workspace.matrix(n, heads * H),
      probabilities: workspace.matrix(1, sizes.reduce(0, +)), sums: workspace.matrix(n, heads),
      context: workspace.matrix(n, H))
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let dropout = dropout(key)
    let weightSpace = dropout == nil ? nil : workspace.matrix(1, sizes.max() ?? 0)
    let (keyWeight, value) = (part(1).weight, part(2))

    part(0).forward(tape.first, into: tape.query, workspace)
    for head in 0..<heads {
      workspace.gemm(
        tape.query.columns(slice(head)), .no, keyWeight.window(rows: slice(head)), .no,
        into: tape.keyed.columns(wide(head)))
    }
    var start = 0
    for example in 0..<n {
      let tokens = pass.tokens(of: example)
      let size = sizes[example]
      let p = tape.probabilities.columns(start..<start + size)
        .reshaped(rows: heads, columns: Self.stride(tokens.count))
      start += size
      let rows = x.window(rows: tokens)
      workspace.gemm(
        tape.keyed.window(rows: example..<example + 1).reshaped(rows: heads, columns: H), .no,
        rows, .yes, into: p.columns(0..<tokens.count))
      let weights = weightSpace.map {
        $0.columns(0..<size).reshaped(rows: p.rows, columns: p.columns)
      }
      Kernels.attentionSoftmax(
        p, weights: weights, sums: tape.sums.window(rows: example..<example + 1), heads: heads,
        keys: tokens.count, scale: scale, dropout: dropout, example: pass.examples[example])
      workspace.gemm(
        (weights ?? p).columns(0..<tokens.count), .no, rows, .no,
        into: tape.attended.window(rows: example..<example + 1).reshaped(rows: heads, columns: H))
    }
    for head in 0..<heads {
      workspace.gemm(
        tape.attended.columns(wide(head)), .no, value.weight.window(rows: slice(head)), .yes,
        into: tape.context.columns(slice(head)))
    }
    Kernels.addWeightedBias(tape.context, sums: tape.sums, bias: value.bias)
    return tape
  }

  /// Carries a gradient from the first tokens' context back to the input and the weights.
  ///
  /// Per head, `dc` being the gradient of the context: `dW_v = dc ⊗ s`, `db_v = dc Σ a`,
  /// `ds = W_vᵀ dc`, `da_t = ds · x_t + dc · b_v` (the second term does not cancel once dropout has
  /// masked `a`), through dropout and softmax to `dscore_t` with the 1/√d, `du = Σ dscore_t x_t`,
  /// `dW_k = q ⊗ du`, `db_k = 0`, `dq = W_k du`, `dW_q = dq ⊗ x_cls`, `db_q = dq`;
  /// `dx_t = a_t ds + dscore_t u`, and `dx_cls` gets `W_qᵀ dq` besides.
  ///
  /// - Parameters:
  ///   - dContext: ∂loss/∂context, `[examples, H]`.
  ///   - x: the input of `forwardFirstRow`.
  ///   - pass: as there.
  ///   - key: as there.
  ///   - tape: from there.
  ///   - gradient: overwritten, or `nil` if the layer is frozen.
  ///   - dFirst: ∂loss/∂x of the first tokens on other ways, `[examples, H]`, the residual's.
  ///   - dx: overwritten with ∂loss/∂x, `[tokens, H]`, `dFirst` included; may be `x`, since an example's
  ///     rows are read before they are written; `nil` if nobody needs it.
  func backwardFirstRow(
    _ dContext: Matrix, input x: Matrix, _ pass: Pass, dropout key: DropoutKey?,
    tape: FirstRowTape, into gradient: SelfAttention?, dFirst: Matrix, dx: Matrix?
  ) {
    guard gradient != nil || dx != nil else { return }
    let workspace = pass.workspace
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let (n, H) = (pass.count, hiddenSize)
    let dropout = dropout(key)
    let (keyWeight, value) = (part(1).weight, part(2))
    let dAttended = workspace.matrix(n, heads * H)
    let dKeyed = workspace.matrix(n, heads * H)
    let dQuery = workspace.matrix(n, H)
    let dSums = workspace.matrix(n, heads)
    let longest = heads * Self.stride(pass.lengths.max() ?? 0)
    let weightSpace = dropout == nil ? nil : workspace.matrix(1, longest)
    let scoreSpace = workspace.matrix(1, longest)

    func biasBackward(_ biasGradient: Matrix?) {
      Kernels.weightedBiasBackward(
        dContext, sums: tape.sums, bias: value.bias, biasGradient: biasGradient, into: dSums)
    }
    if let gradient {
      pass.write(gradient.part(2).bias, biasBackward)
    } else {
      biasBackward(nil)
    }
    for head in 0..<heads {
      let dc = dContext.columns(slice(head))
      if let gradient {
        pass.write(gradient.part(2).weight.window(rows: slice(head))) {
          workspace.gemm(dc, .yes, tape.attended.columns(wide(head)), .no, into: $0)
        }
      }
      workspace.gemm(
        dc, .no, value.weight.window(rows: slice(head)), .no,
        into: dAttended.columns(wide(head)))
    }
    var start = 0
    for example in 0..<n {
      let tokens = pass.tokens(of: example)
      let size = heads * Self.stride(tokens.count)
      let p = tape.probabilities.columns(start..<start + size)
        .reshaped(rows: heads, columns: Self.stride(tokens.count))
      start += size
      let rows = x.window(rows: tokens)
      func ofExample(_ wide: Matrix) -> Matrix {
        wide.window(rows: example..<example + 1).reshaped(rows: heads, columns: H)
      }
      let dScores = scoreSpace.columns(0..<size).reshaped(rows: p.rows, columns: p.columns)
      workspace.gemm(
        ofExample(dAttended), .no, rows, .yes, into: dScores.columns(0..<tokens.count))
      Kernels.addToRows(
        dScores.columns(0..<tokens.count), dSums.window(rows: example..<example + 1))
      Kernels.attentionSoftmaxBackward(
        p, dScores, keys: tokens.count, scale: scale, dropout: dropout)
      let ds = dScores.columns(0..<tokens.count)
      workspace.gemm(ds, .no, rows, .no, into: ofExample(dKeyed))
      if let dx {
        let weights =
          weightSpace?.columns(0..<size).reshaped(rows: p.rows, columns: p.columns) ?? p
        if let dropout { Kernels.attentionWeights(p, into: weights, dropout: dropout) }
        let target = dx.window(rows: tokens)
        workspace.gemm(
          weights.columns(0..<tokens.count), .yes, ofExample(dAttended), .no, into: target)
        workspace.gemm(ds, .yes, ofExample(tape.keyed), .no, beta: 1, into: target)
      }
    }
    for head in 0..<heads {
      if let gradient {
        pass.write(gradient.part(1).weight.window(rows: slice(head))) {
          workspace.gemm(
            tape.query.columns(slice(head)), .yes, dKeyed.columns(wide(head)), .no, into: $0)
        }
      }
      workspace.gemm(
        dKeyed.columns(wide(head)), .no, keyWeight.window(rows: slice(head)), .yes,
        into: dQuery.columns(slice(head)))
    }
    if let gradient {
      part(0).weightGradient(dQuery, input: tape.first, into: gradient.part(0), pass)
      pass.write(gradient.part(1).bias) { $0.setZero() }
    }
    if let dx {
      part(0).inputGradient(dQuery, beta: 1, into: dFirst, workspace)
      pass.add(dFirst, toFirstRowsOf: dx)
    }
  }
}
