internal import CKernels
internal import COpenBLAS

/// Whether a factor of a matrix product is transposed.
package enum Transpose {
  case no, yes
}

extension Workspace {
  /// The matrix product `c = op(a) op(b) + beta c`, on the calling thread alone.
  ///
  /// This is the only function that calls cblas. OpenBLAS has its own path for small products, which
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
    cblas_sgemm(
      CblasRowMajor, aTranspose == .no ? CblasNoTrans : CblasTrans,
      bTranspose == .no ? CblasNoTrans : CblasTrans,
      Int32(m), Int32(n), Int32(k), 1, a.base, Int32(a.stride), b.base, Int32(b.stride),
      beta, c.base, Int32(c.stride))
    multiplyAdds += m * n * k
    products?.append(
      Product(
        m: m, n: n, k: k, aTranspose: aTranspose, bTranspose: bTranspose, beta: beta,
        strides: (a.stride, b.stride, c.stride)))
  }
}

/// What computes underneath, to be recorded with a run.
public enum Engine {
  /// Makes every BLAS call run on the thread that makes it.
  ///
  /// The workers are the only threads; a library that forks its own would fight with them, and its
  /// sums would depend on how many there are. Called by `Worker.init`; safe to repeat.
  public static func useSingleThreadedBLAS() {
    openblas_set_num_threads(1)
  }

  /// Version and build of OpenBLAS, in its own words.
  ///
  /// Asked for once: it writes them into one buffer every time, so of two threads that ask at once one may read half.
  public static let blas = String(cString: openblas_get_config())

  /// The processor whose kernels OpenBLAS chose.
  public static var blasKernel: String { String(cString: openblas_get_corename()) }

  /// The instruction set of the element-wise kernels: "x86-64-v4", "x86-64-v3" or "baseline".
  public static var kernelClone: String { String(cString: tg_clone_name()) }

  /// Runs `body` with other element-wise kernels on this thread, for tests.
  ///
  /// - Parameters:
  ///   - name: as in `kernelClone`.
  ///   - body: what to run.
  /// - Returns: what `body` returns, or `nil`, without running it, if this processor has none such.
  package static func withKernelClone<Result>(
    _ name: String, _ body: () throws -> Result
  ) rethrows -> Result? {
    guard tg_use_clone(name) else { return nil }
    defer { _ = tg_use_clone(nil) }
    return try body()
  }
}
