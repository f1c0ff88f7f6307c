import Foundation
import Hub
import RunLog
import Storage
import TestSupport
import Testing

/// What goes wrong on the way: connections that end, contents that are not those announced, servers that want a pause.
@Suite struct TransferTests {
  private let hub: FakeHub
  private let folder: HubFolder
  private let weights: [UInt8]

  init() throws {
    hub = try .small()
    folder = try HubFolder()
    weights = hub.behaviour.withLock { $0.files["model.safetensors"] ?? [] }
  }

  private var blob: String { "\(folder.model)/blobs/\(SHA256.hex(of: weights))" }

  private func expectWhole(_ model: CachedModel) throws {
    #expect(try RandomAccessFile("\(model.folder)/model.safetensors").contents() == weights)
    #expect(try folder.files().allSatisfy { !$0.hasSuffix(".incomplete") && !$0.hasSuffix(".tmp") })
  }

  /// Changes answers for the weights, once or always.
  private func answerWeights(
    times: Int = .max,
    _ change: @escaping @Sendable (FakeHub.Request, inout FakeHub.Response) -> Void
  ) {
    let left = Locked(times)
    let behaviour = hub.behaviour.withLock { $0 }
    hub.intercept { request in
      guard request.method == "GET", request.path == "/storage/model.safetensors" else {
        return nil
      }
      guard
        left.withLock({
          $0 -= 1; return $0 >= 0
        })
      else { return nil }
      var response = FakeHub.answer(request, behaviour)
      change(request, &response)
      return response
    }
  }

