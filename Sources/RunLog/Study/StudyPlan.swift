internal import Storage

/// The runs that a study consists of, and where each lies.
public struct StudyPlan: Sendable {
  /// One training of a study.
  public struct PlannedRun: Sendable {
    /// What is there of a run.
    public enum State: Equatable, Sendable {
      case missing
      /// Begun, and not finished.
      case unfinished
      case complete
    }

    public let configuration: String
    public let seed: Int
    /// `key=value` assignments over the base experiment, name and seed included.
    public let settings: [String]
    /// With every default filled in.
    public let experiment: Experiment
    public let directory: RunDirectory

    /// What the study calls it, such as `baseline-seed-1`; also its folder's name.
    public var name: String { experiment.name }

    /// What is there of the run.
    ///
    /// - Throws: `RunLogError` if its folder holds a run of another configuration; whatever a damaged
    ///   file throws.
    public func state() throws -> State {
      guard exists(directory.log) else { return .missing }
      let found = try Experiment.read(directory.experiment)
      let moved = try movedInputs(found)
      let differences = experiment.differences(from: found).filter { difference in
        difference.changesWhatIsComputed && !moved.contains { $0.key == difference.key }
      }
      guard differences.isEmpty else {
        let list = differences.prefix(5).map {
          "\($0.key) is \($0.before) there and \($0.now) here"
        }
        throw RunLogError(
          file: directory.path,
          "holds a run of another configuration: \(list.joined(separator: "; "))"
            + (differences.count > 5 ? "; and \(differences.count - 5) more" : "")
            + ". Remove the folder, or name another one with --output.")
      }
      return try directory.isFinished() ? .complete : .unfinished
    }

    /// What the run is made of and lies elsewhere now, with the same contents: the study may have been moved.
    ///
    /// - Returns: the inputs as they are now.
    /// - Throws: whatever a damaged file throws.
    public func movedInputs() throws -> [Experiment.Input] {
      try movedInputs(Experiment.read(directory.experiment))
    }

    private func movedInputs(_ found: Experiment) throws -> [Experiment.Input] {
      let moved = experiment.inputs.filter { input in
        found.inputs.contains { $0.key == input.key && $0.path != input.path }
      }
      guard !moved.isEmpty, exists(directory.environment) else { return [] }
      let environment = try RunEnvironment.read(directory.environment)
      return moved.filter { $0.isSame($0.path, as: environment) }
    }
  }

  public let definition: StudyDefinition
  /// The study's folder, `studies/<name>` unless the user said otherwise.
  public let path: String
  /// Configuration by configuration, each with every seed.
  public let runs: [PlannedRun]

  /// Resolves every run of a study.
  ///
  /// - Parameters:
  ///   - definition: the study.
  ///   - path: the study's folder.
  ///   - readBase: reads the base experiment with `key=value` assignments over it.
  /// - Throws: `RunLogError` with the study's file and line for a configuration that cannot be, for two
  ///   that are the same, and for a question on a split that the experiment lacks; what `readBase` throws.
  public init(
    _ definition: StudyDefinition, path: String,
    readBase: (_ settings: [String]) throws -> Experiment
  ) throws {
    (self.definition, self.path) = (definition, path)
    var runs: [PlannedRun] = []
    var firsts: [(name: String, experiment: Experiment)] = []
    for configuration in definition.configurations {
      for (index, seed) in definition.seeds.enumerated() {
        let name = StudyDefinition.runName(configuration.name, seed: seed)
        let settings =
          definition.settings + configuration.settings + ["training.seed=\(seed)", "name=\(name)"]
        let experiment: Experiment
        do {
          experiment = try readBase(settings)
        } catch let error as RunLogError where !configuration.settings.isEmpty {
          // What is wrong may be in the base's file and right there: it is the two together that cannot be.
          let place =
            error.file.hasPrefix("--set ")
            ? "\(error.file.dropFirst("--set ".count)): \(error.message)" : "\(error)"
          throw RunLogError(
            file: definition.file, line: configuration.line,
            "configuration '\(configuration.name)', \(place)")
        }
        if index == 0 {
          if let twin = firsts.first(where: {
            $0.experiment.differences(from: experiment).allSatisfy { !$0.changesWhatIsComputed }
          }) {
            throw RunLogError(
              file: definition.file, line: configuration.line,
              "configuration '\(configuration.name)' is the same as '\(twin.name)'; leave one out.")
          }
          firsts.append((configuration.name, experiment))
        }
        runs.append(
          PlannedRun(
            configuration: configuration.name, seed: seed, settings: settings,
            experiment: experiment,
            directory: StudyDefinition.runDirectory(name, in: path)))
      }
    }
    self.runs = runs
    for question in definition.questions {
      try Self.check(question, definition: definition, experiments: firsts)
    }
  }

  /// Makes sure that a question's configurations measure what it asks about.
  private static func check(
    _ question: StudyDefinition.Question, definition: StudyDefinition,
    experiments: [(name: String, experiment: Experiment)]
  ) throws {
    let claim = question.claim
    guard let split = claim.split else { return }
    func failure(_ message: String) -> RunLogError {
      RunLogError(file: definition.file, line: question.line, message)
    }
    for name in claim.first.names + claim.second.names {
      guard let data = experiments.first(where: { $0.name == name })?.experiment.data else {
        continue
      }
      let isPooled = split.language == data.source.language
      let language = data.languages.first { $0.language == split.language }
      guard isPooled || language != nil else {
        throw failure(
          "the split '\(split)' is of no language of configuration '\(name)', which has "
            + data.languages.map(\.language).joined(separator: ", "))
      }
      guard isPooled ? data.sourcesHave(split.part) : language?.file(split.part) != nil else {
        throw failure(
          "configuration '\(name)' has no \(split.part.rawValue) file for '\(split.language)'")
      }
      guard claim.metric.isTransferGap else { continue }
      guard data.targets.contains(where: { $0.language == split.language }) else {
        throw failure("a transfer gap needs a target's split; '\(split)' is the source's")
      }
      guard data.sourcesHave(split.part) else {
        throw failure(
          "a transfer gap on '\(split)' needs a \(split.part.rawValue) file of the source in "
            + "configuration '\(name)'")
      }
    }
  }
}
