import Foundation
import Hub
import RunLog
import Storage
import TestSupport
import Testing

/// What is fetched, where it goes, and what else is sent for it; against a real server on loopback.
@Suite struct DownloadTests {
  private let hub: FakeHub
  private let folder: HubFolder

  init() throws {
    hub = try .small()
    folder = try HubFolder()
  }

  /// The layout of huggingface_hub 2.4.0.
  @Test func theCacheIsWrittenAsOthersReadIt() throws {
    let model = try folder.download(hub)
    let files = hub.behaviour.withLock { $0.files }
    let names = ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"]
    let contents = names.compactMap { files[$0] }
    let blobs = zip(names, contents).map {
      $0 == "model.safetensors" ? SHA256.hex(of: $1) : FakeHub.gitName($1)
    }
    let absent = [
      "added_tokens.json", "sentencepiece.bpe.model", "special_tokens_map.json", "tokenizer.json",
    ]
    #expect(
      try folder.files()
        == (absent.map { ".no_exist/\(hub.commit)/\($0)" } + blobs.map { "blobs/\($0)" } + [
          "refs/main"
        ]
        + names.map { "snapshots/\(hub.commit)/\($0)" }).sorted())
    #expect(readText("\(folder.model)/refs/main", limit: 100) == hub.commit)
    for (name, blob) in zip(names, blobs) {
      let path = "\(folder.model)/snapshots/\(hub.commit)/\(name)"
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: path) == "../../blobs/\(blob)")
      #expect(try RandomAccessFile(path).contents() == files[name])
      #expect(exists("\(folder.path)/hub/.locks/models--tiny--bert/\(blob).lock"))
    }
    #expect(model.folder == "\(folder.model)/snapshots/\(hub.commit)" && model.commit == hub.commit)
    let progress = try #require(folder.progress)
    #expect(progress.received == progress.total && progress.earlier == 0)
    #expect(progress.total == contents.reduce(0) { $0 + $1.count })
    // Only what is needed was asked for, each once.
    #expect(hub.requests("GET", "README.md").isEmpty && hub.requests("GET", ".bin").isEmpty)
    for name in names {
      #expect(hub.requests("HEAD", "/\(name)").count == 1)
    }
  }

  @Test func whatIsThereIsNotFetchedAgain() throws {
    _ = try folder.download(hub)
    let gets = hub.requests("GET").count
    let again = try folder.download(hub)
    #expect(again.commit == hub.commit)
    #expect(hub.requests("GET").count == gets)
    // A new commit: what is the same is linked, not fetched.
    hub.behaviour.withLock {
      $0.commit = String(repeating: "9", count: 40)
      $0.files["vocab.txt"] = Array("[PAD]\n[UNK]\n".utf8)
    }
    let newer = try folder.download(hub)
    #expect(newer.commit == String(repeating: "9", count: 40))
    #expect(hub.requests("GET").count == gets + 1)
    #expect(hub.requests("GET", "/vocab.txt").count == 2)
    #expect(readText("\(folder.model)/refs/main", limit: 100) == newer.commit)
    #expect(exists("\(again.folder)/vocab.txt"))
  }

  @Test func aTrainingAsksOnlyForWhatIsMissing() throws {
    let found = try folder.downloader(hub).findOrFetch(#require(HubFolder.name))
    let count = hub.behaviour.withLock { $0.requests.count }
    #expect(try folder.downloader(hub).findOrFetch(#require(HubFolder.name)) == found)
    #expect(hub.behaviour.withLock { $0.requests.count } == count)
  }

  @Test func aRevisionIsAskedForAsItIsNamed() throws {
    hub.behaviour.withLock { $0.revisions = ["main", "refs/pr/3"] }
    let model = try folder.download(hub, "tiny/bert@refs/pr/3")
    #expect(hub.requests("HEAD", "/resolve/refs%2Fpr%2F3/config.json").count == 1)
    #expect(readText("\(folder.model)/refs/refs/pr/3", limit: 100) == hub.commit)
    #expect(
      try HubCache(folder: folder.settings().cacheFolder).find(
        #require(ModelName("tiny/bert@refs/pr/3")), for: .training) == model)
    // A commit needs no reference.
    _ = try folder.download(hub, "tiny/bert@\(hub.commit)")
    #expect(!exists("\(folder.model)/refs/\(hub.commit)"))
  }

  @Test func shardsAreFetchedByTheirIndex() throws {
    let index =
      "{\"weight_map\": {\"a\": \"m-1.safetensors\", \"b\": \"m-2.safetensors\", \"c\": \"m-1.safetensors\"}}"
    hub.behaviour.withLock {
      $0.files["model.safetensors"] = nil
      $0.files["model.safetensors.index.json"] = Array(index.utf8)
      $0.files["m-1.safetensors"] = Array("one".utf8)
      $0.files["m-2.safetensors"] = Array("two".utf8)
      $0.files["m-3.safetensors"] = Array("three".utf8)
      $0.large = ["m-1.safetensors", "m-2.safetensors"]
    }
    let model = try folder.download(hub)
    #expect(try listFolder(model.folder).contains("m-2.safetensors"))
    #expect(!exists("\(model.folder)/m-3.safetensors"))
  }

  // MARK: The token

  @Test func theTokenGoesToTheHubAlone() throws {
    folder.environment = ["HF_TOKEN": "hf_secret"]
    _ = try folder.download(hub)
    let requests = hub.behaviour.withLock { $0.requests }
    let storage = requests.filter { $0.path.hasPrefix("/storage/") }
    #expect(storage.count == 1 && storage.allSatisfy { $0.headers["authorization"] == nil })
    #expect(storage[0].headers["host"]?.hasPrefix("localhost:") == true)
    let others = requests.filter { !$0.path.hasPrefix("/storage/") }
    #expect(
      !others.isEmpty && others.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    // Nothing on disk and nothing said holds it.
    #expect(!folder.lines.joined().contains("hf_secret"))
  }

  /// A model that was renamed is behind a redirect on the hub itself; the token follows it there.
  @Test func aRedirectOnTheHubIsFollowed() throws {
    folder.environment = ["HF_TOKEN": "hf_secret"]
    hub.intercept { request in
      guard request.path.hasPrefix("/old/bert/") else { return nil }
      return .init(307, ["Location": "/tiny/bert/" + request.path.dropFirst("/old/bert/".count)])
    }
    let model = try folder.download(hub, "old/bert")
    #expect(model.folder.contains("models--old--bert"))
    #expect(exists("\(model.folder)/model.safetensors"))
    #expect(
      hub.requests("HEAD", "/tiny/bert/resolve/main/config.json").allSatisfy {
        $0.headers["authorization"] == "Bearer hf_secret"
      })
  }

  @Test func redirectsWithoutEndAreAnError() throws {
    hub.intercept { .init(302, ["Location": $0.path]) }
    #expect("\(try folder.failure(hub))".contains("leads from address to address without end"))
  }

  // MARK: What the hub refuses

  @Test func aModelThatIsNotThere() throws {
    let message = "\(try folder.failure(hub, "tiny/brt"))"
    #expect(
      message
        == "\(hub.endpoint) has no model 'tiny/brt', or it is not public; for one that is not, set HF_TOKEN to a "
        + "token that has access. Check the spelling. If a folder was meant, there is none of this name."
    )
    folder.environment = ["HF_TOKEN": "hf_secret"]
    #expect(
      "\(try folder.failure(hub, "tiny/brt"))".contains("or the token that was sent has no access"))
    #expect(!exists("\(folder.path)/hub/models--tiny--brt"))
  }

  @Test func aRevisionThatIsNotThere() throws {
    #expect(
      "\(try folder.failure(hub, "tiny/bert@v9"))"
        == "\(hub.endpoint) has the model 'tiny/bert', but no branch, tag or commit 'v9'; without @v9, 'main' is "
        + "taken.")
  }

  @Test(arguments: [401, 403]) func aModelThatIsNotOpenToEverybody(_ status: Int) throws {
    hub.intercept { _ in .init(status, ["X-Error-Code": "GatedRepo"]) }
    #expect(
      "\(try folder.failure(hub))".contains(
        "'tiny/bert' is not open to everybody: ask for access on \(hub.endpoint)/tiny/bert, then set HF_TOKEN"
      ))
    folder.environment = ["HF_TOKEN": "hf_secret"]
    #expect(
      "\(try folder.failure(hub))".contains("and the token that was sent has no access to it"))
  }

  @Test func aTokenThatIsNotAccepted() throws {
    hub.intercept { _ in
      .init(401, ["X-Error-Message": "Invalid credentials in Authorization header"])
    }
    folder.environment = ["HF_TOKEN": "hf_wrong"]
    #expect("\(try folder.failure(hub))".contains("does not accept the token in HF_TOKEN"))
  }

  @Test func aServerThatIsNoHub() throws {
    hub.intercept { _ in .init(200, ["ETag": "\"x\""], body: Array("<html>".utf8)) }
    #expect(
      "\(try folder.failure(hub))".contains(
        "X-Repo-Commit is missing, so this is no Hugging Face hub"))
    hub.intercept { _ in .init(404) }
    #expect("\(try folder.failure(hub))".contains("has no model 'tiny/bert'"))
  }

  /// It becomes the name of a file.
  @Test(arguments: ["../../x", "", "a/b", ".hidden"])
  func anETagThatIsNoName(_ etag: String) throws {
    let commit = hub.commit
    hub.intercept { _ in .init(200, ["X-Repo-Commit": commit, "ETag": "\"\(etag)\""]) }
    #expect("\(try folder.failure(hub))".contains("ETag is '\"\(etag)\"', which names no contents"))
  }

  @Test func weightsThatAreOnlyPickled() throws {
    hub.behaviour.withLock { $0.files["model.safetensors"] = nil }
    #expect(
      "\(try folder.failure(hub))".contains(
        "has no model.safetensors and no model.safetensors.index.json, only pytorch_model.bin, which is not read"
      ))
    hub.behaviour.withLock { $0.files["pytorch_model.bin"] = nil }
    #expect("\(try folder.failure(hub))".hasSuffix("; see \(hub.endpoint)/tiny/bert."))
  }

  @Test func whatIsNoModelForTransformers() throws {
    hub.behaviour.withLock { $0.files["vocab.txt"] = nil }
    #expect(
      "\(try folder.failure(hub))".contains(
        "has no tokenizer that can be read: expected tokenizer.json"))
    hub.behaviour.withLock { $0.files["config.json"] = nil }
    #expect("\(try folder.failure(hub))".contains("'tiny/bert' has no config.json"))
  }

  @Test func nothingIsAskedWhereTheNetworkIsForbidden() throws {
    folder.environment = ["HF_HUB_OFFLINE": "1"]
    #expect(
      "\(try folder.failure(hub))"
        == "'tiny/bert' is neither a folder nor in the Hugging Face cache, \(folder.path)/hub. It is not fetched, since "
        + "HF_HUB_OFFLINE=1 is set: unset that, or run `report download tiny/bert` where there is a network and the "
        + "same cache.")
    #expect(hub.behaviour.withLock { $0.requests.isEmpty })
  }

  @Test func anAddressThatIsNone() throws {
    folder.environment = ["HF_ENDPOINT": "huggingface.co"]
    #expect("\(try folder.failure(hub))".contains("HF_ENDPOINT is 'huggingface.co'; expected"))
    // Nobody listens on port 1.
    folder.environment = ["HF_ENDPOINT": "http://127.0.0.1:1"]
    #expect(
      "\(try folder.failure(hub))".contains(
        "http://127.0.0.1:1/tiny/bert/resolve/main/config.json cannot be"))
    #expect(folder.pauses.isEmpty)
  }
}
