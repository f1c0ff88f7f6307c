/// Layer normalisation, `y = (z − mean) / √(variance + ε) · weight + bias` (Ba, Kiros, Hinton 2016).
package struct LayerNorm {
  /// What backward needs.
  package struct Tape {
    /// `(z − mean) / deviation`, `[rows, H]`.
    let normalized: Matrix
    /// `[1, rows]`.
    let inverseDeviation: Matrix

    package init(rows: Int, columns: Int, _ workspace: Workspace) {
      normalized = workspace.matrix(rows, columns)
      inverseDeviation = workspace.matrix(1, rows)
    }
  }

  /// Shape `[1, H]`.
  package let weight: Matrix
  /// Shape `[1, H]`.
  package let bias: Matrix
  let epsilon: Float

  init(
    _ parameters: ParameterStore, layer: Int, _ part: ParameterRole.LayerPart, epsilon: Float
  ) {
    self.init(
      weight: parameters.matrix(.layer(layer, part, .weight)),
      bias: parameters.matrix(.layer(layer, part, .bias)), epsilon: epsilon)
  }

  package init(weight: Matrix, bias: Matrix, epsilon: Float) {
    (self.weight, self.bias, self.epsilon) = (weight, bias, epsilon)
  }

  /// Carries a gradient back.
  ///
  /// - Parameters:
  ///   - dy: in: ∂loss/∂y; out: ∂loss/∂z.
  ///   - tape: from `Kernels.residualLayerNorm`.
  ///   - gradient: written, or `nil` if gain and bias are frozen.
  ///   - pass: the block.
  func backward(_ dy: Matrix, tape: Tape, into gradient: LayerNorm?, _ pass: Pass) {
    guard let gradient else {
      return Kernels.layerNormBackward(dy, tape: tape, norm: self, into: dy, gradient: nil)
    }
    pass.write([gradient.weight, gradient.bias]) {
      Kernels.layerNormBackward(
        dy, tape: tape, norm: self, into: dy,
        gradient: LayerNorm(weight: $0[0], bias: $0[1], epsilon: epsilon))
    }
  }
}

/// The end of each half of an encoder layer: `y = LayerNorm(residual + dropout(x Wᵀ + b))`.
package struct ResidualOutput {
  let dense: Linear
  let norm: LayerNorm

  init(
    _ parameters: ParameterStore, layer: Int, _ dense: ParameterRole.LayerPart,
    _ norm: ParameterRole.LayerPart, epsilon: Float
  ) {
    self.dense = Linear(parameters, layer: layer, dense)
    self.norm = LayerNorm(parameters, layer: layer, norm, epsilon: epsilon)
  }

  /// Computes the output.
  ///
  /// - Parameters:
  ///   - x: `[rows, in]`.
  ///   - residual: `[rows, H]`, no part of `y`.
  ///   - rows: the keys of the rows' draws.
  ///   - dropout: of this site, or `nil`.
  ///   - y: `[rows, H]`, overwritten.
  ///   - tape: receives what backward needs, or nothing.
  ///   - workspace: the thread's.
  func forward(
    _ x: Matrix, residual: Matrix, rows: RowKeys, dropout: Dropout?, into y: Matrix,
    tape: LayerNorm.Tape?, _ workspace: Workspace
  ) {
    dense.product(x, into: y, workspace)
    Kernels.residualLayerNorm(
      y, bias: dense.bias, residual: residual, dropout: dropout, rows: rows, norm: norm, into: y,
      tape: tape)
  }

  /// Carries a gradient back.
  ///
  /// - Parameters:
  ///   - dy: in: ∂loss/∂y, `[rows, H]`; out: ∂loss/∂residual.
  ///   - x: the input of `forward`.
  ///   - rows: as in `forward`.
  ///   - dropout: as in `forward`.
  ///   - tape: from `forward`; used up.
  ///   - gradient: written, or `nil` if the layer is frozen.
  ///   - dx: receives ∂loss/∂x, `[rows, in]`; may be `x`.
  ///   - pass: the block.
  func backward(
    _ dy: Matrix, input x: Matrix, rows: RowKeys, dropout: Dropout?, tape: LayerNorm.Tape,
    into gradient: ResidualOutput?, dx: Matrix, _ pass: Pass
  ) {
    norm.backward(dy, tape: tape, into: gradient?.norm, pass)
    var dDense = dy
    if let dropout {
      // Nobody reads the tape from here on, so its rows serve as scratch.
      dDense = tape.normalized
      Kernels.drop(dy, dropout, rows: rows, into: dDense)
    }
    if let gradient {
      dense.weightGradient(dDense, input: x, into: gradient.dense, pass)
    }
    dense.inputGradient(dDense, into: dx, pass.workspace)
  }
}
