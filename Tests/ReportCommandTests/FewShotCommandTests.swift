import Foundation
import RunLog
import Storage
import TestSupport
import Testing

/// `report few-shot` as a user meets it, on Tests/Fixtures/train.
@Suite struct FewShotCommandTests {
  private let folder: TemporaryFolder
  private let settings: [String]

  /// A finished run; German training texts are the English ones, which no test split holds.
  init() throws {
    folder = try TemporaryFolder()
    let experiment = FixtureExperiment(
      "epochs: 1", "batch_size: 8", "optimizer: {learning_rate: 1e-3}", "schedule: {eta_min: 0}")
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/base.yaml")
    settings = [
      "few_shot.target=de", "data.targets.0.train=\(Fixture.path("train/data/train.tsv"))",
      "few_shot.per_class=[0, 2, 5]", "few_shot.draws=3", "few_shot.epochs=2",
    ].flatMap { ["--set", $0] }
    let trained = try report("train", "base.yaml", "--run-dir", "r", "--threads", "1")
    #expect(trained.status == 0, "\(trained.errors)")
  }

  private func report(_ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments, in: folder.path)
  }

  private func fewShot(_ arguments: String...) throws -> CommandRun {
    try CommandRun(["few-shot", "r"] + settings + arguments, in: folder.path)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(path)", encoding: .utf8)
  }

  /// The hash of every file of the run itself.
  private func ownFiles() throws -> [String: String] {
    let root = "\(folder.path)/r"
    let names = try #require(FileManager.default.enumerator(atPath: root))
      .compactMap { $0 as? String }.filter {
        !$0.hasPrefix("few-shot") && !isFolder("\(root)/\($0)")
      }
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try SHA256.hex(ofFile: "\(root)/\($0)")) })
  }

  private func predictions(_ output: String) throws -> [String: String] {
    let root = "\(folder.path)/\(output)"
    let names = try #require(FileManager.default.enumerator(atPath: root))
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".safetensors") }
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try SHA256.hex(ofFile: "\(root)/\($0)")) })
  }

  @Test func trainsAnswersReusesAndIsAudited() throws {
    let before = try ownFiles()
    let dry = try fewShot("--dry-run")
    #expect(
      dry.status == 0 && dry.output.contains("continued-2: 3 of 3 runs to train"), "\(dry.errors)")
    #expect(!exists("\(folder.path)/r/few-shot"))

    let first = try fewShot("--html", "--threads", "2")
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == "r/few-shot/de/few-shot.md\nr/few-shot/de/few-shot.html\n")
    let answer = try text("r/few-shot/de/few-shot.md")
    #expect(answer.hasPrefix("# What Labelled German Texts Bring to fixture\n"))
    #expect(answer.contains("12 of 12 trainings are complete."))
    // The test split has 13 examples, from which nothing may be concluded.
    #expect(answer.contains("from so few test examples **nothing is concluded**"), "\(answer)")
    #expect(
      answer.contains("| 5 | 15 | probe | 3 |") && answer.contains("| 0 | 0 | the run itself |"))
    #expect(try ownFiles() == before, "the run's own files stay as they are")
    let example = "r/few-shot/de/runs/continued-5-draw-3"
    #expect(!exists("\(folder.path)/\(example)/model"), "models of draws take too much space")
    #expect(!exists("\(folder.path)/\(example)/checkpoints"))

    // A draw of more texts holds that of fewer, and both starts have the same.
    func drawn(_ name: String) throws -> Set<Int> {
      let lines = try text("r/few-shot/de/runs/\(name)/examples/de.train.jsonl")
        .split(separator: "\n")
      return Set(
        try lines.map { line in
          try #require(try JSON.parse(Array(line.utf8), file: name)["id"]?.integer)
        })
    }
    let (few, many) = (try drawn("continued-2-draw-1"), try drawn("continued-5-draw-1"))
    #expect(few.count == 6 && many.count == 15 && few.isSubset(of: many))
    #expect(try drawn("target-alone-5-draw-1") == many)
    #expect(try drawn("continued-5-draw-2") != many)

    // Again nothing is trained, and the same bytes come out.
    let again = try fewShot("--html")
    #expect(again.status == 0 && again.errors.contains("continued-2-draw-1: complete already."))
    #expect(again.errors.contains("probe: complete already."))
    #expect(try text("r/few-shot/de/few-shot.md") == answer)
    let audit = try report("audit", "r/few-shot/de")
    #expect(audit.status == 0, "\(audit.output) \(audit.errors)")
    #expect(audit.output.hasPrefix("few-shot.md: ") && audit.output.hasSuffix(" figures agree.\n"))

    // A training is a run like any other, with a report of its own.
    let own = try report(example)
    #expect(own.status == 0, "\(own.errors)")
    #expect(
      try text("\(example)/report.md").contains("5 examples of each class of the training data"))
    // The run's report links to the answer.
    #expect(try report("r").status == 0)
    #expect(try text("r/report.md").contains("[German](few-shot/de/few-shot.md)"))

    // A probe of other predictions is noticed, and fitted again.
    let probe = "\(folder.path)/r/few-shot/de/probe/probe-2-draw-1.safetensors"
    let bytes = try SHA256.hex(ofFile: probe)
    try AtomicFile.write([UInt8](), to: probe)
    #expect(try fewShot("--collect").status == 1)
    #expect(try fewShot().status == 0)
    #expect(try SHA256.hex(ofFile: probe) == bytes)

    // A run that is replaced takes what continued it along.
    let forced = try report("train", "base.yaml", "--run-dir", "r", "--force")
    #expect(forced.status == 0 && forced.errors.contains("r/few-shot is removed too"))
    #expect(!exists("\(folder.path)/r/few-shot"))
  }

  /// The same bits on one thread and three, in one process after another or two at a time.
  @Test func givesTheSameBitsOnAnyNumberOfThreads() throws {
    for (output, arguments) in [
      ("a", ["--threads", "1"]), ("b", ["--threads", "3"]), ("c", ["--jobs", "2"]),
    ] {
      let run = try CommandRun(
        ["few-shot", "r"] + settings + ["--output", output] + arguments, in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
    }
    let expected = try predictions("a")
    // Twelve trainings of two epochs with three splits each, and six regressions.
    #expect(expected.count == 12 * 2 * 3 + 6)
    #expect(try predictions("b") == expected)
    #expect(try predictions("c") == expected)
    #expect(try text("a/few-shot.md") == text("b/few-shot.md"))
  }

  /// What a batch system does one by one, one of them killed at once and repeated, comes to the same.
  @Test func commandsAreIndependentAndMayBeRepeated() throws {
    #expect(try fewShot("--output", "whole", "--threads", "1").status == 0)
    let listed = try CommandRun(
      ["few-shot", "r"] + settings + ["--output", "parts", "--threads", "1", "--list-commands"],
      in: folder.path)
    let commands = listed.output.split(separator: "\n")
    #expect(commands.count == 13 && commands.last?.contains("--only probe") == true)
    let names = try commands.map { line -> String in
      String(try #require(line.firstMatch(of: /--only ([^ ]+)/)).output.1)
    }
    let common = ["few-shot", "r"] + settings + ["--output", "parts", "--threads", "1"]
    let early = try CommandRun(common + ["--collect"], in: folder.path)
    #expect(early.status == 0 && early.errors.isEmpty, "\(early.errors)")
    #expect(try text("parts/few-shot.md").contains("0 of 12 trainings are complete."))
    let killed = try CommandRun.start(common + ["--only", names[3]], in: folder.path)
    killed.terminate()
    killed.waitUntilExit()
    for name in names.reversed() {
      let run = try CommandRun(common + ["--only", name], in: folder.path)
      #expect(run.status == 0, "\(name): \(run.errors)")
    }
    #expect(try CommandRun(common + ["--collect"], in: folder.path).status == 0)
    #expect(try predictions("parts") == predictions("whole"))
    #expect(try text("parts/few-shot.md") == text("whole/few-shot.md"))
    let unknown = try CommandRun(common + ["--only", "continued-2-draw-9"], in: folder.path)
    #expect(unknown.status == 1 && unknown.errors.contains("did you mean 'continued-2-draw-"))
  }

  @Test func saysWhatIsMissing() throws {
    func fails(_ arguments: [String], _ words: String) throws {
      let run = try CommandRun(["few-shot"] + arguments, in: folder.path)
      #expect(run.status == 1 && run.errors.contains(words), "\(run.errors)")
    }
    try fails(["r"], "has no key 'few_shot'")
    try fails(["r", "--set", "few_shot.target=de"], "'de' has no 'train' file")
    try fails(
      ["r"] + settings + ["--set", "few_shot.per_class=[200]"],
      "few_shot.per_class asks for 200 examples of each class, but the file has only ")
    try fails(["nowhere"] + settings, "nowhere")
    try fails(["r", "--set", "few_shot.target=xx"], "'xx' is not one of the languages")
    #expect(!exists("\(folder.path)/r/few-shot"))
    // An experiment with the key added since stands for its run.
    let yaml = try text("base.yaml").replacing(
      "{language: de, ", with: "{language: de, train: \(Fixture.path("train/data/train.tsv")), ")
    try AtomicFile.write(
      yaml + "\nfew_shot: {target: de, per_class: [2], draws: 1, epochs: 1}\n",
      to: "\(folder.path)/after.yaml")
    let run = try report("few-shot", "after.yaml", "--run-dir", "r", "--no-probe", "--output", "o")
    #expect(run.status == 0, "\(run.errors)")
    let answer = try text("o/few-shot.md")
    #expect(answer.contains("2 of 2 trainings are complete.") && !answer.contains("Probe"))
    let audit = try report("audit", "o")
    #expect(audit.status == 0, "\(audit.output)")
    #expect(
      try report("few-shot", "after.yaml").errors.contains("runs/fixture"), "the usual place")
  }
}
