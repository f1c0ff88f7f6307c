internal import Device
internal import Model

/// The memory of a device in which blocks are computed, and everything that it is asked to compute there.
///
/// Matrices are handed out one after another from one buffer and given back together, by going back to a mark, as `Workspace`
/// does. One without a device computes nothing and counts: memory, and multiply-adds.
final class DeviceWorkspace {
  /// A place to go back to.
  struct Mark {
    fileprivate let used: Int
  }

  /// `nil` if it only counts.
  let device: (any Device)?
  private var space = DeviceBuffer(bytes: 0)
  private var used = 0
  private var most = 0
  /// Multiply-adds of matrix products and of attention since the start.
  private(set) var multiplyAdds = 0

  /// 256 bytes, which suits every driver.
  private static let alignment = 64

  init(_ device: (any Device)?) { self.device = device }

  /// The most that was handed out at a time since `reset`, in bytes.
  var mostBytes: Int { 4 * most }
  /// The memory held.
  var heldBytes: Int { space.bytes }
  /// For parameters that a kernel does not look at.
  var anything: DeviceMatrix { DeviceMatrix(space, offset: 0, rows: 1, columns: 1) }

  /// Makes room, if there is less.
  ///
  /// - Parameter bytes: that will be handed out at a time.
  /// - Throws: `DeviceError.outOfMemory`; then there is no room at all.
  func reserve(bytes: Int) throws {
    guard let device, space.bytes < bytes else { return }
    precondition(used == 0, "memory is in use")
    try release()
    // A little more, so that a block slightly larger than all before needs no new memory.
    space = try device.allocate(bytes: bytes + bytes / 32)
  }

  /// Gives all memory back to the device.
  func release() throws {
    // Not while it is still computing there.
    try device?.finish()
    space = DeviceBuffer(bytes: 0)
  }

  /// Takes everything back.
  func reset() { (used, most) = (0, 0) }

  func mark() -> Mark { Mark(used: used) }
  func release(to mark: Mark) { used = mark.used }

  /// A matrix whose elements are whatever was there before.
  func matrix(_ rows: Int, _ columns: Int) -> DeviceMatrix {
    let start = used
    let alignment = Self.alignment
    used += (max(rows * columns, 1) + alignment - 1) / alignment * alignment
    most = max(most, used)
    precondition(device == nil || 4 * used <= space.bytes, "a block takes more than was counted")
    return DeviceMatrix(space, offset: start, rows: rows, columns: columns)
  }

  // MARK: Moving

  func write(_ numbers: [Float], to matrix: DeviceMatrix) throws {
    precondition(matrix.isContiguous && numbers.count == matrix.count)
    try numbers.withUnsafeBytes { try device?.write($0, to: matrix.buffer, at: 4 * matrix.offset) }
  }

  func write(_ words: [UInt32], to matrix: DeviceMatrix) throws {
    precondition(matrix.isContiguous && words.count == matrix.count)
    try words.withUnsafeBytes { try device?.write($0, to: matrix.buffer, at: 4 * matrix.offset) }
  }

  /// The elements, after all that was asked for; zeros if nothing is computed.
  func read(_ matrix: DeviceMatrix) throws -> [Float] {
    precondition(matrix.isContiguous)
    var numbers = [Float](repeating: 0, count: matrix.count)
    guard let device else { return numbers }
    try numbers.withUnsafeMutableBytes {
      try device.read(matrix.buffer, at: 4 * matrix.offset, into: $0)
    }
    return numbers
  }

  func clear(_ matrix: DeviceMatrix) throws {
    precondition(matrix.isContiguous)
    try device?.clear(matrix.buffer, at: 4 * matrix.offset, bytes: 4 * matrix.count)
  }

  func copy(_ source: DeviceMatrix, to target: DeviceMatrix) throws {
    precondition(source.isContiguous && target.isContiguous && source.count == target.count)
    try device?.copy(
      source.buffer, at: 4 * source.offset, to: target.buffer, at: 4 * target.offset,
      bytes: 4 * source.count)
  }

  // MARK: Products

  /// `c = op(a) op(b) + beta c`; shapes as in `Workspace.gemm`.
  func gemm(
    _ a: DeviceMatrix, _ aTranspose: Transpose, _ b: DeviceMatrix, _ bTranspose: Transpose,
    beta: Float = 0, into c: DeviceMatrix
  ) throws {
    try gemm(
      (a, 0), aTranspose, (b, 0), bTranspose, beta: beta, into: (c, 0), batch: 1)
  }

  /// The same of several matrices at once; each is given by the first and how many elements they lie apart.
  func gemm(
    _ a: (first: DeviceMatrix, stride: Int), _ aTranspose: Transpose,
    _ b: (first: DeviceMatrix, stride: Int), _ bTranspose: Transpose, beta: Float = 0,
    into c: (first: DeviceMatrix, stride: Int), batch: Int
  ) throws {
    func shape(_ matrix: DeviceMatrix, _ transpose: Transpose) -> (rows: Int, columns: Int) {
      transpose == .no ? (matrix.rows, matrix.columns) : (matrix.columns, matrix.rows)
    }
    let (left, right) = (shape(a.first, aTranspose), shape(b.first, bTranspose))
    precondition(left.columns == right.rows && c.first.rows == left.rows)
    precondition(c.first.columns == right.columns)
    count(multiplyAdds: batch * left.rows * left.columns * right.columns)
    try device?.product(
      DeviceProduct(
        isATransposed: aTranspose == .yes, isBTransposed: bTranspose == .yes, m: left.rows,
        n: right.columns, k: left.columns, a.first.operand(batchStride: a.stride),
        b.first.operand(batchStride: b.stride), beta: beta,
        c.first.operand(batchStride: c.stride), batch: batch))
  }

  /// Counts what a kernel multiplies and adds.
  func count(multiplyAdds count: Int) { multiplyAdds += count }
}
