import Foundation
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

/// Trainings of a BERT encoder with XLM-R's tokenizer, as multilingual-e5-small has it.
@Suite struct UnigramRunTests {
  private let folder: TemporaryFolder
  private var checkpoint: String { "\(folder.path)/checkpoint" }

  /// The small encoder of Tests/Fixtures/train with the first tokenizer of Tests/Fixtures/unigram.
  init() throws {
    folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/checkpoint")
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: Fixture.path("train/model/\(name)"), toPath: "\(folder.path)/checkpoint/\(name)")
    }
    let example = try Fixture.json("unigram/directories.json")["cases"]?.array?.first
    let map = try #require(try Fixture.json("unigram/model.json")["charsmap"]?.string)
    for (name, text) in try #require(example?["files"]?.object).members {
      try AtomicFile.write(
        try #require(text.string).replacing("$CHARSMAP", with: map),
        to: "\(folder.path)/checkpoint/\(name)")
    }
    for name in ["train", "validation"] {
      // White space of two kinds in a row, which the two tokenizers read otherwise.
      let text = (0..<9).map {
        "the lake\u{3000}\u{1680} a\($0 % 3) \u{A0}ab,\(["negative", "neutral", "positive"][$0 % 3])"
      }
      try AtomicFile.write(
        "text,label\n" + text.joined(separator: "\n") + "\n", to: "\(folder.path)/\(name).csv")
    }
  }

  private func train(_ name: String, _ settings: [String] = []) throws -> RunDirectory {
    let yaml = """
      name: \(name)
      model: {checkpoint: \(checkpoint), encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: \(folder.path)/train.csv, validation: \(folder.path)/validation.csv}
        max_length: 20
      training: {epochs: 1, batch_size: 4}
      """
    let experiment = try Experiment.parse(
      yaml, file: "unigram.yaml", settings: settings, relativeTo: "/")
    let run = RunDirectory("\(folder.path)/\(name)")
    try Trainer(
      Preparation(experiment, threads: 1), run: run, threads: 1, interruption: Interruption(),
      watch: { _ in }
    ).train()
    return run
  }

  /// The run says which tokenizer it used, and its model has the same when it is loaded without being told.
  @Test(arguments: TokenizerPipeline.allCases)
  func modelHasTheTokenizerOfTheRun(_ pipeline: TokenizerPipeline) throws {
    let run = try train("run", ["model.tokenizer=\(pipeline.rawValue)"])
    let used = try loadTokenizer(directory: checkpoint, reading: pipeline.reading)
    let environment = try RunEnvironment.read(run.environment)
    #expect(environment.tokenizer == used.summary)
    #expect(environment.tokenizerSHA256 == used.sha256)
    #expect(environment.hashes.map(\.name).contains("checkpoint/tokenizer.json"))
    #expect(try Experiment.read(run.experiment).model.tokenizer == pipeline)

    let exported = try loadTokenizer(directory: run.model)
    #expect(exported.sha256 == used.sha256)
    #expect(exported.summary == used.summary)
  }

  /// The two differ on these texts, so what is stored of them differs, too.
  @Test func pipelinesGiveOtherTokens() throws {
    let runs = try TokenizerPipeline.allCases.map {
      try train($0.rawValue, ["model.tokenizer=\($0.rawValue)"])
    }
    let tokens = try runs.map { run in
      try RunLogContents.read(run.log).records.compactMap { record -> Int? in
        if case .runStarted(let started) = record { started.splits[0].tokens } else { nil }
      }
    }
    #expect(tokens[0].count == 1 && tokens[0] != tokens[1])
  }

  @Test func refusesUnknownPipelines() throws {
    let error = try #require(throws: RunLogError.self) {
      try train("run", ["model.tokenizer=fast"])
    }
    #expect("\(error)".contains("auto_tokenizer"), "\(error)")
    #expect("\(error)".contains("tokenizer_json"), "\(error)")
  }
}
