/// The head of BERT's classifier, `Architecture.Head.pooler`: dense and tanh, dropout, linear.
package struct ClassificationHead {
  let pooler: Linear
  let classifier: Linear
  let layer: Int
  let dropoutProbability: Double

  /// What backward needs.
  struct Tape {
    /// After tanh, `[examples, H]`.
    let pooled: Matrix
    /// After dropout, `[examples, H]`.
    let dropped: Matrix
  }

  init(_ parameters: ParameterStore, layers: Int, configuration: EncoderConfiguration) {
    pooler = Linear(
      weight: parameters.matrix(.headDense(.weight)), bias: parameters.matrix(.headDense(.bias)))
    classifier = Linear(
      weight: parameters.matrix(.classifier(.weight)), bias: parameters.matrix(.classifier(.bias)))
    layer = layers
    dropoutProbability = configuration.classifierDropout
  }

  private func dropout(_ key: DropoutKey?) -> Dropout? {
    Dropout(dropoutProbability, key, layer: layer, site: .head)
  }

  /// Computes the logits.
  ///
  /// - Parameters:
  ///   - x: the first tokens' rows of the last layer, `[examples, H]`.
  ///   - pass: the block.
  ///   - key: dropout's, or `nil` in evaluation mode.
  /// - Returns: `[examples, labels]` and the tape, in the workspace.
  func forward(
    _ x: Matrix, _ pass: Pass, dropout key: DropoutKey?
  ) -> (logits: Matrix, tape: Tape) {
    let workspace = pass.workspace
    let pooled = workspace.matrix(x.rows, x.columns)
    let logits = workspace.matrix(x.rows, classifier.weight.rows)
    pooler.forward(x, into: pooled, workspace)
    Kernels.tanh(pooled)
    var dropped = pooled
    if let dropout = dropout(key) {
      dropped = workspace.matrix(x.rows, x.columns)
      Kernels.drop(pooled, dropout, rows: pass.keys(.first), into: dropped)
    }
    classifier.forward(dropped, into: logits, workspace)
    return (logits, Tape(pooled: pooled, dropped: dropped))
  }

  /// Carries a gradient from the logits back.
  ///
  /// - Parameters:
  ///   - dLogits: ∂loss/∂logits, `[examples, labels]`.
  ///   - x: the input of `forward`.
  ///   - pass: as in `forward`.
  ///   - key: as in `forward`.
  ///   - tape: from `forward`.
  ///   - gradient: overwritten.
  ///   - dx: overwritten with ∂loss/∂x, `[examples, H]`, or `nil` if nobody needs it.
  func backward(
    _ dLogits: Matrix, input x: Matrix, _ pass: Pass, dropout key: DropoutKey?, tape: Tape,
    into gradient: ClassificationHead, dx: Matrix?
  ) {
    let workspace = pass.workspace
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let dPooled = workspace.matrix(x.rows, x.columns)
    classifier.weightGradient(dLogits, input: tape.dropped, into: gradient.classifier, workspace)
    classifier.inputGradient(dLogits, into: dPooled, workspace)
    if let dropout = dropout(key) {
      Kernels.drop(dPooled, dropout, rows: pass.keys(.first), into: dPooled)
    }
    Kernels.tanhBackward(dPooled, output: tape.pooled)
    pooler.weightGradient(dPooled, input: x, into: gradient.pooler, workspace)
    if let dx { pooler.inputGradient(dPooled, into: dx, workspace) }
  }
}
