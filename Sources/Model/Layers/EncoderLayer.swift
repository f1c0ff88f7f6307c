/// One layer of the encoder: self-attention and a feed-forward part, each with residual and LayerNorm after.
package struct EncoderLayer {
  let index: Int
  let attention: SelfAttention
  let attentionOutput: ResidualOutput
  let intermediate: Linear
  let output: ResidualOutput
  let attentionOutputDropout: Double
  let outputDropout: Double

  /// Which rows of its output a layer computes.
  package enum Rows {
    case all
    /// The first token's of every example.
    case first
  }

  /// What backward needs.
  struct Tape {
    enum Attention {
      case all(SelfAttention.Tape)
      case first(SelfAttention.FirstRowTape)
    }
    let attention: Attention
    /// Output of the attention half, `[rows, H]`.
    let middle: Matrix
    let middleNorm: LayerNorm.Tape
    /// Before GELU, bias included, `[rows, I]`. What GELU made of it is computed again: the pass over
    /// memory costs less than keeping a sixth of all intermediate results.
    let preActivation: Matrix
    let outputNorm: LayerNorm.Tape
    /// Where all of this begins in the workspace, and where `preActivation` does, which comes last.
    let marks: (start: Workspace.Mark, preActivation: Workspace.Mark)
  }

  init(_ parameters: ParameterStore, index: Int, configuration: EncoderConfiguration) {
    let epsilon = configuration.layerNormEpsilon
    self.index = index
    attention = SelfAttention(parameters, layer: index, configuration: configuration)
    attentionOutput = ResidualOutput(
      parameters, layer: index, .attentionOutput, .attentionNorm, epsilon: epsilon)
    intermediate = Linear(parameters, layer: index, .intermediate)
    output = ResidualOutput(parameters, layer: index, .output, .outputNorm, epsilon: epsilon)
    attentionOutputDropout = configuration.attentionOutputDropout
    outputDropout = configuration.hiddenDropout
  }

  private func dropoutOfAttention(_ key: DropoutKey?) -> Dropout? {
    Dropout(attentionOutputDropout, key, layer: index, site: .attentionOutput)
  }

  private func dropoutOfOutput(_ key: DropoutKey?) -> Dropout? {
    Dropout(outputDropout, key, layer: index, site: .feedForwardOutput)
  }

  /// Computes the layer's output and keeps what backward needs.
  ///
  /// - Parameters:
  ///   - x: `[tokens, H]`.
  ///   - pass: the block.
  ///   - rows: which rows of the output.
  ///   - key: dropout's, or `nil` in evaluation mode.
  /// - Returns: the output, `[tokens, H]` or `[examples, H]`, and the tape, in the workspace.
  func forward(
    _ x: Matrix, _ pass: Pass, rows: Rows, dropout key: DropoutKey?
  ) -> (y: Matrix, tape: Tape) {
    let count = pass.keys(rows).count
    let y = pass.workspace.matrix(count, x.columns)
    return (y, run(x, pass, rows: rows, dropout: key, keepsTape: true, into: y))
  }

  /// Computes the layer's output over its input.
  ///
  /// - Parameters:
  ///   - x: `[tokens, H]`; its first rows are overwritten with the output.
  ///   - pass: the block.
  ///   - rows: which rows of the output.
  ///   - key: dropout's, or `nil` in evaluation mode.
  /// - Returns: the output, `[tokens, H]` or `[examples, H]`, the first rows of `x`.
  func replace(_ x: Matrix, _ pass: Pass, rows: Rows, dropout key: DropoutKey?) -> Matrix {
    let mark = pass.workspace.mark()
    defer { pass.workspace.release(to: mark) }
    let y = x.window(rows: 0..<pass.keys(rows).count)
    _ = run(x, pass, rows: rows, dropout: key, keepsTape: false, into: y)
    return y
  }

  private func run(
    _ x: Matrix, _ pass: Pass, rows: Rows, dropout key: DropoutKey?, keepsTape: Bool,
    into y: Matrix
  ) -> Tape {
    let workspace = pass.workspace
    let keys = pass.keys(rows)
    let H = x.columns
    let start = workspace.mark()
    let attended: Tape.Attention
    let (context, residual): (Matrix, Matrix)
    switch rows {
    case .all:
      let tape = attention.forward(x, pass, dropout: key, keepsTape: keepsTape)
      (attended, context, residual) = (.all(tape), tape.context, x)
    case .first:
      let tape = attention.forwardFirstRow(x, pass, dropout: key)
      (attended, context, residual) = (.first(tape), tape.context, tape.first)
    }
    let middle = workspace.matrix(keys.count, H)
    let middleNorm = LayerNorm.Tape(rows: keepsTape ? keys.count : 0, columns: H, workspace)
    let outputNorm = LayerNorm.Tape(rows: keepsTape ? keys.count : 0, columns: H, workspace)
    let beforePre = workspace.mark()
    let pre = workspace.matrix(keys.count, intermediate.weight.rows)
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let activation = keepsTape ? workspace.matrix(pre.rows, pre.columns) : pre

    attentionOutput.forward(
      context, residual: residual, rows: keys, dropout: dropoutOfAttention(key),
      into: middle, tape: keepsTape ? middleNorm : nil, workspace)
    intermediate.product(middle, into: pre, workspace)
    Kernels.biasGELU(pre, intermediate.bias, into: activation)
    output.forward(
      activation, residual: middle, rows: keys, dropout: dropoutOfOutput(key),
      into: y, tape: keepsTape ? outputNorm : nil, workspace)
    return Tape(
      attention: attended, middle: middle, middleNorm: middleNorm, preActivation: pre,
      outputNorm: outputNorm, marks: (start, beforePre))
  }

  /// Carries a gradient from the output back to the input and the weights.
  ///
  /// - Parameters:
  ///   - dy: ∂loss/∂y, of `y`'s shape, in memory older than the tape; overwritten.
  ///   - x: the input of `forward`.
  ///   - pass: as in `forward`.
  ///   - key: as in `forward`.
  ///   - tape: from `forward`; given back with all that was handed out since.
  ///   - gradient: written, or `nil` if the layer is frozen.
  ///   - inputGradient: memory older than the tape, which may be `x`, if anything before this layer learns.
  /// - Returns: ∂loss/∂x, `[tokens, H]`, if wanted: in `dy`, or in `inputGradient` where `dy` has the first rows alone.
  func backward(
    _ dy: Matrix, input x: Matrix, _ pass: Pass, dropout key: DropoutKey?, tape: Tape,
    into gradient: EncoderLayer?, inputGradient: Matrix?
  ) -> Matrix? {
    let workspace = pass.workspace
    var dx: Matrix?
    let keys: RowKeys
    switch tape.attention {
    case .all:
      keys = pass.keys(.all)
      dx = inputGradient == nil ? nil : dy
    case .first:
      keys = pass.keys(.first)
      dx = inputGradient
    }
    defer { workspace.release(to: tape.marks.start) }
    feedForwardBackward(dy, rows: keys, pass, dropout: key, tape: tape, into: gradient)
    workspace.release(to: tape.marks.preActivation)

    let dContext = workspace.matrix(dy.rows, dy.columns)
    let context: Matrix
    switch tape.attention {
    case .all(let attended): context = attended.context
    case .first(let attended): context = attended.context
    }
    attentionOutput.backward(
      dy, input: context, rows: keys, dropout: dropoutOfAttention(key),
      tape: tape.middleNorm, into: gradient?.attentionOutput, dx: dContext, pass)
    switch tape.attention {
    case .all(let attended):
      attention.backward(
        dContext, input: x, pass, dropout: key, tape: attended, into: gradient?.attention,
        addingTo: dx)
    case .first(let attended):
      attention.backwardFirstRow(
        dContext, input: x, pass, dropout: key, tape: attended, into: gradient?.attention,
        dFirst: dy, dx: dx)
    }
    return dx
  }

  /// Carries a gradient back over the feed-forward half; parameters are those of `backward`.
  private func feedForwardBackward(
    _ dy: Matrix, rows: RowKeys, _ pass: Pass, dropout key: DropoutKey?, tape: Tape,
    into gradient: EncoderLayer?
  ) {
    let workspace = pass.workspace
    let pre = tape.preActivation
    let mark = workspace.mark()
    // Holds the activation until its product with the gradient is formed, then its own gradient.
    let dActivation = workspace.matrix(pre.rows, pre.columns)
    if gradient != nil { Kernels.gelu(pre, into: dActivation) }
    output.backward(
      dy, input: dActivation, rows: rows, dropout: dropoutOfOutput(key),
      tape: tape.outputNorm, into: gradient?.output, dx: dActivation, pass)
    Kernels.geluBackward(dActivation, pre: pre, into: pre)
    workspace.release(to: mark)
    if let gradient {
      intermediate.weightGradient(pre, input: tape.middle, into: gradient.intermediate, pass)
    }
    intermediate.inputGradient(pre, beta: 1, into: dy, workspace)
  }
}
