internal import COpenBLAS

/// Whether a factor of a matrix product is transposed.
package enum Transpose {
  case no, yes

  /// As cblas numbers it.
  package var code: Int32 {
    switch self {
    case .no: Int32(TG_BLAS_NO_TRANSPOSE)
    case .yes: Int32(TG_BLAS_TRANSPOSE)
    }
  }
}

extension Workspace {
  /// The matrix product `c = op(a) op(b) + beta c`, on the calling thread alone.
  ///
  /// This is the only function that calls OpenBLAS. OpenBLAS has its own path for small products, which
  /// attention's many are (26 × 26 × 64 runs at 78 GFLOP/s where a large one reaches 104).
  ///
  /// - Parameters:
  ///   - a: `[m, k]`, or `[k, m]` if transposed.
  ///   - aTranspose: whether `a` is transposed.
  ///   - b: `[k, n]`, or `[n, k]` if transposed.
  ///   - bTranspose: whether `b` is transposed.
  ///   - beta: 0 to overwrite `c`, whatever it holds, 1 to add to it.
  ///   - c: `[m, n]`, no part of `a` or `b`.
  package func gemm(
    _ a: Matrix, _ aTranspose: Transpose, _ b: Matrix, _ bTranspose: Transpose,
    beta: Float = 0, into c: Matrix
  ) {
    let (m, k) = aTranspose == .no ? (a.rows, a.columns) : (a.columns, a.rows)
    let (bRows, n) = bTranspose == .no ? (b.rows, b.columns) : (b.columns, b.rows)
    precondition(bRows == k, "inner sizes \(k) and \(bRows) differ")
    precondition(c.rows == m && c.columns == n, "\(c.rows) × \(c.columns) is not \(m) × \(n)")
    precondition(m > 0 && n > 0 && k > 0)
    multiplyAdds += m * n * k
    // Where nothing is computed, shapes are all there is.
    guard let sgemm else { return }
    sgemm(
      Int32(TG_BLAS_ROW_MAJOR), aTranspose.code, bTranspose.code, Int32(m), Int32(n), Int32(k), 1,
      a.base, Int32(a.stride), b.base, Int32(b.stride),
      beta, c.base, Int32(c.stride))
    products?.append(
      Product(
        m: m, n: n, k: k, aTranspose: aTranspose, bTranspose: bTranspose, beta: beta,
        strides: (a.stride, b.stride, c.stride)))
  }
}
