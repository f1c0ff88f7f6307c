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
  ///   - file: the data, with the run's labels.
  ///   - threads: at least 1.
  ///   - replaces: whether an earlier result of the same language is replaced.
  ///   - locate: turns a path into one that can be opened.
  /// - Returns: what was written to the log, and how many examples have no answer.
  /// - Throws: an error that names the file for whatever is missing or wrong; nothing is written then.
  public static func run(
    _ path: String, language: String, file: DataFile, threads: Int, replaces: Bool,
    locate: @escaping @Sendable (String) throws -> String = { $0 }
  ) throws -> (record: EvaluationRecord, unanswered: Int) {
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
    guard let epoch = finished.last?.selectedEpoch else {
      throw RunLogError(file: path, "the run is not finished, so there is no model to evaluate.")
    }
    let split = Split(language, .test)
    let known = [experiment.data.source] + experiment.data.targets
    if let data = known.first(where: { $0.language == language }), data.test != nil {
      throw RunLogError(
        file: run.directory.experiment,
        "the run's own configuration has \(split); its result would be overwritten.")
    }
    if exists(run.directory.predictions(epoch: epoch, split)), !replaces {
      throw RunLogError(
        file: run.directory.predictions(epoch: epoch, split),
        "\(split) is scored already; --force replaces the result.")
    }
    let start = Clock.now
    let rows = try DataReader(labels: experiment.labels, locate: locate).read(file)
    let tokenizer = try Tokenizer(directory: run.directory.model)
    let classifier = try Classifier.loadTrained(directory: run.directory.model, usedTokens: [])
    guard classifier.fineTuning.labels == experiment.labels else {
      throw RunLogError(
        file: "\(run.directory.model)/config.json",
        "has the labels \(classifier.fineTuning.labels.joined(separator: ", ")), but the run's "
          + "experiment.yaml has \(experiment.labels.joined(separator: ", ")); the model is of "
          + "another run.")
    }
    guard experiment.data.maxLength <= classifier.configuration.maximumPositions else {
      throw RunLogError(
        file: "\(run.directory.model)/config.json",
        "has \(classifier.configuration.maximumPositions) positions, but the run's data.max_length "
          + "is \(experiment.data.maxLength); the model belongs to another run.")
    }
    let dataset = Dataset(
      split: split, rows: rows, chosen: Array(rows.indices), tokenizer: tokenizer,
      maxLength: experiment.data.maxLength, threads: threads, keepTexts: experiment.storeTexts)
    let backend = CPUBackend(classifier, threads: threads)
    try backend.loadEmbeddingRows(for: Set(dataset.tokens).sorted())
    let evaluation = Evaluation(
      try Evaluation.predict(
        dataset, on: backend, prefix: nil, blockTokens: experiment.training.blockTokens, Watch()))
    try ExampleFacts.write(dataset.facts, to: run.directory.examples(split))
    try evaluation.predictions.write(to: run.directory.predictions(epoch: epoch, split))
    let record = EvaluationRecord(
      epoch: epoch, split: split, examples: dataset.count, loss: evaluation.loss,
      accuracy: evaluation.accuracy, seconds: Clock.now - start)
    let log = try RunLogWriter(run.directory.log)
    try log.append(
      .files([
        RunSeal.hash(ofExamples: split, in: run.directory),
        RunSeal.hash(of: evaluation.predictions, epoch: epoch, split),
      ]))
    try log.append(.evaluation(record))
    try log.sync()
    return (record, evaluation.unanswered)
  }
}
