internal import Glibc

/// A file that grows by whole lines, each synced before the call returns.
public final class AppendedFile {
  private let path: String
  private let descriptor: Int32

  /// Opens a file for appending, creating it if need be.
  public init(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .system(action: "append to", file: path, reason: systemReason())
    }
    (self.path, self.descriptor) = (path, descriptor)
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
    let bytes = Array(line.utf8) + [0x0A]
    do {
      try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
    } catch let error as StorageError {
      throw error
    } catch {
      throw .system(action: "append to", file: path, reason: "\(error)")
    }
    if sync, fsync(descriptor) != 0 {
      throw .system(action: "sync", file: path, reason: systemReason())
    }
  }
}
