internal import Device
internal import Model

/// A window on rows of numbers in a device's memory: 32-bit floats, or words of 32 bits.
struct DeviceMatrix {
  let buffer: DeviceBuffer
  /// Of the first element, in elements.
  let offset: Int
  let rows: Int
  let columns: Int
  /// From the start of one row to the next, in elements.
  let stride: Int

  init(_ buffer: DeviceBuffer, offset: Int, rows: Int, columns: Int, stride: Int? = nil) {
    precondition(rows >= 0 && columns >= 0 && (stride ?? columns) >= columns)
    (self.buffer, self.offset, self.rows, self.columns) = (buffer, offset, rows, columns)
    self.stride = stride ?? columns
  }

  var count: Int { rows * columns }
  /// As kernels without a stride need it.
  var isContiguous: Bool { stride == columns || rows <= 1 }

  /// For a kernel's parameter.
  var argument: KernelArgument { .buffer(buffer, offset: offset) }
  /// For a parameter whose elements have 8 bytes.
  var argumentOfLongs: KernelArgument {
    precondition(offset % 2 == 0)
    return .buffer(buffer, offset: offset / 2)
  }

  /// Of one matrix, or the first of several that lie `batchStride` elements apart.
  func operand(batchStride: Int = 0) -> DeviceProduct.Operand {
    DeviceProduct.Operand(buffer, offset: offset, stride: stride, batchStride: batchStride)
  }

  func window(rows range: Range<Int>, columns columnRange: Range<Int>? = nil) -> DeviceMatrix {
    let columnRange = columnRange ?? 0..<columns
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    precondition(columnRange.lowerBound >= 0 && columnRange.upperBound <= columns)
    return DeviceMatrix(
      buffer, offset: offset + range.lowerBound * stride + columnRange.lowerBound,
      rows: range.count, columns: columnRange.count, stride: stride)
  }

  func columns(_ range: Range<Int>) -> DeviceMatrix { window(rows: 0..<rows, columns: range) }

  /// The same elements under another shape.
  func reshaped(rows: Int, columns: Int) -> DeviceMatrix {
    precondition(isContiguous && rows * columns == count)
    return DeviceMatrix(buffer, offset: offset, rows: rows, columns: columns)
  }
}

/// Named tensors one after another in a device's memory, laid out like a `ParameterStore`.
struct DeviceStore {
  let buffer: DeviceBuffer
  /// The number of elements.
  let count: Int
  private let places: [ParameterRole: ParameterStore.Tensor]

  /// - Parameters:
  ///   - buffer: at least as large.
  ///   - store: whose layout it has.
  init(_ buffer: DeviceBuffer, like store: ParameterStore) {
    (self.buffer, count) = (buffer, store.count)
    places = Dictionary(store.tensors.map { ($0.role, $0) }) { $1 }
  }

  func matrix(_ role: ParameterRole) -> DeviceMatrix { matrix(from: role, to: role) }

  /// Tensors that follow one another and have the same number of columns, as one matrix.
  func matrix(from first: ParameterRole, to last: ParameterRole) -> DeviceMatrix {
    guard let first = places[first], let last = places[last] else {
      // Unreachable: a layer is made for a store that the classifier has laid out.
      preconditionFailure("there is no parameter \(first) here")
    }
    let size = first.range.lowerBound..<last.range.upperBound
    let columns = first.shape.count == 2 ? first.shape[1] : size.count
    precondition(size.count % columns == 0)
    return DeviceMatrix(
      buffer, offset: size.lowerBound, rows: size.count / columns, columns: columns)
  }

  /// All elements as one row.
  var elements: DeviceMatrix { DeviceMatrix(buffer, offset: 0, rows: 1, columns: count) }

  /// The bytes of such a store; a store without elements has an address too.
  static func bytes(_ store: ParameterStore) -> Int { max(4, 4 * store.count) }
}
