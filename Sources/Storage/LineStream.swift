internal import Glibc

/// Lines of a file, a pipe or a terminal, as they come.
///
/// Lines end at LF alone, which is no part of them; what follows the last LF is a line if it is not empty.
public final class LineStream {
  /// What errors call it.
  public let name: String
  private let descriptor: Int32
  private let closesDescriptor: Bool
  /// What was read and not given yet, from `start` on.
  private var pending: [UInt8] = []
  private var start = 0
  /// Up to where no line ends in `pending`.
  private var searched = 0
  private var isAtEnd = false

  private static let pieceSize = 1 << 16

  /// Opens a file or a FIFO; of a FIFO that nobody writes to, it waits for somebody who does.
  ///
  /// - Parameter path: of anything that can be read from its beginning to its end.
  /// - Throws: `StorageError.system` if it cannot be opened.
  public init(_ path: String) throws(StorageError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .system(action: "open", file: path, reason: systemReason())
    }
    (name, closesDescriptor) = (path, true)
  }

  /// Reads an open descriptor, which stays open.
  ///
  /// - Parameters:
  ///   - descriptor: such as standard input's.
  ///   - name: what errors call it.
  public init(descriptor: Int32, name: String) {
    (self.descriptor, self.name, closesDescriptor) = (descriptor, name, false)
  }

  deinit {
    if closesDescriptor { close(descriptor) }
  }

  /// The next lines: all that are there, so that whoever writes one and waits for its answer gets it; waits only where
  /// there is none.
  ///
  /// - Parameter most: so many at most, at least 1.
  /// - Returns: at least one line, or none at the end.
  /// - Throws: `StorageError.system` if the system reports an error.
  public func next(atMost most: Int) throws(StorageError) -> [[UInt8]] {
    precondition(most >= 1)
    var lines: [[UInt8]] = []
    while lines.count < most {
      if let line = nextPending() {
        lines.append(line)
      } else if isAtEnd || (!lines.isEmpty && !hasMore) {
        break
      } else {
        do throws(StorageError) {
          try read()
        } catch {
          // Lines that came before are answered first; the next call meets the same again.
          if lines.isEmpty { throw error }
          break
        }
      }
    }
    return lines
  }

  /// A line that was read, or the rest at the end.
  private func nextPending() -> [UInt8]? {
    guard let end = lineFeed ?? (isAtEnd && start < pending.count ? pending.count : nil) else {
      searched = pending.count
      return nil
    }
    defer {
      start = min(end + 1, pending.count)
      searched = start
    }
    return Array(pending[start..<end])
  }

  /// Where the line that begins at `start` ends, by memchr(3), which is fast in every build.
  private var lineFeed: Int? {
    pending.withUnsafeBytes { bytes in
      guard searched < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + searched, 0x0A, bytes.count - searched)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  /// Whether reading would give something at once, were it the end.
  private var hasMore: Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  /// Reads what is there, waiting for something.
  private func read() throws(StorageError) {
    if start > 0 {
      pending.removeFirst(start)
      (searched, start) = (searched - start, 0)
    }
    let count = pending.count
    pending += [UInt8](repeating: 0, count: Self.pieceSize)
    let found = pending.withUnsafeMutableBytes {
      Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, Self.pieceSize)
    }
    let problem = errno
    pending.removeLast(Self.pieceSize - max(0, found))
    if found > 0 { return }
    switch (found, problem) {
    case (0, _): isAtEnd = true
    case (_, EINTR): break
    case (_, EAGAIN):
      // Whoever shares the descriptor has set it not to wait.
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&request, 1, -1)
    default:
      throw .system(
        action: "read", file: name, reason: String(cString: strerror(problem)))
    }
  }
}
