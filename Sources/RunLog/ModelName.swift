/// The name of a model on the Hugging Face hub, with the revision that is meant.
///
/// `google-bert/bert-base-multilingual-uncased`, or with a branch, a tag or a commit
/// `google-bert/bert-base-multilingual-uncased@main`.
public struct ModelName: Hashable, Sendable, CustomStringConvertible {
  /// Who published it, such as `google-bert`.
  public let owner: String
  public let model: String
  /// A branch, a tag or a commit; `nil` for `main`.
  public let chosenRevision: String?

  /// Owner and model, as the hub's addresses have them.
  public var id: String { "\(owner)/\(model)" }
  /// The revision that is meant.
  public var revision: String { chosenRevision ?? "main" }
  /// As an experiment has it.
  public var description: String { id + (chosenRevision.map { "@\($0)" } ?? "") }

  /// Reads a name; `nil` if the text is none, whatever the hub holds.
  public init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2, names.allSatisfy(Self.isName), parts[0].utf8.count <= 96 else {
      return nil
    }
    if parts.count == 2 {
      guard Self.isRevision(parts[1]) else { return nil }
      chosenRevision = String(parts[1])
    } else {
      chosenRevision = nil
    }
    (owner, model) = (String(names[0]), String(names[1]))
  }

  /// The same model in another revision.
  public func at(_ revision: String) -> ModelName {
    ModelName(owner: owner, model: model, chosenRevision: revision)
  }

  /// Whether a text is the full name of a git commit, which is also safe as a folder's name.
  public static func isCommit(_ text: String) -> Bool {
    text.utf8.count == 40
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private init(owner: String, model: String, chosenRevision: String?) {
    (self.owner, self.model, self.chosenRevision) = (owner, model, chosenRevision)
  }

  /// The hub's own rule: letters, digits, `-`, `_` and `.`; no `--`, with which folders of the cache separate the parts,
  /// and no `..`.
  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, isWord(first), isWord(last),
      !text.contains("--"), !text.contains("..")
    else { return false }
    return text.utf8.allSatisfy { isWord($0) || $0 == 0x2D || $0 == 0x2E }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
    default: false
    }
  }

  /// It becomes a path in the cache, so it must not lead out of it; what git allows in a reference is stricter.
  private static func isRevision(_ text: Substring) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return text.utf8.count <= 255
      && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"\\:?*[~^@".utf8.contains($0) }
      && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("..") }
  }
}
