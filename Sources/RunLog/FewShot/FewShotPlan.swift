internal import Storage

/// The trainings that say what a few labelled examples of a target language bring to a run, and where each lies.
///
/// Each is an ordinary run: its source is the target language, its training data are a draw of so many examples of
/// each class, and its checkpoint is the run's exported model or, for comparison, the checkpoint that the run began with.
public struct FewShotPlan: Sendable {
  /// What a training begins with.
  public enum Start: String, Sendable, CaseIterable {
    /// The run's model after its selected epoch.
    case continued
    /// The checkpoint that the run began with, and a new classifier.
    case targetAlone = "target-alone"
  }

  public let settings: FewShotSettings
  /// The target with its training data.
  public let target: LanguageData
  /// The run that is continued.
  public let run: RunDirectory
  /// The folder of everything that is written, `<run>/few-shot/<target>` unless the user said otherwise.
  public let path: String
  /// By number of examples, then by draw, and of each the continued training first.
  public let runs: [StudyPlan.PlannedRun]

  /// What the training of a start, a number of examples per class and a draw is called; also its folder's name.
  ///
  /// - Parameters:
  ///   - start: what it begins with.
  ///   - perClass: how many examples of each class.
  ///   - draw: from 1, which is also the training's seed.
  /// - Returns: such as `continued-10-draw-1`.
  public static func runName(_ start: Start, perClass: Int, draw: Int) -> String {
    "\(start.rawValue)-\(perClass)-draw-\(draw)"
  }

  /// Where such a training lies.
  public static func runDirectory(_ name: String, in folder: String) -> RunDirectory {
    RunDirectory("\(folder)/runs/\(name)")
  }

  /// The folder of a target's trainings in a run's directory.
  public static func folder(of target: String, in run: RunDirectory) -> String {
    "\(run.fewShot)/\(target)"
  }

  /// Plans the trainings.
  ///
  /// - Parameters:
  ///   - settings: how many examples, draws and epochs.
  ///   - target: the target with its training data.
  ///   - run: finished.
  ///   - path: where they go; in the run's directory if `nil`.
  /// - Throws: `RunLogError` if the run is not finished or has no model; what a damaged file throws.
  public init(
    _ settings: FewShotSettings, target: LanguageData, of run: RunDirectory, in path: String? = nil
  ) throws {
    (self.settings, self.target, self.run) = (settings, target, run)
    let folder = path ?? Self.folder(of: target.language, in: run)
    self.path = folder
    guard try run.isFinished() else {
      throw RunLogError(
        file: run.path,
        "is not a finished run, so there is nothing to continue from; `report train --resume` finishes it."
      )
    }
    let base = try Experiment.read(run.experiment)
    guard base.data.targets.contains(where: { $0.language == target.language }) else {
      throw RunLogError(
        file: run.experiment,
        "the run has no target '\(target.language)', so its accuracy without labelled examples is not known; it has "
          + (base.data.targets.isEmpty
            ? "none" : base.data.targets.map(\.language).joined(separator: ", ")) + ".")
    }
    // A branch of the hub may have moved on; the run's own commit is what it began with.
    let hubModel =
      exists(run.environment) ? try RunEnvironment.read(run.environment).hubModel : nil
    let origin =
      hubModel.flatMap { model in base.model.hubName.map { $0.at(model.commit).description } }
    var runs: [StudyPlan.PlannedRun] = []
    for count in settings.perClass {
      for draw in 1...settings.draws {
        for start in Start.allCases {
          let name = Self.runName(start, perClass: count, draw: draw)
          let checkpoint = start == .continued ? absolutePath(run.model) : origin
          let assigned =
            (checkpoint.map { ["model.checkpoint=\(JSON.string($0).text)"] } ?? [])
            + Self.assignments(settings, target, base, perClass: count, draw: draw, name: name)
          runs.append(
            StudyPlan.PlannedRun(
              configuration: "\(start.rawValue)-\(count)", seed: draw, settings: assigned,
              experiment: try Experiment.read(run.experiment, settings: assigned),
              directory: Self.runDirectory(name, in: folder)))
        }
      }
    }
    self.runs = runs
  }

  /// What differs from the run beside the checkpoint.
  private static func assignments(
    _ settings: FewShotSettings, _ target: LanguageData, _ base: Experiment, perClass: Int,
    draw: Int, name: String
  ) -> [String] {
    // It is trained on here, whatever the run says of it.
    var target = target
    target.regime = nil
    let note =
      "Draw \(draw) of \(perClass) labelled examples of each class, one of the trainings of `report few-shot`."
    return [
      "name=\(name)", "note=\(JSON.string(note).text)", "data.source=\(base.flow(target))",
      "data.sources=null", "data.regime=null", "data.targets=[]", "data.percentage=100",
      "data.per_class=\(perClass)",
      "data.parallel=false",
      // Nothing of the target is used to choose an epoch: such labels would count as labelled examples.
      "select=last", "average=null", "training.epochs=\(settings.epochs)",
      "training.batch_size=\(settings.batchSize)", "training.seed=\(draw)",
      "training.optimizer.learning_rate=\(settings.learningRate)",
      "training.schedule={name: linear, eta_min: 0, per: step, warmup_steps: 0}",
      "goals=[]", "few_shot=null",
    ]
  }

  /// Checks that trainings that are there already began with the run's model and the target's data as they are now.
  ///
  /// - Parameter locate: turns a path of the configuration into one that can be opened.
  /// - Throws: `RunLogError` that names one that did not; what a damaged file throws.
  public func checkInputs(locate: (String) throws -> String = { $0 }) throws {
    guard isFolder(run.model) else {
      throw RunLogError(
        file: run.model,
        "is missing; the trainings continue from the run's model. `report train --resume \(run.path)` writes it again."
      )
    }
    var known: [String: String] = [:]
    /// Each file is hashed once, however many trainings there are.
    func hash(_ path: String) throws -> String {
      let now = try known[path] ?? (exists(path) ? SHA256.hex(ofFile: path) : "missing")
      known[path] = now
      return now
    }
    for planned in runs where exists(planned.directory.environment) {
      let hashes = try RunEnvironment.read(planned.directory.environment).hashes
      let isContinued = planned.configuration.hasPrefix(Start.continued.rawValue)
      for (name, sha256) in hashes where isContinued && name.hasPrefix("checkpoint/") {
        let path = run.model + name.dropFirst("checkpoint".count)
        guard try hash(path) == sha256 else {
          throw changed(planned, "another model than the run has", path)
        }
      }
      let before = Dictionary(hashes.map { ($0.name, $0.sha256) }) { $1 }
      for (name, file) in planned.experiment.data.languages.flatMap(\.namedFiles) {
        guard let sha256 = before[name] else { continue }
        let path = try locate(file)
        guard try hash(path) == sha256 else {
          throw changed(planned, "other data than there are", path)
        }
      }
    }
  }

  /// `began` says with what, such as "another model than the run has".
  private func changed(
    _ planned: StudyPlan.PlannedRun, _ began: String, _ file: String
  ) -> RunLogError {
    RunLogError(
      file: planned.directory.path,
      "began with \(began) now (\(file) differs). Remove \(path), or name another folder with --output."
    )
  }
}
