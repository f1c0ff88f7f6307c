internal import Device
internal import Model

/// A fully connected layer on a device, `y = x Wᵀ + b`; of a gradient it is the gradient's tensors.
struct DeviceLinear {
  /// `[out, in]`.
  let weight: DeviceMatrix
  /// `[1, out]`.
  let bias: DeviceMatrix

  init(weight: DeviceMatrix, bias: DeviceMatrix) { (self.weight, self.bias) = (weight, bias) }

  init(_ store: DeviceStore, layer: Int, _ part: ParameterRole.LayerPart) {
    weight = store.matrix(.layer(layer, part, .weight))
    bias = store.matrix(.layer(layer, part, .bias))
  }

  /// Some of the outputs alone.
  func outputs(_ range: Range<Int>) -> DeviceLinear {
    DeviceLinear(weight: weight.window(rows: range), bias: bias.columns(range))
  }

  /// `x Wᵀ`, without the bias.
  func product(_ x: DeviceMatrix, into y: DeviceMatrix, _ workspace: DeviceWorkspace) throws {
    try workspace.gemm(x, .no, weight, .yes, into: y)
  }

  func forward(_ x: DeviceMatrix, into y: DeviceMatrix, _ workspace: DeviceWorkspace) throws {
    try product(x, into: y, workspace)
    try workspace.addBias(y, bias)
  }

  /// `dW = dyᵀ x`, `db = Σ dy` over rows.
  func writeGradient(
    _ dy: DeviceMatrix, input x: DeviceMatrix, _ workspace: DeviceWorkspace
  ) throws {
    try workspace.gemm(dy, .yes, x, .no, into: weight)
    try workspace.columnSums(dy, into: bias)
  }

  /// `dx = dy W + beta dx`.
  func inputGradient(
    _ dy: DeviceMatrix, beta: Float = 0, into dx: DeviceMatrix, _ workspace: DeviceWorkspace
  ) throws {
    try workspace.gemm(dy, .no, weight, .no, beta: beta, into: dx)
  }
}

/// Layer normalisation on a device.
struct DeviceNorm {
  /// What backward needs.
  struct Tape {
    /// `[rows, H]`.
    let normalized: DeviceMatrix
    /// `[1, rows]`.
    let inverseDeviation: DeviceMatrix

    init(rows: Int, columns: Int, _ workspace: DeviceWorkspace) {
      normalized = workspace.matrix(rows, columns)
      inverseDeviation = workspace.matrix(1, rows)
    }
  }

  let weight: DeviceMatrix
  let bias: DeviceMatrix
  let epsilon: Float

  init(weight: DeviceMatrix, bias: DeviceMatrix, epsilon: Float) {
    (self.weight, self.bias, self.epsilon) = (weight, bias, epsilon)
  }

  init(_ store: DeviceStore, layer: Int, _ part: ParameterRole.LayerPart, epsilon: Float) {
    self.init(
      weight: store.matrix(.layer(layer, part, .weight)),
      bias: store.matrix(.layer(layer, part, .bias)), epsilon: epsilon)
  }
}

/// The end of each half of a layer: `y = LayerNorm(residual + dropout(x Wᵀ + b))`.
struct DeviceResidualOutput {
  let dense: DeviceLinear
  let norm: DeviceNorm

  init(
    _ store: DeviceStore, layer: Int, _ dense: ParameterRole.LayerPart,
    _ norm: ParameterRole.LayerPart, epsilon: Float
  ) {
    self.dense = DeviceLinear(store, layer: layer, dense)
    self.norm = DeviceNorm(store, layer: layer, norm, epsilon: epsilon)
  }

  func forward(
    _ x: DeviceMatrix, residual: DeviceMatrix, rows: DevicePass.Keys, dropout: Dropout?,
    into y: DeviceMatrix, tape: DeviceNorm.Tape?, _ workspace: DeviceWorkspace
  ) throws {
    try dense.product(x, into: y, workspace)
    try workspace.residualLayerNorm(
      y, bias: dense.bias, residual: residual, dropout: dropout, rows: rows, norm: norm, into: y,
      tape: tape)
  }

  /// `dy` becomes ∂loss/∂residual, `dx` is overwritten and may be `x`, the tape is used up.
  func backward(
    _ dy: DeviceMatrix, input x: DeviceMatrix, rows: DevicePass.Keys, dropout: Dropout?,
    tape: DeviceNorm.Tape, into gradient: DeviceResidualOutput?, dx: DeviceMatrix,
    _ workspace: DeviceWorkspace
  ) throws {
    try workspace.layerNormBackward(dy, tape: tape, norm: norm, into: gradient?.norm)
    var dDense = dy
    if let dropout {
      dDense = tape.normalized
      try workspace.drop(dy, dropout, rows: rows, into: dDense)
    }
    try gradient?.dense.writeGradient(dDense, input: x, workspace)
    try dense.inputGradient(dDense, into: dx, workspace)
  }
}

/// The sum of word, position and type embeddings, normalised, on a device.
struct DeviceEmbeddings {
  /// The rows that are on the device, or `[vocabulary, H]` if they learn.
  let words: DeviceMatrix
  let positions: DeviceMatrix
  let types: DeviceMatrix?
  let norm: DeviceNorm
  private let dropoutProbability: Double

