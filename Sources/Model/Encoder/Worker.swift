/// How the last layer is computed.
package enum LastLayer {
  /// Only the `[CLS]` rows, which is all that the head reads.
  case firstRow
  /// Every row, the long way; the tests show that it makes no difference.
  case allRows
}

/// One thread's means to run a classifier: its own memory, reused from block to block.
///
/// A worker is not safe to use from two threads at once; workers of the same classifier are.
public final class Worker {
  /// What a block gives besides its gradient.
  public struct BlockResult: Sendable {
    /// The sum of the examples' cross-entropies, in nats.
    public let lossSum: Double
    /// `[examples, labels]`, dropout on.
    public let logits: [Float]
    /// Multiply-adds done in matrix products.
    public let multiplyAdds: Int
  }

  public let classifier: Classifier
  private let workspace: Workspace
  private let lastLayer: LastLayer
  /// The gradient store last used and its layers, which are the same from block to block.
  private var gradientLayers: (store: ParameterStore, layers: GradientLayers)?

  /// Multiply-adds done in matrix products since the worker was made.
  public var multiplyAdds: Int { workspace.multiplyAdds }
  /// The memory held for intermediate results, in bytes.
  public var workspaceBytes: Int { workspace.byteCount }
  /// The most that intermediate results took at a time, in bytes.
  package var mostWorkspaceBytes: Int { workspace.mostBytes }

  /// Makes a worker.
  public convenience init(_ classifier: Classifier) {
    self.init(classifier, lastLayer: .firstRow)
  }

  /// Every matrix product from now on, in order, for benchmarks that repeat them without the rest;
  /// `nil`, as at first, records nothing.
  package var products: [Workspace.Product]? {
    get { workspace.products }
    set { workspace.products = newValue }
  }

  package convenience init(_ classifier: Classifier, lastLayer: LastLayer) {
    self.init(classifier, lastLayer: lastLayer, Workspace())
  }

  init(_ classifier: Classifier, lastLayer: LastLayer = .firstRow, _ workspace: Workspace) {
    (self.classifier, self.lastLayer, self.workspace) = (classifier, lastLayer, workspace)
  }

  // MARK: Evaluation

  /// Computes the output of the frozen prefix in evaluation mode.
  ///
  /// - Parameters:
  ///   - batch: the examples.
  ///   - hidden: replaced by `[classifier.prefixRows(of: batch), H]`.
  public func prefix(of batch: PackedBatch, into hidden: inout [Float]) {
    workspace.reset()
    let pass = Pass(batch, workspace)
    let x = prefix(of: batch, pass, dropout: nil)
    hidden.removeAll(keepingCapacity: true)
    if x.isShapeAlone { return }
    hidden.append(contentsOf: UnsafeBufferPointer(start: x.base, count: x.count))
  }

  /// Computes logits in evaluation mode.
  ///
  /// - Parameters:
  ///   - batch: the examples.
  ///   - prefix: what `prefix` gave for them, or `nil` to start from the tokens.
  /// - Returns: `[examples, labels]`.
  public func logits(of batch: PackedBatch, prefix: [Float]? = nil) -> [Float] {
    workspace.reset()
    let pass = Pass(batch, workspace)
    var x = start(batch, prefix, pass)
    for layer in classifier.layers[classifier.fineTuning.frozenLayers...] {
      x = replace(x, by: layer, pass, dropout: nil)
    }
    return classifier.head.forward(x, pass, dropout: nil).logits.elements
  }

