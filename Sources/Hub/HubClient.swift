internal import Foundation
internal import RunLog
internal import Storage

/// A file of a model, as the hub describes it.
struct RemoteFile: Equatable {
  let name: String
  let commit: String
  /// What the server calls the contents; safe as a file's name.
  let etag: String
  /// In bytes; `nil` if the server does not say.
  let size: Int?
}

/// Asks the hub for files of one model.
struct HubClient {
  let settings: HubSettings
  let model: ModelName
  let program: HTTPProgram
  let patience: Patience

  /// What the hub says of a file.
  ///
  /// - Parameters:
  ///   - file: its name.
  ///   - revision: a branch, tag or commit.
  /// - Returns: the description, or `nil` with the commit if there is no such file.
  /// - Throws: `HubError`.
  func describe(_ file: String, at revision: String) throws -> (file: RemoteFile?, commit: String?)
  {
    try patience.persist {
      var result: (HTTPResponse, address: String)?
      try follow(
        "HEAD", address(file, at: revision), extra: [], leavesHub: false,
        answered: { result = ($0, $1) }, received: { _ in })
      guard let (response, address) = result else {
        throw TemporaryFailure(
          reason: .unreachable(address: settings.endpoint, reason: "it gave no answer"))
      }
      let commit = response.headers["x-repo-commit"]
      if response.status == 404,
        response.headers["x-error-code"] ?? "EntryNotFound" == "EntryNotFound"
      {
        return (nil, commit)
      }
      guard (200..<400).contains(response.status) else { throw failure(response, address) }
      guard let commit, ModelName.isCommit(commit) else {
        throw HubError.header("X-Repo-Commit", address: address, found: commit)
      }
      let isRedirect = response.status >= 300
      let etag = response.headers["x-linked-etag"] ?? response.headers["etag"]
      guard let etag, let name = Self.normalized(etag) else {
        throw HubError.header("ETag", address: address, found: etag)
      }
      let length =
        response.headers["x-linked-size"] ?? (isRedirect ? nil : response.headers["content-length"])
      let size = length.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
      return (RemoteFile(name: file, commit: commit, etag: name, size: size), commit)
    }
  }

  /// Asks for a file's contents.
  ///
  /// - Parameters:
  ///   - file: which.
  ///   - wanted: how many bytes are there already, up to how many there shall be; all if the latter is `nil`.
  ///   - begin: gets where the bytes that come begin: at `start`, or at 0 if the server cannot go on there.
  ///   - received: gets them piece by piece.
  /// - Throws: `TemporaryFailure`, `HubError`, what the closures throw.
  func contents(
    of file: RemoteFile, _ wanted: (start: Int, end: Int?), begin: (Int) throws -> Void,
    received: ([UInt8]) throws -> Void
  ) throws {
    let start = wanted.start
    let end = wanted.end.map { "\($0 - 1)" } ?? ""
    let range = start > 0 || wanted.end != nil ? [("Range", "bytes=\(start)-\(end)")] : []
    try follow(
      "GET", address(file.name, at: file.commit), extra: range, leavesHub: true,
      answered: { response, address in
        switch response.status {
        case 200: try begin(0)
        case 206 where response.headers["content-range"]?.hasPrefix("bytes \(start)-") == true:
          try begin(start)
        case 206, 416:
          // What is there does not fit what the server has.
          try begin(0)
          throw TemporaryFailure(
            reason: .status(response.status, address: address, message: "another range"), pause: 0)
        case 401 where !isHub(address), 403 where !isHub(address):
          // Addresses of other hosts are signed for a while; the hub gives a new one.
          throw TemporaryFailure(reason: .status(response.status, address: address, message: nil))
        default: throw failure(response, address)
        }
      }, received: received)
  }

