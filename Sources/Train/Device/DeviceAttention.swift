internal import Device
internal import Model

/// Multi-head self-attention within each example, up to the concatenated context, on a device; see `SelfAttention`.
struct DeviceAttention {
  /// Query, key and value: `[3H, H]`.
  private let projection: DeviceLinear
  private let layer: Int
  private let heads: Int
  private let dropoutProbability: Double

  /// What backward needs of all rows.
  struct Tape {
    let projected: DeviceMatrix
    let probabilities: DeviceMatrix
    let context: DeviceMatrix
  }

  /// What backward needs of first rows.
  struct FirstRowTape {
    let first: DeviceMatrix
    let query: DeviceMatrix
    let keyed: DeviceMatrix
    let attended: DeviceMatrix
    let probabilities: DeviceMatrix
    let sums: DeviceMatrix
    let context: DeviceMatrix
  }

  init(_ store: DeviceStore, layer: Int, _ configuration: EncoderConfiguration) {
    projection = DeviceLinear(
      weight: store.matrix(
        from: .layer(layer, .query, .weight), to: .layer(layer, .value, .weight)),
      bias: store.matrix(from: .layer(layer, .query, .bias), to: .layer(layer, .value, .bias)))
    self.layer = layer
    heads = configuration.heads
    dropoutProbability = configuration.attentionDropout
  }

  private var hiddenSize: Int { projection.weight.columns }
  private var width: Int { hiddenSize / heads }
  private var scale: Float { 1 / Float(width).squareRoot() }

  private func dropout(_ key: DropoutKey?) -> Dropout? {
    Dropout(dropoutProbability, key, layer: layer, site: .attentionProbabilities)
  }

  /// The columns of query (0), key (1) or value (2) in `projected`, or their rows in the weight.
  private func part(_ part: Int) -> Range<Int> { part * hiddenSize..<(part + 1) * hiddenSize }

  // MARK: All rows

  func forward(_ x: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?) throws -> Tape {
    let workspace = pass.workspace
    let tape = Tape(
      projected: workspace.matrix(x.rows, 3 * hiddenSize),
      probabilities: workspace.matrix(1, pass.allScores.count),
      context: workspace.matrix(x.rows, hiddenSize))
    let dropout = dropout(key)
    let (projected, p) = (tape.projected, tape.probabilities)
    try projection.forward(x, into: projected, workspace)
    try workspace.attendScores(
      projected.columns(part(0)), projected.columns(part(1)), into: p, .all, heads: heads,
      width: width, pass)
    try workspace.attentionSoftmax(
      p, sums: nil, heads: heads, scale: scale, dropout: dropout, pass)
    try workspace.attendQueries(
      p, projected.columns(part(2)), into: tape.context, weights: dropout?.words.scale ?? 1, .all,
      heads: heads, width: width, pass)
    return tape
  }

  /// Adds ∂loss/∂x to `dx`; the gradient is overwritten.
  func backward(
    _ dContext: DeviceMatrix, input x: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?,
    tape: Tape, into gradient: DeviceAttention?, addingTo dx: DeviceMatrix?
  ) throws {
    guard gradient != nil || dx != nil else { return }
    let workspace = pass.workspace
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let dropout = dropout(key)
    let (projected, p) = (tape.projected, tape.probabilities)
    let dProjected = workspace.matrix(x.rows, 3 * hiddenSize)
    let dScores = workspace.matrix(1, pass.allScores.count)
    try workspace.attendScores(
      dContext, projected.columns(part(2)), into: dScores, .all, heads: heads, width: width, pass)
    try workspace.attentionSoftmaxBackward(
      p, dScores, addends: nil, heads: heads, scale: scale, dropout: dropout, pass)
    try workspace.attendQueries(
      dScores, projected.columns(part(1)), into: dProjected.columns(part(0)), weights: nil, .all,
      heads: heads, width: width, pass)
    try workspace.attendKeys(
      dScores, projected.columns(part(0)), into: dProjected.columns(part(1)), weights: nil, .all,
      heads: heads, width: width, pass)
    try workspace.attendKeys(
      p, dContext, into: dProjected.columns(part(2)), weights: dropout?.words.scale ?? 1, .all,
      heads: heads, width: width, pass)
    if let gradient {
      try gradient.projection.writeGradient(dProjected, input: x, workspace)
      // The key bias has gradient zero; what was summed up is rounding noise.
      try workspace.clear(gradient.projection.bias.columns(part(1)))
    }
    if let dx { try projection.inputGradient(dProjected, beta: 1, into: dx, workspace) }
  }

  // MARK: First rows

  /// The first head's columns in `[examples, H]`, and how far the next head's are.
  private func slices(_ x: DeviceMatrix) -> (first: DeviceMatrix, stride: Int) {
    (x.columns(0..<width), width)
  }

  /// The same in `[examples, heads × H]`.
  private func wide(_ x: DeviceMatrix) -> (first: DeviceMatrix, stride: Int) {
    (x.columns(0..<hiddenSize), hiddenSize)
  }

