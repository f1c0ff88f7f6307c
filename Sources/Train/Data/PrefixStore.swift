package import Model
package import RunLog
internal import Storage
internal import Synchronization

/// Bytes at offsets, on some disk.
private protocol BlockStorage: Sendable {
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError)
}

extension RandomAccessFile: BlockStorage {}
extension ScratchFile: BlockStorage {}
extension StagedFile: BlockStorage {}

/// The frozen prefix's output for every example of a dataset, on disk.
///
/// With frozen layers in evaluation mode an example's output never changes, so it is computed once, in
/// blocks of the file's order, and then read example by example, in whatever order training wants. Every
/// example has a checksum; one that does not fit is computed again from its block, to the same bits.
///
/// A finished file: the examples' rows one after another; then a trailer of 64-bit words: a checksum an
/// example, the number of examples, the number of elements, the bytes an element, a format number, and the
/// checksum of the trailer so far.
package final class PrefixStore: StoredRows, Sendable {
  private let storage: any BlockStorage
  private let layout: Layout
  private let checksums: [UInt64]
  private let dataset: Dataset
  /// Whether the prefix was found, not computed.
  let wasFound: Bool
  /// A hash of all that its bits depend on.
  let key: String
  private let path: String?
  private let damaged = Atomic(0)
  private let isDiscarded = Atomic(false)

  private static let format: UInt64 = 1

  /// Where what lies.
  private struct Layout: Sendable {
    let precision: PrefixPrecision
    /// Where each example's rows start, in elements; one entry more than examples.
    let offsets: [Int]
    /// The blocks that are computed at once.
    let cuts: [Range<Int>]
    /// The elements of a row.
    let width: Int

    var count: Int { offsets.count - 1 }
    var elements: Int { offsets[count] }
    var elementBytes: Int { precision == .float32 ? 4 : 2 }
    var dataBytes: Int { elements * elementBytes }
    var fileBytes: Int { dataBytes + 8 * (count + 5) }

    init(
      _ dataset: Dataset, on backend: any Backend, precision: PrefixPrecision, blockTokens: Int
    ) {
      width = backend.configuration.hiddenSize
      let width = width
      self.precision = precision
      offsets =
        backend.fineTuning.prefixIsWholeEncoder
        ? (0...dataset.count).map { $0 * width } : dataset.offsets.map { $0 * width }
      cuts = blocks(lengths: (0..<dataset.count).map(dataset.length), blockTokens: blockTokens)
    }

    func trailer(_ checksums: [UInt64]) -> [UInt64] {
      var words =
        checksums + [UInt64(count), UInt64(elements), UInt64(elementBytes), PrefixStore.format]
      words.append(words.withUnsafeBytes { blockChecksum($0) })
      return words
    }
  }

  /// What a store is made of and where it goes.
  package struct Request {
    let dataset: Dataset
    let backend: any Backend
    let precision: PrefixPrecision
    let blockTokens: Int
    /// A hash of the weights.
    let weights: String
    /// Where finished prefixes are kept; `nil` keeps none.
    let cache: PrefixCache?
    /// The folder for a prefix that is not kept.
    let scratchFolder: String

    package init(
      dataset: Dataset, backend: any Backend, precision: PrefixPrecision, blockTokens: Int,
      weights: String, cache: PrefixCache?, scratchFolder: String
    ) {
      (self.dataset, self.backend, self.precision) = (dataset, backend, precision)
      (self.blockTokens, self.weights) = (blockTokens, weights)
      (self.cache, self.scratchFolder) = (cache, scratchFolder)
    }
  }

  /// Finds or computes the prefix of a whole dataset.
  ///
  /// Of several processes that need one prefix at a time one computes it; the others wait and take it.
  ///
  /// - Parameters:
  ///   - request: what of, and where to.
  ///   - interruption: looked at between blocks.
  ///   - note: gets what the user should know, such as a cache that cannot be written.
  ///   - progress: gets the number of tokens of each block done, from any thread.
  /// - Returns: the store, or `nil` if no disk takes it: then the prefix must be computed each time.
  /// - Throws: `CancellationError` if interrupted.
  package static func make(
    _ request: Request, interruption: Interruption, note: (String) -> Void,
    progress: @escaping @Sendable (Int) -> Void
  ) throws -> PrefixStore? {
    let layout = Layout(
      request.dataset, on: request.backend, precision: request.precision,
      blockTokens: request.blockTokens)
    let key = key(request, layout)
    if let cache = request.cache {
      let path = cache.path(key: key)
      func found() -> PrefixStore? {
        guard let store = open(path, layout, request, key: key) else { return nil }
        cache.touch(path)
        return store
      }
      if let store = found() { return store }
      if layout.fileBytes > cache.sizeLimit {
        note(
          "The frozen layers' output of \(request.dataset.split) is larger than the whole cache may "
            + "be; it is kept for this run only.")
      } else {
        do {
          let lock = try cache.lock(
            key: key, interruption: interruption, note: note, of: request.dataset.split)
          defer { withExtendedLifetime(lock) {} }
          // Whoever held the lock may have computed it.
          if let store = found() { return store }
          try cache.makeRoom(for: layout.fileBytes)
          let file = try StagedFile(path)
          let checksums = try compute(
            layout, request, interruption: interruption, progress: progress, write: file.write)
          try layout.trailer(checksums).withUnsafeBytes {
            try file.write($0, at: layout.dataBytes)
          }
          try file.commit()
          return PrefixStore(
            file, layout, checksums, request, key: key, path: path, wasFound: false)
        } catch let error as StorageError {
          note("The cache cannot be used: \(error). The frozen layers' output is not kept.")
        }
      }
    }
    do {
      let file = try ScratchFile(in: request.scratchFolder)
      let checksums = try compute(
        layout, request, interruption: interruption, progress: progress, write: file.write)
      return PrefixStore(file, layout, checksums, request, key: key, path: nil, wasFound: false)
    } catch let error as StorageError {
      note(
        "\(error). The frozen layers of \(request.dataset.split) are computed again in every epoch, "
          + "which is slower.")
      return nil
    }
  }

  /// What of a run's inputs are weights, as a request has it.
  ///
  /// - Parameter hashes: SHA-256 by what a file is for.
  /// - Returns: the weights' hashes, one after another.
  package static func weights(_ hashes: [(name: String, sha256: String)]) -> String {
    hashes.filter { $0.name.hasPrefix("checkpoint/") }.map(\.sha256).joined(separator: " ")
  }

  /// Finds the prefix of a whole dataset, if the cache has it.
  package static func find(_ request: Request) -> PrefixStore? {
    let layout = Layout(
      request.dataset, on: request.backend, precision: request.precision,
      blockTokens: request.blockTokens)
    let key = key(request, layout)
    return request.cache.flatMap { open($0.path(key: key), layout, request, key: key) }
  }

  private init(
    _ storage: any BlockStorage, _ layout: Layout, _ checksums: [UInt64], _ request: Request,
    key: String, path: String?, wasFound: Bool
  ) {
    (self.key, self.path) = (key, path)
    (self.storage, self.layout, self.checksums) = (storage, layout, checksums)
    (dataset, self.wasFound) = (request.dataset, wasFound)
  }

  /// The name of a prefix: a hash of all that its bits depend on.
  private static func key(_ request: Request, _ layout: Layout) -> String {
    var hash = SHA256()
    let backend = request.backend
    let facts =
      [
        "prefix", "\(format)", request.weights, "\(backend.fineTuning.frozenLayers)",
        // Not the layers above: runs of other depth share what is frozen. The size tells a row per token
        // from a row per example, which is all that is kept where every layer is frozen.
        "\(layout.elements)", request.precision.rawValue,
      ] + backend.identity.bits + ["\(layout.cuts.map(\.lowerBound))"]
    hash.update(Array(facts.joined(separator: "\n").utf8))
    request.dataset.offsets.withUnsafeBytes { hash.update($0) }
    request.dataset.tokens.withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  /// Opens a finished prefix; `nil` if there is none or it is not what it should be.
  private static func open(
    _ path: String, _ layout: Layout, _ request: Request, key: String
  ) -> PrefixStore? {
    guard exists(path), let file = try? RandomAccessFile(path), file.size == layout.fileBytes else {
      return nil
    }
    var trailer = [UInt64](repeating: 0, count: layout.count + 5)
    do {
      try trailer.withUnsafeMutableBytes { try file.read(into: $0, at: layout.dataBytes) }
    } catch {
      return nil
    }
    let checksums = Array(trailer.prefix(layout.count))
    guard layout.trailer(checksums) == trailer else { return nil }
    return PrefixStore(file, layout, checksums, request, key: key, path: path, wasFound: true)
  }

  /// Computes all blocks and writes them; returns each example's checksum.
  private static func compute(
    _ layout: Layout, _ request: Request, interruption: Interruption,
    progress: @escaping @Sendable (Int) -> Void,
    write: @Sendable (UnsafeRawBufferPointer, Int) throws(StorageError) -> Void
  ) throws -> [UInt64] {
    let checksums = Locked([UInt64](repeating: 0, count: layout.count))
    let dataset = request.dataset
    try request.backend.prefixes(
      of: Blocks(Array(0..<dataset.count), of: dataset, cuts: layout.cuts),
      Watch(interruption, progress: progress)
    ) { index, rows in
      let cut = layout.cuts[index]
      let bytes = stored(rows, layout.precision)
      try bytes.withUnsafeBytes {
        try write($0, layout.offsets[cut.lowerBound] * layout.elementBytes)
      }
      for example in cut {
        let sum = checksum(bytes, of: example, in: cut, layout)
        checksums.withLock { $0[example] = sum }
      }
    }
    return checksums.withLock { $0 }
  }

  /// The bytes of a block's rows.
  private static func stored(_ rows: [Float], _ precision: PrefixPrecision) -> [UInt8] {
    switch precision {
    case .float32:
      return rows.withUnsafeBytes { Array($0) }
    case .float16:
      return [UInt8](unsafeUninitializedCapacity: 2 * rows.count) { buffer, initialized in
        rows.withUnsafeBufferPointer { rows in
          buffer.withMemoryRebound(to: UInt16.self) {
            roundToHalf(rows, into: UnsafeMutableBufferPointer(rebasing: $0[..<rows.count]))
          }
        }
        initialized = 2 * rows.count
      }
    }
  }

  private static func checksum(
    _ bytes: [UInt8], of example: Int, in cut: Range<Int>, _ layout: Layout
  ) -> UInt64 {
    let range = byteRange(of: example, in: cut, layout)
    return bytes.withUnsafeBytes { blockChecksum(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  private static func byteRange(
    of example: Int, in cut: Range<Int>, _ layout: Layout
  ) -> Range<Int> {
    let start = layout.offsets[cut.lowerBound]
    return (layout.offsets[example] - start)
      * layout.elementBytes..<(layout.offsets[example + 1]
      - start) * layout.elementBytes
  }

  /// Takes a damaged prefix out of the cache, so that the next run computes it whole; this one goes on
  /// reading what is good of it.
  ///
  /// - Returns: what the user should know, once; `nil` if nothing is damaged.
  func discardIfDamaged() -> String? {
    let count = damaged.exchange(0, ordering: .relaxed)
    guard count > 0, !isDiscarded.exchange(true, ordering: .relaxed) else { return nil }
    if let path { try? removeFile(path) }
    return
      "The frozen layers' stored output of \(dataset.split) does not match its checksum in \(count) "
      + "examples; they are computed again, to the same bits, and removed from the cache."
  }

  /// How many rows there are of all examples, of how many bytes as 32-bit floats.
  var rowCount: Int { layout.elements / layout.width }
  var rowBytes: Int { 4 * layout.width }
  var exampleCount: Int { layout.count }

  /// Which rows of all are an example's.
  func rowRange(of example: Int) -> Range<Int> {
    layout.offsets[example] / layout.width..<layout.offsets[example + 1] / layout.width
  }

  /// Reads the rows of some examples, packed in the order given.
  ///
  /// - Parameters:
  ///   - examples: positions in the dataset.
  ///   - compute: gives a block's rows again, should an example be damaged.
  /// - Returns: `[rows, H]`.
  /// - Throws: what `compute` throws.
  package func rows(
    of examples: ArraySlice<Int>, computing compute: (PackedBatch) throws -> [Float]
  ) throws -> [Float] {
    let offsets = layout.offsets
    let count = examples.reduce(0) { $0 + offsets[$1 + 1] - offsets[$1] }
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      var position = 0
      for example in examples {
        let length = offsets[example + 1] - offsets[example]
        let rows = UnsafeMutableBufferPointer(rebasing: buffer[position..<position + length])
        switch layout.precision {
        case .float32:
          try read(example, into: UnsafeMutableRawBufferPointer(rows), compute)
        case .float16:
          try withUnsafeTemporaryAllocation(of: UInt16.self, capacity: length) { halves in
            try read(example, into: UnsafeMutableRawBufferPointer(halves), compute)
            widenHalf(UnsafeBufferPointer(halves), into: rows)
          }
        }
        position += length
      }
      initialized = count
    }
  }

  private func read(
    _ example: Int, into bytes: UnsafeMutableRawBufferPointer,
    _ compute: (PackedBatch) throws -> [Float]
  ) throws {
    let isRead: Void? = try? storage.read(
      into: bytes, at: layout.offsets[example] * layout.elementBytes)
    if isRead != nil, blockChecksum(UnsafeRawBufferPointer(bytes)) == checksums[example] { return }
    damaged.wrappingAdd(1, ordering: .relaxed)
    // Damaged or gone: the block is computed again, cut as before, so that the bits are the same.
    guard let cut = layout.cuts.first(where: { $0.contains(example) }) else {
      // Unreachable: every example lies in a block.
      preconditionFailure("every example lies in a block")
    }
    let block = Self.stored(try compute(dataset.batch(cut)), layout.precision)
    let range = Self.byteRange(of: example, in: cut, layout)
    block[range].withUnsafeBytes { bytes.copyMemory(from: $0) }
  }
}
