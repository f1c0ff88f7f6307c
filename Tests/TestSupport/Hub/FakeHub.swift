package import Storage

internal import Foundation

/// A hub with one model, on loopback, that answers as the Hugging Face hub does.
///
/// Files named in `large` are stored apart: the hub answers with a redirect to another host, as it does for weights, and
/// names them by their SHA-256; the others by git's SHA-1.
public final class FakeHub: Sendable {
  public typealias Request = LoopbackServer.Request
  public typealias Response = LoopbackServer.Response

  /// What a test may change while the server runs.
  public struct Behaviour: Sendable {
    public var files: [String: [UInt8]]
    public var large: Set<String> = ["model.safetensors"]
    public var commit = String(repeating: "c0ffee", count: 7).prefix(40).description
    public var revisions: Set<String> = ["main"]
    /// Answers before the hub does, if it answers.
    public var interception: (@Sendable (Request) -> Response?)?
    /// The requests so far; those to the other host have paths that begin with `/storage/`.
    public var requests: [Request] = []
  }

  public static let model = "tiny/bert"
  package let behaviour: Locked<Behaviour>
  private let server: LoopbackServer

  /// Starts a hub.
  ///
  /// - Parameter files: contents by name.
  /// - Throws: `POSIXError` if there is no free port.
  public init(_ files: [String: [UInt8]]) throws {
    let behaviour = Locked(Behaviour(files: files))
    self.behaviour = behaviour
    server = try LoopbackServer { request in
      let now = behaviour.withLock { state in
        state.requests.append(request)
        return state
      }
      if let response = now.interception?(request) { return response }
      return Self.answer(request, now)
    }
  }

  /// A hub with the files of a folder.
  public convenience init(folder: String) throws {
    var files: [String: [UInt8]] = [:]
    for name in try listFolder(folder) {
      files[name] = try RandomAccessFile("\(folder)/\(name)").contents()
    }
    try self.init(files)
  }

  /// What `HF_ENDPOINT` is to be.
  public var endpoint: String { server.address }

  public var commit: String { behaviour.withLock { $0.commit } }

  /// The requests so far with a method and an end of the path.
  public func requests(_ method: String, _ end: String = "") -> [Request] {
    behaviour.withLock { $0.requests.filter { $0.method == method && $0.path.hasSuffix(end) } }
  }

  /// Answers before the hub does, from now on.
  public func intercept(_ interception: @escaping @Sendable (Request) -> Response?) {
    behaviour.withLock { $0.interception = interception }
  }

  /// What the hub itself answers.
  public static func answer(_ request: Request, _ now: Behaviour) -> Response {
    let parts = request.path.split(separator: "/").map(String.init)
    if parts.first == "storage", parts.count == 2, let body = now.files[parts[1]] {
      return range(of: body, request, [:])
    }
    guard parts.count == 5, parts[2] == "resolve", "\(parts[0])/\(parts[1])" == model else {
      return Response(401, ["X-Error-Code": "RepoNotFound", "X-Error-Message": "Not here."])
    }
    guard now.revisions.contains(parts[3].removingPercentEncoding ?? "") || parts[3] == now.commit
    else { return Response(404, ["X-Error-Code": "RevisionNotFound"]) }
    var headers = ["X-Repo-Commit": now.commit]
    guard let body = now.files[parts[4]] else {
      headers["X-Error-Code"] = "EntryNotFound"
      return Response(404, headers)
    }
    guard now.large.contains(parts[4]) else {
      headers["ETag"] = "\"\(gitName(body))\""
      return range(of: body, request, headers)
    }
    headers["X-Linked-ETag"] = "\"\(SHA256.hex(of: body))\""
    headers["X-Linked-Size"] = "\(body.count)"
    // The same server under another name is another host.
    let port = (request.headers["host"] ?? "").split(separator: ":").last ?? ""
    headers["Location"] = "http://localhost:\(port)/storage/\(parts[4])"
    return Response(302, headers, body: Array("Found".utf8))
  }

  private static func range(
    of body: [UInt8], _ request: Request, _ headers: [String: String]
  ) -> Response {
    guard let range = request.headers["range"], range.hasPrefix("bytes=") else {
      return Response(200, headers, body: body)
    }
    let places = range.dropFirst(6).split(separator: "-").map { Int($0) ?? 0 }
    let start = places[0]
    guard start < body.count else {
      return Response(416, headers.merging(["Content-Range": "bytes */\(body.count)"]) { $1 })
    }
    let end = places.count > 1 ? min(places[1], body.count - 1) : body.count - 1
    let place = "bytes \(start)-\(end)/\(body.count)"
    return Response(
      206, headers.merging(["Content-Range": place]) { $1 }, body: Array(body[start...end]))
  }

  /// git's name for contents: SHA-1 of `blob <size>`, a zero byte and the contents.
  public static func gitName(_ body: [UInt8]) -> String {
    var hash = SHA1()
    hash.update(Array("blob \(body.count)\0".utf8) + body)
    return hash.finish()
  }
}
