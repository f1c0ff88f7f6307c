import Foundation
import RunLog
import Storage
import TestSupport
import Testing

/// What lies where a command writes is safe: checkpoints, data and files of the user's, what links lead to, and runs that
/// were moved.
@Suite struct SafetyTests {
  private let folder: TemporaryFolder
  private var project: String { "\(folder.path)/project" }

  /// A project as people have one: checkpoint, data and experiment side by side.
  init() throws {
    folder = try TemporaryFolder()
    try makeFolder(project)
    for name in ["model", "data"] {
      try FileManager.default.copyItem(
        atPath: Fixture.path("train/\(name)"), toPath: "\(project)/\(name)")
    }
    let yaml = """
      name: fixture
      model: {checkpoint: model, encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: data/train.tsv, validation: data/validation.tsv}
        targets:
          - {language: de, validation: data/target.tsv}
        max_length: 24
      training: {epochs: 1, batch_size: 8}
      """
    try AtomicFile.write(yaml, to: "\(project)/experiment.yaml")
  }

  private func report(_ arguments: String..., in place: String? = nil) throws -> CommandRun {
    try CommandRun(arguments, in: place ?? project)
  }

  /// SHA-256 of every file that is no link; what the harness and the cache leave is left out.
  private func contents(_ root: String) throws -> [String: String] {
    var result: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root)
    where !path.hasPrefix(".") && !isFolder("\(root)/\(path)") {
      result[path] = try SHA256.hex(ofFile: "\(root)/\(path)")
    }
    return result
  }

  // MARK: What is no run's

  @Test(arguments: [["train"], ["pipeline"]])
  func aProjectIsNotWrittenOver(_ command: [String]) throws {
    let before = try contents(project)
    for more in [[], ["--force"]] {
      let run = try CommandRun(
        command + ["experiment.yaml", "--run-dir", "."] + more, in: project)
      #expect(run.status == 1, "\(run.errors)")
      #expect(
        run.errors.contains("is not a run directory but holds model, experiment.yaml"),
        "\(run.errors)")
      #expect(run.errors.contains("--run-dir"))
    }
    #expect(try contents(project) == before)
  }

  @Test(arguments: [
    "log.jsonl", "training_history.json", "report.md", "losses.png", "checkpoints/mine.bin",
  ])
  func aFolderThatIsNoRunIsNotWrittenOver(_ name: String) throws {
    try makeFolder("\(folder.path)/other/checkpoints")
    try AtomicFile.write("{\"loss\": 1}\n", to: "\(folder.path)/other/\(name)")
    let before = try contents("\(folder.path)/other")
    let run = try report("train", "experiment.yaml", "--run-dir", "../other", "--force")
    #expect(run.status == 1 && run.errors.contains("is not a run directory"), "\(run.errors)")
    #expect(run.errors.contains(name.split(separator: "/")[0]), "\(run.errors)")
    #expect(try contents("\(folder.path)/other") == before)
  }

  /// Folders that a killed process made, empty or with an unfinished file, are in nobody's way.
  @Test func emptyFoldersAreFree() throws {
    try makeFolder("\(project)/r/predictions")
    try makeFolder("\(project)/r/checkpoints")
    try AtomicFile.write("", to: "\(project)/r/checkpoints/experiment.yaml.1.tmp")
    #expect(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
  }

  // MARK: Inputs

  /// Inside, by a link and by `..`, with and without --force.
  @Test(arguments: ["inside", "link", "dots", "linkedFile"])
  func aRunDirectoryHoldsNoInput(_ way: String) throws {
    try #require(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
    try FileManager.default.moveItem(atPath: "\(project)/data", toPath: "\(project)/r/data")
    var place = "r/data/train.tsv"
    switch way {
    case "link":
      #expect(symlink("\(project)/r", "\(folder.path)/other") == 0)
      place = "\(folder.path)/other/data/train.tsv"
    case "dots": place = "../project/model/../r/data/train.tsv"
    case "linkedFile":
      #expect(symlink("\(project)/r/data/train.tsv", "\(project)/train.tsv") == 0)
      place = "train.tsv"
    default: break
    }
    let before = try contents(project)
    for more in [[], ["--force"]] {
      let run = try CommandRun(
        [
          "train", "experiment.yaml", "--run-dir", "r", "--set", "data.source.train=\(place)",
          "--set", "data.source.validation=r/data/validation.tsv",
        ] + more, in: project)
      #expect(run.status == 1 && run.errors.contains("data.source.train"), "\(run.errors)")
      #expect(run.errors.contains("is in the run directory"), "\(run.errors)")
    }
    #expect(try contents(project) == before)
  }

  /// The files of a checkpoint may be links, as a cache of downloads has them; here into the run that is replaced.
  @Test func aCheckpointsFilesAreFollowed() throws {
    try #require(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
    try makeFolder("\(project)/linked")
    for name in try listFolder("\(project)/r/model") {
      #expect(symlink("\(project)/r/model/\(name)", "\(project)/linked/\(name)") == 0)
    }
    let before = try contents(project)
    let run = try report(
      "train", "experiment.yaml", "--run-dir", "r", "--force", "--set", "model.checkpoint=linked")
    #expect(run.status == 1 && run.errors.contains("model.checkpoint"), "\(run.errors)")
    #expect(try contents(project) == before)
  }

  @Test func theExperimentOfTheRunItselfIsRefused() throws {
    try #require(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
    let before = try contents(project)
    let run = try report("train", "r/experiment.yaml", "--run-dir", "r", "--force")
    #expect(
      run.status == 1 && run.errors.contains("is the experiment and is in"), "\(run.errors)")
    #expect(try contents(project) == before)
  }

  // MARK: Links

  /// Whatever a command writes, it writes through no link.
  @Test(arguments: [
    "model", "predictions", "predictions/epoch-01", "checkpoints", "examples", "log.jsonl", ".lock",
    "tensorboard",
  ])
  func nothingIsWrittenThroughALink(_ name: String) throws {
    try #require(
      try report("train", "experiment.yaml", "--run-dir", "r", "--tensorboard").status == 0)
    let (inside, outside) = ("\(project)/r/\(name)", "\(folder.path)/outside")
    if exists(inside) {
      try FileManager.default.moveItem(atPath: inside, toPath: outside)
    } else {
      try AtomicFile.write("mine\n", to: outside)
    }
    #expect(symlink(outside, inside) == 0)
    func state() throws -> [String: String] {
      isFolder(outside) ? try contents(outside) : ["": try SHA256.hex(ofFile: outside)]
    }
    let before = try state()
    for arguments in [
      ["train", "experiment.yaml", "--run-dir", "r", "--force"],
      ["train", "--resume", "r", "--extend-epochs", "2"],
      ["pipeline", "--resume", "r", "--extend-epochs", "2", "--live", "--tensorboard"],
      ["evaluate", "r", "--language", "fr", "--data", "data/target.tsv"],
    ] {
      let run = try CommandRun(arguments, in: project)
      #expect(run.status == 1 && run.errors.contains("is a symbolic link"), "\(run.errors)")
      #expect(run.errors.contains("r/\(name)"), "\(run.errors)")
    }
    // What only reads the run goes on: its own files it writes whole, beside the link.
    #expect(try report("r").status == 0)
    #expect(try report("figures", "r", "--only", "losses").status == 0)
    #expect(try state() == before)
  }

  /// Files that are written whole take a link's place and leave alone what it leads to.
  @Test func aReportReplacesLinks() throws {
    try #require(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
    for name in ["report.md", "report.json", "metrics.md", "losses.png"] {
      try AtomicFile.write("mine\n", to: "\(folder.path)/\(name)")
      #expect(symlink("\(folder.path)/\(name)", "\(project)/r/\(name)") == 0)
    }
    #expect(try report("r").status == 0)
    for name in ["report.md", "report.json", "metrics.md", "losses.png"] {
      #expect(!isSymbolicLink("\(project)/r/\(name)"))
      #expect(try RandomAccessFile("\(folder.path)/\(name)").contents() == Array("mine\n".utf8))
    }
  }

  // MARK: Outputs elsewhere

  /// Beside another program's log lie that program's figures and the user's texts.
  @Test(arguments: ["losses.png", "report.md", "metrics.md"])
  func othersFilesBesideALogStay(_ name: String) throws {
    let logs = "\(folder.path)/logs"
    try makeFolder(logs)
    try AtomicFile.write(
      "epoch,train_loss,val_loss\n1,1.5,1.6\n2,1.2,1.4\n", to: "\(logs)/metrics.csv")
    try AtomicFile.write("mine\n", to: "\(logs)/\(name)")
    let run = try report(logs)
    #expect(run.status == 1 && run.errors.contains("\(name): already exists"), "\(run.errors)")
    #expect(try RandomAccessFile("\(logs)/\(name)").contents() == Array("mine\n".utf8))
    #expect(try listFolder(logs) == [name, "metrics.csv"].sorted())
    // Without it the report is written, and written again.
    try removeFile("\(logs)/\(name)")
    for _ in 0..<2 {
      let run = try report(logs)
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  @Test func figuresReplaceFiguresOnly() throws {
    let logs = "\(folder.path)/logs"
    try makeFolder(logs)
    try AtomicFile.write(
      "epoch,train_loss,val_loss\n1,1.5,1.6\n2,1.2,1.4\n", to: "\(logs)/metrics.csv")
    let arguments = [
      "figures", logs, "--only", "losses", "--format", "png,svg,pdf", "--output",
      "\(folder.path)/out",
    ]
    for _ in 0..<2 {
      let run = try CommandRun(arguments, in: project)
      #expect(run.status == 0, "\(run.errors)")
    }
    for name in ["losses.png", "losses.svg", "losses.pdf"] {
      let path = "\(folder.path)/out/\(name)"
      let drawn = try RandomAccessFile(path).contents()
      try AtomicFile.write("mine\n", to: path)
      let run = try CommandRun(arguments, in: project)
      #expect(run.status == 1 && run.errors.contains("\(name): already exists"), "\(run.errors)")
      #expect(try RandomAccessFile(path).contents() == Array("mine\n".utf8))
      try AtomicFile.write(drawn, to: path)
    }
  }

  @Test func aComparisonReplacesComparisonsOnly() throws {
    for (name, seed) in [("a", 1), ("b", 2)] {
      var run = TinyRun()
      run.settings = ["name=\(name)", "training.seed=\(seed)"]
      try run.write(to: "\(folder.path)/\(name)")
    }
    try makeFolder("\(folder.path)/out")
    try AtomicFile.write("mine\n", to: "\(folder.path)/out/comparison.md")
    let arguments = ["compare", "a", "b", "--output", "out"]
    let refused = try CommandRun(arguments, in: folder.path)
    #expect(
      refused.status == 1 && refused.errors.contains("comparison.md: already exists"),
      "\(refused.errors)")
    #expect(try listFolder("\(folder.path)/out") == ["comparison.md"])
    try removeFile("\(folder.path)/out/comparison.md")
    for _ in 0..<2 {
      let run = try CommandRun(arguments, in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  // MARK: Ranges

  /// One more than the most is refused whichever way it comes in, with the same bounds.
  @Test func oneRangeForEveryWayIn() throws {
    try #require(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
    let before = try contents("\(project)/r")
    let most = ExperimentRanges.mostEpochs
    let words = "must be \(ExperimentRanges.epochs.words), not \(most + 1)"
    let extended = try report("train", "--resume", "r", "--extend-epochs", "\(most + 1)")
    #expect(extended.status == 64 && extended.errors.contains(words), "\(extended.errors)")
    let set = try report("train", "experiment.yaml", "--set", "training.epochs=\(most + 1)")
    #expect(set.status == 1 && set.errors.contains(words), "\(set.errors)")
    #expect(try contents("\(project)/r") == before)
    #expect(try report("r").status == 0)
  }

  // MARK: Moved projects

  /// A run of one epoch, and the project under another name.
  private func moved() throws -> String {
    let place = "\(folder.path)/elsewhere"
    try #require(try report("train", "experiment.yaml", "--run-dir", "runs/r").status == 0)
    try FileManager.default.moveItem(atPath: project, toPath: place)
    return place
  }

  @Test func aMovedProjectGoesOn() throws {
    let place = try moved()
    let yaml = try RandomAccessFile("\(place)/runs/r/experiment.yaml").contents()
    let run = try report("train", "--resume", "runs/r", "--extend-epochs", "2", in: place)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains(
        "Note: data.source.train is read from \(realPath(place))/data/train.tsv now"),
      "\(run.errors)")
    // Only the number of epochs is another, and no epoch was trained twice.
    let now = String(
      decoding: try RandomAccessFile("\(place)/runs/r/experiment.yaml").contents(), as: UTF8.self)
    #expect(now == String(decoding: yaml, as: UTF8.self).replacing("epochs: 1", with: "epochs: 2"))
    let log = try RunLogContents.read("\(place)/runs/r/log.jsonl")
    let epochs = log.records.compactMap {
      if case .epoch(let epoch) = $0 { epoch.epoch } else { nil }
    }
    #expect(epochs == [1, 2])
    #expect(try report("runs/r", in: place).status == 0)
  }

  @Test func aFileThatIsNowhereIsNamedAndCanBeSaid() throws {
    let place = try moved()
    try FileManager.default.moveItem(
      atPath: "\(place)/data/train.tsv", toPath: "\(place)/texts.tsv")
    let resume = ["train", "--resume", "runs/r", "--extend-epochs", "2"]
    let lost = try CommandRun(resume, in: place)
    #expect(lost.status == 1, "\(lost.errors)")
    #expect(
      lost.errors.contains("data.source.train was \(project)/data/train.tsv, which is not there"),
      "\(lost.errors)")
    #expect(lost.errors.contains("--set data.source.train=FILE"), "\(lost.errors)")
    // Another file is no substitute.
    let other = try CommandRun(
      resume + ["--set", "data.source.train=data/validation.tsv"], in: place)
    #expect(
      other.status == 1
        && other.errors.contains("is not the data.source.train that the run began with"),
      "\(other.errors)")
    let said = try CommandRun(resume + ["--set", "data.source.train=texts.tsv"], in: place)
    #expect(said.status == 0, "\(said.errors)")
  }

  /// At the right place with other contents it is not the file.
  @Test func contentsDecideAndNotNames() throws {
    let place = try moved()
    try AtomicFile.write("text\tlabel\nx\tpositive\n", to: "\(place)/data/train.tsv")
    let run = try report("train", "--resume", "runs/r", "--extend-epochs", "2", in: place)
    #expect(run.status == 1 && run.errors.contains("data.source.train was"), "\(run.errors)")
  }

  @Test func onlyPlacesMayBeSetOnResuming() throws {
    try #require(try report("train", "experiment.yaml", "--run-dir", "r").status == 0)
    let run = try report("train", "--resume", "r", "--set", "data.max_length=20")
    #expect(
      run.status == 1 && run.errors.contains("data.max_length was 24, now it is 20"),
      "\(run.errors)")
  }

  // MARK: Bound to the log

  private func expectAuditNames(_ file: String) throws {
    let audit = try report("audit", "r")
    #expect(audit.status == 1 && (audit.output + audit.errors).contains(file), "\(audit.errors)")
  }

  @Test func aReportNeedsTheConfigurationThatWasTrained() throws {
    try #require(try report("pipeline", "experiment.yaml", "--run-dir", "r").status == 0)
    let path = "\(project)/r/experiment.yaml"
    let yaml = try String(contentsOfFile: path, encoding: .utf8)
    let swapped = yaml.replacing(
      "[\"negative\", \"neutral\", \"positive\"]", with: "[\"positive\", \"neutral\", \"negative\"]"
    )
    #expect(swapped != yaml)
    try AtomicFile.write(swapped, to: path)
    try expectAuditNames("experiment.yaml")
    for arguments in [["r"], ["figures", "r"], ["compare", "r", "r"]] {
      let run = try CommandRun(arguments, in: project)
      #expect(
        run.status == 1
          && run.errors.contains("is not the configuration that the run was trained with"),
        "\(run.errors)")
      #expect(run.errors.contains("labels was"), "\(run.errors)")
      #expect(run.errors.contains("checkpoints/experiment.yaml"), "\(run.errors)")
    }
    // A remark is no number's business.
    try AtomicFile.write("note: \"Later thoughts.\"\n" + yaml, to: path)
    #expect(try report("r").status == 0)
  }

  @Test(arguments: ["other split", "missing line", "other text"])
  func aReportNeedsTheExamplesThatWereTrained(_ change: String) throws {
    try #require(try report("pipeline", "experiment.yaml", "--run-dir", "r").status == 0)
    let path = "\(project)/r/examples/de.validation.jsonl"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let changed =
      switch change {
      case "other split":
        try String(contentsOfFile: "\(project)/r/examples/en.validation.jsonl", encoding: .utf8)
      case "missing line": text.split(separator: "\n").dropLast().joined(separator: "\n") + "\n"
      default: text.replacing("\"text\":\"", with: "\"text\":\"so ")
      }
    #expect(changed != text)
    try AtomicFile.write(changed, to: path)
    try expectAuditNames("examples/de.validation.jsonl")
    let run = try report("r")
    #expect(
      run.status == 1 && run.errors.contains("examples/de.validation.jsonl"), "\(run.errors)")
    #expect(run.errors.contains("Restore the file"), "\(run.errors)")
    // As the message says.
    let resumed = try report("train", "--resume", "r")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    #expect(try report("r").status == 0)
  }

  /// A whole file of predictions that is another's.
  @Test func aReportNeedsThePredictionsOfTheRun() throws {
    try #require(try report("pipeline", "experiment.yaml", "--run-dir", "r").status == 0)
    let (path, other) = (
      "\(project)/r/predictions/epoch-01/de.validation.safetensors",
      "\(project)/r/predictions/epoch-01/en.validation.safetensors"
    )
    try AtomicFile.write(RandomAccessFile(other).contents(), to: path)
    try expectAuditNames("predictions/epoch-01/de.validation.safetensors")
    let run = try report("r")
    #expect(run.status == 1 && run.errors.contains("is not what the run wrote"), "\(run.errors)")
    #expect(try report("train", "--resume", "r").status == 0)
    #expect(try report("r").status == 0)
  }
}
