/// Why a file could not be read or written.
public enum StorageError: Error, Equatable {
  /// The system refused: `action` is a verb phrase such as "open", `reason` the system's own words.
  case system(action: String, file: String, reason: String)
  /// The file ended before what was asked of it.
  case shortRead(file: String, offset: Int, expectedBytes: Int, foundBytes: Int)
  /// Another process holds the lock; `process` is its id, or `nil` if it is not known.
  case locked(file: String, process: Int?)
}

extension StorageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .system(let action, let file, let reason):
      "cannot \(action) \(file): \(reason)"
    case .shortRead(let file, let offset, let expected, let found):
      "\(file): expected \(expected) bytes at offset \(offset), found \(found); "
        + "the file is shorter than it should be or shrank while it was read"
    case .locked(let file, let process):
      "\(file) is held by \(process.map { "process \($0)" } ?? "another process"), which is running; "
        + "wait for it or end it first"
    }
  }
}
