internal import CKernels
internal import Glibc

/// What computes underneath, to be recorded with a run.
public enum Engine {
  /// Loads OpenBLAS, if it is not loaded yet; nothing can be computed before.
  ///
  /// Every product runs on the thread that asks for it: workers are the only threads, since a library that makes its own
  /// would fight with them, and its sums would depend on how many there are.
  ///
  /// - Throws: `BLASError` if it cannot be loaded.
  public static func load() throws(BLASError) {
    _ = try BLASLibrary.shared.get()
  }

  /// What OpenBLAS maps for each thread that computes, of which it touches little: 32 << 22 bytes on x86-64
  /// (common_x86_64.h).
  public static let bufferBytes = 128 << 20

  /// Checks that the system would grant OpenBLAS' buffers, which it takes with the first products.
  ///
  /// Where it is refused one, OpenBLAS 0.3 asks again for ever (`blas_memory_alloc`).
  ///
  /// - Parameter threads: that will compute at a time, at least 1.
  /// - Throws: `BLASError.noBuffers`.
  public static func checkBuffers(threads: Int) throws(BLASError) {
    var buffers: [UnsafeMutableRawPointer] = []
    defer {
      for buffer in buffers { munmap(buffer, bufferBytes) }
    }
    // One by one, as OpenBLAS asks: a single request may be refused for its size alone.
    for _ in 0..<threads {
      let address = mmap(
        nil, bufferBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let address, address != MAP_FAILED else {
        throw .noBuffers(
          threads: threads, bytes: threads * bufferBytes, String(cString: strerror(errno)))
      }
      buffers.append(address)
    }
  }

  /// The library, by those who come after `load`.
  static var library: BLASLibrary {
    guard case .success(let library) = BLASLibrary.shared else {
      // Unreachable: a classifier is read only once it is loaded, and nothing computes without one.
      preconditionFailure("OpenBLAS is not loaded")
    }
    return library
  }

  /// Version and build of OpenBLAS, in its own words.
  public static var blas: String { library.description }

  /// The processor whose kernels OpenBLAS computes with.
  public static var blasKernel: String { library.kernel }

  /// Why those.
  public static var blasKernelReason: String { library.reason }

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
