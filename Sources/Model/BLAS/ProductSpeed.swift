internal import CKernels
internal import Glibc

/// How fast large matrix products run on one thread, beside what the processor can do.
///
/// Whatever keeps products slow (kernels for another processor, a library without any for this one) shows in their
/// rate, also where nobody has thought of the cause.
public struct ProductSpeed: Sendable {
  /// Of products of large matrices, in 10⁹ floating-point operations a second, a multiply-add counting two.
  public let products: Double
  /// Of multiply-adds in registers, of the widest kind that the processor has, in the same unit.
  public let peak: Double
  private let kernel: String
  private let reason: String

  /// Products below this share of the peak are remarked on. Kernels made for a processor reach 75 to 95 % of it.
  package static let leastShare = 0.5

  package init(products: Double, peak: Double, kernel: String, reason: String) {
    (self.products, self.peak) = (products, peak)
    (self.kernel, self.reason) = (kernel, reason)
  }

  /// Measures both in turns, 10 to 50 ms in all, and takes the best of each, as others may use the processor.
  ///
  /// - Returns: both rates, with whose kernels computed.
  /// - Throws: `BLASError` without OpenBLAS.
  public static func measure() throws(BLASError) -> ProductSpeed {
    let library = try BLASLibrary.shared.get()
    let workspace = Workspace()
    // 4 MB in all, which every worker takes at least.
    let (a, b) = (workspace.matrix(256, 768), workspace.matrix(768, 768))
    let product = workspace.matrix(256, 768)
    for matrix in [a, b] {
      for index in 0..<matrix.count { matrix.base[index] = 0.01 }
    }
    let operations = 2.0 * 256 * 768 * 768
    var (products, peak) = (0.0, 0.0)
    for _ in 0..<5 {
      products = max(
        products, operations / seconds { workspace.gemm(a, .no, b, .no, into: product) })
      peak = max(peak, multiplyAddsPerSecond(rounds: 50_000))
    }
    return ProductSpeed(
      products: products / 1e9, peak: peak / 1e9, kernel: library.kernel, reason: library.reason)
  }

  /// What the processor does on this thread at most, in floating-point operations a second.
  ///
  /// - Parameter rounds: of 12 vectors' multiply-adds; 100,000 take about half a millisecond.
  /// - Returns: operations per second, a multiply-add counting two.
  package static func multiplyAddsPerSecond(rounds: Int) -> Double {
    var sink: Float = 0
    var operations = 0.0
    let elapsed = seconds { operations = tg_multiply_adds(rounds, &sink) }
    return operations / elapsed
  }

  /// What to tell the user, if products are slow.
  public var remark: String? {
    guard products < Self.leastShare * peak else { return nil }
    func whole(_ value: Double) -> String { String(Int(value.rounded())) }
    let advice =
      reason.contains("OPENBLAS_CORETYPE")
      ? "Unset OPENBLAS_CORETYPE, unless you know better."
      : """
      An OpenBLAS with kernels for this processor (0.3.25 or later, with dynamic choice of kernels, as Debian builds \
      it) would help; if other programs keep the processor busy, this may be a false alarm.
      """
    return """
      Matrix products run at \(whole(products)) GFLOP/s on one thread, \(whole(100 * products / peak)) % of the \
      \(whole(peak)) that this processor reaches with \(InstructionSet.ofProcessor.name). OpenBLAS uses the \
      kernels '\(kernel)' (\(reason)). \(advice)
      """
  }

  private static func seconds(_ body: () -> Void) -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = now()
    body()
    return now() - start
  }
}
