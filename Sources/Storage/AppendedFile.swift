internal import Glibc

/// A file that grows by whole records: one that cannot be written leaves the file as it was.
public final class AppendedFile {
  private let path: String
  private let descriptor: Int32

  /// Opens a file for appending, creating it if need be.
  public init(_ path: String) throws(StorageError) {
    let isNew = !exists(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .system(action: "append to", file: path, reason: systemReason())
    }
    (self.path, self.descriptor) = (path, descriptor)
    if isNew { try syncFolder(of: path) }
  }

  deinit {
    close(descriptor)
  }

  /// Cuts the file off after `size` bytes.
  ///
  /// - Throws: `StorageError.system` if it cannot be cut.
  public func truncate(to size: Int) throws(StorageError) {
    guard ftruncate(descriptor, size) == 0 else {
      throw .system(action: "truncate", file: path, reason: systemReason())
    }
  }

  /// Appends `line` and a line feed in one write.
  ///
  /// - Parameters:
  ///   - line: without line breaks.
  ///   - sync: whether to wait until the line is on the disk.
  /// - Throws: `StorageError.system` if the line could not be written or synced.
  public func append(line: String, sync: Bool) throws(StorageError) {
    precondition(!line.utf8.contains(0x0A), "a record is one line")
    try append(Array(line.utf8) + [0x0A], sync: sync)
  }

  /// Appends bytes in one write.
  ///
  /// - Throws: `StorageError.system` if they could not be written or synced; nothing is appended then.
  public func append(_ bytes: [UInt8], sync: Bool) throws(StorageError) {
    let size = lseek(descriptor, 0, SEEK_END)
    do {
      try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
    } catch {
      // A full disk may have taken the beginning of the line.
      if size >= 0 { ftruncate(descriptor, size) }
      throw error as? StorageError
        ?? .system(action: "append to", file: path, reason: "\(error)")
    }
    if sync { try self.sync() }
  }

  /// Waits until all that was appended is on the disk.
  ///
  /// - Throws: `StorageError.system` if the system refuses.
  public func sync() throws(StorageError) {
    guard fsync(descriptor) == 0 else {
      throw .system(action: "sync", file: path, reason: systemReason())
    }
  }
}
