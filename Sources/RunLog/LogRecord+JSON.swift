public import Storage

extension LogRecord {
  /// The record as one JSON object; non-finite numbers become strings.
  public var json: JSON {
    switch self {
    case .runStarted(let started): started.json
    case .prefix(let prefix): prefix.json
    case .baselineFitted(let baseline): baseline.json
    case .baselines(let baselines): baselines.json
    case .step(let step):
      .object([
        "record": .string("step"), "epoch": .integer(step.epoch), "step": .integer(step.step),
        "learning_rate": .strict(step.learningRate), "loss": .strict(step.loss),
        "examples": .integer(step.examples), "gradient_norm": .strict(step.gradientNorm),
        "seconds": .strict(step.seconds),
      ])
    case .epoch(let epoch):
      .object([
        "record": .string("epoch"), "epoch": .integer(epoch.epoch), "loss": .strict(epoch.loss),
        "accuracy": .strict(epoch.accuracy), "learning_rate": .strict(epoch.learningRate),
        "examples": .integer(epoch.examples), "tokens": .integer(epoch.tokens),
        "seconds": .strict(epoch.seconds), "multiply_adds": .strict(epoch.multiplyAdds),
      ])
    case .evaluation(let evaluation):
      .object([
        "record": .string("evaluation"), "epoch": .integer(evaluation.epoch),
        "split": .string(evaluation.split.description),
        "examples": .integer(evaluation.examples), "loss": .strict(evaluation.loss),
        "accuracy": .strict(evaluation.accuracy), "seconds": .strict(evaluation.seconds),
      ])
    case .averageEvaluation(let evaluation): evaluation.json
    case .average(let average): average.json
    case .checkpoint(let epoch, let step, let path, let sha256):
      Self.mark(
        "checkpoint", epoch, step, ["path": .string(path)], logSHA256: sha256)
    case .nonFinite(let record):
      Self.mark(
        "non_finite", record.epoch, record.step,
        [
          "loss": .strict(record.loss), "gradient_norm": .strict(record.gradientNorm),
          "action": .string(record.action.rawValue),
        ])
    case .interrupted(let epoch, let step): Self.mark("interrupted", epoch, step)
    case .resumed(let epoch, let step, let line, let notes):
      Self.mark(
        "resumed", epoch, step,
        line.map {
          ["line": .integer($0), "notes": .array(notes.map { .string($0) })]
        } ?? [:])
    case .runFinished(let finished): finished.json
    case .files(let hashes):
      .object([
        "record": .string("files"),
        "sha256": .object(
          hashes.reduce(into: JSONObject()) { $0[$1.name] = .string($1.sha256) }),
      ])
    }
  }

  private static func mark(
    _ name: String, _ epoch: Int, _ step: Int, _ more: JSONObject = [:], logSHA256: String? = nil
  ) -> JSON {
    var object: JSONObject = [
      "record": .string(name), "epoch": .integer(epoch), "step": .integer(step),
    ]
    for (key, value) in more.members { object[key] = value }
    if let logSHA256 { object["log_sha256"] = .string(logSHA256) }
    return .object(object)
  }

