import Hub
import Storage
import TestSupport
import Testing

/// Where models are looked up, as Python's huggingface_hub 2.4.0 decides it (constants.py, _auth.py).
@Suite struct HubSettingsTests {
  @Test(arguments: [
    ([:], "/home/me/.cache/huggingface/hub"),
    (["XDG_CACHE_HOME": "/cache"], "/cache/huggingface/hub"),
    (["XDG_CACHE_HOME": "/cache", "HF_HOME": "/hf"], "/hf/hub"),
    (["HF_HOME": "/hf", "HF_HUB_CACHE": "/models"], "/models"),
    (["HF_HOME": "/hf", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
    (["HF_HUB_CACHE": "/new", "HUGGINGFACE_HUB_CACHE": "/old"], "/new"),
    (["HF_HUB_CACHE": "~/models"], "/home/me/models"),
    (["HF_HUB_CACHE": "$SCRATCH/a", "SCRATCH": "/scratch"], "/scratch/a"),
    (["HF_HUB_CACHE": "/x/${SCRATCH}y/$NONE", "SCRATCH": "s"], "/x/sy/$NONE"),
    (["HF_HOME": "", "HF_HUB_CACHE": ""], "/home/me/.cache/huggingface/hub"),
  ])
  func theCacheIsWhereOthersLookForIt(_ variables: [String: String], _ folder: String) {
    let settings = HubSettings(environment: variables.merging(["HOME": "/home/me"]) { $1 })
    #expect(settings.cacheFolder == folder)
  }

  @Test func theTokenComesFromTheVariableOrTheFile() throws {
    let folder = try TemporaryFolder()
    func token(_ variables: [String: String]) -> String? {
      HubSettings(environment: variables.merging(["HF_HOME": folder.path]) { $1 }).token
    }
    #expect(token([:]) == nil)
    #expect(token(["HF_TOKEN": " hf_a\n"]) == "hf_a")
    try AtomicFile.write("hf_file\n", to: "\(folder.path)/token")
    #expect(token([:]) == "hf_file")
    #expect(token(["HF_TOKEN": "hf_a"]) == "hf_a")
    #expect(token(["HUGGING_FACE_HUB_TOKEN": "hf_old"]) == "hf_old")
    #expect(token(["HF_TOKEN_PATH": "\(folder.path)/none"]) == nil)
    #expect(token(["HF_TOKEN": "hf_a", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]) == nil)
  }

  @Test func theNetworkIsForbiddenByWordsForTrue() {
    for value in ["1", "true", "YES", "On"] {
      #expect(
        HubSettings(environment: ["HF_HUB_OFFLINE": value]).offline == "HF_HUB_OFFLINE=\(value)")
    }
    for value in ["0", "", "no"] {
      #expect(HubSettings(environment: ["HF_HUB_OFFLINE": value]).offline == nil)
    }
    #expect(
      HubSettings(environment: ["TRANSFORMERS_OFFLINE": "1"]).offline == "TRANSFORMERS_OFFLINE=1")
  }

  @Test func theEndpointHasNoSlashAtItsEnd() {
    #expect(HubSettings(environment: [:]).endpoint == "https://huggingface.co")
    #expect(
      HubSettings(environment: ["HF_ENDPOINT": "https://mirror.example/hf//"]).endpoint
        == "https://mirror.example/hf")
  }
}
