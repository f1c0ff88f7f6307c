internal import Results
internal import RunLog

/// The configuration.
struct ExperimentTags: TagSource {
  let experiment: Experiment
  let origins: Origins

  private var model: ModelSettings { experiment.model }
  private var training: TrainingSettings { experiment.training }
  private var trainable: Int { model.encoderLayers - model.frozenLayers }

  private func from(_ key: String) -> Evidence { origins.configuration(key) }

  /// What the number of trainable layers follows from.
  private var layers: Evidence { from("model.encoder_layers") + from("model.frozen_layers") }

  private func setting(_ key: String, _ value: Double) -> PrintedNumber {
    from(key).setting(value)
  }

  private func plain(_ key: String, _ value: Int) -> PrintedNumber { from(key).plain(value) }

  static let tags: [TagDefinition<ExperimentTags>] = networkTags + optimizationTags + dataTags

  private static let networkTags: [TagDefinition<ExperimentTags>] = [
    .number("encoder_layers", "encoder layers kept") {
      $0.plain("model.encoder_layers", $0.model.encoderLayers)
    },
    .number("frozen_layers", "encoder layers frozen") {
      $0.plain("model.frozen_layers", $0.model.frozenLayers)
    },
    .number("first_frozen", "such as: first 4 encoder layers") {
      let frozen = $0.model.frozenLayers
      return $0.from("model.frozen_layers").number(
        frozen == 1 ? "first encoder layer" : "first \(frozen) encoder layers", [frozen])
    },
    .number("trainable_layers", "such as: 2 trainable encoder layers") {
      $0.layers.count($0.trainable, "trainable encoder layer")
    },
    .number("last_trainable", "such as: last 2 encoder layers") {
      $0.layers.number(
        $0.trainable == 1 ? "last encoder layer" : "last \($0.trainable) encoder layers",
        [$0.trainable])
    },
    .condition("freezes_embeddings", "whether the embeddings are frozen") {
      $0.model.freezeEmbeddings
    },
    .condition("freezes_layers", "whether an encoder layer is frozen") {
      $0.model.frozenLayers > 0
    },
    .condition("trains_layers", "whether an encoder layer is trained") { $0.trainable > 0 },
    .condition("is_only_some", "whether some layers are trained and some frozen") {
      $0.trainable > 0 && $0.model.frozenLayers > 0
    },
    .condition("freezes_nothing", "whether all of the network is trained") {
      !$0.model.freezeEmbeddings && $0.model.frozenLayers == 0
    },
    .condition("has_frozen_dropout", "whether frozen parts run with dropout on") {
      $0.model.frozenDropout
    },
    .text("labels", "the class names, listed") {
      NumberFormat.list($0.experiment.labels.map { markdown($0) })
    },
    .number("classes", "the number of classes") { $0.plain("labels", $0.experiment.labels.count) },
  ]

  private static let optimizationTags: [TagDefinition<ExperimentTags>] = [
    .number("learning_rate", "the configured learning rate") {
      $0.setting("training.optimizer.learning_rate", $0.training.optimizer.learningRate)
    },
    .number("final_learning_rate", "where the schedule arrives at its end") {
      $0.setting("training.schedule.eta_min", $0.training.schedule.etaMin)
    },
    .number("batch_size", "examples per step") {
      $0.plain("training.batch_size", $0.training.batchSize)
    },
    .number("max_length", "tokens after which a text is cut") {
      $0.plain("data.max_length", $0.experiment.data.maxLength)
    },
    .number("weight_decay", "decoupled weight decay") {
      $0.setting("training.optimizer.weight_decay", $0.training.optimizer.weightDecay)
    },
    .number("betas", "AdamW's two decay rates") {
      let betas = $0.training.optimizer.betas
      return $0.from("training.optimizer.betas").number(
        betas.map { NumberFormat.setting($0) }.joined(separator: ", "), betas, .setting)
    },
    .number("epsilon", "AdamW's epsilon") {
      $0.setting("training.optimizer.epsilon", $0.training.optimizer.epsilon)
    },
    .optionalText("excluded_from_weight_decay", "parts of names without decay") {
      let excluded = $0.training.optimizer.excludeFromWeightDecay
      return excluded.isEmpty ? nil : NumberFormat.list(excluded.map { markdown($0) })
    },
    .condition("is_cosine", "whether the rate follows a cosine") {
      $0.training.schedule.shape == .cosineAnnealing
    },
    .condition("is_linear", "whether the rate falls linearly") {
      $0.training.schedule.shape == .linear
    },
    .condition("is_constant", "whether the rate stays the same") {
      $0.training.schedule.shape == .constant
    },
    .text("period", "epoch or step: how often the rate changes") {
      $0.training.schedule.per.rawValue
    },
    .optionalNumber("warmup_steps", "such as: 100 steps, if there is a warm-up") {
      let steps = $0.training.schedule.warmupSteps
      return steps > 0 ? $0.from("training.schedule.warmup_steps").count(steps, "step") : nil
    },
    .optionalNumber("gradient_clipping", "largest gradient norm, if any") { source in
      source.training.gradientClipping.map { source.setting("training.gradient_clipping", $0) }
    },
  ]

