internal import CKernels

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
