/// The files that something is made from: each is opened once, and hashed as it is read, so that a record names the very
/// bytes that were used.
public final class ReadFiles: Sendable {
  /// A file as it was read.
  public struct Entry: Equatable, Sendable {
    public let bytes: Int
    /// 64 hexadecimal digits.
    public let sha256: String
    let stamp: FileStamp
  }

  /// What has become of a file since it was read.
  public enum Change: Sendable {
    case none
    /// It may have been appended to.
    case grown
    /// It is another, or gone.
    case replaced
  }

  /// By their paths from the root.
  private let entries = Locked<[String: Entry]>([:])
  /// Files that were looked into and may be read yet.
  private let open = Locked<[String: RandomAccessFile]>([:])
  /// A process has no more than a thousand descriptors or so.
  private static let mostOpen = 64
  /// What was read for an earlier time.
  private let earlier: [String: Entry]

  /// - Parameter earlier: the files of an earlier time; those that are as they were then need not be read again.
  public init(after earlier: ReadFiles? = nil) {
    self.earlier = earlier.map { files in files.entries.withLock { $0 } } ?? [:]
  }

  /// Opens a file to look into it; whoever reads it next need not open it again.
  ///
  /// - Throws: `StorageError` if it cannot be opened.
  public func look(into path: String) throws(StorageError) -> RandomAccessFile {
    let file = try file(path)
    open.withLock { if $0.count < Self.mostOpen { $0[absolutePath(path)] = file } }
    return file
  }

  /// Closes a file that was looked into, since nobody is going to read it.
  public func forget(_ path: String) {
    open.withLock { _ = $0.removeValue(forKey: absolutePath(path)) }
  }

  private func file(_ path: String) throws(StorageError) -> RandomAccessFile {
    if let file = open.withLock({ $0.removeValue(forKey: absolutePath(path)) }) { return file }
    return try RandomAccessFile(path)
  }

  /// Opens a file and reads it.
  ///
  /// - Throws: `StorageError` if it cannot be read.
  public func contents(_ path: String) throws(StorageError) -> [UInt8] {
    try contents(of: file(path))
  }

  /// Reads a file that is open.
  ///
  /// - Throws: `StorageError` if it cannot be read.
  public func contents(of file: RandomAccessFile) throws(StorageError) -> [UInt8] {
    forget(file.path)
    let bytes = try file.contents()
    note(file, sha256: SHA256.hex(of: bytes))
    return bytes
  }

  /// Reads a file that is hashed where it is decoded.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - decode: gives the SHA-256 of the bytes beside what they say.
  /// - Returns: what they say.
  /// - Throws: `StorageError` if it cannot be read; whatever decoding throws.
  public func decoded<Value>(
    _ path: String, _ decode: (_ bytes: [UInt8]) throws -> (value: Value, sha256: String)
  ) throws -> Value {
    let file = try file(path)
    let (value, sha256) = try decode(file.contents())
    note(file, sha256: sha256)
    return value
  }

  private func note(_ file: RandomAccessFile, sha256: String) {
    entries.withLock {
      $0[absolutePath(file.path)] = Entry(bytes: file.size, sha256: sha256, stamp: file.stamp)
    }
  }

  /// Whether a file is as it was at the earlier time, so that what was made of it then holds; it counts as read.
  public func isAsBefore(_ path: String) -> Bool {
    let key = absolutePath(path)
    guard let known = earlier[key], FileStamp(path) == known.stamp else { return false }
    entries.withLock { $0[key] = known }
    return true
  }

  /// What was read of a file; one that nobody has read so far is read now, for its hash.
  ///
  /// - Throws: `StorageError` if it cannot be read.
  public func entry(_ path: String) throws(StorageError) -> Entry {
    let key = absolutePath(path)
    if let known = entries.withLock({ $0[key] }) { return known }
    if !isAsBefore(path) {
      let file = try file(path)
      note(file, sha256: try SHA256.hex(of: file))
    }
    return try entry(path)
  }

  /// What has become of a file since it was read, as far as can be seen without opening it.
  public func change(of path: String) -> Change {
    let key = absolutePath(path)
    guard let known = entries.withLock({ $0[key] }) else { return .none }
    guard let now = FileStamp(path) else { return .replaced }
    return now == known.stamp ? .none : now.hasGrown(from: known.stamp) ? .grown : .replaced
  }
}