  init(_ store: DeviceStore, words: DeviceMatrix, _ configuration: EncoderConfiguration) {
    self.words = words
    positions = store.matrix(.positions)
    types = configuration.typeVocabularySize > 0 ? store.matrix(.tokenTypes) : nil
    norm = DeviceNorm(
      weight: store.matrix(.embeddingNorm(.weight)), bias: store.matrix(.embeddingNorm(.bias)),
      epsilon: configuration.layerNormEpsilon)
    dropoutProbability = configuration.hiddenDropout
  }

  private func dropout(_ key: DropoutKey?) -> Dropout? {
    Dropout(dropoutProbability, key, layer: 0, site: .embeddings)
  }

  func forward(
    _ pass: DevicePass, dropout key: DropoutKey?, keepsTape: Bool
  ) throws -> (y: DeviceMatrix, tape: DeviceNorm.Tape?) {
    let workspace = pass.workspace
    let y = workspace.matrix(pass.tokens, positions.columns)
    let tape = keepsTape ? DeviceNorm.Tape(rows: y.rows, columns: y.columns, workspace) : nil
    try workspace.embed(
      words: words, table: positions, type: types?.window(rows: 0..<1), pass, into: y)
    try workspace.residualLayerNorm(
      y, bias: nil, residual: nil, dropout: nil, rows: pass.all, norm: norm, into: y, tape: tape)
    if let dropout = dropout(key) { try workspace.drop(y, dropout, rows: pass.all, into: y) }
    return (y, tape)
  }

  /// Writes the whole gradient; `dy` is overwritten.
  func backward(
    _ dy: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?, tape: DeviceNorm.Tape,
    into gradient: DeviceEmbeddings
  ) throws {
    let workspace = pass.workspace
    if let dropout = dropout(key) { try workspace.drop(dy, dropout, rows: pass.all, into: dy) }
    try workspace.layerNormBackward(dy, tape: tape, norm: norm, into: gradient.norm)
    if let types = gradient.types {
      try workspace.clear(types)
      try workspace.columnSums(dy, into: types.window(rows: 0..<1))
    }
    for (table, lists) in [(gradient.words, pass.words), (gradient.positions, pass.positions)] {
      try workspace.clear(table)
      if let lists { try workspace.addListedRows(dy, lists, to: table) }
    }
  }
}

/// From the first tokens' rows to the logits, on a device.
struct DeviceHead {
  private let form: Architecture.Head
  private let dense: DeviceLinear
  private let classifier: DeviceLinear
  private let layer: Int
  private let dropoutProbability: Double

  struct Tape {
    let droppedInput: DeviceMatrix?
    let activated: DeviceMatrix
    let dropped: DeviceMatrix
  }

  init(_ store: DeviceStore, layers: Int, _ configuration: EncoderConfiguration) {
    form = configuration.architecture.head
    dense = DeviceLinear(
      weight: store.matrix(.headDense(.weight)), bias: store.matrix(.headDense(.bias)))
    classifier = DeviceLinear(
      weight: store.matrix(.classifier(.weight)), bias: store.matrix(.classifier(.bias)))
    layer = layers
    dropoutProbability = configuration.classifierDropout
  }

  private func dropout(_ key: DropoutKey?) -> Dropout? {
    Dropout(dropoutProbability, key, layer: layer, site: .head)
  }

  private func inputDropout(_ key: DropoutKey?) -> Dropout? {
    switch form {
    case .dense: Dropout(dropoutProbability, key, layer: layer, site: .headInput)
    case .pooler, .preClassifier: nil
    }
  }

  func forward(
    _ x: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?
  ) throws -> (logits: DeviceMatrix, tape: Tape) {
    let workspace = pass.workspace
    func dropped(_ x: DeviceMatrix, _ dropout: Dropout?) throws -> DeviceMatrix? {
      guard let dropout else { return nil }
      let dropped = workspace.matrix(x.rows, x.columns)
      try workspace.drop(x, dropout, rows: pass.first, into: dropped)
      return dropped
    }
    let activated = workspace.matrix(x.rows, x.columns)
    let logits = workspace.matrix(x.rows, classifier.weight.rows)
    let droppedInput = try dropped(x, inputDropout(key))
    try dense.forward(droppedInput ?? x, into: activated, workspace)
    switch form {
    case .pooler, .dense: try workspace.tanh(activated)
    case .preClassifier: try workspace.relu(activated)
    }
    let tape = Tape(
      droppedInput: droppedInput, activated: activated,
      dropped: try dropped(activated, dropout(key)) ?? activated)
    try classifier.forward(tape.dropped, into: logits, workspace)
    return (logits, tape)
  }

  func backward(
    _ dLogits: DeviceMatrix, input x: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?,
    tape: Tape, into gradient: DeviceHead, dx: DeviceMatrix?
  ) throws {
    let workspace = pass.workspace
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let dActivated = workspace.matrix(tape.activated.rows, tape.activated.columns)
    try gradient.classifier.writeGradient(dLogits, input: tape.dropped, workspace)
    try classifier.inputGradient(dLogits, into: dActivated, workspace)
    if let dropout = dropout(key) {
      try workspace.drop(dActivated, dropout, rows: pass.first, into: dActivated)
    }
    switch form {
    case .pooler, .dense: try workspace.tanhBackward(dActivated, output: tape.activated)
    case .preClassifier: try workspace.reluBackward(dActivated, output: tape.activated)
    }
    try gradient.dense.writeGradient(dActivated, input: tape.droppedInput ?? x, workspace)
    if let dx {
      try dense.inputGradient(dActivated, into: dx, workspace)
      if let dropout = inputDropout(key) {
        try workspace.drop(dx, dropout, rows: pass.first, into: dx)
      }
    }
  }
}
