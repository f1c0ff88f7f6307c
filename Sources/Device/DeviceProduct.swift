/// Products of matrices of 32-bit floats, `C = alpha op(A) op(B) + beta C`, all row-major; several of one shape at once if the
/// batch is larger than 1.
package struct DeviceProduct {
  /// Where a matrix lies.
  package struct Operand {
    package let buffer: DeviceBuffer
    /// Of the first element of the first matrix, in elements.
    package let offset: Int
    /// From the start of one row to the next, in elements.
    package let stride: Int
    /// From one matrix of the batch to the next, in elements; not looked at in a batch of 1.
    package let batchStride: Int

    package init(_ buffer: DeviceBuffer, offset: Int, stride: Int, batchStride: Int = 0) {
      (self.buffer, self.offset) = (buffer, offset)
      (self.stride, self.batchStride) = (stride, batchStride)
    }
  }

  /// Whether the factor that is read is the transpose of the matrix that is there.
  package let isATransposed: Bool
  package let isBTransposed: Bool
  /// Rows of C.
  package let m: Int
  /// Columns of C.
  package let n: Int
  /// What is summed over.
  package let k: Int
  package let alpha: Float
  /// `[m, k]`, or `[k, m]` if transposed.
  package let a: Operand
  /// `[k, n]`, or `[n, k]` if transposed.
  package let b: Operand
  /// 0 overwrites C, whatever it holds, not-a-number included.
  package let beta: Float
  /// `[m, n]`, no part of A or B.
  package let c: Operand
  /// How many.
  package let batch: Int

  package init(
    isATransposed: Bool = false, isBTransposed: Bool = false, m: Int, n: Int, k: Int,
    alpha: Float = 1, _ a: Operand, _ b: Operand, beta: Float = 0, _ c: Operand, batch: Int = 1
  ) {
    precondition(m > 0 && n > 0 && k > 0 && batch > 0)
    (self.isATransposed, self.isBTransposed) = (isATransposed, isBTransposed)
    (self.m, self.n, self.k, self.batch) = (m, n, k, batch)
    (self.alpha, self.beta, self.a, self.b, self.c) = (alpha, beta, a, b, c)
  }

  /// Multiply-adds.
  package var multiplyAdds: Int { batch * m * n * k }
}