  /// Computes what every layer makes of each example as one vector, in evaluation mode: the mean over its tokens, then the
  /// first token's.
  ///
  /// - Parameters:
  ///   - batch: the examples.
  ///   - prefix: what `prefix` gave for them, a row per token, or `nil` to start from the tokens.
  /// - Returns: `[layers + 1, examples, 2 H]`, the embeddings' output first; with a prefix the last frozen layer's output
  ///   first.
  package func pooledStates(of batch: PackedBatch, prefix: [Float]? = nil) -> [Float] {
    workspace.reset()
    let pass = Pass(batch, workspace)
    checkLengths(batch)
    let width = classifier.configuration.hiddenSize
    let first = prefix == nil ? 0 : classifier.fineTuning.frozenLayers
    var pooled = [Float](
      repeating: 0, count: (classifier.layers.count - first + 1) * batch.count * 2 * width)
    func pool(_ x: Matrix, _ layer: Int) {
      if x.isShapeAlone { return }
      pooled.withUnsafeMutableBufferPointer {
        guard let base = $0.baseAddress else { return }
        let vectors = Matrix(
          base: base + (layer - first) * batch.count * 2 * width, rows: batch.count,
          columns: 2 * width)
        for example in 0..<batch.count {
          let rows = x.window(rows: batch.offsets[example]..<batch.offsets[example + 1])
          let vector = vectors.window(rows: example..<example + 1)
          let mean = vector.columns(0..<width)
          Kernels.columnSums(rows, into: mean)
          Kernels.scale(mean, by: 1 / Float(rows.rows))
          vector.columns(width..<2 * width).copy(from: rows.window(rows: 0..<1))
        }
      }
    }
    var x: Matrix
    if let prefix {
      precondition(!classifier.fineTuning.prefixIsWholeEncoder, "the prefix lacks most rows")
      x = start(batch, prefix, pass)
    } else {
      x = classifier.embeddings.forward(batch.tokens, pass, dropout: nil, keepsTape: false).y
    }
    pool(x, first)
    for layer in classifier.layers[first...] {
      x = layer.replace(x, pass, rows: .all, dropout: nil)
      pool(x, layer.index + 1)
    }
    return pooled
  }

  /// Computes the output of every layer in evaluation mode, all rows, for comparison with others.
  ///
  /// - Returns: the embeddings' output and each layer's, `[tokens, H]` each.
  package func hiddenStates(of batch: PackedBatch) -> [[Float]] {
    workspace.reset()
    let pass = Pass(batch, workspace)
    var x = classifier.embeddings.forward(batch.tokens, pass, dropout: nil, keepsTape: false).y
    var states = [x.elements]
    for layer in classifier.layers {
      x = layer.replace(x, pass, rows: .all, dropout: nil)
      states.append(x.elements)
    }
    return states
  }

  /// The frozen prefix from the tokens.
  private func prefix(of batch: PackedBatch, _ pass: Pass, dropout: DropoutKey?) -> Matrix {
    precondition(classifier.hasFrozenParameters, "the frozen layers were released")
    checkLengths(batch)
    var x = classifier.embeddings.forward(batch.tokens, pass, dropout: dropout, keepsTape: false).y
    for layer in classifier.layers[..<classifier.fineTuning.frozenLayers] {
      x = replace(x, by: layer, pass, dropout: dropout)
    }
    return x
  }

  /// The first learning layer's input in memory of its own: the prefix as given, or computed.
  private func start(_ batch: PackedBatch, _ prefix: [Float]?, _ pass: Pass) -> Matrix {
    guard let prefix else { return self.prefix(of: batch, pass, dropout: nil) }
    checkCount(of: prefix, batch)
    let x = workspace.matrix(
      classifier.prefixRows(of: batch), classifier.configuration.hiddenSize)
    prefix.withUnsafeBufferPointer {
      guard let base = $0.baseAddress, !x.isShapeAlone else { return }
      x.base.update(from: base, count: $0.count)
    }
    return x
  }

  private func checkCount(of prefix: [Float], _ batch: PackedBatch) {
    let rows = classifier.prefixRows(of: batch)
    precondition(
      prefix.count == rows * classifier.configuration.hiddenSize,
      "a prefix of \(prefix.count) floats is not \(rows) rows")
  }

