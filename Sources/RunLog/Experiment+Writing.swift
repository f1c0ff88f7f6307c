internal import Storage

extension Experiment {
  /// The experiment as YAML with every default written out; reading it gives the same experiment.
  public var yaml: String {
    var lines: [String] = ["name: \(quoted(name))"]
    if let note { lines.append("note: \(quoted(note))") }
    lines += [
      "model:",
      "  checkpoint: \(quoted(model.checkpoint))",
      "  encoder_layers: \(model.encoderLayers)",
      "  frozen_layers: \(model.frozenLayers)",
      "  freeze_embeddings: \(model.freezeEmbeddings)",
      "  frozen_dropout: \(model.frozenDropout)",
      "  prefix_precision: \(model.prefixPrecision.rawValue)",
      "  tokenizer: \(model.tokenizer.rawValue)",
      "labels: \(list(labels))",
      "data:",
    ]
    if data.sources.count == 1 {
      lines.append("  source:")
      lines += self.lines(of: data.sources[0]).map { "    " + $0 }
    } else {
      lines.append("  sources:")
      lines += entries(data.sources)
    }
    lines.append(data.targets.isEmpty ? "  targets: []" : "  targets:")
    lines += entries(
      data.targets.map { target in
        var target = target
        target.train = data.targetTraining[target.language]
        return target
      })
    lines.append("  percentage: \(number(data.percentage))")
    if let perClass = data.perClass { lines.append("  per_class: \(perClass)") }
    lines += [
      "  max_length: \(data.maxLength)",
      "  parallel: \(data.parallel)",
    ]
    if !data.intended.isEmpty {
      lines.append("  intended: [\(data.intended.map(\.rawValue).joined(separator: ", "))]")
    }
    lines.append("select: \(select.rawValue)")
    if let average { lines.append("average: {epochs: \(average.epochs)}") }
    lines += [
      "training:",
      "  epochs: \(training.epochs)",
      "  batch_size: \(training.batchSize)",
      "  seed: \(training.seed)",
      "  optimizer:",
      "    name: adamw",
      "    learning_rate: \(number(training.optimizer.learningRate))",
      "    weight_decay: \(number(training.optimizer.weightDecay))",
      "    betas: [\(training.optimizer.betas.map(number).joined(separator: ", "))]",
      "    epsilon: \(number(training.optimizer.epsilon))",
      "    exclude_from_weight_decay: \(list(training.optimizer.excludeFromWeightDecay))",
      "  schedule:",
      "    name: \(training.schedule.shape.rawValue)",
      "    eta_min: \(number(training.schedule.etaMin))",
      "    per: \(training.schedule.per.rawValue)",
      "    warmup_steps: \(training.schedule.warmupSteps)",
      "  gradient_clipping: \(training.gradientClipping.map(number) ?? "null")",
      "  block_tokens: \(training.blockTokens)",
      "  checkpoint_every: \(checkpointInterval)",
      "  non_finite: \(training.nonFinite.rawValue)",
      "baselines:",
      "  layers: \(baselines.layers.rawValue)",
      "store_texts: \(storeTexts)",
    ]
    lines.append(goals.isEmpty ? "goals: []" : "goals:")
    lines += goals.map { "  - \(quoted($0))" }
    if checks != CheckSettings() {
      lines.append("checks:")
      lines.append("  ignore: [\(checks.ignored.map(\.rawValue).joined(separator: ", "))]")
      let bounds = CheckCode.bounded.compactMap { code in
        checks.bounds[code].map { "\(code.rawValue): \(number($0))" }
      }
      lines.append("  bounds: {\(bounds.joined(separator: ", "))}")
    }
    if let fewShot {
      lines += [
        "few_shot:",
        "  target: \(quoted(fewShot.target))",
        "  per_class: [\(fewShot.perClass.map(String.init).joined(separator: ", "))]",
        "  draws: \(fewShot.draws)",
        "  epochs: \(fewShot.epochs)",
        "  batch_size: \(fewShot.batchSize)",
        "  learning_rate: \(number(fewShot.learningRate))",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var checkpointInterval: String {
    switch training.checkpointInterval {
    case .steps(let steps): "{steps: \(steps)}"
    case .minutes(let minutes): "{minutes: \(number(minutes))}"
    }
  }

  private func entries(_ languages: [LanguageData]) -> [String] {
    languages.flatMap { language in
      lines(of: language).enumerated().map {
        ($0.offset == 0 ? "    - " : "      ") + $0.element
      }
    }
  }

  /// A language's files as one value of YAML, such as what `--set data.source=…` takes.
  func flow(_ language: LanguageData) -> String {
    "{" + lines(of: language).joined(separator: ", ") + "}"
  }

  private func lines(of language: LanguageData) -> [String] {
    var lines = ["language: \(quoted(language.language))", "name: \(quoted(language.name))"]
    if let regime = language.regime { lines.append("regime: \(regime.rawValue)") }
    for part in Part.allCases {
      guard let file = language.file(part) else { continue }
      switch file.location {
      case .table(let path):
        lines.append("\(part.rawValue): \(quoted(path))")
      case .lines(let text, let labels):
        lines.append("\(part.rawValue): {text: \(quoted(text)), labels: \(quoted(labels))}")
      }
    }
    let format = language.validation
    lines.append(
      "columns: {text: \(quoted(format.textColumn)), label: \(quoted(format.labelColumn))}")
    lines.append("quoting: \(format.quoting.rawValue)")
    if let delimiter = format.delimiter { lines.append("delimiter: \(delimiter.rawValue)") }
    if let form = format.labelForm { lines.append("labels_are: \(form.rawValue)") }
    if !format.labelMap.isEmpty {
      let entries = format.labelMap.sorted { $0.key < $1.key }
        .map { "\(quoted($0.key)): \(quoted($0.value))" }
      lines.append("label_map: {\(entries.joined(separator: ", "))}")
    }
    return lines
  }

  // A JSON string is a YAML double-quoted one as well.
  private func quoted(_ text: String) -> String { JSON.string(text).text }

  private func list(_ texts: [String]) -> String {
    "[" + texts.map(quoted).joined(separator: ", ") + "]"
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}
