internal import Device
package import Model
package import RunLog

extension DeviceBackend {
  package func prepareTraining(_ optimizer: OptimizerSettings) throws {
    self.optimizer = DeviceOptimizer(
      optimizer, of: tensors, firstMoment: try makeStore(isZero: true),
      secondMoment: try makeStore(isZero: true))
  }

  private func makeStore(isZero: Bool) throws -> DeviceStore {
    let store = DeviceStore(
      try allocate(DeviceStore.bytes(classifier.trainable)), like: classifier.trainable)
    if isZero { try workspace.clear(store.elements) }
    return store
  }

  /// Blocks are computed in order and added up by their tree, so that of a batch of n blocks at most
  /// ⌈log₂ n⌉ + 1 gradients are there at a time.
  package func gradient(
    of blocks: Blocks, labels: [Int], dropout: DropoutKey?, _ watch: Watch
  ) throws -> (lossSum: Double, logits: [Float]) {
    precondition(labels.count == blocks.examples.count)
    let tree = SumTree(blocks: blocks.count)
    let scale = 1 / Float(blocks.examples.count)
    gradient = nil
    var free = gradients
    // Sums that wait for their other half.
    var waiting: [SumTree.Node: DeviceGradient] = [:]
    var (lossSum, logits) = (0.0, [Float]())
    try forEachBlock(of: blocks, watch) { block, batch in
      let rows = try storedRows(blocks, block)
      let target = try free.popLast() ?? makeGradient()
      let result = try compute {
        try $0.gradient(
          of: batch, prefix: rows, labels: Array(labels[blocks.cuts[block]]), scale: scale,
          dropout: dropout, into: target)
      }
      lossSum += result.lossSum
      logits += result.logits
      var (node, sum) = (tree.highest(.block(block)), target)
      while node != tree.root, let other = waiting.removeValue(forKey: node.sibling) {
        // Always onto the left one, as on the processor.
        let (left, right) = node.isLeft ? (sum, other) : (other, sum)
        try workspace.add(left.store.elements, right.store.elements)
        free.append(right)
        (node, sum) = (tree.highest(node.parent), left)
      }
      waiting[node] = sum
    }
    gradient = waiting[tree.root]
    precondition(gradient != nil && waiting.count == 1, "a block is missing")
    return (lossSum, logits)
  }

  private func makeGradient() throws -> DeviceGradient {
    let gradient = DeviceGradient(try makeStore(isZero: false), of: classifier)
    gradients.append(gradient)
    return gradient
  }

  /// The gradient last computed.
  private var lastGradient: DeviceStore {
    guard let gradient else {
      // Unreachable: TrainingSession computes a gradient before each step.
      preconditionFailure("no gradient was computed")
    }
    return gradient.store
  }

  package var gradientNorm: Double {
    get throws {
      let elements = lastGradient.elements
      let parts = max(1, min(1024, elements.columns / 4096))
      workspace.reset()
      try workspace.reserve(bytes: 4096 + 16 * parts)
      let largest = workspace.matrix(1, parts)
      let squares = workspace.matrix(parts, 2)
      try workspace.largest(elements, into: largest)
      try workspace.sumOfSquares(elements, factor: 1, into: squares)
      let magnitudes = try workspace.read(largest)
      if let notFinite = magnitudes.first(where: { $0.isNaN })
        ?? magnitudes.first(where: { !$0.isFinite })
      {
        return Double(notFinite)
      }
      let most = magnitudes.max() ?? 0
      guard most > 0 else { return 0 }
      // Where squares would leave the range of 32-bit floats, a power of two brings the elements near 1, exactly.
      let exponent = most.exponent
      guard !(-30...30).contains(exponent) else { return try root(of: squares, factor: 1) }
      let factor = Float(sign: .plus, exponent: -max(-126, min(126, exponent)), significand: 1)
      try workspace.sumOfSquares(elements, factor: factor, into: squares)
      return try root(of: squares, factor: factor)
    }
  }

  /// The root of a sum of squares, from its parts.
  private func root(of squares: DeviceMatrix, factor: Float) throws -> Double {
    try workspace.read(squares).reduce(0) { $0 + Double($1) }.squareRoot() / Double(factor)
  }

  package func step(learningRate: Double, gradientFactor factor: Float) throws {
    if factor != 1 { try workspace.scale(lastGradient.elements, by: factor) }
    try optimizer?.update(
      try parameters, gradient: lastGradient, learningRate: learningRate, workspace)
  }

  // MARK: State

  package var tensors: [ParameterStore.Tensor] { classifier.trainable.tensors }
  package var steps: Int { optimizer?.step ?? 0 }

  private func elements(of part: StatePart, _ name: String) throws -> DeviceMatrix {
    let store: DeviceStore? =
      switch part {
      case .parameters: try parameters
      case .firstMoment: optimizer?.firstMoment
      case .secondMoment: optimizer?.secondMoment
      case .kept: kept
      }
    guard let store, let tensor = classifier.trainable.tensor(name) else {
      // Unreachable: Trainer prepares the training before it reads or writes its state, by names of `tensors`.
      preconditionFailure("there is no \(part.rawValue) of '\(name)' yet")
    }
    return store.elements.columns(tensor.range)
  }

  package func read(_ part: StatePart, _ name: String) throws -> [Float] {
    try workspace.read(elements(of: part, name))
  }

  package func write(_ elements: [Float], to part: StatePart, _ name: String) throws {
    if part == .kept, kept == nil { kept = try makeStore(isZero: true) }
    try workspace.write(elements, to: self.elements(of: part, name))
  }

  package func resume(after steps: Int) { optimizer?.resume(after: steps) }

  package func keepParameters() throws {
    let store = try kept ?? makeStore(isZero: false)
    try workspace.copy(try parameters.elements, to: store.elements)
    kept = store
  }

  package func useKeptParameters() throws {
    if let kept { try workspace.copy(kept.elements, to: try parameters.elements) }
  }
}