  private static let dataTags: [TagDefinition<ExperimentTags>] = [
    .number("percentage", "share of the training data that is used") {
      if let count = $0.experiment.data.perClass {
        return $0.from("data.per_class").number(
          NumberFormat.count(count, "example") + " of each class", [count])
      }
      let percentage = $0.experiment.data.percentage
      return $0.from("data.percentage").number(
        NumberFormat.setting(percentage) + " %", [percentage / 100], .share)
    },
    .number("seed", "the seed") { $0.plain("training.seed", $0.training.seed) },
    .condition("is_selected_last", "whether the last epoch counts") {
      $0.experiment.select == .last
    },
    .condition("is_selected_best", "whether the epoch is chosen on source validation") {
      $0.experiment.select == .bestSourceValidation
    },
    .optionalNumber("averaged_epochs", "how many epochs' weights are averaged, if any") { source in
      source.experiment.average.map { source.plain("average.epochs", $0.epochs) }
    },
  ]
}

/// The network as it was built.
struct NetworkTags: TagSource {
  let started: RunStarted
  let results: RunResults
  let origins: Origins

  private func count(_ key: String, _ number: Int) -> PrintedNumber {
    origins.started(key).count(number)
  }

  private var training: RunStarted.SplitFacts? {
    started.splits.first { $0.split == Split(results.source.code, .train) }
  }

  static let tags: [TagDefinition<NetworkTags>] = [
    .text(
      "checkpoint",
      "the pre-trained checkpoint's name; with the commit for a model of the Hugging Face hub"
    ) { baseModel($0.started, $0.results.run.environment) },
    .text("architecture", "the encoder's family, such as XLM-R") {
      markdown($0.started.architecture)
    },
    .condition("has_pooler", "whether a pooler precedes the classifier, as in BERT") {
      $0.started.architecture == "BERT"
    },
    .number("checkpoint_layers", "encoder layers that the checkpoint has") {
      $0.origins.started("checkpoint_layers").plain($0.started.checkpointLayers)
    },
    .condition("is_reduced", "whether encoder layers were left out") { source in
      source.results.run.experiment.map {
        $0.model.encoderLayers < source.started.checkpointLayers
      } ?? false
    },
    .number("hidden_size", "width of the encoder") {
      $0.count("hidden_size", $0.started.hiddenSize)
    },
    .number("attention_heads", "attention heads per layer") {
      $0.count("attention_heads", $0.started.attentionHeads)
    },
    .number("intermediate_size", "width of the feed-forward layers") {
      $0.count("intermediate_size", $0.started.intermediateSize)
    },
    .number("vocabulary_size", "entries of the vocabulary") {
      $0.count("vocabulary_size", $0.started.vocabularySize)
    },
    .number("parameters", "parameters in all") { $0.count("parameters", $0.started.parameters) },
    .number("trainable_parameters", "parameters that are trained") {
      $0.count("trainable_parameters", $0.started.trainableParameters)
    },
    .number("trainable_share", "their share") {
      $0.origins.started("trainable_parameters", "parameters").percent(
        Double($0.started.trainableParameters) / Double($0.started.parameters))
    },
    .optionalNumber("used_examples", "training examples used") { source in
      source.training.map { source.count("splits", $0.examples) }
    },
    .optionalNumber("available_examples", "training examples in the file") { source in
      source.training.map { source.count("splits", $0.available) }
    },
    .list("notes", "remarks from the loader") { source in
      let run = RelativeText(source.results.run)
      return EntryTags.numbered(
        source.started.notes.map { run.relative($0) }, from: source.origins.started("notes"))
    },
  ]
}

