internal import Storage

extension Experiment {
  /// A file or folder that a run is made of.
  public struct Input: Equatable, Sendable {
    /// The key that names it, such as `data.source.train`.
    public let key: String
    /// As the experiment has it.
    public let path: String
    /// The name of its hash in environment.json, such as `data/en.train`; for a folder what the names begin with.
    public let recordedAs: String
  }

  /// The files and folders that a run is made of.
  public var inputs: [Input] {
    var result = [
      Input(key: "model.checkpoint", path: model.checkpoint, recordedAs: "checkpoint")
    ]
    let sources = data.sources.enumerated().map { place, language in
      (data.sources.count == 1 ? "data.source" : "data.sources.\(place)", language)
    }
    let languages =
      sources
      + data.targets.enumerated().map { ("data.targets.\($0.offset)", $0.element) }
    for (place, language) in languages {
      for part in Part.allCases {
        let (key, name) = ("\(place).\(part.rawValue)", "data/\(Split(language.language, part))")
        switch language.file(part)?.location {
        case .table(let path): result.append(Input(key: key, path: path, recordedAs: name))
        case .lines(let text, let labels):
          result.append(Input(key: "\(key).text", path: text, recordedAs: "\(name).text"))
          result.append(Input(key: "\(key).labels", path: labels, recordedAs: "\(name).labels"))
        case nil: continue
        }
      }
    }
    return result
  }
}

extension ModelSettings {
  /// The checkpoint as the name of a model of the hub; `nil` for a folder.
  public var hubName: ModelName? { checkpoint.hasPrefix("/") ? nil : ModelName(checkpoint) }
}

extension Experiment.Input {
  /// Whether a file or folder has the contents that a run began with; `false` if that is not recorded.
  public func isSame(_ path: String, as environment: RunEnvironment) -> Bool {
    // A file's own hash, or those of a folder's files.
    let hashes = environment.hashes.filter {
      $0.name == recordedAs || $0.name.hasPrefix(recordedAs + "/")
    }
    return !hashes.isEmpty
      && hashes.allSatisfy { name, sha256 in
        (try? SHA256.hex(ofFile: path + name.dropFirst(recordedAs.count))) == sha256
      }
  }
}