  /// A layer's output over its input; of the last layer, the examples' first rows.
  private func replace(
    _ x: Matrix, by layer: EncoderLayer, _ pass: Pass, dropout: DropoutKey?
  ) -> Matrix {
    guard layer.index == classifier.fineTuning.encoderLayers - 1 else {
      return layer.replace(x, pass, rows: .all, dropout: dropout)
    }
    switch lastLayer {
    case .firstRow: return layer.replace(x, pass, rows: .first, dropout: dropout)
    case .allRows:
      return pass.firstRows(of: layer.replace(x, pass, rows: .all, dropout: dropout))
    }
  }

  private func checkLengths(_ batch: PackedBatch) {
    let longest = zip(batch.offsets, batch.offsets.dropFirst()).map { $1 - $0 }.max() ?? 0
    precondition(
      longest <= classifier.configuration.maximumPositions,
      "an example of \(longest) tokens has no positions from "
        + "\(classifier.configuration.maximumPositions) on")
  }

  // MARK: Training

  private struct GradientLayers {
    /// One per kept layer, `nil` if frozen.
    let layers: [EncoderLayer?]
    let embeddings: Embeddings?
    let head: ClassificationHead
  }

  private func layers(of gradient: ParameterStore) -> GradientLayers {
    if let gradientLayers, gradientLayers.store === gradient { return gradientLayers.layers }
    precondition(gradient.tensors == classifier.trainable.tensors, "a gradient of another model")
    let (configuration, tuning) = (classifier.configuration, classifier.fineTuning)
    let layers = GradientLayers(
      layers: (0..<tuning.encoderLayers).map {
        $0 < tuning.frozenLayers
          ? nil : EncoderLayer(gradient, index: $0, configuration: configuration)
      },
      embeddings: tuning.freezeEmbeddings
        ? nil : Embeddings(gradient, words: classifier.words, configuration: configuration),
      head: ClassificationHead(
        gradient, layers: tuning.encoderLayers, configuration: configuration))
    gradientLayers = (gradient, layers)
    return layers
  }

  /// Runs a block forward in training mode and back.
  ///
  /// - Parameters:
  ///   - batch: the examples.
  ///   - prefix: what `prefix` gave for them; `nil` to start from the tokens, as is needed when the
  ///     embeddings learn or dropout acts in the frozen layers.
  ///   - labels: the class of each example.
  ///   - scale: factor of the gradient, 1 / size of the logical batch.
  ///   - key: of dropout; `nil` for none.
  ///   - gradient: *overwritten* with `scale` times the gradient of the sum of losses.
  /// - Returns: losses, logits, and the work done.
  public func gradient(
    of batch: PackedBatch, prefix: [Float]? = nil, labels: [Int], scale: Float,
    dropout key: DropoutKey?, into gradient: ParameterStore
  ) -> BlockResult {
    self.gradient(
      of: batch, prefix: prefix, labels: labels, scale: scale, dropout: key,
      into: BlockGradient(gradient))
  }

  /// The same, where the gradient may be added to that of another block; parameters as above.
  package func gradient(
    of batch: PackedBatch, prefix: [Float]?, labels: [Int], scale: Float,
    dropout key: DropoutKey?, into gradient: BlockGradient
  ) -> BlockResult {
    precondition(
      prefix == nil || classifier.fineTuning.freezeEmbeddings,
      "the prefix of learning embeddings is no constant")
    guard let prefix else {
      return self.gradient(
        of: batch, input: nil, labels: labels, scale: scale, dropout: key, into: gradient)
    }
    checkCount(of: prefix, batch)
    return prefix.withUnsafeBufferPointer { elements in
      guard let base = elements.baseAddress else {
        // Unreachable: PackedBatch has checked that there are examples.
        preconditionFailure("a block is never empty")
      }
      // A layer keeps its input for the way back and writes nowhere into it.
      let input = Matrix(
        base: UnsafeMutablePointer(mutating: base), rows: classifier.prefixRows(of: batch),
        columns: classifier.configuration.hiddenSize)
      return self.gradient(
        of: batch, input: input, labels: labels, scale: scale, dropout: key, into: gradient)
    }
  }

