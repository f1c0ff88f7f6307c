internal import Glibc

/// A file opened for reading at any offset.
///
/// Reads use `pread` instead of a memory map, so that a file which shrinks while it is read is an
/// error (`StorageError.shortRead`) and not a SIGBUS.
public final class RandomAccessFile: Sendable {
  /// The path as it was given.
  public let path: String
  /// The size in bytes when the file was opened.
  public let size: Int
  /// What the system said of it when it was opened.
  let stamp: FileStamp
  private let descriptor: Int32

  /// Opens a regular file.
  ///
  /// - Parameter path: an existing regular file.
  /// - Throws: `StorageError.system` if it cannot be opened or is no regular file.
  public init(_ path: String) throws(StorageError) {
    // Without O_NONBLOCK, opening a FIFO that nobody writes to would wait for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .system(action: "open", file: path, reason: systemReason())
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let reason = systemReason()
      close(descriptor)
      throw .system(action: "inspect", file: path, reason: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .system(action: "read", file: path, reason: "it is not a regular file")
    }
    (self.path, self.size, self.descriptor) = (path, Int(status.st_size), descriptor)
    stamp = FileStamp(status)
  }

  deinit {
    close(descriptor)
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// - Parameters:
  ///   - buffer: filled to its end.
  ///   - offset: in bytes from the start of the file, not negative.
  /// - Throws: `StorageError` if fewer bytes are there or the system reports an error.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError)
  {
    try readAll(buffer, from: descriptor, at: offset, path: path)
  }

  /// Reads `count` bytes from `offset` on.
  public func bytes(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    do {
      try result.withUnsafeMutableBytes { try read(into: $0, at: offset) }
    } catch let error as StorageError {
      throw error
    } catch {
      throw .system(action: "read", file: path, reason: "\(error)")
    }
    return result
  }

  /// Reads the whole file.
  public func contents() throws(StorageError) -> [UInt8] {
    try bytes(at: 0, count: size)
  }
}

/// The system's words for the current `errno`.
func systemReason() -> String {
  String(cString: strerror(errno))
}