  private func address(_ file: String, at revision: String) -> String {
    let revision = revision.utf8.map { byte -> String in
      let isPlain =
        byte == 0x2D || byte == 0x2E || byte == 0x5F || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : String(format: "%%%02X", Int(byte))
    }
    return "\(settings.endpoint)/\(model.id)/resolve/\(revision.joined())/\(file)"
  }

  /// Sends a request and follows where it leads; the token goes to the hub's own host alone.
  ///
  /// - Parameters:
  ///   - method: HEAD or GET.
  ///   - address: where to begin.
  ///   - extra: further headers.
  ///   - leavesHub: whether another host is asked, too, or the redirect there is the answer.
  ///   - answered: gets the answer and the address that it came from.
  ///   - received: gets its body.
  /// - Throws: `TemporaryFailure`, `HubError`, what the closures throw.
  private func follow(
    _ method: String, _ address: String, extra: [(String, String)], leavesHub: Bool,
    answered: (HTTPResponse, _ address: String) throws -> Void,
    received: ([UInt8]) throws -> Void
  ) throws {
    var address = address
    for _ in 0..<10 {
      var headers =
        extra + [
          // The bytes themselves are counted and hashed.
          ("Accept-Encoding", "identity"), ("User-Agent", "transfergap/\(Version.current)"),
        ]
      if let token = settings.token, isHub(address) {
        headers.append(("Authorization", "Bearer \(token)"))
      }
      var next: String?
      try program.send(
        HTTPRequest(method: method, address: address, headers: headers),
        answered: { response in
          if [301, 302, 303, 307, 308].contains(response.status),
            let location = response.headers["location"],
            let target = URL(string: location, relativeTo: URL(string: address))?.absoluteString,
            leavesHub || isHub(target)
          {
            next = target
          } else {
            try answered(response, address)
          }
        },
        received: { if next == nil { try received($0) } })
      guard let target = next else { return }
      address = target
    }
    throw HubError.redirects(address: address)
  }

  /// Whether an address is on the hub's own host: the same scheme, name and port.
  private func isHub(_ address: String) -> Bool {
    func origin(_ text: String) -> [String?]? {
      guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
        let host = parts.host?.lowercased()
      else { return nil }
      return [scheme, host, "\(parts.port ?? (scheme == "https" ? 443 : 80))"]
    }
    return origin(address) != nil && origin(address) == origin(settings.endpoint)
  }

  /// What an answer that is no success means.
  private func failure(_ response: HTTPResponse, _ address: String) -> any Error {
    let (code, message) = (response.headers["x-error-code"], response.headers["x-error-message"])
    let status = HubError.status(response.status, address: address, message: message)
    switch (response.status, code) {
    case (429, _), (503, _):
      return TemporaryFailure(
        reason: status, pause: patience.pause(response.headers["retry-after"]))
    case (408, _), (500..., _): return TemporaryFailure(reason: status)
    case (_, "RevisionNotFound"): return HubError.noRevision(model, endpoint: settings.endpoint)
    case (_, "GatedRepo"), (403, _):
      return HubError.noAccess(
        model, page: settings.page(model), hasToken: settings.token != nil)
    case (401, _) where message == "Invalid credentials in Authorization header":
      return HubError.tokenRefused(endpoint: settings.endpoint)
    case (401, _), (_, "RepoNotFound"), (404, _):
      // The hub does not tell what is missing from what is private.
      return HubError.notFound(
        model, endpoint: settings.endpoint, hasToken: settings.token != nil)
    default: return status
    }
  }

  /// An ETag as a file's name, the way Python's huggingface_hub writes it; `nil` if it is none.
  private static func normalized(_ etag: String) -> String? {
    var name = Substring(etag)
    if name.hasPrefix("W/") { name = name.dropFirst(2) }
    if name.hasPrefix("\""), name.hasSuffix("\""), name.count >= 2 {
      name = name.dropFirst().dropLast()
    }
    let isSafe =
      (1...128).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
      }
    return isSafe ? String(name) : nil
  }
}
