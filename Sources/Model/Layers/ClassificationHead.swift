/// From the first tokens' rows to the logits: dense, an activation, dropout, linear, in one of the forms of
/// `Architecture.Head`.
package struct ClassificationHead {
  let form: Architecture.Head
  let dense: Linear
  let classifier: Linear
  let layer: Int
  let dropoutProbability: Double

  /// What backward needs.
  struct Tape {
    /// What dropout left of the input, `[examples, H]`; `nil` if it took nothing.
    let droppedInput: Matrix?
    /// After the activation, `[examples, H]`.
    let activated: Matrix
    /// After dropout, `[examples, H]`.
    let dropped: Matrix
  }

  init(_ parameters: ParameterStore, layers: Int, configuration: EncoderConfiguration) {
    form = configuration.architecture.head
    dense = Linear(
      weight: parameters.matrix(.headDense(.weight)), bias: parameters.matrix(.headDense(.bias)))
    classifier = Linear(
      weight: parameters.matrix(.classifier(.weight)), bias: parameters.matrix(.classifier(.bias)))
    layer = layers
    dropoutProbability = configuration.classifierDropout
  }

  /// Before the classifier.
  private func dropout(_ key: DropoutKey?) -> Dropout? {
    Dropout(dropoutProbability, key, layer: layer, site: .head)
  }

  /// Before the dense layer, where the form has one.
  private func inputDropout(_ key: DropoutKey?) -> Dropout? {
    switch form {
    case .dense: Dropout(dropoutProbability, key, layer: layer, site: .headInput)
    case .pooler, .preClassifier: nil
    }
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
    func dropped(_ x: Matrix, _ dropout: Dropout?) -> Matrix? {
      dropout.map {
        let dropped = workspace.matrix(x.rows, x.columns)
        Kernels.drop(x, $0, rows: pass.keys(.first), into: dropped)
        return dropped
      }
    }
    let activated = workspace.matrix(x.rows, x.columns)
    let logits = workspace.matrix(x.rows, classifier.weight.rows)
    let droppedInput = dropped(x, inputDropout(key))
    dense.forward(droppedInput ?? x, into: activated, workspace)
    switch form {
    case .pooler, .dense: Kernels.tanh(activated)
    case .preClassifier: Kernels.relu(activated)
    }
    let tape = Tape(
      droppedInput: droppedInput, activated: activated,
      dropped: dropped(activated, dropout(key)) ?? activated)
    classifier.forward(tape.dropped, into: logits, workspace)
    return (logits, tape)
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
    let dActivated = workspace.matrix(tape.activated.rows, tape.activated.columns)
    classifier.weightGradient(dLogits, input: tape.dropped, into: gradient.classifier, pass)
    classifier.inputGradient(dLogits, into: dActivated, workspace)
    if let dropout = dropout(key) {
      Kernels.drop(dActivated, dropout, rows: pass.keys(.first), into: dActivated)
    }
    switch form {
    case .pooler, .dense: Kernels.tanhBackward(dActivated, output: tape.activated)
    case .preClassifier: Kernels.reluBackward(dActivated, output: tape.activated)
    }
    dense.weightGradient(dActivated, input: tape.droppedInput ?? x, into: gradient.dense, pass)
    if let dx {
      dense.inputGradient(dActivated, into: dx, workspace)
      if let dropout = inputDropout(key) {
        Kernels.drop(dx, dropout, rows: pass.keys(.first), into: dx)
      }
    }
  }
}
