/// A fully connected layer, `y = x Wᵀ + b`.
///
/// `weight` keeps PyTorch's `[out, in]` order, so checkpoints load without a transpose. The gradient
/// of a layer is another value of the same type, windows on a store of the same layout.
package struct Linear {
  /// Shape `[out, in]`.
  let weight: Matrix
  /// Shape `[1, out]`.
  let bias: Matrix

  init(_ parameters: ParameterStore, layer: Int, _ part: ParameterRole.LayerPart) {
    self.init(
      weight: parameters.matrix(.layer(layer, part, .weight)),
      bias: parameters.matrix(.layer(layer, part, .bias)))
  }

  init(weight: Matrix, bias: Matrix) {
    precondition(bias.columns == weight.rows)
    (self.weight, self.bias) = (weight, bias)
  }

  /// Computes `x Wᵀ`, leaving the bias to the kernel that comes next.
  ///
  /// - Parameters:
  ///   - x: `[rows, in]`.
  ///   - y: `[rows, out]`, overwritten.
  ///   - workspace: the thread's.
  func product(_ x: Matrix, into y: Matrix, _ workspace: Workspace) {
    workspace.gemm(x, .no, weight, .yes, into: y)
  }

  /// Computes `x Wᵀ + b`; shapes as in `product`.
  func forward(_ x: Matrix, into y: Matrix, _ workspace: Workspace) {
    product(x, into: y, workspace)
    Kernels.addBias(y, bias)
  }

  /// Writes the weights' gradient: `dW = dyᵀ x`, `db = Σ dy` over rows.
  ///
  /// - Parameters:
  ///   - dy: ∂loss/∂y, `[rows, out]`.
  ///   - x: the input of `forward`, `[rows, in]`.
  ///   - gradient: the layer's gradient.
  ///   - pass: the block.
  func weightGradient(_ dy: Matrix, input x: Matrix, into gradient: Linear, _ pass: Pass) {
    pass.write(gradient.weight) { pass.workspace.gemm(dy, .yes, x, .no, into: $0) }
    pass.write(gradient.bias) { Kernels.columnSums(dy, into: $0) }
  }

  /// `dx = dy W + beta dx`.
  func inputGradient(
    _ dy: Matrix, beta: Float = 0, into dx: Matrix, _ workspace: Workspace
  ) {
    workspace.gemm(dy, .no, weight, .no, beta: beta, into: dx)
  }
}
