internal import Model
internal import Storage
internal import Synchronization

/// The frozen prefix's output for every example of a dataset, on disk.
///
/// With frozen layers in evaluation mode an example's output never changes, so it is computed once, in
/// blocks of the file's order, and then read example by example, in whatever order training wants.
package final class PrefixStore: Sendable {
  private let file: ScratchFile
  /// Where each example's rows start, in floats; one entry more than examples.
  private let offsets: [Int]

  /// Computes and stores the prefix of a whole dataset.
  ///
  /// - Parameters:
  ///   - dataset: whose examples.
  ///   - engine: what computes.
  ///   - blockTokens: about how many tokens a block may have.
  ///   - folder: the folder that holds the data.
  ///   - interruption: looked at between blocks.
  ///   - progress: gets the number of tokens of each block done, from any thread.
  /// - Throws: `StorageError` if the disk is full; `CancellationError` if interrupted.
  package init(
    of dataset: Dataset, engine: ComputeEngine, blockTokens: Int, folder: String,
    interruption: Interruption, progress: @Sendable (Int) -> Void
  ) throws {
    let file = try ScratchFile(in: folder)
    let width = engine.classifier.configuration.hiddenSize
    let hasRowAToken =
      dataset.count == 0
      || engine.classifier.prefixRows(of: dataset.batch([0])) == dataset.length(0)
    let offsets =
      hasRowAToken
      ? dataset.offsets.map { $0 * width } : (0...dataset.count).map { $0 * width }
    let cuts = blocks(
      lengths: (0..<dataset.count).map(dataset.length), blockTokens: blockTokens)
    let failure = Mutex<(any Error)?>(nil)
    engine.pool.forEach(cuts.count) { index, number in
      guard !interruption.isRequested, failure.withLock({ $0 == nil }) else { return }
      let batch = dataset.batch(cuts[index])
      var hidden: [Float] = []
      engine.withWorker(number) { $0.prefix(of: batch, into: &hidden) }
      do {
        try hidden.withUnsafeBytes { bytes in
          try file.write(bytes, at: offsets[cuts[index].lowerBound] * MemoryLayout<Float>.stride)
        }
        progress(batch.tokenCount)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    if interruption.isRequested { throw CancellationError() }
    (self.file, self.offsets) = (file, offsets)
  }

  /// Reads the rows of some examples, packed in the order given.
  ///
  /// - Throws: `StorageError` if they cannot be read.
  package func rows(of examples: some Collection<Int>) throws -> [Float] {
    let count = examples.reduce(0) { $0 + offsets[$1 + 1] - offsets[$1] }
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      var position = 0
      for example in examples {
        let length = offsets[example + 1] - offsets[example]
        let rows = UnsafeMutableRawBufferPointer(rebasing: buffer[position..<position + length])
        try file.read(into: rows, at: offsets[example] * MemoryLayout<Float>.stride)
        position += length
      }
      initialized = count
    }
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate init(rebasing slice: Slice<UnsafeMutableBufferPointer<Float>>) {
    self.init(UnsafeMutableBufferPointer(rebasing: slice))
  }
}
