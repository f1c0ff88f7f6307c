import RunLog
import Storage
import TestSupport
import Testing

@Suite struct ExperimentTests {
  static let minimal = """
    name: small
    model:
      checkpoint: ../models/mbert
    data:
      source:
        language: en
        train: ../data/en/train.tsv
        validation: en/validation.csv
      targets:
        - language: de
          validation: /data/de/validation.jsonl
    """

  private func parse(
    _ text: String = minimal, _ settings: [String] = []
  ) throws -> Experiment {
    try Experiment.parse(text, file: "e.yaml", settings: settings, relativeTo: "/home/e")
  }

  private func failure(
    _ text: String, _ settings: [String] = []
  ) throws -> RunLogError {
    try #require(throws: RunLogError.self) { _ = try parse(text, settings) }
  }

  // MARK: Reading

  @Test func defaultsAreThoseOfTheWriteUp() throws {
    let experiment = try parse()
    #expect(experiment.name == "small" && experiment.note == nil)
    #expect(experiment.labels == ["negative", "neutral", "positive"])
    let model = experiment.model
    #expect(model.checkpoint == "/home/models/mbert")
    #expect(model.encoderLayers == 6 && model.frozenLayers == 4)
    #expect(model.freezeEmbeddings && !model.frozenDropout)
    #expect(experiment.data.percentage == 100 && experiment.data.maxLength == 128)
    #expect(experiment.data.sources[0].name == "English")
    #expect(experiment.data.sources[0].train?.paths == ["/home/data/en/train.tsv"])
    #expect(experiment.data.sources[0].validation.paths == ["/home/e/en/validation.csv"])
    #expect(experiment.data.sources[0].test == nil)
    #expect(experiment.data.targets.map(\.name) == ["German"])
    #expect(experiment.data.targets[0].validation.paths == ["/data/de/validation.jsonl"])
    #expect(experiment.select == .last && experiment.storeTexts && experiment.goals.isEmpty)
    let training = experiment.training
    #expect(training.epochs == 10 && training.batchSize == 1024 && training.seed == 42)
    #expect(training.optimizer.learningRate == 5e-5 && training.optimizer.weightDecay == 0.01)
    #expect(training.optimizer.betas == [0.9, 0.999] && training.optimizer.epsilon == 1e-8)
    #expect(training.schedule.shape == .cosineAnnealing && training.schedule.per == .epoch)
    #expect(training.schedule.etaMin == 5e-6 && training.schedule.warmupSteps == 0)
    #expect(training.gradientClipping == nil)
    #expect(training.checkpointInterval == .minutes(10) && training.nonFinite == .stop)
  }

  @Test func acceptsAByteOrderMark() throws {
    #expect(try parse("\u{FEFF}" + Self.minimal) == parse())
  }

