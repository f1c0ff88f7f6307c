internal import Glibc

/// A file written at any offset, from any thread, that appears under its name when it is complete.
///
/// Unlike `AtomicFile` it can be read before and after. One that is dropped before `commit` leaves
/// nothing; one whose process is killed leaves a file that ends in `.<pid>.tmp`.
public final class StagedFile: Sendable {
  /// The final name.
  public let path: String
  private let temporaryPath: String
  private let descriptor: Int32

  /// Opens a temporary file beside `path`.
  ///
  /// - Parameter path: the final name.
  /// - Throws: `StorageError.system` if the folder cannot be written.
  public init(_ path: String) throws(StorageError) {
    let temporaryPath = "\(path).\(getpid()).tmp"
    let descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .system(action: "write", file: path, reason: systemReason())
    }
    (self.path, self.temporaryPath, self.descriptor) = (path, temporaryPath, descriptor)
  }

  deinit {
    close(descriptor)
    // After `commit` the name is gone already.
    unlink(temporaryPath)
  }

  /// Writes bytes at an offset.
  ///
  /// - Throws: `StorageError.system`, for instance if the disk is full.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
    try writeAll(bytes, to: descriptor, at: offset, path: path)
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// - Throws: `StorageError` if they are not there or the system reports an error.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError)
  {
    try readAll(buffer, from: descriptor, at: offset, path: path)
  }

  /// Syncs the bytes and gives the file its final name; it stays readable through this object.
  ///
  /// - Throws: `StorageError.system` if the system refuses.
  public func commit() throws(StorageError) {
    guard fsync(descriptor) == 0 else {
      throw .system(action: "sync", file: path, reason: systemReason())
    }
    guard rename(temporaryPath, path) == 0 else {
      throw .system(action: "rename into place", file: path, reason: systemReason())
    }
    try syncFolder(of: path)
  }
}
