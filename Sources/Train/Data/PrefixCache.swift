internal import Foundation
internal import Glibc
internal import RunLog
internal import Storage

/// A folder of finished prefixes, found again by what they were computed from.
///
/// A file's name is a hash of contents (weights, token ids, depth, precision, kernel, block cut), never of
/// names or dates, so one experiment's activations are never taken for another's. The folder is bounded:
/// what was used longest ago goes first.
public struct PrefixCache: Sendable {
  /// One finished prefix.
  public struct Entry: Equatable, Sendable {
    public let path: String
    public let bytes: Int
    /// Seconds since 1970.
    public let lastUsed: Double
  }

  public let folder: String
  /// The most bytes that the folder may hold.
  public let sizeLimit: Int

  private static let ending = ".prefix"
  private static let lockEnding = ".lock"

  /// - Parameters:
  ///   - folder: made when something is first stored.
  ///   - sizeLimit: the most bytes that the folder may hold.
  public init(folder: String = Self.defaultFolder, sizeLimit: Int = 20_000_000_000) {
    (self.folder, self.sizeLimit) = (folder, sizeLimit)
  }

  /// `$XDG_CACHE_HOME/transfergap`, or `~/.cache/transfergap`; where there is no home at all, a folder that
  /// cannot be made, so that nothing is kept.
  public static var defaultFolder: String {
    let variables = ProcessInfo.processInfo.environment
    if let caches = variables["XDG_CACHE_HOME"], caches.hasPrefix("/") {
      return caches + "/transfergap"
    }
    // Without $HOME the home that the system knows; never a folder that everybody may write to.
    if let home = variables["HOME"], home.hasPrefix("/") { return home + "/.cache/transfergap" }
    let home = getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) } ?? ""
    return (home.hasPrefix("/") ? home : "/nonexistent") + "/.cache/transfergap"
  }

  /// Where the prefix of a key lies or will lie.
  func path(key: String) -> String { "\(folder)/\(key)\(Self.ending)" }

  /// All finished prefixes, the one used last first.
  ///
  /// - Returns: nothing if there is no such folder.
  /// - Throws: `StorageError` if it cannot be listed.
  public func entries() throws -> [Entry] {
    guard isFolder(folder) else { return [] }
    return try listFolder(folder).filter { $0.hasSuffix(Self.ending) }.compactMap { name in
      let path = "\(folder)/\(name)"
      // Another process may have removed it in between.
      guard let facts = try? FileManager.default.attributesOfItem(atPath: path),
        let size = facts[.size] as? Int, let date = facts[.modificationDate] as? Date
      else { return nil }
      return Entry(path: path, bytes: size, lastUsed: date.timeIntervalSince1970)
    }.sorted { ($1.lastUsed, $0.path) < ($0.lastUsed, $1.path) }
  }

  /// Removes every finished prefix and what killed processes left.
  ///
  /// - Returns: the bytes of the finished ones.
  /// - Throws: what the system says if one cannot be removed.
  public func empty() throws -> Int {
    let entries = try entries()
    for entry in entries { try remove(entry.path) }
    // Giving back a lock that nobody holds removes its file.
    for name in try isFolder(folder) ? listFolder(folder) : []
    where name.hasSuffix(Self.lockEnding) {
      _ = try? LockFile("\(folder)/\(name)")
    }
    removeLeftovers(in: folder)
    return entries.reduce(0) { $0 + $1.bytes }
  }

  /// Waits for the right to compute the prefix of a key, so that processes side by side compute it once.
  ///
  /// The kernel frees the lock of a process that ends, however it ends.
  ///
  /// - Parameters:
  ///   - key: the prefix's.
  ///   - interruption: looked at while waiting.
  ///   - note: gets a sentence when waiting begins.
  ///   - split: whose prefix it is, for that sentence.
  /// - Returns: the lock, or `nil` where the folder takes no locks; what is there is then read, and
  ///   computing may happen twice.
  /// - Throws: `CancellationError` if interrupted.
  func lock(
    key: String, interruption: Interruption, note: (String) -> Void, of split: Split
  ) throws -> LockFile? {
    var isWaiting = false
    while true {
      do {
        try makeFolder(folder)
        return try LockFile("\(folder)/\(key)\(Self.lockEnding)")
      } catch StorageError.locked(_, let process) {
        if interruption.isRequested { throw CancellationError() }
        if !isWaiting {
          let holder = process.map { "process \($0)" } ?? "another process"
          note("Waiting for \(holder), which computes the frozen layers' output of \(split).")
          isWaiting = true
        }
        Thread.sleep(forTimeInterval: 0.1)
      } catch {
        return nil
      }
    }
  }

  /// Marks a prefix as used now.
  func touch(_ path: String) {
    // A folder that cannot be written only loses the order of use.
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
  }

  /// Removes what was used longest ago until `bytes` more fit, at most as many as the limit.
  ///
  /// - Throws: what the system says if one cannot be removed.
  func makeRoom(for bytes: Int) throws {
    removeLeftovers(in: folder)
    var entries = try entries()
    var total = entries.reduce(0) { $0 + $1.bytes }
    // A run that has one of them open goes on reading it; only the name is gone.
    while total + bytes > sizeLimit, let last = entries.popLast() {
      try remove(last.path)
      total -= last.bytes
    }
  }

  private func remove(_ path: String) throws {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      guard exists(path) else { return }
      throw StorageError.system(
        action: "remove", file: path, reason: error.localizedDescription)
    }
  }
}
