public import RunLog
internal import Glibc
internal import Storage

/// How far a download is.
public struct DownloadProgress: Sendable {
  /// The file that comes now.
  public let file: String
  /// Of all files together, in bytes.
  public let received: Int
  /// What was there before this process began.
  public let earlier: Int
  /// `nil` if the server does not say how large the files are.
  public let total: Int?
}

/// Fetches a model from the hub into the cache: what of it is needed and not there yet.
public struct ModelDownload {
  private let settings: HubSettings
  private let program: HTTPProgram
  private let patience: Patience
  private let pieceBytes: Int
  private let show: (DownloadProgress) -> Void

  /// - Parameters:
  ///   - settings: where from and where to.
  ///   - program: the path of `report-http`.
  ///   - patience: how to wait and whom to tell.
  ///   - show: gets how far it is.
  public init(
    _ settings: HubSettings, program: String, patience: Patience,
    show: @escaping (DownloadProgress) -> Void
  ) {
    self.init(settings, program: program, patience: patience, pieceBytes: 1 << 27, show: show)
  }

  /// The same, with so many bytes asked for at once.
  package init(
    _ settings: HubSettings, program: String, patience: Patience, pieceBytes: Int,
    show: @escaping (DownloadProgress) -> Void
  ) {
    self.pieceBytes = pieceBytes
    (self.settings, self.program) = (settings, HTTPProgram(path: program))
    (self.patience, self.show) = (patience, show)
  }

  /// Finds a model in the cache, or fetches what is missing of it.
  ///
  /// - Parameter name: with the revision.
  /// - Returns: where it lies. The hub is not asked if all is there.
  /// - Throws: `HubError`, `StorageError`.
  public func findOrFetch(_ name: ModelName) throws -> CachedModel {
    do {
      return try HubCache(folder: settings.cacheFolder).find(name, for: .training)
    } catch HubError.notCached(_, _, let missing, _) {
      return try fetch(name, missing: missing)
    }
  }

  /// Asks the hub for the commit of a revision and fetches what is not in the cache.
  ///
  /// - Parameters:
  ///   - name: with the revision.
  ///   - missing: what is known to be missing, for messages.
  /// - Returns: where the model lies.
  /// - Throws: `HubError`, `StorageError`. What was complete stays, what has begun is resumed by the next call.
  public func fetch(_ name: ModelName, missing: [String] = []) throws -> CachedModel {
    if let variable = settings.offline {
      throw HubError.offline(
        name, folder: settings.cacheFolder, missing: missing, variable: variable)
    }
    guard settings.endpoint.hasPrefix("https://") || settings.endpoint.hasPrefix("http://") else {
      throw HubError.badAddress(settings.endpoint)
    }
    let client = HubClient(
      settings: settings, model: name, program: program, patience: patience)
    let cache = HubCache(folder: settings.cacheFolder)
    patience.say(
      "Fetching \(name) from \(settings.endpoint) into \(settings.cacheFolder) …")
    var session = try Session(client, cache, pieceBytes: pieceBytes)
    try session.listFiles()
    try checkSpace(session.remainingBytes)
    try session.fetchAll(show)
    try session.writeReference()
    let model = CachedModel(
      folder: cache.snapshot(session.commit, of: name), name: name, commit: session.commit)
    return model
  }

