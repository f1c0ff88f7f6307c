/// A window on rows of 32-bit floats that somebody else owns: a workspace or a parameter store.
///
/// Layers are made of windows, so that all parameters can lie one after another in one buffer which
/// the optimiser passes over once, and so that intermediate results reuse memory from block to block.
/// A window does not keep its owner alive; layers and tapes never outlive theirs, which `Classifier`
/// and `Worker` hold. It may be a shape alone, without elements: whoever computes with it checks shapes and leaves
/// it at that, which is how `BlockMemory` finds out what a block takes.
package struct Matrix {
  package let base: UnsafeMutablePointer<Float>
  package let rows: Int
  package let columns: Int
  /// From the start of one row to the start of the next, in elements.
  package let stride: Int
  /// Whether there are no elements: `base` points nowhere.
  let isShapeAlone: Bool

  package init(
    base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil
  ) {
    self.init(base: base, rows: rows, columns: columns, stride: stride, isShapeAlone: false)
  }

  init(
    base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil,
    isShapeAlone: Bool
  ) {
    precondition(rows >= 0 && columns >= 0 && (stride ?? columns) >= columns)
    (self.base, self.rows, self.columns) = (base, rows, columns)
    (self.stride, self.isShapeAlone) = (stride ?? columns, isShapeAlone)
  }

  /// Whether rows follow one another without a gap, as element-wise kernels need it.
  var isContiguous: Bool { stride == columns || rows <= 1 }

  /// The number of elements.
  var count: Int { rows * columns }

  /// Rows `rows`, columns `columns` of this matrix; the same memory.
  func window(rows range: Range<Int>, columns columnRange: Range<Int>? = nil) -> Matrix {
    let columnRange = columnRange ?? 0..<columns
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    precondition(columnRange.lowerBound >= 0 && columnRange.upperBound <= columns)
    return Matrix(
      base: base + range.lowerBound * stride + columnRange.lowerBound, rows: range.count,
      columns: columnRange.count, stride: stride, isShapeAlone: isShapeAlone)
  }

  /// All rows, columns `range`; the same memory.
  func columns(_ range: Range<Int>) -> Matrix { window(rows: 0..<rows, columns: range) }

  /// The same elements under another shape; the rows must be contiguous.
  func reshaped(rows: Int, columns: Int) -> Matrix {
    precondition(isContiguous && rows * columns == count)
    return Matrix(base: base, rows: rows, columns: columns, isShapeAlone: isShapeAlone)
  }

  /// Copies the elements of a matrix of the same shape.
  func copy(from other: Matrix) {
    precondition(rows == other.rows && columns == other.columns)
    precondition(isContiguous && other.isContiguous)
    guard !isShapeAlone else { return }
    base.update(from: other.base, count: count)
  }

  /// Sets every element to zero.
  func setZero() {
    precondition(isContiguous)
    guard !isShapeAlone else { return }
    base.update(repeating: 0, count: count)
  }

  /// The elements, row by row; none of a shape alone.
  package var elements: [Float] {
    isShapeAlone
      ? [] : (0..<rows).flatMap { UnsafeBufferPointer(start: base + $0 * stride, count: columns) }
  }
}
