internal import Glibc
internal import Storage

/// What commands print on standard output. All of it goes through here, since `print` does not say when a disk is full.
enum StandardOutput {
  /// Prints a line.
  ///
  /// - Throws: what `write` throws.
  static func line(_ text: String) throws(StorageError) { try write(text + "\n") }

  /// Prints a text as it is.
  ///
  /// Where the reader has gone, as `head` has after its lines, the process ends by SIGPIPE without a word, as other tools
  /// do.
  ///
  /// - Throws: `StorageError.system` if standard output does not take it, on a full disk for instance.
  static func write(_ text: String) throws(StorageError) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(STDOUT_FILENO, buffer.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count >= 0 {
        done += count
        continue
      }
      let problem = errno
      if problem == EINTR { continue }
      if problem == EPIPE {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
      }
      throw .system(
        action: "write to", file: "standard output", reason: String(cString: strerror(problem)))
    }
  }
}
