import Foundation
import RunLog
import Storage
import TestSupport
import Testing

/// A model whose weights are not numbers, as one that diverged, met through the command.
@Suite struct MissingAnswersTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let experiment = FixtureExperiment(
      "epochs: 1", "batch_size: 8", "optimizer: {learning_rate: 1e-3}", "schedule: {eta_min: 0}")
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/experiment.yaml")
  }

  private func report(_ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments, in: folder.path)
  }

  /// Trains, and puts NaN for every float of the last tensor of the classifier's weights.
  private func trainAndBreak() throws {
    let run = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(run.status == 0, "\(run.errors)")
    let path = "\(folder.path)/r/model/model.safetensors"
    var bytes = try RandomAccessFile(path).contents()
    let header = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let json = try JSON.parse(Array(bytes[8..<8 + header]), file: path)
    let range = json["classifier.weight"]?["data_offsets"]?.array?.compactMap(\.integer) ?? []
    try #require(range.count == 2)
    for place in stride(from: 8 + header + range[0], to: 8 + header + range[1], by: 4) {
      bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xC0, 0x7F])
    }
    try AtomicFile.write(bytes, to: path)
  }

  @Test func predictAndEvaluateSaySoAndEndWithOne() throws {
    try trainAndBreak()
    let lines = try report("predict", "r", "good film", "bad")
    #expect(lines.status == 1)
    #expect(lines.output == "no answer\t–\tgood film\nno answer\t–\tbad\n")
    #expect(
      lines.errors.contains(
        "r: 2 of 2 texts have no answer, since the model's logits are not finite"),
      "\(lines.errors)")
    let objects = try report("predict", "r/model", "--json", "good film")
    #expect(
      objects.status == 1 && objects.output.hasPrefix(#"{"label":null,"probabilities":["NaN","#))
    #expect(objects.errors.contains("1 of 1 text has no answer"), "\(objects.errors)")

    let evaluation = try report(
      "evaluate", "r", "--language", "fr", "--data", Fixture.path("train/data/target.tsv"))
    #expect(evaluation.status == 1 && evaluation.output.hasPrefix("French: accuracy 0.0 %"))
    #expect(evaluation.errors.contains("examples have no answer"), "\(evaluation.errors)")
    // The report takes it for what it is.
    #expect(try report("r").status == 0)
    let text = try String(contentsOfFile: "\(folder.path)/r/report.md", encoding: .utf8)
    #expect(text.contains("examples of French test.** Their logits are not finite numbers."))
  }

  /// Steps so large that no weight stays finite: what comes of them is never the best epoch.
  @Test func aTrainingThatDivergesSelectsNothing() throws {
    let run = try report(
      "train", "experiment.yaml", "--run-dir", "r", "--set",
      "training.optimizer.learning_rate=1e30",
      "--set", "training.non_finite=skip_step", "--set", "select=best_source_validation")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("examples of en.validation have no answer"), "\(run.errors)")
    #expect(run.errors.contains("so none can be selected; the last is exported as it is"))
    #expect(try report("r").status == 0)
    let text = try String(contentsOfFile: "\(folder.path)/r/report.md", encoding: .utf8)
    #expect(
      text.contains("**Logged, but never as a finite number: English validation loss"))
    #expect(text.contains("Training has most likely diverged from the start"))
    #expect(text.contains("**Without an answer: "))
  }

  /// The same model with all its numbers answers and ends with 0.
  @Test func aSoundModelSaysNothingOfTheKind() throws {
    let run = try report("train", "experiment.yaml", "--run-dir", "r")
    #expect(run.status == 0 && !run.errors.contains("no answer"))
    let lines = try report("predict", "r", "good film")
    #expect(lines.status == 0 && lines.errors.isEmpty && !lines.output.contains("no answer"))
  }
}
