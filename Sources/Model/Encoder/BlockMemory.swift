/// What a worker takes at most while it computes a block, counted by having it compute one of the shapes alone.
///
/// The worker runs the layers' own code, with parameters that have no elements and a workspace that hands out no memory, so
/// what is counted is what the code asks for, also after it has been changed. It counts the multiply-adds, too.
public final class BlockMemory {
  private let workspace: Workspace
  private let worker: Worker
  private let gradient: ParameterStore
  private let nowhere = UnsafeMutablePointer<Float>.allocate(capacity: 16)

  /// - Parameter weights: of the model whose blocks are computed; none are read.
  public init(_ weights: WeightMemory) {
    workspace = Workspace(counting: nowhere)
    worker = Worker(Classifier(shapes: weights), workspace)
    gradient = ParameterStore(
      shapes: ParameterLayout(weights.configuration, weights.fineTuning).trainable)
  }

  deinit { nowhere.deallocate() }

  /// What computing a block's frozen layers takes, in bytes.
  ///
  /// - Parameter lengths: tokens of each example.
  /// - Returns: what the workspace hands out at a time, at most.
  public func prefix(lengths: [Int]) -> Int {
    count(lengths) { batch in
      var rows: [Float] = []
      worker.prefix(of: batch, into: &rows)
    }
  }

  /// What scoring a block takes, in bytes.
  ///
  /// - Parameters:
  ///   - lengths: tokens of each example.
  ///   - isStored: whether the frozen layers' output is given.
  /// - Returns: what the workspace hands out at a time, at most.
  public func logits(lengths: [Int], isStored: Bool) -> Int {
    count(lengths) { _ = worker.logits(of: $0, prefix: isStored ? stored($0) : nil) }
  }

  /// What a block's gradient takes, in bytes.
  ///
  /// - Parameters:
  ///   - lengths: tokens of each example.
  ///   - isStored: whether the frozen layers' output is given.
  /// - Returns: what the workspace hands out at a time, at most.
  public func gradient(lengths: [Int], isStored: Bool) -> Int {
    count(lengths) { batch in
      _ = worker.gradient(
        of: batch, prefix: isStored ? stored(batch) : nil, labels: lengths.map { _ in 0 }, scale: 1,
        dropout: DropoutKey(seed: 0, epoch: 0), into: gradient)
    }
  }

  /// What pooling a block's layers takes, in bytes.
  ///
  /// - Parameters:
  ///   - lengths: tokens of each example.
  ///   - isStored: whether the frozen layers' output is given.
  /// - Returns: what the workspace hands out at a time, at most.
  public func pooling(lengths: [Int], isStored: Bool) -> Int {
    count(lengths) { _ = worker.pooledStates(of: $0, prefix: isStored ? stored($0) : nil) }
  }

  /// Multiply-adds of matrix products since it was made, of all that was computed of shapes.
  public var multiplyAdds: Int { workspace.multiplyAdds }

  private func stored(_ batch: PackedBatch) -> [Float] {
    [Float](
      repeating: 0,
      count: worker.classifier.prefixRows(of: batch) * worker.classifier.configuration.hiddenSize)
  }

  private func count(_ lengths: [Int], _ body: (PackedBatch) -> Void) -> Int {
    workspace.reset()
    workspace.countAnew()
    body(
      PackedBatch(
        lengths.map { [Int32](repeating: 0, count: $0) },
        examples: lengths.map { _ in 0 }))
    return workspace.mostBytes
  }
}

extension Classifier {
  /// A classifier without elements, of which nothing but shapes may be looked at.
  package convenience init(shapes weights: WeightMemory) {
    let (configuration, fineTuning) = (weights.configuration, weights.fineTuning)
    let layout = ParameterLayout(configuration, fineTuning)
    let trainable = ParameterStore(shapes: layout.trainable)
    self.init(
      configuration: configuration, fineTuning: fineTuning, trainable: trainable,
      frozen: ParameterStore(shapes: layout.frozen),
      words: fineTuning.freezeEmbeddings
        ? WordEmbeddings(vocabularySize: 1, columns: configuration.hiddenSize)
        : WordEmbeddings(trainable),
      checkpoint: weights.checkpoint)
  }
}