  /// A disk that will be full in an hour had better be known now.
  private func checkSpace(_ needed: Int) throws {
    var folder = settings.cacheFolder
    while !isFolder(folder), let slash = folder.lastIndex(of: "/") {
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { return }
    let (free, isHuge) = Int(disk.f_bavail).multipliedReportingOverflow(by: Int(disk.f_frsize))
    guard isHuge || needed <= free else {
      throw HubError.noSpace(folder: settings.cacheFolder, needed: needed, free: free)
    }
  }

  /// One model in one commit, being fetched.
  private struct Session {
    let client: HubClient
    let cache: HubCache
    let commit: String
    private let pieceBytes: Int
    /// What is to be fetched, in this order.
    private var files: [RemoteFile] = []
    private var name: ModelName { client.model }
    private var snapshot: String { cache.snapshot(commit, of: name) }

    /// Asks what the revision is now.
    init(_ client: HubClient, _ cache: HubCache, pieceBytes: Int) throws {
      (self.client, self.cache, self.pieceBytes) = (client, cache, pieceBytes)
      let configuration = ModelPurpose.configuration
      let answer = try client.describe(configuration, at: client.model.revision)
      guard let file = answer.file else {
        // A hub names the commit in which the file is missing; what names none knows no such model.
        throw answer.commit == nil
          ? HubError.notFound(
            client.model, endpoint: client.settings.endpoint,
            hasToken: client.settings.token != nil)
          : HubError.noConfiguration(
            client.model, page: client.settings.page(client.model))
      }
      commit = file.commit
      if !exists("\(snapshot)/\(configuration)") { files.append(file) }
    }

    /// Finds out what else there is and what of it is missing here; the weights come last, so that where they are
    /// complete, all is.
    mutating func listFiles() throws {
      var hasTokenizer = false
      for file in ModelPurpose.tokenizers where try add(file) { hasTokenizer = true }
      for file in ModelPurpose.tokenizerSettings { _ = try add(file) }
      guard hasTokenizer else {
        throw HubError.noTokenizer(name, page: client.settings.page(name))
      }
      if try add(ModelPurpose.weights) { return }
      guard let index = try describe(ModelPurpose.weightsIndex) else {
        let others = try ModelPurpose.otherWeights.filter {
          try client.describe($0, at: commit).file != nil
        }
        throw HubError.noWeights(
          name, page: client.settings.page(name), others: others)
      }
      if case .missing(let file) = index {
        // Small, and needed to know the others.
        try fetch(file) { _ in }
      }
      for shard in try ModelPurpose.shards(ofIndex: "\(snapshot)/\(ModelPurpose.weightsIndex)") {
        guard try add(shard) else {
          throw HubError.index(
            file: "\(snapshot)/\(ModelPurpose.weightsIndex)",
            problem: "the model has no file '\(shard)', which it names")
        }
      }
    }

    private enum State {
      case present
      case missing(RemoteFile)
    }

    /// What is to be done about a file; `nil` if the commit has none of this name.
    private func describe(_ file: String) throws -> State? {
      if exists("\(snapshot)/\(file)") { return .present }
      let absence = cache.absence(file, commit, of: name)
      if exists(absence) { return nil }
      guard let found = try client.describe(file, at: commit).file else {
        // As Python's huggingface_hub does, so that nobody asks again.
        if let slash = absence.lastIndex(of: "/") { try makeFolder(String(absence[..<slash])) }
        try AtomicFile.write("", to: absence, syncingFolder: false)
        return nil
      }
      return .missing(found)
    }

    /// Takes a file up into the list if it is missing here; whether the commit has it.
    private mutating func add(_ file: String) throws -> Bool {
      guard let state = try describe(file) else { return false }
      if case .missing(let file) = state { files.append(file) }
      return true
    }

    private func download(_ file: RemoteFile, _ show: @escaping (Int) -> Void) -> BlobDownload {
      BlobDownload(
        client: client, cache: cache, file: file, pieceBytes: pieceBytes, show: show)
    }

    /// How much is still to come, as far as the server says.
    var remainingBytes: Int {
      files.reduce(0) { sum, file in
        let download = download(file) { _ in }
        return sum + (download.isComplete ? 0 : max(0, (file.size ?? 0) - download.begun))
      }
    }

    func fetchAll(_ show: @escaping (DownloadProgress) -> Void) throws {
      let sizes = files.map(\.size)
      let total = sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }
      let earlier = files.reduce(0) { sum, file in
        let download = download(file) { _ in }
        return sum + (download.isComplete ? file.size ?? 0 : download.begun)
      }
      var before = 0
      for file in files {
        var count = 0
        let start = before
        try fetch(file) { received in
          count = received
          show(
            DownloadProgress(
              file: file.name, received: start + received, earlier: earlier, total: total))
        }
        before += file.size ?? count
      }
    }

    /// Fetches one file and links it into the snapshot.
    private func fetch(_ file: RemoteFile, _ show: @escaping (Int) -> Void) throws {
      let blob = cache.blob(file.etag, of: name)
      for path in [blob, "\(snapshot)/\(file.name)"] {
        if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
      }
      let download = download(file, show)
      if !download.isComplete { try download.fetch() }
      try makeLink(to: "../../blobs/\(file.etag)", at: "\(snapshot)/\(file.name)")
    }

    /// Says which commit the revision is, once all of it is there: until then an older one is whole.
    func writeReference() throws {
      guard name.revision != commit else { return }
      let path = "\(cache.folder(of: name))/refs/\(name.revision)"
      if readText(path, limit: 256) == commit { return }
      if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
      try AtomicFile.write(commit, to: path)
    }
  }
}
