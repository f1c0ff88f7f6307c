internal import Device
internal import Model

/// Computes blocks of a classifier on a device, or counts what they take; see `Worker`, whose steps it follows.
///
/// A block is computed alone, whatever is computed before and after it, so that its bits depend on it alone.
struct DeviceWorker {
  /// For shapes, and for the rows of tokens.
  let classifier: Classifier
  let network: DeviceNetwork
  let workspace: DeviceWorkspace

  private var tuning: FineTuning { classifier.fineTuning }
  private var width: Int { classifier.configuration.hiddenSize }

  // MARK: Evaluation

  /// The output of the frozen layers, `[classifier.prefixRows(of: batch), H]`.
  func prefix(of batch: PackedBatch) throws -> [Float] {
    workspace.reset()
    let pass = try pass(batch, readsTokens: true)
    return try workspace.read(prefix(pass, dropout: nil))
  }

  /// Logits in evaluation mode, `[examples, labels]`; from stored rows, or from the tokens if there are none.
  func logits(of batch: PackedBatch, prefix: StoredRows?) throws -> [Float] {
    workspace.reset()
    let pass = try pass(batch, readsTokens: prefix == nil)
    var x = try start(prefix, pass)
    for index in tuning.frozenLayers..<tuning.encoderLayers {
      x = try replace(x, by: layer(index), pass, dropout: nil)
    }
    return try workspace.read(network.head.forward(x, pass, dropout: nil).logits)
  }

  /// What every layer makes of each example as one vector; as `Worker.pooledStates`.
  func pooledStates(of batch: PackedBatch, prefix: StoredRows?) throws -> [Float] {
    workspace.reset()
    let pass = try pass(batch, readsTokens: prefix == nil)
    let first = prefix == nil ? 0 : tuning.frozenLayers
    precondition(
      prefix == nil || !tuning.prefixIsWholeEncoder, "the prefix lacks most rows")
    let states = tuning.encoderLayers - first + 1
    let pooled = workspace.matrix(states * batch.count, 2 * width)
    func pool(_ x: DeviceMatrix, _ layer: Int) throws {
      let start = (layer - first) * batch.count
      try workspace.pool(x, pass, into: pooled.window(rows: start..<start + batch.count))
    }
    var x =
      prefix == nil
      ? try embeddings.forward(pass, dropout: nil, keepsTape: false).y : try start(prefix, pass)
    try pool(x, first)
    for index in first..<tuning.encoderLayers {
      x = try layer(index).replace(x, pass, rows: .all, dropout: nil)
      try pool(x, index + 1)
    }
    return try workspace.read(pooled)
  }

  // MARK: Training

  /// Stored output of the frozen layers for a block: where it is, or how it comes to the device.
  enum StoredRows {
    /// In this process' memory, `[rows, H]`.
    case here([Float])
    /// On the device: rows of all examples, and which of them, in order.
    case there(DeviceMatrix, [UInt32])
  }

