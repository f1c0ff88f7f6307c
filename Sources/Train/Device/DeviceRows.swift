internal import Device
internal import Model

/// Stored rows of the frozen layers that are kept on a device, so that they are not sent in every epoch.
///
/// An example's rows are sent when it is first met. They are kept only where the device has memory of its own, and only up to a
/// half of it; they go when something else needs the room. Whether rows are kept changes no bit.
final class DeviceRows {
  /// What is there of one store.
  private struct Kept {
    /// Keeps the store alive, so that none other is taken for it.
    let store: PrefixStore
    let buffer: DeviceBuffer
    var isThere: [Bool]
  }

  private let device: any Device
  private let mostBytes: Int
  private var kept: [ObjectIdentifier: Kept] = [:]
  /// Stores that do not fit.
  private var refused: Set<ObjectIdentifier> = []

  init(_ device: any Device) {
    self.device = device
    mostBytes = device.identity.isAccelerator ? device.identity.memoryBytes / 2 : 0
  }

  var isEmpty: Bool { kept.isEmpty }

  /// Gives everything back, and keeps nothing of these stores any more.
  func removeAll() {
    refused.formUnion(kept.keys)
    kept = [:]
  }

  /// A block's stored rows.
  ///
  /// - Parameters:
  ///   - blocks: what it is one of.
  ///   - block: its number.
  ///   - compute: computes the rows of a batch again, should stored ones be damaged.
  /// - Returns: `nil` if nothing is stored.
  /// - Throws: what `compute` throws; what the device throws but for want of memory.
  func rows(
    of blocks: Blocks, _ block: Int, computing compute: (PackedBatch) throws -> [Float]
  ) throws -> DeviceWorker.StoredRows? {
    guard let store = blocks.store else {
      return try blocks.rows(block, computing: compute).map { .here($0) }
    }
    let key = ObjectIdentifier(store)
    let examples = blocks.examples[blocks.cuts[block]]
    if kept[key] == nil, !refused.contains(key) { try keep(store) }
    guard var kept = kept[key] else {
      return .here(try store.rows(of: examples, computing: compute))
    }
    var index: [UInt32] = []
    for example in examples {
      let rows = store.rowRange(of: example)
      if !kept.isThere[example] {
        let elements = try store.rows(of: [example], computing: compute)
        try elements.withUnsafeBytes {
          try device.write($0, to: kept.buffer, at: rows.lowerBound * store.rowBytes)
        }
        kept.isThere[example] = true
        self.kept[key] = kept
      }
      index.append(contentsOf: rows.map { UInt32($0) })
    }
    return .there(
      DeviceMatrix(
        kept.buffer, offset: 0, rows: store.rowCount, columns: store.rowBytes / 4), index)
  }

  private func keep(_ store: PrefixStore) throws {
    let bytes = store.rowCount * store.rowBytes
    let held = kept.values.reduce(0) { $0 + $1.buffer.bytes }
    guard bytes > 0, held + bytes <= mostBytes, store.rowCount <= UInt32.max else {
      refused.insert(ObjectIdentifier(store))
      return
    }
    let buffer: DeviceBuffer
    do throws(DeviceError) {
      buffer = try device.allocate(bytes: bytes)
    } catch {
      guard case .outOfMemory = error else { throw error }
      refused.insert(ObjectIdentifier(store))
      return
    }
    kept[ObjectIdentifier(store)] = Kept(
      store: store, buffer: buffer, isThere: Array(repeating: false, count: store.exampleCount))
  }
}