  /// Reads a record.
  ///
  /// - Parameters:
  ///   - json: a line's value.
  ///   - file: what errors call the file.
  ///   - line: the line's number.
  /// - Throws: `RunLogError` for an unknown kind of record and a missing or ill-typed key.
  public init(_ json: JSON, file: String, line: Int) throws(RunLogError) {
    let fields = try Fields(json, file: file, line: line)
    switch try fields.string("record") {
    case "run_started": self = .runStarted(try RunStarted(fields))
    case "prefix": self = .prefix(try PrefixRecord(fields))
    case "baseline_fitted": self = .baselineFitted(try BaselineRecord(fields))
    case "baselines": self = .baselines(try BaselinesRecord(fields))
    case "step":
      self = .step(
        StepRecord(
          epoch: try fields.integer("epoch"), step: try fields.integer("step"),
          learningRate: try fields.double("learning_rate"), loss: try fields.double("loss"),
          examples: try fields.integer("examples"),
          gradientNorm: try fields.double("gradient_norm"), seconds: try fields.double("seconds")))
    case "epoch":
      self = .epoch(
        EpochRecord(
          epoch: try fields.integer("epoch"), loss: try fields.double("loss"),
          accuracy: try fields.double("accuracy"),
          learningRate: try fields.double("learning_rate"),
          examples: try fields.integer("examples"), tokens: try fields.integer("tokens"),
          seconds: try fields.double("seconds"), multiplyAdds: try fields.double("multiply_adds")))
    case "evaluation":
      self = .evaluation(
        EvaluationRecord(
          epoch: try fields.integer("epoch"), split: try fields.split("split"),
          examples: try fields.integer("examples"), loss: try fields.double("loss"),
          accuracy: try fields.double("accuracy"), seconds: try fields.double("seconds")))
    case "average_evaluation": self = .averageEvaluation(try AverageEvaluationRecord(fields))
    case "average": self = .average(try AverageRecord(fields))
    case "checkpoint":
      self = .checkpoint(
        epoch: try fields.integer("epoch"), step: try fields.integer("step"),
        path: try fields.string("path"), logSHA256: try fields.optionalString("log_sha256"))
    case "non_finite":
      let action = try fields.string("action")
      guard let action = NonFiniteAction(rawValue: action) else {
        throw RunLogError(
          file: file, line: line, "'action' must be stop or skip_step, not '\(action)'")
      }
      self = .nonFinite(
        NonFiniteRecord(
          epoch: try fields.integer("epoch"), step: try fields.integer("step"),
          loss: try fields.double("loss"), gradientNorm: try fields.double("gradient_norm"),
          action: action))
    case "interrupted":
      self = .interrupted(epoch: try fields.integer("epoch"), step: try fields.integer("step"))
    case "resumed":
      let hasLine = fields.members["line"] != nil
      self = .resumed(
        epoch: try fields.integer("epoch"), step: try fields.integer("step"),
        line: hasLine ? try fields.integer("line") : nil,
        notes: hasLine ? try fields.array("notes").map { $0.string ?? $0.text } : [])
    case "run_finished": self = .runFinished(try RunFinished(fields))
    case "files":
      var hashes: [FileHash] = []
      for (name, value) in try fields.object("sha256").members {
        guard let sha256 = value.string else {
          throw RunLogError(
            file: file, line: line, "'sha256.\(name)' must be a string, not \(value.kind)")
        }
        hashes.append(FileHash(name: name, sha256: sha256))
      }
      self = .files(hashes)
    case let name:
      throw RunLogError(
        file: file, line: line,
        "unknown record '\(name)'; the log may come from a newer version of TransferGap")
    }
  }
}

extension PrefixRecord {
  fileprivate var json: JSON {
    .object([
      "record": .string("prefix"), "split": .string(split.description), "key": .string(key),
      "source": .string(source.rawValue), "examples": .integer(examples),
      "tokens": .integer(tokens), "multiply_adds": .strict(multiplyAdds),
      "seconds": .strict(seconds),
    ])
  }

  fileprivate init(_ fields: Fields) throws(RunLogError) {
    let source = try fields.string("source")
    guard let source = Source(rawValue: source) else {
      throw RunLogError(
        file: fields.file, line: fields.line,
        "'source' must be computed or stored, not '\(source)'")
    }
    self.init(
      split: try fields.split("split"), key: try fields.string("key"), source: source,
      examples: try fields.integer("examples"), tokens: try fields.integer("tokens"),
      multiplyAdds: try fields.double("multiply_adds"), seconds: try fields.double("seconds"))
  }
}

extension RunFinished {
  fileprivate var json: JSON {
    var object: JSONObject = ["record": .string("run_finished"), "time": .string(time)]
    switch selected {
    case .epoch(let epoch): object["selected_epoch"] = .integer(epoch)
    case .average(let epochs):
      var average = JSONObject()
      average.append(epochs)
      object["selected_average"] = .object(average)
    }
    object["seconds"] = .strict(seconds)
    object["peak_memory_bytes"] = .integer(peakMemoryBytes)
    object["prefix_seconds"] = .strict(prefixSeconds)
    if let logSHA256 { object["log_sha256"] = .string(logSHA256) }
    return .object(object)
  }

  fileprivate init(_ fields: Fields) throws(RunLogError) {
    let selected: Weights
    if let average = fields.members["selected_average"] {
      selected = .average(try Fields(average, file: fields.file, line: fields.line).epochs())
    } else {
      selected = .epoch(try fields.integer("selected_epoch"))
    }
    self.init(
      time: try fields.string("time"), selected: selected,
      seconds: try fields.double("seconds"),
      peakMemoryBytes: try fields.integer("peak_memory_bytes"),
      prefixSeconds: try fields.double("prefix_seconds"),
      logSHA256: try fields.optionalString("log_sha256"))
  }
}

