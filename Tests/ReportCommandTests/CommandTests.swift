import Foundation
import Storage
import TestSupport
import Testing

/// The command line as a user meets it, in a folder of its own.
@Suite struct CommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func report(_ arguments: String..., input: [UInt8] = []) throws -> CommandRun {
    try CommandRun(arguments, input: input, in: folder.path)
  }

  /// An experiment on Tests/Fixtures/train that takes a second.
  private func writeExperiment(
    family: String = "bert", _ changes: (String) -> String = { $0 }
  ) throws {
    var experiment = FixtureExperiment(
      "epochs: 3", "batch_size: 8", "optimizer: {learning_rate: 1e-3}", "schedule: {eta_min: 0}")
    experiment.family = family
    try AtomicFile.write(changes(experiment.yaml), to: "\(folder.path)/experiment.yaml")
  }

  private var figures: [String] {
    [
      "losses", "accuracies", "learning_rate", "ROC", "transfer_gap", "dashboard",
      "final_comparison", "f1_scores", "accuracy_f1_comparison", "confusion", "calibration",
      "per_class",
    ]
  }

  @Test func pipelineWritesReportAndFigures() throws {
    try writeExperiment()
    let run = try report(
      "pipeline", "experiment.yaml", "--threads", "2", "--set", "training.epochs=2")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output == "runs/fixture/report.md\n")
    for file in figures.map({ $0 + ".png" }) + ["report.md", "log.jsonl", "model/config.json"] {
      #expect(exists("\(folder.path)/runs/fixture/\(file)"), "\(file)")
    }
    // A second time it is refused, and what is there stays as it is.
    let log = try SHA256.hex(ofFile: "\(folder.path)/runs/fixture/log.jsonl")
    let again = try report("pipeline", "experiment.yaml")
    #expect(again.status == 1 && again.errors.contains("--force"))
    #expect(try SHA256.hex(ofFile: "\(folder.path)/runs/fixture/log.jsonl") == log)
    // From the logs alone the same report comes out: neither weights nor data are there.
    let text = try SHA256.hex(ofFile: "\(folder.path)/runs/fixture/report.md")
    try FileManager.default.removeItem(atPath: "\(folder.path)/runs/fixture/model")
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/runs/fixture", toPath: "\(folder.path)/moved")
    let rendered = try report("moved")
    #expect(rendered.status == 0, "\(rendered.errors)")
    #expect(try SHA256.hex(ofFile: "\(folder.path)/moved/report.md") == text)
  }

  @Test func withoutAHomeNothingIsCachedWhereEverybodyWrites() throws {
    let run = try CommandRun(
      ["cache"], in: folder.path, environment: ["HOME": "", "XDG_CACHE_HOME": "", "TMPDIR": "/tmp"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("/.cache/transfergap") && !run.output.contains("/tmp/"))
  }

  @Test func figuresComeInTheFormatsAskedFor() throws {
    try writeExperiment()
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(!exists("\(folder.path)/r/report.md"))
    let run = try report(
      "figures", "r", "--only", "ROC,losses", "--format", "png,svg,pdf", "--output", "out")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try listFolder("\(folder.path)/out") == [
        "ROC.pdf", "ROC.png", "ROC.svg", "losses.pdf", "losses.png", "losses.svg",
      ])
    let unknown = try report("figures", "r", "--only", "looses")
    #expect(unknown.status == 64 && unknown.errors.contains("did you mean 'losses'?"))
  }

  @Test(arguments: FixtureExperiment.families)
  func predictsTokenizesAndEvaluates(_ family: String) throws {
    try writeExperiment(family: family)
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    let lines = try report("predict", "r", "--json", input: Array("good film\n\nbad\n".utf8))
    #expect(lines.status == 0, "\(lines.errors)")
    let objects = try lines.output.split(separator: "\n").map {
      try JSON.parse(Array($0.utf8), file: "output")
    }
    #expect(objects.count == 3)
    for object in objects {
      let probabilities = object["probabilities"]?.array?.compactMap(\.double) ?? []
      expectClose([probabilities.reduce(0, +)], [1], absolute: 1e-12)
      #expect(object["logits"]?.array?.count == 3)
      #expect(["negative", "neutral", "positive"].contains(object["label"]?.string ?? ""))
    }
    // The exported directory alone predicts the same, and so do arguments.
    let alone = try report("predict", "r/model", "--json", "good film", "", "bad")
    #expect(alone.output == lines.output)

    let tokens = try report(
      "tokenize", "r/model", "--max-length", "4", input: Array("good, FILM!\n\n".utf8))
    #expect(
      tokens.output == """
        {"ids":[2,5,1,3],"tokens":["[CLS]","good","[UNK]","[SEP]"]}
        {"ids":[2,3],"tokens":["[CLS]","[SEP]"]}

        """)

    let ofRun = try report(
      "tokenize", "r", "--max-length", "4", input: Array("good, FILM!\n\n".utf8))
    #expect(ofRun.output == tokens.output)

    let evaluation = try report(
      "evaluate", "r", "--language", "fr", "--data", Fixture.path("train/data/target.tsv"))
    #expect(evaluation.status == 0 && evaluation.output.hasPrefix("French: accuracy"))
    #expect(try report("r").status == 0)
    let text = try String(contentsOfFile: "\(folder.path)/r/report.md", encoding: .utf8)
    #expect(text.contains("French test"))
    let name = ["bert": "BERT", "xlm-roberta": "XLM-R", "distilbert": "DistilBERT"][family] ?? ""
    #expect(text.contains("explores how a reduced \(name) classifier trained on English"))
    #expect(
      text.contains(
        family == "bert"
          ? "encoder layers, pooler and classification head\n"
          : "encoder layers and classification head\n"))
    #expect(try report("audit", "r").status == 0)
  }

  @Test func aSecondRunFindsTheFrozenLayers() throws {
    try writeExperiment()
    let cache = ["--cache-dir", "c", "--run-dir"]
    _ = try CommandRun(["train", "experiment.yaml"] + cache + ["one"], in: folder.path)
    let listed = try report("cache", "--cache-dir", "c")
    // Two of the four splits hold the same texts, so three prefixes and the sum.
    #expect(listed.output.split(separator: "\n").count == 4, "\(listed.output)")
    _ = try CommandRun(["train", "experiment.yaml"] + cache + ["two"], in: folder.path)
    _ = try CommandRun(
      ["train", "experiment.yaml", "--no-cache", "--run-dir", "three"], in: folder.path)
    let weights = try ["one", "two", "three"].map {
      try SHA256.hex(ofFile: "\(folder.path)/\($0)/model/model.safetensors")
    }
    #expect(Set(weights).count == 1)
    #expect(try report("cache", "--cache-dir", "c", "--empty").status == 0)
    #expect(try report("cache", "--cache-dir", "c").output.hasPrefix("0 kB in all"))
  }

  @Test func dryRunWritesNothing() throws {
    try writeExperiment()
    let run = try report("train", "experiment.yaml", "--dry-run")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("Time:") && run.output.contains("Disk:"))
    #expect(!exists("\(folder.path)/runs"))
  }

  /// The same warnings before a training, by --dry-run, in the log and in the report; the target's validation is its
  /// test here.
  @Test func whatIsOftenASlipIsSaidEverywhere() throws {
    let warning =
      "de.validation and de.test are read from one file or from copies of it: target.tsv (de.validation) and target.tsv "
      + "(de.test) have the same contents."
    try writeExperiment {
      $0.replacingOccurrences(of: "epochs: 3, batch_size: 8", with: "epochs: 2, batch_size: 100")
    }
    let estimate = try report("train", "experiment.yaml", "--dry-run")
    #expect(estimate.output.contains("Warning:     \(warning) [repeated_file]\n"))
    #expect(estimate.output.contains("1 step per epoch, 2 in all"))
    #expect(
      estimate.output.contains(
        "1 of 17 texts of en.validation is in the training data too, to the letter: validation.tsv:8 as train.tsv:9."
      ))
    #expect(
      estimate.output.hasSuffix(
        "What is meant to be so can be declared in the experiment: data.intended: [shared_texts, repeated_file, few_steps]\n"
      ), "\(estimate.output)")

    let run = try report(
      "pipeline", "experiment.yaml", "--set", "data.intended=[few_steps]",
      "--threads", "2")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("Warning: \(warning) [repeated_file]\n"))
    #expect(run.errors.contains("data.intended: [shared_texts, repeated_file]\n"))
    #expect(!run.errors.contains("few_steps"))
    let log = try RandomAccessFile("\(folder.path)/runs/fixture/log.jsonl").contents()
    let first = try JSON.parse(Array(log.prefix { $0 != 0x0A }), file: "log.jsonl")
    let kinds = (first["warnings"]?.array ?? []).map {
      "\($0["kind"]?.string ?? "") \($0["count"]?.integer ?? -1) \($0["intended"]?.bool ?? false)"
    }
    #expect(kinds == ["shared_texts 1 false", "repeated_file 2 false", "few_steps 2 true"])
    let text = try String(
      contentsOfFile: "\(folder.path)/runs/fixture/report.md", encoding: .utf8)
    #expect(text.contains("- Warning (`repeated_file`): \(warning)\n"), "\(text)")
    #expect(text.contains("- Declared as intended (`few_steps`): "))
    #expect(try report("audit", "runs/fixture").status == 0)

    // All declared: nothing is warned of, and the estimate still lists it.
    let quiet = try report(
      "train", "experiment.yaml", "--dry-run", "--set",
      "data.intended=[few_steps, repeated_file, shared_texts]")
    #expect(quiet.output.contains("As intended: \(warning) [repeated_file]\n"))
    #expect(!quiet.output.contains("Warning:") && !quiet.output.contains("data.intended:"))
  }

  @Test func aDelimiterThatTheHeaderTellsIsNoted() throws {
    try AtomicFile.write(
      "text;label\ngood film;positive\nbad;negative\nwas;neutral\n", to: "\(folder.path)/fr.csv")
    try writeExperiment {
      $0.replacingOccurrences(
        of: "test: \(Fixture.path("train/data"))/target.tsv", with: "test: fr.csv")
    }
    let run = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains(
        "Note: The columns of fr.csv (de.test) are separated by semicolons, as its header tells.\n")
    )
    let told = try report(
      "evaluate", "r", "--language", "fr", "--data", "fr.csv", "--delimiter", "comma")
    #expect(told.status == 1 && told.errors.contains("no column 'text' in the header"))
    let found = try report(
      "evaluate", "r", "--language", "fr", "--data", "fr.csv", "--delimiter", ";")
    #expect(found.status == 0, "\(found.errors)")
    #expect(
      try report("evaluate", "r", "--language", "it", "--data", "fr.csv", "--delimiter", "x")
        .status == 64)
  }

  @Test func rendersALogFromElsewhere() throws {
    try makeFolder("\(folder.path)/theirs")
    try AtomicFile.write(
      """
      {"train_losses": [1.0, 0.8, NaN], "train_accuracies": [0.4, 0.5, 0.6],
       "english_val_losses": [0.9, 0.8, 0.7], "english_val_accuracies": [0.5, 0.6, 0.7],
       "target_val_losses": [1.0, 0.9, 0.9], "target_val_accuracies": [0.4, 0.5, 0.5],
       "learning_rates": [5e-5, 4e-5, 3e-5]}
      """, to: "\(folder.path)/theirs/training_history.json")
    let run = try report("theirs")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("ROC is not drawn"))
    let names = try listFolder("\(folder.path)/theirs")
    #expect(names.contains("losses.png") && !names.contains("ROC.png"))
  }

  @Test(arguments: [
    (["nowhere"], "nowhere: there is no such file or folder"),
    (["train", "nowhere.yaml"], "cannot open nowhere.yaml"),
    (["pipeline", "builtin:demos"], "there is no such built-in example"),
    (["predict", "nowhere", "text"], "nowhere"),
    (["tokenize", "nowhere"], "nowhere"),
    (["evaluate", "nowhere", "--language", "fr", "--data", "x.tsv"], "nowhere"),
  ])
  func saysWhatIsMissing(_ arguments: [String], _ expected: String) throws {
    let run = try CommandRun(arguments, in: folder.path)
    #expect(run.status == 1)
    #expect(run.errors.contains(expected), "\(run.errors)")
  }

  @Test(arguments: [
    (
      "  max_length: 24", "  max_lenght: 24",
      "experiment.yaml:7: unknown key 'data.max_lenght'; did you mean 'max_length'?"
    ),
    (
      "frozen_layers: 1", "frozen_layers: 4",
      "experiment.yaml:2: 'model.frozen_layers': must not exceed"
    ),
    ("eta_min: 0", "eta_min: 1", "experiment.yaml:8: 'training.schedule.eta_min': must not exceed"),
    ("epochs: 3", "epochs: three", "experiment.yaml:8: 'training.epochs': expected a whole number"),
    ("max_length: 24", "percentage: 101", "experiment.yaml:7: 'data.percentage': must be above 0"),
    ("max_length: 24", "max_length: 512", "config.json: has 24 positions"),
    ("train.tsv", "missing.tsv", "missing.tsv: No such file"),
  ])
  func refusesAWrongExperiment(_ old: String, _ new: String, _ expected: String) throws {
    try writeExperiment { $0.replacingOccurrences(of: old, with: new) }
    let run = try report("train", "experiment.yaml")
    #expect(run.status == 1)
    #expect(run.errors.contains(expected), "\(run.errors)")
    #expect(!exists("\(folder.path)/runs"))
  }

  /// Every command that is given a thing of another kind names it and the command for it.
  @Test func thingsOfAnotherKindAreNamed() throws {
    try writeExperiment()
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    try AtomicFile.write(
      "name: s\nbase: experiment.yaml\nseeds: [1]\nconfigurations: {a: {}}\n",
      to: "\(folder.path)/study.yaml")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/study", withIntermediateDirectories: true)
    try AtomicFile.write("{}", to: "\(folder.path)/study/study.json")
    let cases: [([String], String)] = [
      (["experiment.yaml"], "is an experiment, not a run directory"),
      (["figures", "experiment.yaml"], "`report pipeline experiment.yaml` trains it"),
      (["audit", "experiment.yaml"], "`report pipeline experiment.yaml` trains it"),
      (["compare", "r", "experiment.yaml"], "experiment.yaml: is an experiment"),
      (["predict", "study.yaml", "text"], "`report study study.yaml` trains its runs"),
      (["tokenize", "experiment.yaml"], "is an experiment, not a run directory or a model"),
      (["evaluate", "r/model", "--language", "fr", "--data", "x.tsv"], "is a model directory"),
      (["train", "r"], "`report pipeline --resume r` continues it"),
      (["pipeline", "r/model"], "an experiment names it as model.checkpoint"),
      (["train", "--resume", "experiment.yaml"], "is an experiment, not a run directory."),
      (["probe", "study.yaml"], "is a study, not an experiment"),
      (["study", "experiment.yaml"], "is an experiment, not a study"),
      (["study", "study"], "`report audit study` checks its answer"),
      (["r/model"], "is a model directory, not a run directory or the log"),
      (["study.yaml"], "is a study"),
    ]
    for (arguments, words) in cases {
      let run = try CommandRun(arguments, in: folder.path)
      #expect(run.status == 1 && run.errors.contains(words), "\(arguments): \(run.errors)")
    }
    // What is right keeps its own errors.
    let missing = try report("nowhere")
    #expect(missing.status == 1 && missing.errors.contains("there is no such file or folder"))
    let setting = try report("train", "experiment.yaml", "--set", "epochs=3")
    #expect(setting.status == 1 && setting.errors.contains("did you mean 'training.epochs'?"))
  }

  @Test func wrongUsageExitsWith64() throws {
    #expect(try report("train", "--threads", "0", "x.yaml").status == 64)
    #expect(try report("figures", "r", "--format", "gif").status == 64)
    #expect(try report().status == 64)
    let device = try report("train", "x.yaml", "--device", "metal")
    #expect(
      device.status == 64
        && device.errors.contains(
          "--device must be cpu, gpu, auto, opencl:<number>, opencl:cpu or cuda:<number>, not 'metal'"
        ))
    #expect(try report("train", "x.yaml", "--device", "gpu", "--precision", "fp8").status == 64)
    let several = try CommandRun(
      ["train", "x.yaml", "--device", "auto"], in: folder.path,
      environment: ["OMPI_COMM_WORLD_SIZE": "2"])
    #expect(several.status == 64 && several.errors.contains("mpirun has started 2"))
    let precision = try report("train", "x.yaml", "--precision", "tf32")
    #expect(precision.status == 64 && precision.errors.contains("needs --device"))
  }

  /// A device that is not there is an error that names it and what to do, before anything is written.
  @Test func aDeviceThatIsNotThere() throws {
    try writeExperiment()
    let run = try report("train", "experiment.yaml", "--run-dir", "r", "--device", "opencl:987654")
    #expect(run.status == 1 && run.errors.contains("Error: "))
    // With OpenCL and without.
    #expect(
      run.errors.contains("opencl:987654") || run.errors.contains("ocl-icd-libopencl1")
        || run.errors.contains("libclblast1"), "\(run.errors)")
    #expect(!exists("\(folder.path)/r/log.jsonl"))
  }

  @Test func interruptionLeavesAReadableLog() throws {
    try writeExperiment { $0.replacingOccurrences(of: "epochs: 3", with: "epochs: 100000") }
    let process = try CommandRun.start(
      ["train", "experiment.yaml", "--run-dir", "r"], in: folder.path)
    let history = "\(folder.path)/r/training_history.json"
    try wait(for: "the first epoch", while: { process.isRunning }) { exists(history) }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let log = try String(contentsOfFile: "\(folder.path)/r/log.jsonl", encoding: .utf8)
    #expect(log.split(separator: "\n").last?.contains("\"interrupted\"") == true)
    let rendered = try report("r")
    #expect(rendered.status == 0, "\(rendered.errors)")
  }

  @Test func anUnknownTagInATemplateIsAnError() throws {
    try writeExperiment()
    _ = try report("train", "experiment.yaml", "--run-dir", "r")
    try AtomicFile.write("# {{run.nam}}\n\n{{nothing_like_it}}\n", to: "\(folder.path)/t.mustache")
    let run = try report("r", "--template", "t.mustache")
    #expect(run.status == 1)
    #expect(run.errors.contains("t.mustache:1"), "\(run.errors)")
    #expect(!exists("\(folder.path)/r/losses.png"))
  }
}