  @Test func labelsMayBeMapped() throws {
    let mapped = try parse(
      Self.minimal, [#"data.label_map={"-1": negative, "0": neutral, "1": positive}"#])
    #expect(
      mapped.data.targets[0].validation.labelMap
        == ["-1": "negative", "0": "neutral", "1": "positive"])
    let told = try parse(Self.minimal, ["data.source.labels_are=indices"])
    #expect(told.data.sources[0].train?.labelForm == .indices)
    #expect(told.data.targets[0].validation.labelForm == nil)
    for experiment in [mapped, told] {
      #expect(try Experiment.parse(experiment.yaml, file: "f", relativeTo: "/") == experiment)
    }
    #expect(
      try failure(Self.minimal, ["data.label_map={a: great}"]).message
        .contains("'great' is not a class; expected one of the labels negative, neutral, positive"))
    #expect(
      try failure(Self.minimal, ["data.label_map={a: neutral}", "data.labels_are=names"]).message
        .contains("cannot be given with it"))
  }

  @Test func aDelimiterIsNamedOrTyped() throws {
    #expect(try parse().data.sources[0].train?.delimiter == nil)
    #expect(try !parse().yaml.contains("delimiter"))
    for (text, delimiter) in [
      ("comma", DataFile.Delimiter.comma), ("\",\"", .comma), ("tab", .tab), (#""\t""#, .tab),
      ("semicolon", .semicolon), (";", .semicolon), ("pipe", .pipe), ("\"|\"", .pipe),
    ] {
      let experiment = try parse(Self.minimal, ["data.delimiter=\(text)"])
      #expect(experiment.data.sources[0].train?.delimiter == delimiter)
      #expect(experiment.data.targets[0].validation.delimiter == delimiter)
      #expect(try Experiment.parse(experiment.yaml, file: "f", relativeTo: "/") == experiment)
    }
    let own = try parse(Self.minimal, ["data.targets.0.delimiter=semicolon"])
    #expect(own.data.sources[0].train?.delimiter == nil)
    #expect(own.data.targets[0].validation.delimiter == .semicolon)
    #expect(
      try failure(Self.minimal, ["data.delimiter=space"]).message.contains(
        #"expected comma or ",", tab or "\t", semicolon or ";", pipe or "|", found 'space'"#))
  }

  @Test func checksAreIgnoredAndBounded() throws {
    #expect(try parse().checks == CheckSettings())
    #expect(try !parse().yaml.contains("checks"))
    let set = try parse(
      Self.minimal, ["checks.ignore=[few-steps, gap]", "checks.bounds={gap: 12.5, leakage: 0}"])
    #expect(set.checks.ignored == [.gap, .fewSteps])
    #expect(set.checks.bounds == [.gap: 12.5, .leakage: 0])
    #expect(try Experiment.parse(set.yaml, file: "f", relativeTo: "/") == set)
    #expect(try set.differences(from: parse()).allSatisfy { !$0.changesWhatIsComputed })
    for (setting, message) in [
      ("checks.ignore=[few-step]", "there is no check 'few-step'; did you mean 'few-steps'?"),
      ("checks.bounds={gpa: 1}", "did you mean"), ("checks.bounds={unfinished: 1}", "unfinished"),
      ("checks.bounds={gap: 101}", "from 0 to 100"), ("checks.bounds={gap: -1}", "from 0 to 100"),
      ("checks.bounds={few-steps: .inf}", "few-steps"), ("checks.bnds={}", "did you mean"),
    ] {
      #expect(try failure(Self.minimal, [setting]).message.contains(message), "\(setting)")
    }
  }

  @Test func whatIsIntendedIsDeclared() throws {
    #expect(try parse().data.intended == [])
    #expect(try !parse().yaml.contains("intended"))
    let declared = try parse(
      Self.minimal, ["data.intended=[few_steps, shared_texts, few_steps]"])
    #expect(declared.data.intended == [.sharedTexts, .fewSteps])
    #expect(try Experiment.parse(declared.yaml, file: "f", relativeTo: "/") == declared)
    let all = InputWarning.Kind.allCases
    #expect(
      try parse(
        Self.minimal, ["data.intended=[\(all.map(\.rawValue).joined(separator: ", "))]"]
      ).data.intended == all)
    #expect(
      try failure(Self.minimal, ["data.intended=[few_step]"]).message
        .contains("'few_step' is no kind of warning; did you mean 'few_steps'?"))
    #expect(
      try failure(Self.minimal, ["data.intended=[everything]"]).message
        .contains(
          "'everything' is no kind of warning; known are shared_texts, shared_validation_texts,"))
    #expect(
      try failure(Self.minimal, ["data.intended=few_steps"]).message.contains("expected a list"))
    // It says something of the data and changes nothing of what is computed from them.
    let differences = try declared.differences(from: parse())
    #expect(differences.map(\.key) == ["data.intended"])
    #expect(differences.allSatisfy { !$0.changesWhatIsComputed })
  }

  /// The documentation has every name, and only those.
  @Test func theDocumentationListsWhatCanBeDeclared() throws {
    let path = Fixture.path("../../docs/run-format.md")
    let text = String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
    let section = try #require(text.split(separator: "### Warnings").last)
    let rows = section.split(separator: "\n").prefix { !$0.hasPrefix("#") }
    let names = rows.compactMap { row -> String? in
      guard row.hasPrefix("| `") else { return nil }
      return String(row.dropFirst(3).prefix { $0 != "`" })
    }
    #expect(names == InputWarning.Kind.allCases.map(\.rawValue))
  }

  @Test func checkpointsComeByStepsOrMinutes() throws {
    for (text, interval) in [
      ("{steps: 500}", CheckpointInterval.steps(500)), ("{minutes: 2.5}", .minutes(2.5)),
    ] {
      let experiment = try parse(Self.minimal, ["training.checkpoint_every=\(text)"])
      #expect(experiment.training.checkpointInterval == interval)
      #expect(
        try Experiment.parse(experiment.yaml, file: "f", relativeTo: "/") == experiment)
    }
    for (text, message) in [
      ("{steps: 5, minutes: 1}", "expected either {steps: N} or {minutes: M}"),
      ("{}", "expected either {steps: N} or {minutes: M}"), ("{steps: 0}", "must be at least 1"),
      ("{minutes: -1}", "must be above 0"), ("10", "expected a mapping"),
    ] {
      let error = try failure(Self.minimal, ["training.checkpoint_every=\(text)"])
      #expect(error.message.contains(message), "\(error)")
    }
    #expect(
      try parse(Self.minimal, ["training.non_finite=skip_step"]).training.nonFinite == .skipStep)
    #expect(
      try failure(Self.minimal, ["training.non_finite=skip"]).message
        .contains("expected one of stop, skip_step"))
  }

  @Test func differencesAreNamedByKey() throws {
    let other = try parse(
      Self.minimal, ["training.seed=7", "goals=[a, b]", "data.targets.0.name=Deutsch"])
    #expect(try parse().differences(from: parse()).isEmpty)
    let found = try other.differences(from: parse()).map { "\($0.key): \($0.before), \($0.now)" }
    #expect(
      found == [
        #"data.targets.0.name: "German", "Deutsch""#, "training.seed: 42, 7",
        #"goals: [], ["a", "b"]"#,
      ])
    #expect(try parse().differences(from: other).count == 3)
  }

  @Test func readsTheExperimentOfTheDesign() throws {
    let experiment = try parse(
      """
      name: mbert-6-layers
      model:
        checkpoint: ../models/bert-base-multilingual-uncased    # a Hugging Face directory
        encoder_layers: 6
        frozen_layers: 4
        freeze_embeddings: true
      labels: [negative, neutral, positive]
      data:
        source: {language: en, train: a.tsv, validation: b.tsv, test: c.tsv}
        targets:
          - {language: de, name: Deutsch, validation: d.tsv, test: e.tsv}
        percentage: 50
        max_length: 128
        parallel: true
      select: best_source_validation
      training:
        epochs: 10
        batch_size: 1024
        seed: 42
        optimizer: {name: adamw, learning_rate: 5e-5, weight_decay: 0.01}
        schedule: {name: cosine_annealing, eta_min: 5e-6, per: step}
      goals:
        - A reduced 6-layer architecture can maintain competitive performance
      """)
    #expect(experiment.data.percentage == 50 && experiment.data.targets[0].name == "Deutsch")
    #expect(experiment.data.parallel)
    #expect(experiment.select == .bestSourceValidation && experiment.training.schedule.per == .step)
    #expect(experiment.goals.count == 1)
  }

  @Test func filesHaveColumnsQuotingAndPairs() throws {
    let experiment = try parse(
      """
      name: files
      model: {checkpoint: builtin:demo/model}
      data:
        columns: {text: review}
        quoting: none
        source:
          language: en
          train: {text: t.txt, labels: l.txt}
          validation: v.tsv
          columns: {label: stars}
        targets:
          - {language: no, validation: v.csv, quoting: rfc4180}
      """)
    #expect(experiment.model.checkpoint == "builtin:demo/model")
    let source = experiment.data.sources[0]
    #expect(source.train?.location == .lines(text: "/home/e/t.txt", labels: "/home/e/l.txt"))
    #expect(source.validation.textColumn == "review" && source.validation.labelColumn == "stars")
    #expect(source.validation.quoting == .none)
    // YAML 1.1 would take the language `no` for false.
    let target = experiment.data.targets[0]
    #expect(target.language == "no" && target.name == "Norwegian")
    #expect(target.validation.quoting == .rfc4180 && target.validation.labelColumn == "label")
  }

  @Test func readsFilesRelativeToTheirFolder() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Self.minimal, to: folder.path + "/e.yaml")
    let experiment = try Experiment.read(folder.path + "/e.yaml")
    #expect(
      experiment.data.sources[0].validation.paths == [folder.path + "/en/validation.csv"])
    #expect(throws: StorageError.self) { try Experiment.read(folder.path + "/none.yaml") }
    try AtomicFile.write([0x6E, 0xFF, 0xFE], to: folder.path + "/bad.yaml")
    let error = try #require(throws: RunLogError.self) {
      _ = try Experiment.read(folder.path + "/bad.yaml")
    }
    #expect("\(error)".contains("UTF-8"))
  }

  // MARK: Errors with file and line

  /// A line to put over a line of the minimal experiment, where the error is and what it says.
  @Test(arguments: [
    ("name: small", "nmae: small", 1, "unknown key 'nmae'; did you mean 'name'?"),
    ("name: small", "name: a/b", 1, "'name': must be usable as a folder's name"),
    ("name: small", "name:", 1, "'name': expected a text, found nothing"),
    ("name: small", "name: [a]", 1, "'name': expected a text, found a list"),
    ("  checkpoint: ../models/mbert", "  chekpoint: x", 3, "did you mean 'checkpoint'?"),
    ("  checkpoint: ../models/mbert", "  encoder_layers: 6", 3, "'checkpoint' is missing"),
    (
      "  checkpoint: ../models/mbert", "  {checkpoint: x, frozen_layers: 7}", 3,
      "must not exceed model.encoder_layers, 6; found 7"
    ),
    (
      "  checkpoint: ../models/mbert", "  {checkpoint: x, encoder_layers: 0}", 3,
      "must be from 1 to 1000, not 0"
    ),
    (
      "  checkpoint: ../models/mbert", "  {checkpoint: x, encoder_layers: six}", 3,
      "'model.encoder_layers': expected a whole number, found 'six'"
    ),
    (
      "  checkpoint: ../models/mbert", "  {checkpoint: x, freeze_embeddings: 1}", 3,
      "expected true or false, found '1'"
    ),
    ("    language: en", "    language: en/x", 6, "must be a language's code"),
    ("    language: en", "    language: de", 10, "the language 'de' occurs twice"),
    ("    train: ../data/en/train.tsv", "", 6, "'train' is missing"),
    ("    train: ../data/en/train.tsv", "    train: t.xlsx", 7, "must end in .csv, .tsv or .jsonl"),
    (
      "    train: ../data/en/train.tsv", "    train: {text: a}", 7, "needs both 'text' and 'labels'"
    ),
    ("    validation: en/validation.csv", "", 6, "'validation' is missing"),
  ])
  func refuses(_ old: String, _ new: String, _ line: Int, _ part: String) throws {
    var lines = Self.minimal.split(separator: "\n").map(String.init)
    let place = try #require(lines.firstIndex(of: old))
    lines[place] = new
    // What follows a whole target on one line belongs to it no more.
    if new.hasPrefix("    - {") { lines.removeSubrange((place + 1)...) }
    let error = try failure(lines.joined(separator: "\n"))
    #expect(error.file == "e.yaml" && error.line == line, "\(error)")
    #expect(error.message.contains(part), "\(error)")
  }

  /// Lines after the minimal experiment, which has 11.
  @Test(arguments: [
    ("training: {epochs: 0}", 12, "'training.epochs': must be from 1 to 100000, not 0"),
    ("training:\n  epoch: 3", 13, "unknown key 'training.epoch'; did you mean 'epochs'?"),
    ("training:\n  epochs: 2.5", 13, "expected a whole number, found '2.5'"),
    ("training:\n  batch_size: 0", 13, "must be from 1 to 1000000000, not 0"),
    ("training:\n  seed: -1", 13, "must be at least 0, not -1"),
    ("training:\n  optimizer: {name: sgd}", 13, "the optimizer is adamw; found 'sgd'"),
    ("training:\n  optimizer: {learning_rate: 0}", 13, "must be above 0, not 0"),
    ("training:\n  optimizer: {learning_rate: nan}", 13, "expected a number, found 'nan'"),
    ("training:\n  optimizer: {weight_decay: -1}", 13, "must be at least 0"),
    ("training:\n  optimizer: {betas: [0.9]}", 13, "expected two numbers, found 1"),
    ("training:\n  optimizer: {betas: [0.9, 1]}", 13, "from 0 to below 1, not 1"),
    (
      "training:\n  schedule:\n    eta_min: 1e-3", 14,
      "'training.schedule.eta_min': must not exceed the learning rate, 5e-05; found 0.001"
    ),
    ("training:\n  schedule: {name: cosine}", 13, "expected one of cosine_annealing, linear"),
    ("training:\n  schedule: {per: batch}", 13, "expected one of epoch, step"),
    ("training:\n  gradient_clipping: 0", 13, "must be above 0, not 0"),
    ("training: 3", 12, "expected a mapping with keys such as 'epochs', found '3'"),
    ("labels: [a]", 12, "at least two labels"), ("labels: [a, a]", 12, "labels must differ"),
    ("labels: [a, null]", 12, "expected a text, found nothing"),
    ("select: best", 12, "expected one of last, best_source_validation"),
    ("select: mean", 12, "expected one of last, best_source_validation, average, found 'mean'"),
    ("average: {epochs: 1}", 12, "'average.epochs': must be from 2 to 100000, not 1"),
    (
      "average: {epochs: 11}", 12, "'average.epochs': must not exceed training.epochs, 10; found 11"
    ),
    ("average: {epochs: half}", 12, "expected a whole number, found 'half'"),
    ("average: {last: 3}", 12, "unknown key 'average.last'; known keys of 'average': epochs"),
    ("average: 3", 12, "expected a mapping with keys such as 'epochs', found '3'"),
    (
      "average: {}\ntraining: {epochs: 1}", 12,
      "'average': an average takes at least 2 epochs, but training.epochs is 1"
    ),
    (
      "select: average\ntraining: {epochs: 1}", 12,
      "'select': an average takes at least 2 epochs, but training.epochs is 1"
    ),
    ("goals: none", 12, "expected a list, found 'none'"),
    ("store_texts: maybe", 12, "expected true or false"),
    ("epochs: 3", 12, "unknown key 'epochs'; did you mean 'training.epochs'?"),
    ("colour: red", 12, "unknown key 'colour'; known keys: name, note"),
    ("name: again", nil, "name"), ("goals: [", 13, "not valid YAML"),
    ("\tgoals: []", 12, "not valid YAML"),
  ])
  func refusesMore(_ lines: String, _ line: Int?, _ part: String) throws {
    let error = try failure(Self.minimal + "\n" + lines)
    #expect(error.file == "e.yaml", "\(error)")
    if let line { #expect(error.line == line, "\(error)") }
    #expect(error.message.contains(part), "\(error)")
  }

  /// Nothing is averaged unless it is asked for; of few epochs all are.
  @Test(
    arguments: [
      ("", nil, ""), ("average: {}", 3, "average: {epochs: 3}\n"),
      ("average: {epochs: 5}", 5, "average: {epochs: 5}\n"),
      ("select: average", 3, "select: average\naverage: {epochs: 3}\n"),
      ("select: average\ntraining: {epochs: 2}", 2, "average: {epochs: 2}\n"),
      ("average: {epochs: 4}\ntraining: {epochs: 4}", 4, "average: {epochs: 4}\n"),
    ] as [(String, Int?, String)])
  func averagesWhatIsAskedFor(_ lines: String, _ epochs: Int?, _ written: String) throws {
    let experiment = try Experiment.parse(
      Self.minimal + "\n" + lines, file: "e.yaml", relativeTo: "/e")
    #expect(experiment.average?.epochs == epochs)
    #expect(experiment.yaml.contains("average:") == (epochs != nil))
    #expect(written.isEmpty || experiment.yaml.contains(written), "\(experiment.yaml)")
    #expect(try Experiment.parse(experiment.yaml, file: "e.yaml", relativeTo: "/") == experiment)
  }

  @Test func theLastEpochsAreAveraged() throws {
    let settings = try #require(
      Experiment.parse(
        Self.minimal + "\nselect: average", file: "e.yaml", relativeTo: "/e"
      ).average)
    #expect(settings.range(upTo: 10) == 8...10 && settings.range(upTo: 2) == 1...2)
  }

  @Test(arguments: ["0", "101", "-5", "50%", "inf"])
  func refusesPercentages(_ percentage: String) throws {
    let text = Self.minimal.replacing("data:\n", with: "data:\n  percentage: \(percentage)\n")
    let error = try failure(text)
    #expect(error.line == 5 && error.message.hasPrefix("'data.percentage': "), "\(error)")
  }

  @Test(arguments: ["0", "2", "1e3"])
  func refusesLengths(_ length: String) throws {
    let error = try failure(
      Self.minimal.replacing("data:\n", with: "data:\n  max_length: \(length)\n"))
    #expect(error.line == 5 && error.message.hasPrefix("'data.max_length': "), "\(error)")
  }

  @Test(arguments: ["", "# nothing\n", "just a text", "- a\n- b", "a: 1\n---\nb: 2"])
  func refusesWhatIsNoExperiment(_ text: String) throws {
    #expect(try failure(text).file == "e.yaml")
  }

  @Test func duplicateKeysAreNamed() throws {
    let error = try failure(Self.minimal.replacing("model:", with: "model:\n  checkpoint: twice"))
    #expect(error.message.contains("checkpoint") && error.line != nil, "\(error)")
  }

  // MARK: Assignments

  @Test func assignmentsChangeAndAdd() throws {
    let experiment = try parse(
      Self.minimal,
      [
        "training.epochs=3", "name=other", "data.targets.0.name=Deutsch", "goals=[one, two]",
        "goals.1=three", "training.optimizer.learning_rate=1e-3", "data.percentage=25",
        "data.source.test=t.tsv", "training.gradient_clipping=1", "note='a: b'",
      ])
    #expect(experiment.note == "a: b")
    #expect(experiment.training.epochs == 3 && experiment.name == "other")
    #expect(experiment.data.targets[0].name == "Deutsch")
    #expect(experiment.goals == ["one", "three"])
    #expect(experiment.training.optimizer.learningRate == 1e-3)
    #expect(experiment.training.schedule.etaMin == 1e-4, "a tenth of the new rate")
    #expect(experiment.data.percentage == 25 && experiment.training.gradientClipping == 1)
    #expect(experiment.data.sources[0].test?.paths == ["/home/e/t.tsv"])
  }

  @Test func laterAssignmentsWin() throws {
    #expect(try parse(Self.minimal, ["training.seed=1", "training.seed=2"]).training.seed == 2)
    #expect(
      try parse(Self.minimal, ["training.gradient_clipping=1", "training.gradient_clipping="])
        .training.gradientClipping == nil)
  }

  @Test(arguments: [
    ("training.epochs=0", "'training.epochs': must be from 1"),
    ("training.epochs=", "'training.epochs': expected a whole number, found nothing"),
    ("trainin.epochs=3", "unknown key 'trainin'; did you mean 'training'?"),
    ("training.epoch=3", "unknown key 'training.epoch'; did you mean 'training.epochs'?"),
    ("epochs=3", "unknown key 'epochs'; did you mean 'training.epochs'?"),
    ("optimiser.learning_rate=1", "unknown key 'optimiser'; did you mean 'training.optimizer'?"),
    ("training={epochs: 0}", "'training.epochs': must be from 1"),
    (
      "data.targets.0.nam=x",
      "unknown key 'data.targets[0].nam'; did you mean 'data.targets[0].name'?"
    ),
    ("data.targets.1.name=x", "must be the 0-based number of one of 1 list entries"),
    ("data.targets.first=x", "must be the 0-based number"), ("epochs", "expected key=value"),
    ("=3", "expected key=value"), ("goals=[", "not valid YAML"),
  ])
  func assignmentsAreNamedInErrors(_ setting: String, _ part: String) throws {
    let error = try failure(Self.minimal, [setting])
    #expect(error.file == "--set \(setting)", "\(error)")
    #expect(error.message.contains(part), "\(error)")
  }

  // MARK: Writing

  @Test func yamlReadsBackAsTheSameExperiment() throws {
    var experiment = try parse(
      Self.minimal,
      [
        "data.percentage=12.5", "training.gradient_clipping=0.1",
        "labels=[\"no\", \"yes: \", 'ü\"']",
        "training.optimizer.exclude_from_weight_decay=[bias, LayerNorm]",
        "training.schedule={name: linear, warmup_steps: 7, per: step}", "store_texts=false",
        "data.columns={text: \"a b\", label: '#'}", "data.quoting=none",
        "data.source.train={text: a, labels: b}", "select=best_source_validation",
      ])
    experiment.note = "line one\nline two \u{2028} \"quoted\" \\ 'single' {{tag}} \u{1F600}"
    experiment.goals = ["", " - x", "null", "5e-5", "true", "# not a comment", "a: b"]
    experiment.name = "naïve: name"
    let read = try Experiment.parse(experiment.yaml, file: "r.yaml", relativeTo: "/elsewhere")
    #expect(read == experiment)
    #expect(read.yaml == experiment.yaml)
  }

  @Test func tinyRunReadsBack() throws {
    let experiment = try TinyRun().experiment()
    #expect(
      try Experiment.parse(experiment.yaml, file: "r.yaml", relativeTo: "/") == experiment)
  }

  // MARK: Hostile files

  /// Lists of aliases of lists of aliases: eleven lines that stand for 10¹¹ words.
  private static let laughs: String = {
    let words = "[" + Array(repeating: "lol", count: 10).joined(separator: ", ") + "]"
    return (0...10).reduce(into: "") { text, level in
      let inner = "[" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]"
      text += "  - &a\(level) \(level == 0 ? words : inner)\n"
    }
  }()

  /// As a value nobody would walk it, but as a key the parser does, for ever.
  @Test(arguments: ["goals:\n\(laughs)", "goals:\n\(laughs)? *a10\n: 1\n"])
  func refusesAliasesThatExplode(_ text: String) throws {
    let error = try failure(Self.minimal + "\n" + text)
    #expect("\(error)".contains("e.yaml: has anchors and 10"))
  }

  @Test func takesAFewAliases() throws {
    let experiment = try parse(Self.minimal + "\nnote: &a R&D *is* fun\ngoals: [*a, *a]")
    #expect(experiment.goals == ["R&D *is* fun", "R&D *is* fun"])
    // Many stars without an anchor are text.
    let stars = Array(repeating: "'*x'", count: 50).joined(separator: ", ")
    #expect(try parse(Self.minimal + "\ngoals: [\(stars)]").goals.count == 50)
  }

  @Test(arguments: [
    "[", "{a: ", "- ", "? ",
  ])
  func refusesDeepNesting(_ opening: String) throws {
    let error = try failure("name: x\ngoals: " + String(repeating: opening, count: 50_000))
    #expect("\(error)".hasPrefix("e.yaml"))
  }

  @Test func refusesLongFiles() throws {
    let error = try failure(Self.minimal + "\n#" + String(repeating: "x", count: 1_000_000))
    #expect("\(error)".contains("a configuration has at most 256000"))
  }

  /// No tag makes anything but text of a text.
  @Test func tagsDoNothing() throws {
    let experiment = try parse(
      Self.minimal.replacing("name: small", with: "name: !!binary aGVsbG8="))
    #expect(experiment.name == "aGVsbG8=")
    let error = try failure(
      Self.minimal.replacing("name: small", with: "name: !!python/object/apply:os.system [ls]"))
    #expect("\(error)".contains("expected a text, found a list"))
  }

  @Test func refusesEndlesslyManyLabelsAndLanguages() throws {
    let labels = (0...256).map { "l\($0)" }.joined(separator: ", ")
    let error = try failure(Self.minimal + "\nlabels: [\(labels)]")
    #expect("\(error)".contains("at most 256 labels are supported, found 257"))
    let targets = (0...200).map { "{language: l\($0), validation: a.csv}" }
    let other = try failure(Self.minimal, ["data.targets=[\(targets.joined(separator: ", "))]"])
    #expect("\(other)".contains("at most 200 languages are supported, found 201"))
  }

  /// Sums with the number of examples must not overflow.
  @Test(arguments: ["batch_size", "schedule.warmup_steps"])
  func refusesCountsBeyondReason(_ key: String) throws {
    let error = try failure(Self.minimal, ["training.\(key)=9223372036854775807"])
    #expect("\(error)".contains("to 1000000000, not 9223372036854775807"))
  }

  @Test(arguments: ["../up", "a/b", "..", "en.", "e n", "", "en\0", "日本"])
  func refusesLanguagesThatLeaveTheFolder(_ code: String) throws {
    #expect(!isLanguageCode(code) && Split("\(code).test") == nil)
    let quoted = "\"\(code.replacing("\0", with: "\\0"))\""
    let error = try failure(Self.minimal.replacing("language: en", with: "language: \(quoted)"))
    #expect("\(error)".contains("must be a language's code"))
  }

  @Test(arguments: ["../up", "a/b", "..", ".hidden", "/tmp/x", "", "a\nb"])
  func refusesNamesThatLeaveTheFolder(_ name: String) throws {
    let quoted = "\"\(name.replacing("\n", with: "\\n"))\""
    let error = try failure(Self.minimal.replacing("name: small", with: "name: \(quoted)"))
    #expect("\(error)".contains("must be usable as a folder's name"))
  }
}
