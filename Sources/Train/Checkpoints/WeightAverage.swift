internal import Model
internal import RunLog

/// The average of what was learned up to the ends of several epochs, read from the checkpoints saved there.
///
/// So nothing of it is in memory while the epochs are trained, and a run that is resumed averages the same bits. Sums
/// are taken in double precision in the order of the epochs, and rounded to single precision once.
struct WeightAverage {
  /// How many elements are added up at once: few enough to need no mention in `MemoryNeed`.
  private static let elementsAtOnce = 1 << 16

  private let checkpoints: [TrainingCheckpoint]
  /// The one of the last epoch.
  let last: TrainingCheckpoint

  /// Opens the checkpoints and checks every byte of them.
  ///
  /// - Parameters:
  ///   - epochs: whose ends they were saved at.
  ///   - folder: the run's.
  /// - Throws: whatever is not as it was written.
  init(of epochs: ClosedRange<Int>, in folder: CheckpointFolder) throws {
    let earlier = try epochs.dropLast().map { try folder.open(folder.end(of: $0)) }
    last = try folder.open(folder.end(of: epochs.upperBound))
    checkpoints = earlier + [last]
  }

  /// Puts the averages in the place of the parameters.
  ///
  /// - Throws: `CancellationError` if interrupted; what reading a checkpoint throws.
  func putInPlace(on backend: any Backend, _ interruption: Interruption) throws {
    for tensor in backend.tensors {
      if interruption.isRequested { throw CancellationError() }
      let count = tensor.shape.reduce(1, *)
      var elements: [Float] = []
      elements.reserveCapacity(count)
      for start in stride(from: 0, to: count, by: Self.elementsAtOnce) {
        elements += try average(tensor, start..<min(count, start + Self.elementsAtOnce))
      }
      try backend.write(elements, to: .parameters, tensor.name)
    }
  }

  private func average(_ tensor: ParameterStore.Tensor, _ range: Range<Int>) throws -> [Float] {
    var sums = [Double](repeating: 0, count: range.count)
    for checkpoint in checkpoints {
      let elements = try checkpoint.parameters(tensor, range)
      for place in elements.indices { sums[place] += Double(elements[place]) }
    }
    return sums.map { Float($0 / Double(checkpoints.count)) }
  }
}
