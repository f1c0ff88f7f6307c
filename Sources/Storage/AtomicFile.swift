internal import Glibc

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary name in the same folder; `commit` syncs them, renames the file into place
/// and syncs the folder. A writer that is dropped without `commit` leaves nothing behind.
public struct AtomicFile: ~Copyable {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Opens a temporary file beside `path`.
  ///
  /// - Parameters:
  ///   - path: the final name; an existing file there stays untouched until `commit`.
  ///   - prologue: the first bytes.
  /// - Throws: `StorageError.system` if the folder cannot be written.
  public init(_ path: String, startingWith prologue: [UInt8] = []) throws(StorageError) {
    let temporaryPath = "\(path).\(getpid()).tmp"
    let descriptor = open(
      temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .system(action: "write", file: path, reason: systemReason())
    }
    do {
      try prologue.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
    } catch {
      close(descriptor)
      unlink(temporaryPath)
      throw error as? StorageError
        ?? .system(action: "write", file: path, reason: "\(error)")
    }
    (self.path, self.temporaryPath, self.descriptor) = (path, temporaryPath, descriptor)
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporaryPath) }
  }

  /// Appends bytes.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    try writeAll(bytes, to: descriptor, path: path)
  }

  /// Appends bytes.
  public mutating func write(_ bytes: [UInt8]) throws(StorageError) {
    do {
      try bytes.withUnsafeBytes { try write($0) }
    } catch let error as StorageError {
      throw error
    } catch {
      throw .system(action: "write", file: path, reason: "\(error)")
    }
  }

  /// Syncs the bytes and gives the file its final name.
  ///
  /// - Parameter syncingFolder: whether the name is synced as well; of several files in one folder it is
  ///   enough to sync the folder after the last.
  /// - Throws: `StorageError.system` if the disk does not take it; the file's old content stays.
  public consuming func commit(syncingFolder: Bool = true) throws(StorageError) {
    guard fsync(descriptor) == 0 else {
      throw .system(action: "sync", file: path, reason: systemReason())
    }
    guard rename(temporaryPath, path) == 0 else {
      throw .system(action: "rename into place", file: path, reason: systemReason())
    }
    isCommitted = true
    if syncingFolder { try syncFolder(of: path) }
  }

  /// Writes a whole file in one go; see `commit` for `syncingFolder`.
  public static func write(
    _ bytes: [UInt8], to path: String, syncingFolder: Bool = true
  ) throws(StorageError) {
    var file = try AtomicFile(path)
    try file.write(bytes)
    try file.commit(syncingFolder: syncingFolder)
  }

  /// Writes a whole text file, UTF-8, in one go; see `commit` for `syncingFolder`.
  public static func write(
    _ text: String, to path: String, syncingFolder: Bool = true
  ) throws(StorageError) {
    try write(Array(text.utf8), to: path, syncingFolder: syncingFolder)
  }
}

/// Writes every byte, going on after short writes and interruptions.
func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
) throws(StorageError) {
  var done = 0
  while done < bytes.count {
    let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
    if count < 0 {
      if errno == EINTR { continue }
      throw .system(action: "write", file: path, reason: systemReason())
    }
    done += count
  }
}

/// Makes what happened in the folder of `path` durable: names given, taken away and changed.
///
/// - Throws: `StorageError.system` if the system refuses.
public func syncFolder(of path: String) throws(StorageError) {
  let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw .system(action: "open folder", file: folder, reason: systemReason())
  }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else {
    throw .system(action: "sync folder", file: folder, reason: systemReason())
  }
}
