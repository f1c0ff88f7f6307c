internal import RunLog
internal import Glibc
internal import Storage

/// Where models come from and lie, as the environment says it to every program that uses the Hugging Face hub.
///
/// The variables are those of Python's huggingface_hub, so that both programs find what either has fetched. One that is
/// empty counts as not set.
public struct HubSettings: Sendable {
  /// The folder of the cache, such as `~/.cache/huggingface/hub`.
  public let cacheFolder: String
  /// The hub's address without a slash at its end, such as `https://huggingface.co`.
  public let endpoint: String
  /// What proves to the hub who asks; sent to the hub's own host alone.
  public let token: String?
  /// The variable that forbids the network, with its value; `nil` if none does.
  public let offline: String?

  /// - Parameter environment: the process's variables.
  public init(environment: [String: String]) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    func folder(_ path: String) -> String {
      Self.expanded(path, environment)
    }
    let cache = value("XDG_CACHE_HOME") ?? "~/.cache"
    let home = folder(value("HF_HOME") ?? "\(cache)/huggingface")
    cacheFolder = absolutePath(
      folder(value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? "\(home)/hub"))
    var address = value("HF_ENDPOINT") ?? "https://huggingface.co"
    while address.hasSuffix("/") { address.removeLast() }
    endpoint = address
    offline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].first {
      Self.isTrue(environment[$0])
    }.map { "\($0)=\(environment[$0] ?? "")" }
    let isSilent = Self.isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"])
    let path = folder(value("HF_TOKEN_PATH") ?? "\(home)/token")
    token =
      isSilent
      ? nil
      : Self.cleaned(value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"))
        ?? Self.cleaned(readText(path, limit: 4096))
  }

  /// Where a model of the hub can be looked at by people.
  func page(_ name: ModelName) -> String { "\(endpoint)/\(name.id)" }

  private static func isTrue(_ value: String?) -> Bool {
    ["1", "ON", "YES", "TRUE"].contains(value?.uppercased())
  }

  private static func cleaned(_ token: String?) -> String? {
    let token = token?.filter { !$0.isWhitespace && !$0.isNewline } ?? ""
    return token.isEmpty ? nil : token
  }

  /// A path with `~` at its start and variables, `$NAME` or `${NAME}`, replaced; unknown variables stay, as in Python.
  static func expanded(_ path: String, _ environment: [String: String]) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/") {
      path = homeFolder(environment) + path.dropFirst()
    }
    var result = ""
    var rest = Substring(path)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      let isBraced = rest.first == "{"
      let name = (isBraced ? rest.dropFirst() : rest).prefix {
        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
      }
      let after = rest[name.endIndex...]
      guard !name.isEmpty, !isBraced || after.first == "}", let value = environment[String(name)]
      else {
        result += "$"
        continue
      }
      result += value
      rest = isBraced ? after.dropFirst() : after
    }
    return result + rest
  }

  /// The user's own folder, also where nobody set `HOME`.
  private static func homeFolder(_ environment: [String: String]) -> String {
    if let home = environment["HOME"], !home.isEmpty { return home }
    guard let entry = getpwuid(getuid()), let folder = entry.pointee.pw_dir else { return "/" }
    return String(cString: folder)
  }
}
