internal import Device
internal import Model

/// One layer of the encoder on a device; see `EncoderLayer`, whose steps and uses of memory it follows.
struct DeviceEncoderLayer {
  let index: Int
  private let attention: DeviceAttention
  private let attentionOutput: DeviceResidualOutput
  private let intermediate: DeviceLinear
  private let output: DeviceResidualOutput
  private let attentionOutputDropout: Double
  private let outputDropout: Double

  struct Tape {
    enum Attention {
      case all(DeviceAttention.Tape)
      case first(DeviceAttention.FirstRowTape)

      var context: DeviceMatrix {
        switch self {
        case .all(let tape): tape.context
        case .first(let tape): tape.context
        }
      }
    }
    let attention: Attention
    let middle: DeviceMatrix
    let middleNorm: DeviceNorm.Tape
    let preActivation: DeviceMatrix
    let outputNorm: DeviceNorm.Tape
    let marks: (start: DeviceWorkspace.Mark, preActivation: DeviceWorkspace.Mark)
  }

  init(_ store: DeviceStore, index: Int, _ configuration: EncoderConfiguration) {
    let epsilon = configuration.layerNormEpsilon
    self.index = index
    attention = DeviceAttention(store, layer: index, configuration)
    attentionOutput = DeviceResidualOutput(
      store, layer: index, .attentionOutput, .attentionNorm, epsilon: epsilon)
    intermediate = DeviceLinear(store, layer: index, .intermediate)
    output = DeviceResidualOutput(store, layer: index, .output, .outputNorm, epsilon: epsilon)
    attentionOutputDropout = configuration.attentionOutputDropout
    outputDropout = configuration.hiddenDropout
  }

  private func dropoutOfAttention(_ key: DropoutKey?) -> Dropout? {
    Dropout(attentionOutputDropout, key, layer: index, site: .attentionOutput)
  }

  private func dropoutOfOutput(_ key: DropoutKey?) -> Dropout? {
    Dropout(outputDropout, key, layer: index, site: .feedForwardOutput)
  }

  func forward(
    _ x: DeviceMatrix, _ pass: DevicePass, rows: EncoderLayer.Rows, dropout key: DropoutKey?
  ) throws -> (y: DeviceMatrix, tape: Tape) {
    let y = pass.workspace.matrix(pass.keys(rows).count, x.columns)
    return (y, try run(x, pass, rows: rows, dropout: key, keepsTape: true, into: y))
  }

  /// The output over the input: its first rows.
  func replace(
    _ x: DeviceMatrix, _ pass: DevicePass, rows: EncoderLayer.Rows, dropout key: DropoutKey?
  ) throws -> DeviceMatrix {
    let mark = pass.workspace.mark()
    defer { pass.workspace.release(to: mark) }
    let y = x.window(rows: 0..<pass.keys(rows).count)
    _ = try run(x, pass, rows: rows, dropout: key, keepsTape: false, into: y)
    return y
  }

  private func run(
    _ x: DeviceMatrix, _ pass: DevicePass, rows: EncoderLayer.Rows, dropout key: DropoutKey?,
    keepsTape: Bool, into y: DeviceMatrix
  ) throws -> Tape {
    let workspace = pass.workspace
    let keys = pass.keys(rows)
    let H = x.columns
    let start = workspace.mark()
    let attended: Tape.Attention
    let residual: DeviceMatrix
    switch rows {
    case .all:
      attended = .all(try attention.forward(x, pass, dropout: key))
      residual = x
    case .first:
      let tape = try attention.forwardFirstRow(x, pass, dropout: key)
      (attended, residual) = (.first(tape), tape.first)
    }
    let middle = workspace.matrix(keys.count, H)
    let middleNorm = DeviceNorm.Tape(rows: keepsTape ? keys.count : 0, columns: H, workspace)
    let outputNorm = DeviceNorm.Tape(rows: keepsTape ? keys.count : 0, columns: H, workspace)
    let beforePre = workspace.mark()
    let pre = workspace.matrix(keys.count, intermediate.weight.rows)
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let activation = keepsTape ? workspace.matrix(pre.rows, pre.columns) : pre
    try attentionOutput.forward(
      attended.context, residual: residual, rows: keys, dropout: dropoutOfAttention(key),
      into: middle, tape: keepsTape ? middleNorm : nil, workspace)
    try intermediate.product(middle, into: pre, workspace)
    try workspace.biasGELU(pre, intermediate.bias, into: activation)
    try output.forward(
      activation, residual: middle, rows: keys, dropout: dropoutOfOutput(key), into: y,
      tape: keepsTape ? outputNorm : nil, workspace)
    return Tape(
      attention: attended, middle: middle, middleNorm: middleNorm, preActivation: pre,
      outputNorm: outputNorm, marks: (start, beforePre))
  }

  /// Carries a gradient back; parameters as those of `EncoderLayer.backward`.
  func backward(
    _ dy: DeviceMatrix, input x: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?,
    tape: Tape, into gradient: DeviceEncoderLayer?, inputGradient: DeviceMatrix?
  ) throws -> DeviceMatrix? {
    let workspace = pass.workspace
    let keys: DevicePass.Keys
    let dx: DeviceMatrix?
    switch tape.attention {
    case .all: (keys, dx) = (pass.all, inputGradient == nil ? nil : dy)
    case .first: (keys, dx) = (pass.first, inputGradient)
    }
    defer { workspace.release(to: tape.marks.start) }
    try feedForwardBackward(dy, rows: keys, pass, dropout: key, tape: tape, into: gradient)
    workspace.release(to: tape.marks.preActivation)
    let dContext = workspace.matrix(dy.rows, dy.columns)
    try attentionOutput.backward(
      dy, input: tape.attention.context, rows: keys, dropout: dropoutOfAttention(key),
      tape: tape.middleNorm, into: gradient?.attentionOutput, dx: dContext, workspace)
    switch tape.attention {
    case .all(let attended):
      try attention.backward(
        dContext, input: x, pass, dropout: key, tape: attended, into: gradient?.attention,
        addingTo: dx)
    case .first(let attended):
      try attention.backwardFirstRow(
        dContext, input: x, pass, dropout: key, tape: attended, into: gradient?.attention,
        dFirst: dy, dx: dx)
    }
    return dx
  }

  private func feedForwardBackward(
    _ dy: DeviceMatrix, rows: DevicePass.Keys, _ pass: DevicePass, dropout key: DropoutKey?,
    tape: Tape, into gradient: DeviceEncoderLayer?
  ) throws {
    let workspace = pass.workspace
    let pre = tape.preActivation
    let mark = workspace.mark()
    // Holds the activation until its product with the gradient is formed, then its own gradient.
    let dActivation = workspace.matrix(pre.rows, pre.columns)
    if gradient != nil { try workspace.gelu(pre, into: dActivation) }
    try output.backward(
      dy, input: dActivation, rows: rows, dropout: dropoutOfOutput(key), tape: tape.outputNorm,
      into: gradient?.output, dx: dActivation, workspace)
    try workspace.geluBackward(dActivation, pre: pre, into: pre)
    workspace.release(to: mark)
    if let gradient {
      try gradient.intermediate.writeGradient(pre, input: tape.middle, workspace)
    }
    try intermediate.inputGradient(pre, beta: 1, into: dy, workspace)
  }
}
