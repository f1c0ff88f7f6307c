public import RunLog
internal import Storage

/// The folder in which programs that use the Hugging Face hub keep what they fetched.
///
///     models--google-bert--bert-base-multilingual-uncased/
///       refs/main                    the commit that the branch had when it was last asked for
///       snapshots/<commit>/          a link for each file, by its name
///       blobs/<etag>                 the contents, by what the server calls them
///       .no_exist/<commit>/          an empty file for each name that was asked for and is not there
///     .locks/models--…/<etag>.lock   held with flock(2) while a blob is fetched
///
/// So it is in Python's huggingface_hub 2.4.
public struct HubCache: Sendable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// A model's folder.
  func folder(of name: ModelName) -> String { "\(folder)/\(Self.folderName(of: name))" }

  /// What a model's folder is called.
  static func folderName(of name: ModelName) -> String { "models--\(name.owner)--\(name.model)" }

  /// Where the files of a commit are found.
  func snapshot(_ commit: String, of name: ModelName) -> String {
    "\(folder(of: name))/snapshots/\(commit)"
  }

  /// Where the contents that the server calls `etag` lie.
  func blob(_ etag: String, of name: ModelName) -> String {
    "\(folder(of: name))/blobs/\(etag)"
  }

  /// What is locked while a blob is fetched.
  func lock(_ etag: String, of name: ModelName) -> String {
    "\(folder)/.locks/\(Self.folderName(of: name))/\(etag).lock"
  }

  /// What says that a file is not in a commit.
  func absence(_ file: String, _ commit: String, of name: ModelName) -> String {
    "\(folder(of: name))/.no_exist/\(commit)/\(file)"
  }

  /// The commit that a revision stood for when it was last asked for; `nil` if the cache does not know.
  ///
  /// - Throws: `HubError.damagedReference` if the file that says so does not hold a commit.
  func commit(of name: ModelName) throws(HubError) -> String? {
    if isFolder(snapshot(name.revision, of: name)), ModelName.isCommit(name.revision) {
      return name.revision
    }
    let path = "\(folder(of: name))/refs/\(name.revision)"
    guard !isFolder(path), let text = readText(path, limit: 256) else { return nil }
    let commit = text.filter { !$0.isWhitespace && !$0.isNewline }
    guard ModelName.isCommit(commit) else { throw .damagedReference(file: path) }
    return commit
  }

  /// Whether a byte is a hexadecimal digit.
  static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }

  /// Finds a model, without the network.
  ///
  /// - Parameters:
  ///   - name: with the revision.
  ///   - purpose: what it is for.
  /// - Returns: where it lies.
  /// - Throws: `HubError.notCached` if the model or some of its files are not in the cache; `.damagedReference`;
  ///   `JSONError` or `StorageError` if the list of its weights cannot be read.
  public func find(_ name: ModelName, for purpose: ModelPurpose) throws -> CachedModel {
    guard let commit = try commit(of: name) else {
      throw HubError.notCached(
        name, folder: folder, missing: [], isKnown: isFolder(folder(of: name)))
    }
    let snapshot = snapshot(commit, of: name)
    let missing = try purpose.missingFiles(in: snapshot)
    guard missing.isEmpty else {
      throw HubError.notCached(name, folder: folder, missing: missing, isKnown: true)
    }
    return CachedModel(folder: snapshot, name: name, commit: commit)
  }
}

/// A model of the hub that is on this machine.
public struct CachedModel: Equatable, Sendable {
  /// A Hugging Face directory; its files are links.
  public let folder: String
  public let name: ModelName
  /// The commit that the revision stands for.
  public let commit: String

  /// How a run records it.
  public var source: HubModel {
    HubModel(id: name.id, revision: name.revision, commit: commit)
  }
}
