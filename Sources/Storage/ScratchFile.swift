internal import Glibc

/// A nameless file for data that outgrow memory; it is gone when its owner or the process is.
public final class ScratchFile: Sendable {
  /// The folder it lies in, for messages.
  public let folder: String
  private let descriptor: Int32

  /// Makes a file and takes its name away at once, so that not even SIGKILL leaves it behind.
  ///
  /// - Parameter folder: an existing folder on the disk that is to hold the data.
  /// - Throws: `StorageError.system` if the folder cannot be written.
  public init(in folder: String) throws(StorageError) {
    var template = Array("\(folder)/.scratch-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw .system(action: "make a scratch file in", file: folder, reason: systemReason())
    }
    unlink(&template)
    (self.folder, self.descriptor) = (folder, descriptor)
  }

  deinit {
    close(descriptor)
  }

  /// Writes bytes at an offset.
  ///
  /// - Throws: `StorageError.system`, for instance if the disk is full.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
    try writeAll(bytes, to: descriptor, at: offset, path: "a scratch file in \(folder)")
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// - Throws: `StorageError` if they were never written or the system reports an error.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError)
  {
    try readAll(buffer, from: descriptor, at: offset, path: "a scratch file in \(folder)")
  }
}

/// Writes every byte at an offset, going on after short writes and interruptions.
func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, path: String
) throws(StorageError) {
  var done = 0
  while done < bytes.count {
    let count = pwrite(
      descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
    if count < 0 {
      if errno == EINTR { continue }
      throw .system(action: "write", file: path, reason: systemReason())
    }
    done += count
  }
}

/// Fills a buffer from an offset, going on after short reads and interruptions.
func readAll(
  _ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int, path: String
) throws(StorageError) {
  var done = 0
  while done < buffer.count {
    let count = pread(
      descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, offset + done)
    if count < 0 {
      if errno == EINTR { continue }
      throw .system(action: "read", file: path, reason: systemReason())
    }
    guard count > 0 else {
      throw .shortRead(file: path, offset: offset, expectedBytes: buffer.count, foundBytes: done)
    }
    done += count
  }
}
