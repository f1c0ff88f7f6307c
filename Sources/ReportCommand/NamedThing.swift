internal import Report
internal import RunLog
internal import Storage

/// What a path on the command line leads to.
enum NamedThing: Sendable {
  case experiment, study, run, log, model, studyFolder, comparisonFolder, fewShotFolder

  /// Looks at a path; `nil` for what is nothing of the kind.
  init?(_ path: String) {
    if path.hasPrefix(Experiment.builtinPrefix) {
      self = .experiment
    } else if !isFolder(path) {
      guard let kind = ConfigurationKind(ofFile: path) else { return nil }
      self = kind == .experiment ? .experiment : .study
    } else if exists(RunDirectory(path).log) {
      self = exists(RunDirectory(path).experiment) ? .run : .log
    } else if exists("\(path)/study.json") {
      self = .studyFolder
    } else if exists("\(path)/comparison.json") {
      self = .comparisonFolder
    } else if exists("\(path)/few-shot.json") {
      self = .fewShotFolder
    } else if exists("\(path)/config.json"),
      ["model.safetensors", "model.safetensors.index.json"].contains(where: {
        exists("\(path)/\($0)")
      })
    {
      self = .model
    } else {
      return nil
    }
  }

  /// With its article.
  var name: String {
    switch self {
    case .experiment: "an experiment"
    case .study: "a study"
    case .run: "a run directory"
    case .log: "the log from another program"
    case .model: "a model directory"
    case .studyFolder: "the folder of a study"
    case .comparisonFolder: "the folder of a comparison"
    case .fewShotFolder: "the folder of a few-shot answer"
    }
  }

  /// The commands for it.
  func commands(_ path: String) -> String {
    let path = shellQuoted(path)
    return switch self {
    case .experiment: "`report pipeline \(path)` trains it and writes the report"
    case .study: "`report study \(path)` trains its runs and answers it"
    case .run:
      "`report \(path)` writes its report, `report pipeline --resume \(path)` continues it, and "
        + "`report pipeline \(path)/experiment.yaml` trains the same again"
    case .log: "`report \(path)` writes its report"
    case .model:
      "`report predict \(path)` labels texts with it, `report tokenize \(path)` shows tokens, and an experiment names "
        + "it as model.checkpoint"
    case .studyFolder:
      "`report audit \(path)` checks its answer, `report study STUDY.yaml --collect` writes it again"
    case .comparisonFolder:
      "`report audit \(path)` checks it, `report compare RUN-DIR RUN-DIR` writes one"
    case .fewShotFolder:
      "`report audit \(path)` checks its answer, `report few-shot RUN-DIR --collect` writes it again"
    }
  }
}

/// A command that is told paths, each to something of a certain kind.
protocol NamesThings {
  /// The paths, and what each may lead to.
  var named: [(path: String, expected: [NamedThing])] { get }
}

extension NamesThings {
  /// What to tell instead of an error that comes from naming a thing of another kind; `nil` if that is not the cause.
  var misnamed: RunLogError? {
    for (path, expected) in named {
      guard let thing = NamedThing(path), !expected.contains(thing) else { continue }
      return RunLogError(
        file: path,
        "is \(thing.name), not \(NumberFormat.list(expected.map(\.name), lastAfter: "or")). "
          + "\(thing.commands(path)).")
    }
    return nil
  }
}
