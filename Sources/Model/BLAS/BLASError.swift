/// Why matrix products cannot be computed.
public enum BLASError: Error, Equatable, Sendable {
  /// The library cannot be loaded; the system's words.
  case notLoaded(file: String, String)
  /// OPENBLAS_CORETYPE asks for kernels that would end the program on this processor.
  case kernelBeyondProcessor(kernel: String, needs: String, processor: String, better: String?)
  /// The system refuses the memory that OpenBLAS takes with its first product; the system's words.
  case noBuffers(threads: Int, bytes: Int, String)
}

extension BLASError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notLoaded(let file, let words):
      "OpenBLAS, which computes matrix products, cannot be loaded from \(file): \(words). "
        + "On Debian it is in the package libopenblas0: apt-get install libopenblas0."
    case .kernelBeyondProcessor(let kernel, let needs, let processor, let better):
      "The environment variable OPENBLAS_CORETYPE asks for the kernels '\(kernel)', which need "
        + "\(needs); this processor (\(processor)) would stop at their first instruction. Unset it"
        + (better.map { ", or set it to \($0)." } ?? ".")
    case .noBuffers(let threads, let bytes, let words):
      "OpenBLAS, which computes matrix products, needs \(bytes / 1_000_000) MB of address space for "
        + "\(threads == 1 ? "one thread" : "\(threads) threads"), which the system refuses (\(words)). "
        + "Use fewer --threads, or raise the limit (ulimit -v, ulimit -d, vm.overcommit_memory)."
    }
  }
}
