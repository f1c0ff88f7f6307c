import Foundation
import Hub
import RunLog
import Storage
import TestSupport
import Testing

/// Models that are in the cache are found without the network, whoever put them there.
@Suite struct HubCacheTests {
  private let folder: HubFolder
  private static let commit = String(repeating: "0123456789", count: 4)

  /// A snapshot as Python's huggingface_hub leaves one: relative links to blobs.
  init() throws {
    folder = try HubFolder()
    try folder.write(Self.commit, to: "refs/main")
    try makeFolder("\(folder.model)/snapshots/\(Self.commit)")
    for name in ["config.json", "vocab.txt", "model.safetensors"] {
      try folder.write(name, to: "blobs/of-\(name)")
      try makeLink(
        to: "../../blobs/of-\(name)", at: "\(folder.model)/snapshots/\(Self.commit)/\(name)")
    }
  }

  private func find(_ name: String = FakeHub.model, for purpose: ModelPurpose = .training) throws
    -> CachedModel
  {
    try HubCache(folder: folder.settings().cacheFolder).find(
      #require(ModelName(name)), for: purpose)
  }

  private func failure(_ name: String = FakeHub.model, for purpose: ModelPurpose = .training) throws
    -> String
  {
    "\(try #require(throws: HubError.self) { try find(name, for: purpose) })"
  }

  private func remove(_ name: String) throws {
    try removeFile("\(folder.model)/snapshots/\(Self.commit)/\(name)")
  }

  @Test func aModelIsFoundByBranchTagAndCommit() throws {
    try folder.write("\(Self.commit)\n", to: "refs/pr/7")
    for name in ["", "@main", "@pr/7", "@\(Self.commit)"] {
      let found = try find(FakeHub.model + name)
      #expect(found.commit == Self.commit)
      #expect(found.folder == "\(folder.model)/snapshots/\(Self.commit)")
      #expect(
        try RandomAccessFile("\(found.folder)/vocab.txt").contents() == Array("vocab.txt".utf8))
      #expect(found.source.id == FakeHub.model && found.source.commit == Self.commit)
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    let cache = "\(folder.path)/hub"
    #expect(
      try failure("other/model")
        == "'other/model' is neither a folder nor in the Hugging Face cache, \(cache). "
        + "`report download other/model` fetches what is missing.")
    #expect(
      try failure("tiny/bert@v2")
        == "the revision 'v2' of 'tiny/bert' is neither a folder nor in the Hugging Face cache, \(cache). "
        + "`report download tiny/bert@v2` fetches what is missing.")
    try remove("model.safetensors")
    #expect(try failure().contains("but without model.safetensors. `report download tiny/bert`"))
    #expect(try find(for: .tokenizing).commit == Self.commit)
    try remove("vocab.txt")
    #expect(
      try failure(for: .tokenizing).contains("but without tokenizer.json or vocab.txt."))
  }

  /// An interrupted download leaves links whose blob is not there; they lead nowhere.
  @Test func aLinkWithoutItsBlobIsMissing() throws {
    try removeFile("\(folder.model)/blobs/of-vocab.txt")
    #expect(try failure().contains("but without tokenizer.json or vocab.txt."))
  }

  @Test func weightsInShardsAreAllNeeded() throws {
    try remove("model.safetensors")
    let snapshot = "snapshots/\(Self.commit)"
    let shards = ["a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"]
    let map = shards.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", ")
    try folder.write("{\"weight_map\": {\(map)}}", to: "\(snapshot)/model.safetensors.index.json")
    try folder.write("", to: "\(snapshot)/model-00001-of-00002.safetensors")
    #expect(try failure().contains("but without model-00002-of-00002.safetensors."))
    try folder.write("", to: "\(snapshot)/model-00002-of-00002.safetensors")
    #expect(try find().commit == Self.commit)
    for map in ["{}", "{\"a\": \"../../x.safetensors\"}", "{\"a\": 1}", "{\"a\": \"x.bin\"}"] {
      try folder.write("{\"weight_map\": \(map)}", to: "\(snapshot)/model.safetensors.index.json")
      let message = try failure()
      #expect(message.contains("model.safetensors.index.json: "), "\(message)")
    }
  }

  @Test(arguments: ["main", "../../../etc", "0123", ""])
  func aReferenceThatIsNoCommitIsAnError(_ text: String) throws {
    try folder.write(text, to: "refs/main")
    #expect(
      try failure()
        == "\(folder.model)/refs/main: expected the 40 hexadecimal digits of a commit. Remove the file and run "
        + "`report download` again.")
  }
}