  @Test func aConnectionThatEndsInTheMiddleIsGoneOnWith() throws {
    answerWeights(times: 1) { $1.cutAfter = 100_000 }
    try expectWhole(folder.download(hub))
    let gets = hub.requests("GET", "/storage/model.safetensors")
    #expect(gets.map { $0.headers["range"] } == [nil, "bytes=100000-"])
    #expect(folder.pauses == [1])
    #expect(
      folder.lines.contains { $0.contains("only 100000 bytes of 300000 came") }, "\(folder.lines)")
  }

  /// A connection that always ends is given up, and what came is kept for the next call.
  @Test func whatCameIsKept() throws {
    answerWeights {
      $1.cutAfter = min(1000, $1.body.count); if $0.headers["range"] != nil { $1.cutAfter = 0 }
    }
    let message = "\(try folder.failure(hub))"
    #expect(message.hasPrefix("model.safetensors: only 1000 bytes of 300000 came: "), "\(message)")
    #expect(message.hasSuffix("They are kept; the same command goes on there."))
    #expect(folder.pauses == [1, 2, 4, 8])
    #expect(try RandomAccessFile("\(blob).incomplete").size == 1000)
    // Until the weights are there, nothing says that the model is.
    #expect(!exists("\(folder.model)/refs/main"))
    hub.intercept { _ in nil }
    try expectWhole(folder.download(hub))
    #expect(
      hub.requests("GET", "/storage/model.safetensors").last?.headers["range"] == "bytes=1000-")
    #expect(folder.progress?.received == folder.progress?.total)
  }

  /// What is large is asked for piece by piece, since what comes too fast waits in memory.
  @Test func largeFilesComeInPieces() throws {
    folder.pieceBytes = 120_000
    answerWeights(times: 2) { if $0.headers["range"] == "bytes=120000-239999" { $1.cutAfter = 1 } }
    try expectWhole(folder.download(hub))
    #expect(
      hub.requests("GET", "/storage/model.safetensors").map { $0.headers["range"] }
        == ["bytes=0-119999", "bytes=120000-239999", "bytes=120001-240000", "bytes=240001-"])
    #expect(folder.pauses == [1])
  }

  @Test func aServerThatCannotGoOnStartsOver() throws {
    try makeFolder("\(folder.model)/blobs")
    try AtomicFile.write(Array(weights.prefix(5000)), to: "\(blob).incomplete")
    let whole = weights
    answerWeights { $1 = .init(200, body: whole) }
    try expectWhole(folder.download(hub))
    #expect(hub.requests("GET", "/storage/model.safetensors").count == 1)
  }

  /// Another file's beginning, or one that is too long: found out, thrown away and fetched anew.
  @Test(arguments: [5000, 300_000, 300_001])
  func whatAnEarlierAttemptLeftMayBeWrong(_ count: Int) throws {
    try makeFolder("\(folder.model)/blobs")
    try AtomicFile.write([UInt8](repeating: 7, count: count), to: "\(blob).incomplete")
    try expectWhole(folder.download(hub))
  }

  @Test func aRangeThatWasNotAskedForStartsOver() throws {
    try makeFolder("\(folder.model)/blobs")
    try AtomicFile.write(Array(weights.prefix(5000)), to: "\(blob).incomplete")
    answerWeights(times: 1) { $1.headers["Content-Range"] = "bytes 0-299999/300000" }
    try expectWhole(folder.download(hub))
    #expect(folder.pauses.isEmpty)
  }

  @Test func contentsWithAnotherHashAreThrownAway() throws {
    var wrong = weights
    wrong[150_000] ^= 1
    let body = wrong
    answerWeights { $1.body = body }
    let message = "\(try folder.failure(hub))"
    #expect(
      message
        == "model.safetensors: what came from \(hub.endpoint)/tiny/bert has the SHA-256 \(SHA256.hex(of: wrong)), "
        + "expected \(SHA256.hex(of: weights)); it is thrown away. Try again.")
    #expect(try !folder.files().contains { $0.contains(SHA256.hex(of: weights)) })
  }

  /// Small files are known by git's SHA-1.
  @Test func smallFilesAreCheckedToo() throws {
    hub.intercept { request in
      request.method == "GET" && request.path.hasSuffix("/vocab.txt")
        ? .init(200, body: Array("[BAD]\n".utf8)) : nil
    }
    let message = "\(try folder.failure(hub))"
    #expect(
      message.contains("vocab.txt: what came from") && message.contains("git SHA-1"), "\(message)")
  }

  @Test(arguments: [-1, 1]) func contentsOfAnotherLength(_ difference: Int) throws {
    let body = difference < 0 ? Array(weights.dropLast()) : weights + [0]
    answerWeights { $1 = .init(200, body: body) }
    let message = "\(try folder.failure(hub))"
    // Too little may be a connection that ended; too much never is.
    #expect(
      message.contains(
        difference < 0
          ? "only 299999 bytes of 300000 came"
          : "expected 300000 bytes, as \(hub.endpoint)/tiny/bert announces"),
      "\(message)")
    #expect(!exists(blob))
  }

  // MARK: Servers that want a pause

  @Test func aServerIsLeftAloneAsLongAsItWants() throws {
    let left = Locked(2)
    hub.intercept { request in
      guard request.path.hasSuffix("config.json"),
        left.withLock({
          $0 -= 1; return $0 >= 0
        })
      else {
        return nil
      }
      // 2001-09-09, 01:46:40 is the test's now, so 90 s from then.
      let isFirst = left.withLock { $0 == 1 }
      return .init(
        429, ["Retry-After": isFirst ? "37" : "Sun, 09 Sep 2001 01:48:10 GMT"])
    }
    try expectWhole(folder.download(hub))
    #expect(folder.pauses == [37, 90])
    #expect(
      folder.lines.contains { $0.contains("status 429") && $0.hasSuffix("Trying again in 37 s …") })
  }

  @Test func aPauseThatIsTooLongIsLeftToTheUser() throws {
    hub.intercept { _ in .init(429, ["Retry-After": "3600"]) }
    #expect("\(try folder.failure(hub))".contains("takes no more requests for 3600 s"))
    #expect(folder.pauses.isEmpty)
  }

  @Test(arguments: [500, 502, 503, 504, 429]) func aServerThatStaysIllIsGivenUp(_ status: Int)
    throws
  {
    hub.intercept { _ in .init(status) }
    #expect("\(try folder.failure(hub))".contains("the server answers with status \(status)"))
    #expect(folder.pauses == [1, 2, 4, 8])
  }

  /// An address on the storage is signed for a while; the hub gives a new one.
  @Test func aSignatureThatHasExpiredIsRenewed() throws {
    answerWeights(times: 1) { $1 = .init(403, body: Array("expired".utf8)) }
    try expectWhole(folder.download(hub))
    #expect(hub.requests("GET", "resolve/\(hub.commit)/model.safetensors").count == 2)
  }
}
