internal import Storage

/// The digest by which the hub names a file's contents, computed while they come.
///
/// For large files it is their SHA-256; for small ones git's own name, the SHA-1 of `blob <size>`, a zero byte and the
/// contents. Both are told apart by their length.
struct ContentDigest: ~Copyable {
  private enum Algorithm { case sha256, git, unknown }
  private let algorithm: Algorithm
  private var sha256 = SHA256()
  private var sha1 = SHA1()

  /// - Parameters:
  ///   - etag: what the server calls the contents.
  ///   - size: how many bytes they have; `nil` if the server does not say.
  init(etag: String, size: Int?) {
    let isHexadecimal = etag.utf8.allSatisfy(HubCache.isHexadecimal)
    switch (etag.utf8.count, isHexadecimal, size) {
    case (64, true, _): algorithm = .sha256
    case (40, true, let size?):
      algorithm = .git
      sha1.update(Array("blob \(size)\0".utf8))
    default: algorithm = .unknown
    }
  }

  mutating func update(_ bytes: [UInt8]) {
    switch algorithm {
    case .sha256: sha256.update(bytes)
    case .git: sha1.update(bytes)
    case .unknown: break
    }
  }

  /// What the digest is called, and its digits; `nil` for contents that the server calls by something else.
  consuming func finish() -> (algorithm: String, digits: String)? {
    switch algorithm {
    case .sha256: ("SHA-256", sha256.finish())
    case .git: ("git SHA-1", sha1.finish())
    case .unknown: nil
    }
  }
}