extension RunStarted {
  fileprivate var json: JSON {
    let splits = splits.map { facts in
      var object: JSONObject = [
        "split": .string(facts.split.description), "examples": .integer(facts.examples),
        "available": .integer(facts.available), "tokens": .integer(facts.tokens),
        "truncated": .integer(facts.truncated),
        "class_counts": .array(facts.classCounts.map { .integer($0) }),
      ]
      if !facts.sources.isEmpty {
        object["sources"] = .array(
          facts.sources.map { source in
            .object([
              "language": .string(source.language), "examples": .integer(source.examples),
              "available": .integer(source.available),
              "class_counts": .array(source.classCounts.map { .integer($0) }),
            ])
          })
      }
      return JSON.object(object)
    }
    var object: JSONObject = [
      "record": .string("run_started"), "time": .string(time),
      "checkpoint": .string(checkpointName), "architecture": .string(architecture),
      "checkpoint_layers": .integer(checkpointLayers),
      "hidden_size": .integer(hiddenSize), "attention_heads": .integer(attentionHeads),
      "intermediate_size": .integer(intermediateSize),
      "vocabulary_size": .integer(vocabularySize), "parameters": .integer(parameters),
      "trainable_parameters": .integer(trainableParameters),
      "notes": .array(notes.map { .string($0) }), "steps_per_epoch": .integer(stepsPerEpoch),
      "splits": .array(splits),
    ]
    if let warnings { object["warnings"] = .array(warnings.map(\.json)) }
    if let lookedFor { object["looked_for"] = .array(lookedFor.map { .string($0.rawValue) }) }
    return .object(object)
  }

  fileprivate init(_ fields: Fields) throws(RunLogError) {
    var notes: [String] = []
    for note in try fields.array("notes") { notes.append(note.string ?? note.text) }
    var splits: [SplitFacts] = []
    for element in try fields.array("splits") {
      let facts = try Fields(element, file: fields.file, line: fields.line)
      var sources: [SourceShare] = []
      if facts.members["sources"] != nil {
        for element in try facts.array("sources") {
          let source = try Fields(element, file: fields.file, line: fields.line)
          sources.append(
            SourceShare(
              language: try source.string("language"), examples: try source.integer("examples"),
              available: try source.integer("available"),
              classCounts: try source.integers("class_counts")))
        }
      }
      splits.append(
        SplitFacts(
          split: try facts.split("split"), examples: try facts.integer("examples"),
          available: try facts.integer("available"), tokens: try facts.integer("tokens"),
          truncated: try facts.integer("truncated"),
          classCounts: try facts.integers("class_counts"), sources: sources))
    }
    var warnings: [InputWarning]?
    if fields.members["warnings"] != nil {
      warnings = []
      for element in try fields.array("warnings") {
        warnings?.append(
          try InputWarning(Fields(element, file: fields.file, line: fields.line)))
      }
    }
    var lookedFor: [InputWarning.Kind]?
    if fields.members["looked_for"] != nil {
      lookedFor = []
      for element in try fields.array("looked_for") {
        lookedFor?.append(
          try InputWarning.Kind(named: element.string ?? element.text, fields))
      }
    }
    self.init(
      time: try fields.string("time"), checkpointName: try fields.string("checkpoint"),
      architecture: fields.members["architecture"] == nil
        ? "BERT" : try fields.string("architecture"),
      checkpointLayers: try fields.integer("checkpoint_layers"),
      hiddenSize: try fields.integer("hidden_size"),
      attentionHeads: try fields.integer("attention_heads"),
      intermediateSize: try fields.integer("intermediate_size"),
      vocabularySize: try fields.integer("vocabulary_size"),
      parameters: try fields.integer("parameters"),
      trainableParameters: try fields.integer("trainable_parameters"), notes: notes,
      stepsPerEpoch: try fields.integer("steps_per_epoch"), splits: splits, warnings: warnings,
      lookedFor: lookedFor)
  }
}

extension InputWarning {
  fileprivate var json: JSON {
    .object([
      "kind": .string(kind.rawValue), "count": .integer(count), "place": .string(place),
      "text": .string(text), "intended": .bool(isIntended),
    ])
  }

  fileprivate init(_ fields: Fields) throws(RunLogError) {
    self.init(
      kind: try Kind(named: try fields.string("kind"), fields), count: try fields.integer("count"),
      place: try fields.string("place"),
      text: try fields.string("text"), isIntended: try fields.bool("intended"))
  }
}

extension InputWarning.Kind {
  fileprivate init(named name: String, _ fields: Fields) throws(RunLogError) {
    guard let kind = Self(rawValue: name) else {
      throw RunLogError(
        file: fields.file, line: fields.line,
        "unknown kind of warning '\(name)'; the log may come from a newer version of TransferGap")
    }
    self = kind
  }
}