  /// `gradient`, starting from the first learning layer's input where it lies, or from the tokens.
  private func gradient(
    of batch: PackedBatch, input: Matrix?, labels: [Int], scale: Float, dropout key: DropoutKey?,
    into gradient: BlockGradient
  ) -> BlockResult {
    precondition(labels.count == batch.count)
    let tuning = classifier.fineTuning
    let before = workspace.multiplyAdds
    let target = layers(of: gradient.store)
    workspace.reset()
    let pass = Pass(batch, workspace, gradient: gradient)
    let frozenKey = tuning.frozenDropout ? key : nil

    // Forward. With learning embeddings every layer passes a gradient on; else the prefix is constant.
    var embeddingTape: Embeddings.Tape?
    var inputs: [Matrix] = []
    var tapes: [EncoderLayer.Tape] = []
    let firstTaped = tuning.freezeEmbeddings ? tuning.frozenLayers : 0
    var x: Matrix
    if let input {
      x = input
    } else if tuning.freezeEmbeddings {
      x = prefix(of: batch, pass, dropout: frozenKey)
    } else {
      checkLengths(batch)
      (x, embeddingTape) = classifier.embeddings.forward(
        batch.tokens, pass, dropout: key, keepsTape: true)
    }
    let taped = classifier.layers[firstTaped...]
    // The output's gradient, older than all tapes, which are given back one after another on the way back; and that of all
    // rows, unless the last layer's input can hold it, which is older only than the tape of the layer that made it.
    let width = classifier.configuration.hiddenSize
    var dy: Matrix? = taped.isEmpty ? nil : workspace.matrix(batch.count, width)
    let rowGradients =
      taped.count > 2 || lastLayer == .allRows && !taped.isEmpty
      ? workspace.matrix(batch.tokenCount, width) : nil
    func layerKey(_ layer: EncoderLayer) -> DropoutKey? {
      layer.index < tuning.frozenLayers ? frozenKey : key
    }
    for layer in taped {
      inputs.append(x)
      let isLast = layer.index == tuning.encoderLayers - 1
      let step = layer.forward(
        x, pass, rows: isLast && lastLayer == .firstRow ? .first : .all, dropout: layerKey(layer))
      tapes.append(step.tape)
      x = isLast && lastLayer == .allRows ? pass.firstRows(of: step.y) : step.y
    }
    let (logits, headTape) = classifier.head.forward(x, pass, dropout: key)
    let values = logits.elements
    let lossSum =
      logits.isShapeAlone
      ? 0
      : crossEntropy(
        UnsafeMutableBufferPointer(start: logits.base, count: logits.count), labels: labels,
        scale: scale)

    // Backward; `logits` now holds their gradient.
    classifier.head.backward(
      logits, input: x, pass, dropout: key, tape: headTape, into: target.head, dx: dy)
    if lastLayer == .allRows, let rowGradients, let rows = dy {
      rowGradients.setZero()
      pass.add(rows, toFirstRowsOf: rowGradients)
      dy = rowGradients
    }
    for layer in taped.reversed() {
      guard let d = dy else { break }
      let place = layer.index - firstTaped
      dy = layer.backward(
        d, input: inputs[place], pass, dropout: layerKey(layer), tape: tapes[place],
        into: target.layers[layer.index],
        inputGradient: layer.index > firstTaped || !tuning.freezeEmbeddings
          ? rowGradients ?? inputs[place] : nil)
    }
    if let embeddings = target.embeddings, let embeddingTape, let dy {
      classifier.embeddings.backward(
        dy, pass, dropout: key, tape: embeddingTape, into: embeddings,
        words: gradient.store.matrix(.words))
    }
    return BlockResult(
      lossSum: lossSum, logits: values, multiplyAdds: workspace.multiplyAdds - before)
  }
}
