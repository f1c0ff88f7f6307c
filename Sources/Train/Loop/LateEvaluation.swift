internal import Model
public import RunLog
internal import Storage

/// Scoring a language that a finished run never saw, and adding it to the run directory.
public enum LateEvaluation {
  /// Scores a file with the run's model.
  ///
  /// - Parameters:
  ///   - path: a finished run's directory.
  ///   - language: the language's code, none that the run knows already.
  ///   - file: the data; its labels are read as those of the run's own files unless it says how.
  ///   - assignments: which label is which class, each `LABEL=CLASS`; go before what the run says.
  ///   - threads: at least 1.
  ///   - computing: what the network is computed on, which need not be what the run was trained on.
  ///   - replaces: whether an earlier result of the same language is replaced.
  ///   - locate: turns a path into one that can be opened.
  /// - Returns: what the model says, over all.
  /// - Throws: an error that names the file for whatever is missing or wrong; nothing is written then.
  public static func run(
    _ path: String, language: String, file: DataFile, assignments: [String] = [], threads: Int,
    on computing: Computing = .processor, replaces: Bool,
    locate: @escaping @Sendable (String) throws -> String = { $0 }
  ) throws -> Evaluation {
    let run = try Run(path)
    try run.directory.checkIsSelfContained()
    let lock = try LockFile(run.directory.lock)
    defer { withExtendedLifetime(lock) {} }
    guard let experiment = run.experiment else {
      throw RunLogError(
        file: path, "holds no TransferGap run, so there is no model to evaluate.")
    }
    let finished = run.records.compactMap { record -> RunFinished? in
      if case .runFinished(let finished) = record { finished } else { nil }
    }
    guard let weights = finished.last?.selected else {
      throw RunLogError(file: path, "the run is not finished, so there is no model to evaluate.")
    }
    let split = Split(language, .test)
    let sources = experiment.data.sources
    if sources.count > 1, sources.contains(where: { $0.language == language }) {
      throw RunLogError(
        file: run.directory.experiment,
        "'\(language)' is one of the run's sources (\(sources.map(\.language).joined(separator: ", "))), which are "
          + "scored together; train again with a test file for each of them.")
    }
    let known = experiment.data.languages
    if let data = known.first(where: { $0.language == language }), data.test != nil {
      throw RunLogError(
        file: run.directory.experiment,
        "the run's own configuration has \(split); its result would be overwritten.")
    }
    if exists(run.directory.predictions(weights, split)), !replaces {
      throw RunLogError(
        file: run.directory.predictions(weights, split),
        "\(split) is scored already; --force replaces the result.")
    }
    let start = Clock.now
    let (file, advice) = try labelled(file, assignments, language: language, experiment)
    let reader = DataReader(labels: experiment.labels, advice: advice, locate: locate)
    try Engine.load()
    let model = try Classifier.trainedModel(directory: run.directory.model)
    let memory = try WeightMemory(directory: run.directory.model, fineTuning: model)
    guard model.labels == experiment.labels else {
      throw RunLogError(
        file: "\(run.directory.model)/config.json",
        "has the labels \(model.labels.joined(separator: ", ")), but the run's "
          + "experiment.yaml has \(experiment.labels.joined(separator: ", ")); the model belongs to "
          + "another run.")
    }
    let maxLength = experiment.data.maxLength
    guard maxLength <= memory.configuration.maximumPositions else {
      throw RunLogError(
        file: "\(run.directory.model)/config.json",
        "has \(memory.configuration.positionsInWords), but the run's data.max_length "
          + "is \(maxLength); the model belongs to another run.")
    }
    try MemoryCheck(
      need: .beforeScoring(
        weights: memory, file: reader.size(of: file), maxLength: maxLength,
        keepsTexts: experiment.storeTexts,
        vocabularyBytes: tokenizerMemoryBytes(directory: run.directory.model),
        backend: computing.backendType, threads: threads)
    ).check()
    let rows = try reader.read(file)
    let tokenizer = try loadTokenizer(directory: run.directory.model)
    let dataset = Dataset(
      split: split, rows: rows, chosen: Array(rows.indices), tokenizer: tokenizer,
      maxLength: maxLength, threads: threads, keepTexts: experiment.storeTexts)
    let used = Set(dataset.tokens).sorted()
    let lengths = (0..<dataset.count).map(dataset.length)
    let cuts = blocks(lengths: lengths, blockTokens: experiment.training.blockTokens)
    try MemoryCheck(
      need: .scoring(
        MemoryPlan(memory, scoring: cuts.map { Array(lengths[$0]) }), examples: dataset.count,
        words: used.count, isRead: false, hasComputed: false, backend: computing.backendType,
        threads: threads)
    ).check()
    let classifier = try Classifier.loadTrained(
      directory: run.directory.model, usedTokens: used)
    try computing.backendType.checkResources(threads: threads)
    let backend = computing.backend(classifier, threads: threads)
    let evaluation = Evaluation(
      try Evaluation.predict(
        dataset, on: backend, prefix: nil, blockTokens: experiment.training.blockTokens, Watch()))
    try ExampleFacts.write(dataset.facts, to: run.directory.examples(split))
    try evaluation.predictions.write(to: run.directory.predictions(weights, split))
    let seconds = Clock.now - start
    let record: LogRecord =
      switch weights {
      case .epoch(let epoch):
        .evaluation(
          EvaluationRecord(
            epoch: epoch, split: split, examples: dataset.count, loss: evaluation.loss,
            accuracy: evaluation.accuracy, seconds: seconds))
      case .average(let epochs):
        .averageEvaluation(
          AverageEvaluationRecord(
            epochs: epochs, split: split, examples: dataset.count, loss: evaluation.loss,
            accuracy: evaluation.accuracy, seconds: seconds))
      }
    let log = try RunLogWriter(run.directory.log)
    try log.append(
      .files([
        RunSeal.hash(ofExamples: split, in: run.directory),
        RunSeal.hash(of: evaluation.predictions, with: weights, split),
      ]))
    try log.append(record)
    try log.sync()
    return evaluation
  }
  /// How the labels of a further file are read: as its options say, else as those of the run's files are.
  ///
  /// A language that the run has goes by its own files, another by what all files of the run agree on.
  ///
  /// - Returns: the file with that, and what errors tell to do.
  /// - Throws: `RunLogError` for an assignment to a class that does not exist.
  private static func labelled(
    _ file: DataFile, _ assignments: [String], language: String, _ experiment: Experiment
  ) throws(RunLogError) -> (file: DataFile, advice: DataAdvice) {
    var file = file
    for text in assignments {
      // Both sides may have an equals sign of their own.
      let halves = text.indices.filter { text[$0] == "=" }.map {
        (label: String(text[..<$0]), name: String(text[text.index(after: $0)...]))
      }.filter { experiment.labels.contains($0.name) }
      guard let (label, name) = halves.first, halves.count == 1 else {
        throw RunLogError(
          file: "--label-map \(text)",
          "expected LABEL=CLASS with one of the run's classes, "
            + experiment.labels.joined(separator: ", "))
      }
      if let other = file.labelMap[label], other != name {
        throw RunLogError(
          file: "--label-map \(text)", "the label '\(label)' is \(other) already")
      }
      file.labelMap[label] = name
    }
    guard file.labelMap.isEmpty, file.labelForm == nil else {
      return (file, .options(isOfRun: false))
    }
    let known = experiment.data.languages
    let own = known.first { $0.language == language }
    let formats = own.map { [$0.validation] } ?? known.map(\.validation)
    if let format = formats.first,
      formats.allSatisfy({ $0.labelForm == format.labelForm && $0.labelMap == format.labelMap })
    {
      (file.labelForm, file.labelMap) = (format.labelForm, format.labelMap)
    }
    return (file, .options(isOfRun: true))
  }
}
