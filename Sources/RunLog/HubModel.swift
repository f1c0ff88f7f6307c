internal import Storage

/// The model of the Hugging Face hub that a run began with.
public struct HubModel: Equatable, Sendable {
  /// Owner and model, such as `google-bert/bert-base-multilingual-uncased`.
  public let id: String
  /// The branch, tag or commit that was asked for.
  public let revision: String
  /// The commit that it was then.
  public let commit: String

  public init(id: String, revision: String, commit: String) {
    (self.id, self.revision, self.commit) = (id, revision, commit)
  }

  /// As environment.json has it.
  var json: JSON {
    .object(["id": .string(id), "revision": .string(revision), "commit": .string(commit)])
  }

  /// - Throws: `RunLogError` naming a missing or ill-typed key of environment.json.
  init(_ json: JSON, file: String) throws(RunLogError) {
    func text(_ key: String) throws(RunLogError) -> String {
      guard let value = json[key] else {
        throw RunLogError(file: file, "the key 'hub_model.\(key)' is missing; expected a string")
      }
      guard let text = value.string else {
        throw RunLogError(file: file, "'hub_model.\(key)' must be a string, not \(value.kind)")
      }
      return text
    }
    // From a stranger's run, too: both become part of a path in the cache.
    let commit = try text("commit")
    guard ModelName.isCommit(commit) else {
      throw RunLogError(
        file: file, "'hub_model.commit' must be the 40 hexadecimal digits of a commit")
    }
    self.init(id: try text("id"), revision: try text("revision"), commit: commit)
  }
}
