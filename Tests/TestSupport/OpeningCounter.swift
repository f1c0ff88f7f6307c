internal import Glibc
internal import Storage

/// Counts how often files are opened that lie in a folder or those below it, by whomever: the system says so
/// (inotify(7)).
public final class OpeningCounter {
  private let descriptor: Int32
  /// By the numbers that the system gave them; relative to the folder, with a slash behind them.
  private var folders: [Int32: String] = [:]

  /// What the system tells of: an opening, and what comes between two of them, since it tells only once of two things
  /// of one kind that follow each other (sys/inotify.h).
  private static let (opened, accessed, closed): (UInt32, UInt32, UInt32) = (0x20, 0x01, 0x10)
  private static let (isFolder, overflow): (UInt32, UInt32) = (0x4000_0000, 0x4000)

  /// Begins to count.
  ///
  /// - Parameter folder: folders that come into it later are not watched.
  /// - Throws: `StorageError` if the system does not watch it.
  public init(_ folder: String) throws {
    descriptor = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
    try watch(folder, as: "")
  }

  deinit { close(descriptor) }

  private func watch(_ path: String, as name: String) throws {
    let number = inotify_add_watch(
      descriptor, path, Self.opened | Self.accessed | Self.closed)
    guard number >= 0 else {
      throw StorageError.system(
        action: "watch", file: path, reason: String(cString: strerror(errno)))
    }
    folders[number] = name
    for entry in try listFolder(path) where Storage.isFolder("\(path)/\(entry)") {
      try watch("\(path)/\(entry)", as: "\(name)\(entry)/")
    }
  }

  /// How often each file was opened since the last call, by its path relative to the folder.
  ///
  /// - Throws: `StorageError` if there was more to tell than the system keeps.
  public func openings() throws -> [String: Int] {
    var counts: [String: Int] = [:]
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let size = read(descriptor, &buffer, buffer.count)
      guard size > 0 else { return counts }
      try buffer[..<size].withUnsafeBytes { events in
        var position = 0
        while position < events.count {
          let number = events.loadUnaligned(fromByteOffset: position, as: Int32.self)
          let mask = events.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)
          let length = Int(events.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
          let name = events[position + 16..<position + 16 + length].prefix { $0 != 0 }
          position += 16 + length
          guard mask & Self.overflow == 0 else {
            throw StorageError.system(
              action: "watch", file: "all files", reason: "there are too many events")
          }
          if mask & Self.opened != 0, mask & Self.isFolder == 0, !name.isEmpty {
            counts[(folders[number] ?? "") + String(decoding: name, as: UTF8.self), default: 0] += 1
          }
        }
      }
    }
  }
}