  /// Runs a block forward in training mode and back; as `Worker.gradient`, but that the gradient is always overwritten.
  func gradient(
    of batch: PackedBatch, prefix stored: StoredRows?, labels: [Int], scale: Float,
    dropout key: DropoutKey?, into target: DeviceGradient
  ) throws -> BlockResult {
    precondition(labels.count == batch.count)
    precondition(
      stored == nil || tuning.freezeEmbeddings, "the prefix of learning embeddings is no constant")
    workspace.reset()
    let pass = try pass(
      batch, readsTokens: stored == nil, learnsEmbeddings: !tuning.freezeEmbeddings)
    let frozenKey = tuning.frozenDropout ? key : nil

    // Forward. With learning embeddings every layer passes a gradient on; else the prefix is constant.
    var embeddingTape: DeviceNorm.Tape?
    var inputs: [DeviceMatrix] = []
    var tapes: [DeviceEncoderLayer.Tape] = []
    let firstTaped = tuning.freezeEmbeddings ? tuning.frozenLayers : 0
    var x: DeviceMatrix
    if let stored {
      x = try start(stored, pass)
    } else if tuning.freezeEmbeddings {
      x = try prefix(pass, dropout: frozenKey)
    } else {
      (x, embeddingTape) = try embeddings.forward(pass, dropout: key, keepsTape: true)
    }
    let taped = try (firstTaped..<tuning.encoderLayers).map(layer)
    // Older than all tapes; see `Worker.gradient`.
    var dy: DeviceMatrix? = taped.isEmpty ? nil : workspace.matrix(batch.count, width)
    let rowGradients = taped.count > 2 ? workspace.matrix(batch.tokenCount, width) : nil
    func layerKey(_ layer: DeviceEncoderLayer) -> DropoutKey? {
      layer.index < tuning.frozenLayers ? frozenKey : key
    }
    for layer in taped {
      inputs.append(x)
      let isLast = layer.index == tuning.encoderLayers - 1
      let step = try layer.forward(
        x, pass, rows: isLast ? .first : .all, dropout: layerKey(layer))
      tapes.append(step.tape)
      x = step.y
    }
    let (logits, headTape) = try network.head.forward(x, pass, dropout: key)

    // The loss is summed up in double, here, as on the processor.
    let values = try workspace.read(logits)
    var dLogits = values
    let lossSum =
      workspace.device == nil
      ? 0
      : dLogits.withUnsafeMutableBufferPointer {
        crossEntropy($0, labels: labels, scale: scale)
      }
    try workspace.write(dLogits, to: logits)

    // Backward.
    try network.head.backward(
      logits, input: x, pass, dropout: key, tape: headTape, into: target.head, dx: dy)
    for layer in taped.reversed() {
      guard let d = dy else { break }
      let place = layer.index - firstTaped
      dy = try layer.backward(
        d, input: inputs[place], pass, dropout: layerKey(layer), tape: tapes[place],
        into: target.layers[layer.index],
        inputGradient: layer.index > firstTaped || !tuning.freezeEmbeddings
          ? rowGradients ?? inputs[place] : nil)
    }
    if let gradient = target.embeddings, let embeddingTape, let dy {
      try embeddings.backward(dy, pass, dropout: key, tape: embeddingTape, into: gradient)
    }
    return BlockResult(lossSum: lossSum, logits: values)
  }

  // MARK: Parts

  private func pass(
    _ batch: PackedBatch, readsTokens: Bool, learnsEmbeddings: Bool = false
  ) throws -> DevicePass {
    try DevicePass(
      batch, of: classifier, workspace, readsTokens: readsTokens,
      learnsEmbeddings: learnsEmbeddings)
  }

  private var embeddings: DeviceEmbeddings {
    guard let embeddings = network.embeddings else {
      // Unreachable: the backend puts what is frozen in place before it starts from tokens.
      preconditionFailure("the frozen layers were released")
    }
    return embeddings
  }

  private func layer(_ index: Int) throws -> DeviceEncoderLayer {
    guard let layer = network.layers[index] else {
      // Unreachable: as above.
      preconditionFailure("the frozen layers were released")
    }
    return layer
  }

  /// The frozen prefix from the tokens.
  private func prefix(_ pass: DevicePass, dropout: DropoutKey?) throws -> DeviceMatrix {
    var x = try embeddings.forward(pass, dropout: dropout, keepsTape: false).y
    for index in 0..<tuning.frozenLayers {
      x = try replace(x, by: layer(index), pass, dropout: dropout)
    }
    return x
  }

  /// The first learning layer's input in memory of its own: as stored, or computed.
  private func start(_ stored: StoredRows?, _ pass: DevicePass) throws -> DeviceMatrix {
    guard let stored else { return try prefix(pass, dropout: nil) }
    let x = workspace.matrix(tuning.prefixIsWholeEncoder ? pass.count : pass.tokens, width)
    switch stored {
    case .here(let rows): try workspace.write(rows, to: x)
    case .there(let all, let index):
      let list = workspace.matrix(1, index.count)
      try workspace.write(index, to: list)
      try workspace.gatherRows(all, at: list, into: x)
    }
    return x
  }

  /// A layer's output over its input; of the last layer, the examples' first rows.
  private func replace(
    _ x: DeviceMatrix, by layer: DeviceEncoderLayer, _ pass: DevicePass, dropout: DropoutKey?
  ) throws -> DeviceMatrix {
    try layer.replace(
      x, pass, rows: layer.index == tuning.encoderLayers - 1 ? .first : .all, dropout: dropout)
  }
}
