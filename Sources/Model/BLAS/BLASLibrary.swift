package import COpenBLAS
internal import Glibc

/// OpenBLAS, loaded and told whose kernels to take.
package struct BLASLibrary: @unchecked Sendable {
  // Unchecked for the sake of C function pointers, which any thread may call.

  /// `cblas_sgemm`.
  package let sgemm: tg_sgemm
  /// Version and build, in its own words.
  package let description: String
  /// The processor whose kernels it computes with, by its own name.
  package let kernel: String
  /// Why those.
  package let reason: String

  /// As Debian's packages of every build (threads of its own, OpenMP, serial) name it.
  package static let file = "libopenblas.so.0"

  /// The library of this process, loaded when it is first asked for.
  package static let shared = Result<BLASLibrary, BLASError> { () throws(BLASError) in
    try load(file, on: .current, wish: getenv("OPENBLAS_CORETYPE").map { String(cString: $0) })
  }

  /// Loads a library.
  ///
  /// - Parameters:
  ///   - file: as `dlopen` takes it.
  ///   - processor: for whose instruction set the kernels shall be.
  ///   - wish: the user's OPENBLAS_CORETYPE.
  ///   - first: for tests: the kernels that it takes at first, as if of its own accord.
  /// - Returns: the library, ready to compute on the calling thread.
  /// - Throws: `BLASError` if it is not there, or if the wish is for more than the processor has.
  package static func load(
    _ file: String, on processor: Processor, wish: String?, first: String? = nil
  ) throws(BLASError) -> BLASLibrary {
    if let wish, let set = KernelChoice.instructionSet(of: wish), set > processor.instructionSet {
      throw .kernelBeyondProcessor(
        kernel: wish, needs: set.name, processor: processor.description,
        better: KernelChoice.kernel(for: processor.instructionSet))
    }
    var library = try open(file, kernel: first)
    switch KernelChoice(on: processor, taken: text(library.kernel()), wish: wish) {
    case .keep(let reason):
      return BLASLibrary(library, reason: reason)
    case .load(let kernel, let reason):
      // It chooses while it is loaded and never again. Nothing has been computed yet, and it has no threads, so
      // that it can be given up.
      tg_openblas_unload(&library)
      library = try open(file, kernel: kernel)
      return BLASLibrary(library, reason: reason)
    }
  }

  private init(_ library: tg_openblas, reason: String) {
    sgemm = library.sgemm
    description = Self.text(library.description())
    kernel = Self.text(library.kernel())
    self.reason = reason
  }

  /// What the library says; it never says nothing, but C cannot promise it.
  private static func text(_ words: UnsafeMutablePointer<CChar>?) -> String {
    words.map { String(cString: $0) } ?? "unknown"
  }

  private static func open(_ file: String, kernel: String?) throws(BLASError) -> tg_openblas {
    var library = tg_openblas()
    if let problem = tg_openblas_load(file, kernel, &library) {
      throw .notLoaded(file: file, String(cString: problem))
    }
    return library
  }
}
