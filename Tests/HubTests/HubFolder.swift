import Foundation
import Hub
import RunLog
import Storage
import TestSupport
import Testing

/// A cache folder of a test's own, and downloads into it that wait by a clock of the test's.
final class HubFolder {
  private let folder: TemporaryFolder
  /// How long was waited, in seconds each.
  private(set) var pauses: [Double] = []
  /// What was said.
  private(set) var lines: [String] = []
  /// How far it was at last.
  private(set) var progress: DownloadProgress?
  /// Further variables.
  var environment: [String: String] = [:]

  init() throws { folder = try TemporaryFolder() }

  var path: String { folder.path }
  var model: String { "\(path)/hub/models--tiny--bert" }
  static let name = ModelName("tiny/bert")

  func settings(_ hub: FakeHub? = nil) -> HubSettings {
    var variables = ["HF_HOME": path, "HOME": path]
    if let hub { variables["HF_ENDPOINT"] = hub.endpoint }
    return HubSettings(environment: variables.merging(environment) { $1 })
  }

  /// How many bytes are asked for at once.
  var pieceBytes = 1 << 27

  func download(_ hub: FakeHub, _ name: String = FakeHub.model) throws -> CachedModel {
    try downloader(hub).fetch(#require(ModelName(name)))
  }

  func downloader(_ hub: FakeHub) -> ModelDownload {
    ModelDownload(
      settings(hub), program: Self.program,
      patience: Patience(
        wait: { self.pauses.append($0) }, now: { 1_000_000_000 }, say: { self.lines.append($0) }),
      pieceBytes: pieceBytes, show: { self.progress = $0 })
  }

  /// What `download` fails with.
  func failure(_ hub: FakeHub, _ name: String = FakeHub.model) throws -> HubError {
    do {
      _ = try download(hub, name)
    } catch let error as HubError {
      return error
    }
    throw Unexpected()
  }
  struct Unexpected: Error {}

  /// Names of files in the cache, links included, without those of `.locks`.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: model).filter {
      !isFolder("\(model)/\($0)")
    }.sorted()
  }

  func write(_ text: String, to name: String) throws {
    let path = "\(model)/\(name)"
    if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
    try AtomicFile.write(text, to: path)
  }

  /// The program that sends requests lies beside the test bundle.
  static var program: String {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("report-http").path
  }
}

extension FakeHub {
  /// A hub whose weights take several pieces.
  static func small() throws -> FakeHub {
    var random = SplitMix64(seed: 1)
    return try FakeHub([
      "config.json": Array("{}".utf8), "vocab.txt": Array("[PAD]\n".utf8),
      "tokenizer_config.json": Array("{\"do_lower_case\": true}".utf8),
      "model.safetensors": (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) },
      "pytorch_model.bin": Array("pickled".utf8), "README.md": Array("# Tiny".utf8),
    ])
  }
}
