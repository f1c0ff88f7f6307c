internal import CKernels
internal import Glibc

/// Named tensors one after another in one buffer: parameters, their gradient, or an optimiser's moments.
///
/// All stores of one layout have each tensor in the same place, so that a step, a sum or a norm is one
/// pass over the buffer. Layers look tensors up by their role; names are the checkpoint's.
///
/// Unchecked sendability: the buffer is shared by whoever holds the store. During a block, workers only
/// read the parameters and each writes a gradient of its own; whoever steps the parameters does so
/// while no worker runs.
public final class ParameterStore: @unchecked Sendable {
  /// One tensor's place.
  public struct Tensor: Equatable, Sendable {
    public let role: ParameterRole
    public let name: String
    public let shape: [Int]
    /// Of the buffer, in elements.
    public let range: Range<Int>
  }

  /// In the order of the buffer: embeddings, layers from the first, head.
  public let tensors: [Tensor]
  /// The number of elements.
  public let count: Int
  let base: UnsafeMutablePointer<Float>
  private let positions: [String: Int]
  private let roles: [ParameterRole: Int]
  /// Whether there are names and shapes alone, no elements.
  private let isShapesAlone: Bool

  /// Makes a store of zeros.
  ///
  /// - Parameter entries: in the order of the buffer, roles and names all different.
  public convenience init(zeros entries: [ParameterEntry]) {
    self.init(entries, isShapesAlone: false)
  }

  /// Makes a store that has a layout and no elements; nothing may be done with it but to make matrices.
  convenience init(shapes entries: [ParameterEntry]) {
    self.init(entries, isShapesAlone: true)
  }

  private init(_ entries: [ParameterEntry], isShapesAlone: Bool) {
    self.isShapesAlone = isShapesAlone
    var tensors: [Tensor] = []
    var positions: [String: Int] = [:]
    var roles: [ParameterRole: Int] = [:]
    var end = 0
    for entry in entries {
      precondition(
        positions[entry.name] == nil && roles[entry.role] == nil, "'\(entry.name)' occurs twice")
      positions[entry.name] = tensors.count
      roles[entry.role] = tensors.count
      tensors.append(
        Tensor(
          role: entry.role, name: entry.name, shape: entry.shape, range: end..<end + entry.count))
      end += entry.count
    }
    (self.tensors, self.positions, self.roles, count) = (tensors, positions, roles, end)
    // 64 bytes more, so that a store without tensors has an address too.
    let size = isShapesAlone ? 0 : end
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 4 * size + 64, alignment: 64)
    base = bytes.bindMemory(to: Float.self, capacity: size)
    base.initialize(repeating: 0, count: size)
  }

  /// Makes a store of zeros with the layout of another.
  public convenience init(zerosLike other: ParameterStore) {
    self.init(zeros: other.tensors.map { ParameterEntry($0.role, $0.name, $0.shape) })
  }

  deinit {
    UnsafeMutableRawPointer(base).deallocate()
  }

  /// Where a tensor lies, or `nil` if this store has none of that name.
  public func tensor(_ name: String) -> Tensor? { positions[name].map { tensors[$0] } }

  /// A whole tensor's elements, row by row; the name must exist and the count fit.
  public subscript(name: String) -> [Float] {
    get {
      let range = existing(name).range
      return Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }
    set {
      let range = existing(name).range
      precondition(newValue.count == range.count, "'\(name)' has \(range.count) elements")
      newValue.withUnsafeBufferPointer { elements in
        guard let start = elements.baseAddress else { return }
        (base + range.lowerBound).update(from: start, count: elements.count)
      }
    }
  }

  /// Gives `body` the whole buffer.
  public func withElements<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeMutableBufferPointer(start: base, count: count))
  }

  /// Sets every element to zero.
  public func setZero() {
    base.update(repeating: 0, count: count)
  }

  /// Gives the memory back to the system; elements are zero until they are written again.
  func discard() {
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let (start, end) = (UInt(bitPattern: base), UInt(bitPattern: base + count))
    let (first, last) = ((start + page - 1) / page * page, end / page * page)
    // Should the system refuse, the memory stays, which does no harm.
    if first < last, let address = UnsafeMutableRawPointer(bitPattern: first) {
      madvise(address, Int(last - first), MADV_DONTNEED)
    }
  }

  /// Copies the elements of a store of the same layout.
  public func copy(from other: ParameterStore) {
    precondition(count == other.count)
    base.update(from: other.base, count: count)
  }

  /// Adds the elements of a store of the same layout.
  ///
  /// - Parameters:
  ///   - other: the other store.
  ///   - range: which elements of the buffer; all if `nil`.
  public func add(_ other: ParameterStore, _ range: Range<Int>? = nil) {
    let range = range ?? 0..<count
    precondition(count == other.count && range.lowerBound >= 0 && range.upperBound <= count)
    tg_add(base + range.lowerBound, other.base + range.lowerBound, range.count)
  }

  /// Multiplies every element.
  public func scale(by factor: Float) {
    tg_scale(base, count, factor)
  }

  /// The sum of the squares of all elements, in double, in a fixed order; not finite if any element
  /// is not.
  public func squaredNorm() -> Double {
    tg_sum_of_squares(base, count)
  }

  /// The squared norm of one tensor.
  public func squaredNorm(of name: String) -> Double {
    let range = existing(name).range
    return tg_sum_of_squares(base + range.lowerBound, range.count)
  }

  /// A tensor as a matrix: `[rows, columns]`, or one row if it has one dimension.
  func matrix(_ role: ParameterRole) -> Matrix { matrix(from: role, to: role) }

  /// Tensors that follow one another and have the same number of columns, as one matrix.
  func matrix(from first: ParameterRole, to last: ParameterRole) -> Matrix {
    let (first, last) = (existing(first), existing(last))
    let size = first.range.lowerBound..<last.range.upperBound
    let columns = first.shape.count == 2 ? first.shape[1] : size.count
    precondition(size.count % columns == 0)
    return Matrix(
      base: isShapesAlone ? base : base + size.lowerBound, rows: size.count / columns,
      columns: columns, isShapeAlone: isShapesAlone)
  }

  private func existing(_ name: String) -> Tensor {
    guard let tensor = tensor(name) else {
      // Unreachable: names come from the tensors of a store of this layout, never from a file.
      preconditionFailure("there is no parameter '\(name)' here")
    }
    return tensor
  }

  private func existing(_ role: ParameterRole) -> Tensor {
    guard let place = roles[role] else {
      // Unreachable: a layer is made for a store that ParameterLayout has laid out.
      preconditionFailure("there is no parameter \(role) here")
    }
    return tensors[place]
  }
}
