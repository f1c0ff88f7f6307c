public import RunLog

/// Why a model of the Hugging Face hub cannot be used.
public enum HubError: Error, Equatable {
  /// It, or some of its files, is not in the cache; `isKnown` if something of the model is.
  case notCached(ModelName, folder: String, missing: [String], isKnown: Bool)
  /// It would have to be fetched, which `variable` forbids.
  case offline(ModelName, folder: String, missing: [String], variable: String)
  case damagedReference(file: String)
  case index(file: String, problem: String)
  case badAddress(String)
  case notFound(ModelName, endpoint: String, hasToken: Bool)
  case noRevision(ModelName, endpoint: String)
  case noAccess(ModelName, page: String, hasToken: Bool)
  case tokenRefused(endpoint: String)
  case noConfiguration(ModelName, page: String)
  case noTokenizer(ModelName, page: String)
  /// `others` are weights in formats that are not read.
  case noWeights(ModelName, page: String, others: [String])
  case unreachable(address: String, reason: String)
  /// `message` is the server's own.
  case status(Int, address: String, message: String?)
  /// The server wants a longer pause than anyone would wait for.
  case tooManyRequests(address: String, seconds: Double)
  /// A header is missing without which a file cannot be told from another.
  case header(String, address: String, found: String?)
  case redirects(address: String)
  case cut(file: String, received: Int, expected: Int?, reason: String)
  case size(file: String, address: String, expected: Int, found: Int)
  case contents(file: String, address: String, algorithm: String, expected: String, found: String)
  case noSpace(folder: String, needed: Int, free: Int)
  case noProgram(String, reason: String)
}

extension HubError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notCached(let name, let folder, let missing, let isKnown):
      Self.absence(name, folder, missing, isKnown: isKnown)
        + " `report download \(name)` fetches what is missing."
    case .offline(let name, let folder, let missing, let variable):
      Self.absence(name, folder, missing, isKnown: !missing.isEmpty)
        + " It is not fetched, since \(variable) is set: unset that, or run `report download \(name)` where there "
        + "is a network and the same cache."
    case .damagedReference(let file):
      "\(file): expected the 40 hexadecimal digits of a commit. Remove the file and run `report download` again."
    case .index(let file, let problem): "\(file): \(problem); fetch it again."
    case .badAddress(let address):
      "HF_ENDPOINT is '\(address)'; expected an address that begins with https:// or http://, such as "
        + "https://huggingface.co."
    case .notFound(let name, let endpoint, let hasToken):
      "\(endpoint) has no model '\(name.id)'"
        + (hasToken
          ? ", or the token that was sent has no access to it."
          : ", or it is not public; for one that is not, set HF_TOKEN to a token that has access.")
        + " Check the spelling. If a folder was meant, there is none of this name."
    case .noRevision(let name, let endpoint):
      "\(endpoint) has the model '\(name.id)', but no branch, tag or commit '\(name.revision)'; without "
        + "@\(name.revision), 'main' is taken."
    case .noAccess(let name, let page, let hasToken):
      "'\(name.id)' is not open to everybody"
        + (hasToken
          ? ", and the token that was sent has no access to it: ask for access on \(page), or set HF_TOKEN to another "
            + "token."
          : ": ask for access on \(page), then set HF_TOKEN to a token of your account.")
    case .tokenRefused(let endpoint):
      "\(endpoint) does not accept the token in HF_TOKEN or in the token file; set a valid one, or none for a public "
        + "model."
    case .noConfiguration(let name, let page):
      "'\(name)' has no \(ModelPurpose.configuration), so it is no model for transformers; see \(page)."
    case .noTokenizer(let name, let page):
      "'\(name)' has no tokenizer that can be read: expected "
        + ModelPurpose.tokenizers.joined(separator: ", ") + "; see \(page)."
    case .noWeights(let name, let page, let others):
      "'\(name)' has no \(ModelPurpose.weights) and no \(ModelPurpose.weightsIndex)"
        + (others.isEmpty
          ? "; see \(page)."
          : ", only \(others.joined(separator: ", ")), which is not read, since unpickling executes what the file says. "
            + "Look on \(page) for a revision with safetensors (name@revision), or save it with transformers' "
            + "`save_pretrained` and name that folder.")
    case .unreachable(let address, let reason):
      "\(address) cannot be reached: \(reason). Check the network, the proxy (https_proxy) and HF_ENDPOINT, and try "
        + "again."
    case .status(let status, let address, let message):
      "\(address): the server answers with status \(status)"
        + (message.map { ", \($0)" } ?? "") + ". Try again later."
    case .tooManyRequests(let address, let seconds):
      "\(address): the server takes no more requests for \(Int(seconds.rounded(.up))) s. Try again then; with a "
        + "token (HF_TOKEN) more requests are allowed."
    case .header(let header, let address, let found):
      "\(address): the answer's header \(header) is "
        + (found.map { "'\($0)', which names no contents" } ?? "missing")
        + ", so this is no Hugging Face hub. Check HF_ENDPOINT and the proxy."
    case .redirects(let address):
      "\(address): the server leads from address to address without end."
    case .cut(let file, let received, let expected, let reason):
      "\(file): only \(received) bytes"
        + (expected.map { " of \($0)" } ?? "")
        + " came: \(reason). They are kept; the same command goes on there."
    case .size(let file, let address, let expected, let found):
      "\(file): expected \(expected) bytes, as \(address) announces, received \(found); they are thrown away. Try again."
    case .contents(let file, let address, let algorithm, let expected, let found):
      "\(file): what came from \(address) has the \(algorithm) \(found), expected \(expected); it is thrown away. Try "
        + "again."
    case .noSpace(let folder, let needed, let free):
      "\(folder) lies on a disk with \(free) bytes free, and \(needed) are needed. Make room, or set HF_HUB_CACHE to a "
        + "folder on another disk."
    case .noProgram(let path, let reason):
      "\(path), which fetches files, cannot be started: \(reason). Keep it beside the program when you move that, or "
        + "build again."
    }
  }

  private static func absence(
    _ name: ModelName, _ folder: String, _ missing: [String], isKnown: Bool
  ) -> String {
    if !missing.isEmpty {
      return "'\(name)' is in the Hugging Face cache, \(folder), but without "
        + missing.joined(separator: ", ") + "."
    }
    let what = isKnown ? "the revision '\(name.revision)' of '\(name.id)'" : "'\(name)'"
    return "\(what) is neither a folder nor in the Hugging Face cache, \(folder)."
  }
}
