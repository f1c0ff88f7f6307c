import Storage
import TestSupport
import Testing

/// How `evaluate` reads the labels of a further file: as the run's files, unless an option says otherwise.
@Suite struct EvaluateLabelsTests {
  private let folder: TemporaryFolder
  private static let classes = ["negative": "-1", "neutral": "0", "positive": "1"]

  init() throws { folder = try TemporaryFolder() }

  /// A fixture's table with its labels replaced.
  private func write(_ fixture: String, as name: String, _ labels: [String: String]) throws {
    let text = String(
      decoding: try RandomAccessFile(Fixture.path("train/data/\(fixture)")).contents(),
      as: UTF8.self)
    let lines = text.split(separator: "\n").map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return "\(fields[0])\t\(labels[fields[1]] ?? fields[1])\n"
    }
    try AtomicFile.write(lines.joined(), to: "\(folder.path)/\(name)")
  }

  /// Trains on files that call the classes -1, 0 and 1.
  ///
  /// - Parameters:
  ///   - source: keys of the source language beside its files.
  ///   - targets: the other languages, YAML.
  ///   - labels: the classes, YAML; their usual names if left out.
  /// - Throws: whatever keeps the training from its end.
  private func train(
    source: String, targets: String = "[]", labels: String = "[negative, neutral, positive]"
  ) throws {
    for name in ["train.tsv", "validation.tsv", "target.tsv"] {
      try write(name, as: name, Self.classes)
    }
    try write("target.tsv", as: "names.tsv", [:])
    try AtomicFile.write(
      """
      name: fixture
      model: {checkpoint: \(Fixture.path("train/model")), encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: train.tsv, validation: validation.tsv, \(source)}
        targets: \(targets)
        max_length: 24
      labels: \(labels)
      training: {epochs: 1}
      """, to: "\(folder.path)/experiment.yaml")
    let run = try CommandRun(["train", "experiment.yaml", "--run-dir", "r"], in: folder.path)
    try #require(run.status == 0, "\(run.errors)")
  }

  private func evaluate(
    _ data: String, _ options: String..., language: String = "fr"
  ) throws -> CommandRun {
    try CommandRun(
      ["evaluate", "r", "--language", language, "--data", data, "--force"] + options,
      in: folder.path)
  }

  private static let map = #"label_map: {"-1": negative, "0": neutral, "1": positive}"#

  @Test func theRunsMapHoldsUnlessAnOptionSaysOtherwise() throws {
    try train(source: Self.map)
    let mapped = try evaluate("target.tsv")
    #expect(mapped.status == 0, "\(mapped.errors)")
    // The classes' names are no labels of the run's files.
    let refused = try evaluate("names.tsv")
    #expect(refused.status == 1)
    #expect(
      refused.errors.contains(
        "names.tsv:2: unknown label 'neutral'; the run's label_map, which holds where neither --labels-are nor "
          + "--label-map is given, has '-1', '0', '1' only"), "\(refused.errors)")
    let named = try evaluate("names.tsv", "--labels-are", "names")
    #expect(named.output == mapped.output, "\(named.errors)")
    let own = try evaluate(
      "names.tsv", "--label-map", "negative=negative", "--label-map", "neutral=neutral",
      "--label-map", "positive=positive")
    #expect(own.output == mapped.output, "\(own.errors)")
    // Another map than the run's gives another accuracy.
    let turned = try evaluate(
      "target.tsv", "--label-map", "-1=positive", "--label-map", "0=negative", "--label-map",
      "1=neutral")
    #expect(turned.status == 0 && turned.output != mapped.output, "\(turned.errors)")
  }

  /// Every error tells what this command takes, none a key of an experiment's data.
  @Test func errorsNameOptions() throws {
    try train(source: Self.map)
    let before = try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl")
    try AtomicFile.write("a\tb\nx\ty\n", to: "\(folder.path)/columns.tsv")
    try AtomicFile.write("text\tlabel\nx\ty\tz\n", to: "\(folder.path)/fields.tsv")
    try AtomicFile.write("text\tlabel\n\"x\ty\n", to: "\(folder.path)/quotes.tsv")
    try AtomicFile.write("text\tlabel\nx\tgut\n", to: "\(folder.path)/unknown.tsv")
    try AtomicFile.write("text\tlabel\nx\tneutral\ny\t1\n", to: "\(folder.path)/mixed.tsv")
    for (data, options, expected) in [
      ("columns.tsv", [], "name the columns with --text-column and --label-column"),
      ("fields.tsv", [], "for raw texts use --raw-quotes"),
      ("quotes.tsv", [], "for raw texts use --raw-quotes"),
      ("unknown.tsv", ["--label-map", "schlecht=negative"], "--label-map has 'schlecht' only"),
      (
        "unknown.tsv", ["--labels-are", "names"],
        "one of negative, neutral, positive, as --labels-are says, the same in all rows; where the file calls "
          + "classes otherwise, say which is which with --label-map LABEL=CLASS"
      ),
      (
        "mixed.tsv", ["--labels-are", "indices"],
        "expected an index from 0 to 2, as --labels-are says"
      ),
      (
        "target.tsv", ["--label-map", "1=postive"],
        "expected LABEL=CLASS with one of the run's classes"
      ),
      ("target.tsv", ["--label-map", "1"], "expected LABEL=CLASS with one of the run's classes"),
      (
        "target.tsv", ["--label-map", "1=positive", "--label-map", "1=neutral"],
        "--label-map 1=neutral: the label '1' is positive already"
      ),
    ] {
      let run = try CommandRun(
        ["evaluate", "r", "--language", "fr", "--data", data] + options, in: folder.path)
      #expect(run.status == 1 && run.errors.contains(expected), "\(run.errors)")
      #expect(!run.errors.contains("configuration") && !run.errors.contains("`"), "\(run.errors)")
    }
    let both = try evaluate("names.tsv", "--labels-are", "names", "--label-map", "a=neutral")
    #expect(both.status == 64 && both.errors.contains("not both"))
    #expect(try SHA256.hex(ofFile: "\(folder.path)/r/log.jsonl") == before)
  }

  /// Classes whose names are numbers: a file in which the last does not occur could be read either way.
  @Test(arguments: [true, false]) func theRunsFormHoldsToo(_ isSaid: Bool) throws {
    try train(
      source: isSaid ? "labels_are: names" : "name: English", labels: #"["1", "0", "-1"]"#)
    try AtomicFile.write("text\tlabel\ngood\t1\nbad\t0\nfine\t1\n", to: "\(folder.path)/two.tsv")
    let run = try evaluate("two.tsv")
    let named = try evaluate("two.tsv", "--labels-are", "names")
    let numbered = try evaluate("two.tsv", "--labels-are", "indices")
    #expect(named.status == 0 && numbered.status == 0 && named.output != numbered.output)
    if isSaid {
      #expect(run.output == named.output, "\(run.errors)")
    } else {
      #expect(
        run.status == 1
          && run.errors.contains("; say --labels-are names or --labels-are indices"),
        "\(run.errors)")
    }
  }

  /// A language that the run knows goes by its own files; where the files of the run differ, a new one by itself.
  @Test func aKnownLanguageGoesByItsOwnFiles() throws {
    let italian = "{language: it, validation: names.tsv}"
    try train(
      source: Self.map,
      targets: "[{language: de, validation: target.tsv, \(Self.map)}, \(italian)]")
    let known = try evaluate("target.tsv", language: "de")
    #expect(known.status == 0, "\(known.errors)")
    let other = try evaluate("names.tsv", language: "it")
    #expect(other.status == 0, "\(other.errors)")
    let new = try evaluate("names.tsv")
    #expect(new.status == 0, "\(new.errors)")
    let unknown = try evaluate("target.tsv")
    #expect(
      unknown.status == 1 && unknown.errors.contains("unknown label '-1'"), "\(unknown.errors)")
  }
}