  /// The first head's rows in a part of the weight, and how far the next head's are.
  private func weightSlices(_ part: Int) -> (first: DeviceMatrix, stride: Int) {
    let start = part * hiddenSize
    return (projection.weight.window(rows: start..<start + width), width * hiddenSize)
  }

  func forwardFirstRow(
    _ x: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?
  ) throws -> FirstRowTape {
    let workspace = pass.workspace
    let (n, H) = (pass.count, hiddenSize)
    let tape = FirstRowTape(
      first: workspace.matrix(n, H), query: workspace.matrix(n, H),
      keyed: workspace.matrix(n, heads * H), attended: workspace.matrix(n, heads * H),
      probabilities: workspace.matrix(1, pass.firstScores.count), sums: workspace.matrix(n, heads),
      context: workspace.matrix(n, H))
    let dropout = dropout(key)
    try workspace.gatherRows(x, at: pass.offsets, into: tape.first)
    try projection.outputs(part(0)).forward(tape.first, into: tape.query, workspace)
    try workspace.gemm(
      slices(tape.query), .no, weightSlices(1), .no, into: wide(tape.keyed), batch: heads)
    try workspace.attendScores(
      tape.keyed.reshaped(rows: n * heads, columns: H), x, into: tape.probabilities,
      .first(heads: heads), heads: heads, width: H, pass)
    try workspace.attentionSoftmax(
      tape.probabilities, sums: tape.sums, heads: heads, scale: scale, dropout: dropout, pass)
    try workspace.attendQueries(
      tape.probabilities, x, into: tape.attended.reshaped(rows: n * heads, columns: H),
      weights: dropout?.words.scale ?? 1, .first(heads: heads), heads: heads, width: H, pass)
    try workspace.gemm(
      wide(tape.attended), .no, weightSlices(2), .yes, into: slices(tape.context), batch: heads)
    try workspace.addWeightedBias(
      tape.context, sums: tape.sums, bias: projection.outputs(part(2)).bias)
    return tape
  }

  /// Overwrites the gradient and, if it is wanted, `dx`, with `dFirst` included; `dx` may be `x`.
  func backwardFirstRow(
    _ dContext: DeviceMatrix, input x: DeviceMatrix, _ pass: DevicePass, dropout key: DropoutKey?,
    tape: FirstRowTape, into gradient: DeviceAttention?, dFirst: DeviceMatrix, dx: DeviceMatrix?
  ) throws {
    guard gradient != nil || dx != nil else { return }
    let workspace = pass.workspace
    let mark = workspace.mark()
    defer { workspace.release(to: mark) }
    let (n, H) = (pass.count, hiddenSize)
    let dropout = dropout(key)
    let dAttended = workspace.matrix(n, heads * H)
    let dKeyed = workspace.matrix(n, heads * H)
    let dQuery = workspace.matrix(n, H)
    let dSums = workspace.matrix(n, heads)
    let dScores = workspace.matrix(1, pass.firstScores.count)
    let rows = { (wide: DeviceMatrix) in wide.reshaped(rows: n * heads, columns: H) }
    try workspace.weightedBiasSums(
      dContext, bias: projection.outputs(part(2)).bias, into: dSums)
    if let gradient {
      try workspace.weightedBiasGradient(
        dContext, sums: tape.sums, into: gradient.projection.outputs(part(2)).bias)
      try workspace.gemm(
        slices(dContext), .yes, wide(tape.attended), .no, into: gradient.weightSlices(2),
        batch: heads)
    }
    try workspace.gemm(
      slices(dContext), .no, weightSlices(2), .no, into: wide(dAttended), batch: heads)
    try workspace.attendScores(
      rows(dAttended), x, into: dScores, .first(heads: heads), heads: heads, width: H, pass)
    try workspace.attentionSoftmaxBackward(
      tape.probabilities, dScores, addends: dSums, heads: heads, scale: scale, dropout: dropout,
      pass)
    try workspace.attendQueries(
      dScores, x, into: rows(dKeyed), weights: nil, .first(heads: heads), heads: heads, width: H,
      pass)
    if let dx {
      try workspace.attendKeys(
        tape.probabilities, rows(dAttended), into: dx, weights: dropout?.words.scale ?? 1,
        .first(heads: heads), heads: heads, width: H, pass)
      try workspace.attendKeys(
        dScores, rows(tape.keyed), into: dx, adds: true, weights: nil, .first(heads: heads),
        heads: heads, width: H, pass)
    }
    if let gradient {
      try workspace.gemm(
        slices(tape.query), .yes, wide(dKeyed), .no, into: gradient.weightSlices(1), batch: heads)
    }
    try workspace.gemm(
      wide(dKeyed), .no, weightSlices(1), .yes, into: slices(dQuery), batch: heads)
    if let gradient {
      try gradient.projection.outputs(part(0))
        .writeGradient(dQuery, input: tape.first, workspace)
      try workspace.clear(gradient.projection.bias.columns(part(1)))
    }
    if let dx {
      try projection.outputs(part(0)).inputGradient(dQuery, beta: 1, into: dFirst, workspace)
      try workspace.addToRows(dFirst, at: pass.offsets, of: dx)
    }
  }
}
