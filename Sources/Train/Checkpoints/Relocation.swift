public import RunLog
internal import Storage

/// Where the inputs of a run lie now: a project may have been moved since, run, data and checkpoint together.
///
/// Contents decide, by the hashes that the run began with. An input that is no longer where it was is looked for at the
/// same place relative to the run: the last parts of its path are appended to the folders above the run directory.
public struct Relocation: Sendable {
  /// The new places by the old ones.
  private let places: [String: String]
  /// What was found elsewhere, a sentence each.
  public let notes: [String]
  private let locateFirst: @Sendable (String) throws -> String

  /// Finds the inputs of a run.
  ///
  /// - Parameters:
  ///   - run: that is to go on.
  ///   - experiment: the run's.
  ///   - told: the same with the places that the user named; nothing else may differ.
  ///   - locate: turns a configured path into one that can be opened.
  /// - Throws: `ResumptionRefused` if more than places differ; `RunLogError` naming every input that is missing, or one
  ///   that is not what the run began with.
  public init(
    _ run: RunDirectory, _ experiment: Experiment, told: Experiment,
    locate: @escaping @Sendable (String) throws -> String = { $0 }
  ) throws {
    locateFirst = locate
    let inputs = experiment.inputs
    let others = told.differences(from: experiment).filter { difference in
      !inputs.contains { $0.key == difference.key }
    }
    guard others.isEmpty else {
      throw ResumptionRefused(
        run: run.path,
        differences: others.map { "\($0.key) was \($0.before), now it is \($0.now)" })
    }
    var places: [String: String] = [:]
    var (notes, missing): ([String], [Experiment.Input]) = ([], [])
    for (input, now) in zip(inputs, told.inputs) {
      if now.path != input.path {
        let path = try locate(now.path)
        guard exists(path) else {
          throw RunLogError(
            file: path, "is not there; --set \(input.key) must name a file or folder.")
        }
        guard try input.isSame(path, as: RunEnvironment.read(run.environment)) else {
          throw RunLogError(
            file: path,
            "is not the \(input.key) that the run began with: its SHA-256 is not the one in "
              + "\(run.environment). Name the one that it began with, or train again.")
        }
        places[input.path] = path
      } else if try !exists(locate(input.path)) {
        guard let path = try Self.find(input, run) else {
          missing.append(input)
          continue
        }
        places[input.path] = path
        notes.append(
          "\(input.key) is read from \(path) now; its contents are those the run began with.")
      }
    }
    guard missing.isEmpty else {
      let list = missing.map { "\($0.key) was \($0.path)" }
      throw RunLogError(
        file: run.path,
        "cannot be resumed: \(list.joined(separator: "; ")), which \(missing.count == 1 ? "is" : "are") not "
          + "there, and no file with the same contents is at the same place relative to the run. Restore "
          + "what was there, or say where it is now, such as --set \(missing[0].key)=\(missing[0].example)."
      )
    }
    (self.places, self.notes) = (places, notes)
  }

  /// Turns a configured path into one that can be opened.
  @Sendable public func locate(_ path: String) throws -> String {
    try places[path] ?? locateFirst(path)
  }

  /// Where an input lies at the same place relative to the run.
  private static func find(_ input: Experiment.Input, _ run: RunDirectory) throws -> String? {
    guard exists(run.environment) else { return nil }
    let environment = try RunEnvironment.read(run.environment)
    let parts = input.path.split(separator: "/")
    var folder = realPath(run.path)
    var folders: [String] = []
    while folder.count > 1, let slash = folder.lastIndex(of: "/") {
      folder = String(folder[..<slash])
      folders.append(folder)
      if folder.isEmpty { break }
    }
    // The longest part of the old path first: it says most about what is meant.
    for first in parts.indices {
      let end = parts[first...].joined(separator: "/")
      for folder in folders {
        let path = "\(folder)/\(end)"
        if exists(path), input.isSame(path, as: environment) { return path }
      }
    }
    return nil
  }
}

extension Experiment.Input {
  /// What stands for a path in advice.
  fileprivate var example: String { recordedAs == "checkpoint" ? "FOLDER" : "FILE" }
}
