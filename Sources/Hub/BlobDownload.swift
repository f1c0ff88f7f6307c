internal import Glibc
internal import Storage

/// Fetches the contents of one file into the cache: goes on where an earlier attempt stopped, and checks the whole.
struct BlobDownload {
  let client: HubClient
  let cache: HubCache
  let file: RemoteFile
  /// So many bytes are asked for at once: what comes faster than the disk takes it waits in memory.
  let pieceBytes: Int
  /// Gets how many bytes are there.
  let show: (Int) -> Void

  /// Where the contents lie when they are complete.
  private var blob: String { cache.blob(file.etag, of: client.model) }

  /// Whether the contents are complete already.
  var isComplete: Bool {
    guard let size = try? RandomAccessFile(blob).size else { return false }
    return file.size.map { $0 == size } ?? true
  }

  /// How many bytes an earlier attempt left.
  var begun: Int { (try? RandomAccessFile("\(blob).incomplete").size) ?? 0 }

  /// Fetches what is missing.
  ///
  /// - Throws: `HubError`; `StorageError` if the disk does not take it, which keeps what came.
  func fetch() throws {
    let lock = try WaitingLock(cache.lock(file.etag, of: client.model)) {
      client.patience.say("Waiting for another process that is fetching \(file.name) …")
    }
    defer { withExtendedLifetime(lock) {} }
    if isComplete { return }
    // Without a lock two processes might write to one file.
    let path = lock.isExclusive ? "\(blob).incomplete" : "\(blob).\(getpid()).incomplete"
    let address = client.settings.page(client.model)
    var wasResumed = false
    while true {
      let partial = try AppendedFile(path)
      var received = try RandomAccessFile(path).size
      if received > 0 { wasResumed = true }
      do {
        let digest = try fetch(into: partial, path, &received)
        try check(digest, received, address)
        try partial.sync()
        break
      } catch let error as HubError where error.isOfContents {
        try removeFile(path)
        // What an earlier attempt left may have been at fault; a second time it is the server.
        guard wasResumed else { throw error }
        wasResumed = false
      }
    }
    try rename(path, to: blob)
    try syncFolder(of: blob)
  }

  /// Receives until the contents are complete, in several attempts if need be.
  ///
  /// - Parameters:
  ///   - partial: what is there.
  ///   - path: its name.
  ///   - received: its size, kept up to date.
  /// - Returns: what to check the contents by.
  /// - Throws: `HubError`, `StorageError`.
  private func fetch(
    into partial: AppendedFile, _ path: String, _ received: inout Int
  ) throws -> (algorithm: String, digits: String)? {
    var digest = ContentDigest(etag: file.etag, size: file.size)
    var offset = 0
    let begun = try RandomAccessFile(path)
    while offset < received {
      let piece = Array(try begun.bytes(at: offset, count: min(1 << 20, received - offset)))
      digest.update(piece)
      offset += piece.count
    }
    show(received)
    // The compiler keeps closures from two accesses at once, so the count goes through a copy.
    var count = received
    try client.patience.persist(progress: { count }) {
      // A file that came whole before, but for its name, needs no request.
      while file.size != count {
        let end = file.size.flatMap { $0 - count > pieceBytes ? count + pieceBytes : nil }
        do {
          try client.contents(
            of: file, (count, end),
            begin: { start in
              guard start != count else { return }
              try partial.truncate(to: 0)
              digest = ContentDigest(etag: file.etag, size: file.size)
              count = 0
              show(0)
            },
            received: { piece in
              if let size = file.size, count + piece.count > size {
                throw HubError.size(
                  file: file.name, address: client.settings.page(client.model), expected: size,
                  found: count + piece.count)
              }
              try partial.append(piece, sync: false)
              digest.update(piece)
              count += piece.count
              show(count)
            })
        } catch let failure as TemporaryFailure {
          guard case .unreachable(_, let reason) = failure.reason else { throw failure }
          throw TemporaryFailure(reason: cut(count, reason), pause: failure.pause)
        }
        guard let wanted = end ?? file.size else { return }
        if count < wanted {
          throw TemporaryFailure(reason: cut(count, "the connection ended"))
        }
      }
    }
    received = count
    return digest.finish()
  }

  private func cut(_ count: Int, _ reason: String) -> HubError {
    .cut(file: file.name, received: count, expected: file.size, reason: reason)
  }

  private func check(
    _ digest: (algorithm: String, digits: String)?, _ received: Int, _ address: String
  ) throws {
    if let size = file.size, received != size {
      throw HubError.size(file: file.name, address: address, expected: size, found: received)
    }
    guard let digest else {
      return client.patience.say(
        "Note: the server gives no hash of \(file.name), so only its size was checked.")
    }
    guard digest.digits == file.etag.lowercased() else {
      throw HubError.contents(
        file: file.name, address: address, algorithm: digest.algorithm, expected: file.etag,
        found: digest.digits)
    }
  }
}

extension HubError {
  /// Whether what came is not what was announced.
  fileprivate var isOfContents: Bool {
    switch self {
    case .size, .contents: true
    default: false
    }
  }
}
