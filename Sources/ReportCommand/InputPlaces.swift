internal import Foundation
internal import Hub
internal import RunLog
internal import Storage

/// Where the files and folders lie that an experiment or a command names: on disk, beside the program, or in the Hugging
/// Face cache.
struct InputPlaces: Sendable {
  /// The experiment's checkpoint as it is named, and the model of the hub that it stands for.
  private let checkpoint: (name: String, model: CachedModel)?

  /// What a run records of the checkpoint; `nil` for a folder.
  var hubModel: HubModel? { checkpoint?.model.source }

  /// Finds an experiment's checkpoint if that is a model of the hub, and fetches what is missing of it.
  ///
  /// - Parameters:
  ///   - experiment: resolved.
  ///   - begun: what a run that goes on began with: the branch may have moved on since, the run stays with its commit.
  ///   - progress: hears of what is fetched.
  /// - Throws: `HubError`, `StorageError`.
  init(
    _ experiment: Experiment, asIn begun: RunEnvironment? = nil, _ progress: TerminalProgress
  ) throws {
    guard var name = experiment.model.hubName else {
      checkpoint = nil
      return
    }
    if let before = begun?.hubModel, before.id == name.id { name = name.at(before.commit) }
    checkpoint = (
      experiment.model.checkpoint, try Self.download(progress).findOrFetch(name)
    )
    progress.clear()
  }

  /// Turns a path or name into a path that can be opened.
  ///
  /// - Throws: `RunLogError` for a built-in example that is not there; `HubError` for a model that is not in the cache.
  @Sendable func locate(_ path: String) throws -> String {
    if let checkpoint, path == checkpoint.name { return checkpoint.model.folder }
    return try Self.locate(path, for: .training)
  }

  /// The same without an experiment.
  static func locate(_ path: String, for purpose: ModelPurpose) throws -> String {
    if !path.hasPrefix("/"), !exists(path), let name = ModelName(path) {
      return try HubCache(folder: settings.cacheFolder).find(name, for: purpose).folder
    }
    return try BuiltinExample.locate(path)
  }

  static var settings: HubSettings {
    HubSettings(environment: ProcessInfo.processInfo.environment)
  }

  /// What fetches models; the program for it lies beside this one.
  static func download(_ progress: TerminalProgress) -> ModelDownload {
    let folder = (executablePath() ?? "").split(
      separator: "/", omittingEmptySubsequences: false
    ).dropLast().joined(separator: "/")
    return ModelDownload(
      settings, program: "\(folder)/report-http", patience: Patience { progress.say($0) },
      show: { progress.show($0) })
  }
}
