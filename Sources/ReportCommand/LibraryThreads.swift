internal import Glibc
internal import Storage

/// The threads that OpenBLAS makes when it is loaded, one for each further processor, though every product here
/// runs on the thread that asks for it.
///
/// Each asks for 128 MB of address space at once, before `main`. Where that is limited and refused, it asks
/// again for ever (OpenBLAS 0.3.21, `blas_memory_alloc`), and the process, which waits for it at its end,
/// never ends.
enum LibraryThreads {
  private static let setting = "OPENBLAS_NUM_THREADS"

  /// Starts the program again without them if address space is limited; returns if it is not, or if
  /// somebody has said how many there shall be.
  static func leaveOutIfAddressesAreLimited() {
    let isLimited = [RLIMIT_AS, RLIMIT_DATA].contains { resource in
      var limit = rlimit()
      return getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0
        && limit.rlim_cur < rlim_t(Int.max)
    }
    guard isLimited, getenv(setting) == nil, let path = executablePath() else { return }
    setenv(setting, "1", 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv(path, &arguments)
    // Should the system refuse, the program goes on as it is.
  }
}