/// The learning rates that were really used.
struct LearningRateTags: TagSource {
  let results: RunResults
  let origins: Origins
  private let first: Double
  private let last: Double

  /// - Returns: `nil` where none was logged.
  init?(_ results: RunResults, _ origins: Origins) {
    guard let first = results.learningRates.first, let last = results.learningRates.last else {
      return nil
    }
    (self.results, self.origins) = (results, origins)
    (self.first, self.last) = (first.rate, last.rate)
  }

  private func from(isLast: Bool) -> Evidence {
    results.hasRateOfEachStep
      ? origins.step("learning_rate", isLast: isLast)
      : origins.epochs("learning_rate", epoch: isLast ? results.learningRates.count : 1)
  }

  static let tags: [TagDefinition<LearningRateTags>] = [
    .number("first", "the first rate that was used") { $0.from(isLast: false).rate($0.first) },
    .number("last", "the last rate that was used") { $0.from(isLast: true).rate($0.last) },
    .condition("is_per_step", "whether rates of single steps are meant") {
      $0.results.hasRateOfEachStep
    },
  ]
}

/// What the run was computed with and from.
struct EnvironmentTags: TagSource {
  let environment: RunEnvironment
  let origins: Origins

  static let tags: [TagDefinition<EnvironmentTags>] = [
    .text("cpu", "the processor") { markdown($0.environment.cpu) },
    .optionalText("device", "the device that computed in its place, with its driver, if one did") {
      $0.environment.device.map { markdown($0.words) }
    },
    .number("threads", "such as: 2 threads") {
      $0.origins.environment("threads").count($0.environment.threads, "thread")
    },
    .optionalNumber(
      "ranks", "how many processes trained together, such as: 3 ranks; absent for one"
    ) {
      let count = $0.environment.ranks.count
      return count == 0 ? nil : $0.origins.environment("ranks").count(count, "rank")
    },
    .optionalText("rank_hosts", "their hosts, each once") {
      let hosts = $0.environment.ranks.map(\.host).reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
      }
      return hosts.isEmpty ? nil : markdown(hosts.joined(separator: ", "))
    },
    .optionalNumber("rank_threads", "the threads of all ranks together") {
      let ranks = $0.environment.ranks
      return ranks.isEmpty
        ? nil
        : $0.origins.environment("ranks").count(ranks.reduce(0) { $0 + $1.threads }, "thread")
    },
    .text("blas", "the library for matrix products") { markdown($0.environment.blas) },
    .text("kernels", "which build of TransferGap's kernels ran") {
      markdown($0.environment.kernels)
    },
    .text("version", "TransferGap's version") { markdown($0.environment.version) },
    .optionalText("commit", "the commit it was built from, if known") {
      $0.environment.commit.map { markdown($0) }
    },
    .number("seed", "the seed") { $0.origins.environment("seed").plain($0.environment.seed) },
    .list("hashes", "SHA-256 of data, weights and vocabulary") {
      $0.environment.hashes.map { HashTags(name: $0.name, sha256: $0.sha256) }
    },
  ]
}

/// A file that the run was computed from.
struct HashTags: TagSource {
  let name: String
  let sha256: String

  static let tags: [TagDefinition<HashTags>] = [
    .text("name", "what the file is for") { markdown($0.name) },
    .text("sha256", "its SHA-256") { markdown($0.sha256) },
  ]
}
