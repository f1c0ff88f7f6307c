internal import Results
internal import RunLog

/// The configuration.
struct ExperimentTags: TagSource {
  let encoderLayers: PrintedNumber
  let frozenLayers: PrintedNumber
  let firstFrozen: PrintedNumber
  let trainableLayers: PrintedNumber
  let lastTrainable: PrintedNumber
  let freezesEmbeddings: Bool
  let freezesLayers: Bool
  let trainsLayers: Bool
  let isOnlySome: Bool
  let freezesNothing: Bool
  let hasFrozenDropout: Bool
  let labels: String
  let classes: PrintedNumber
  let learningRate: PrintedNumber
  let finalLearningRate: PrintedNumber
  let batchSize: PrintedNumber
  let maxLength: PrintedNumber
  let weightDecay: PrintedNumber
  let betas: PrintedNumber
  let epsilon: PrintedNumber
  let excludedFromWeightDecay: String?
  let isCosine: Bool
  let isLinear: Bool
  let isConstant: Bool
  let period: String
  let warmupSteps: PrintedNumber?
  let gradientClipping: PrintedNumber?
  let percentage: PrintedNumber
  let seed: PrintedNumber
  let isSelectedLast: Bool

  init(_ experiment: Experiment, _ origins: Origins) {
    let (model, training) = (experiment.model, experiment.training)
    let from = origins.configuration
    let (kept, frozen) = (from("model.encoder_layers"), from("model.frozen_layers"))
    encoderLayers = kept.plain(model.encoderLayers)
    frozenLayers = frozen.plain(model.frozenLayers)
    firstFrozen = frozen.number(
      model.frozenLayers == 1
        ? "first encoder layer" : "first \(model.frozenLayers) encoder layers",
      [model.frozenLayers])
    let trainable = model.encoderLayers - model.frozenLayers
    trainableLayers = (kept + frozen).count(trainable, "trainable encoder layer")
    lastTrainable = (kept + frozen).number(
      trainable == 1 ? "last encoder layer" : "last \(trainable) encoder layers", [trainable])
    freezesEmbeddings = model.freezeEmbeddings
    freezesLayers = model.frozenLayers > 0
    trainsLayers = trainable > 0
    isOnlySome = trainsLayers && freezesLayers
    freezesNothing = !model.freezeEmbeddings && model.frozenLayers == 0
    hasFrozenDropout = model.frozenDropout
    labels = NumberFormat.list(experiment.labels.map { markdown($0) })
    classes = from("labels").plain(experiment.labels.count)
    let optimizer = training.optimizer
    learningRate = from("training.optimizer.learning_rate").setting(optimizer.learningRate)
    finalLearningRate = from("training.schedule.eta_min").setting(training.schedule.etaMin)
    batchSize = from("training.batch_size").plain(training.batchSize)
    maxLength = from("data.max_length").plain(experiment.data.maxLength)
    weightDecay = from("training.optimizer.weight_decay").setting(optimizer.weightDecay)
    betas = from("training.optimizer.betas").number(
      optimizer.betas.map { NumberFormat.setting($0) }.joined(separator: ", "), optimizer.betas,
      .setting)
    epsilon = from("training.optimizer.epsilon").setting(optimizer.epsilon)
    let excluded = optimizer.excludeFromWeightDecay
    excludedFromWeightDecay =
      excluded.isEmpty ? nil : NumberFormat.list(excluded.map { markdown($0) })
    isCosine = training.schedule.shape == .cosineAnnealing
    isLinear = training.schedule.shape == .linear
    isConstant = training.schedule.shape == .constant
    period = training.schedule.per.rawValue
    warmupSteps =
      training.schedule.warmupSteps > 0
      ? from("training.schedule.warmup_steps").count(training.schedule.warmupSteps, "step") : nil
    gradientClipping = training.gradientClipping.map {
      from("training.gradient_clipping").setting($0)
    }
    percentage = from("data.percentage").number(
      NumberFormat.setting(experiment.data.percentage) + " %", [experiment.data.percentage / 100],
      .share)
    seed = from("training.seed").plain(training.seed)
    isSelectedLast = experiment.select == .last
  }

  static let tags: [TagDefinition<ExperimentTags>] = [
    .number("encoder_layers", \.encoderLayers, "encoder layers kept"),
    .number("frozen_layers", \.frozenLayers, "encoder layers frozen"),
    .number("first_frozen", \.firstFrozen, "such as: first 4 encoder layers"),
    .number("trainable_layers", \.trainableLayers, "such as: 2 trainable encoder layers"),
    .number("last_trainable", \.lastTrainable, "such as: last 2 encoder layers"),
    .condition("freezes_embeddings", \.freezesEmbeddings, "whether the embeddings are frozen"),
    .condition("freezes_layers", \.freezesLayers, "whether an encoder layer is frozen"),
    .condition("trains_layers", \.trainsLayers, "whether an encoder layer is trained"),
    .condition("is_only_some", \.isOnlySome, "whether some layers are trained and some frozen"),
    .condition("freezes_nothing", \.freezesNothing, "whether all of the network is trained"),
    .condition(
      "has_frozen_dropout", \.hasFrozenDropout, "whether frozen parts run with dropout on"),
    .text("labels", \.labels, "the class names, listed"),
    .number("classes", \.classes, "the number of classes"),
    .number("learning_rate", \.learningRate, "the configured learning rate"),
    .number("final_learning_rate", \.finalLearningRate, "where the schedule arrives at its end"),
    .number("batch_size", \.batchSize, "examples per step"),
    .number("max_length", \.maxLength, "tokens after which a text is cut"),
    .number("weight_decay", \.weightDecay, "decoupled weight decay"),
    .number("betas", \.betas, "AdamW's two decay rates"),
    .number("epsilon", \.epsilon, "AdamW's epsilon"),
    .optionalText(
      "excluded_from_weight_decay", \.excludedFromWeightDecay, "parts of names without decay"),
    .condition("is_cosine", \.isCosine, "whether the rate follows a cosine"),
    .condition("is_linear", \.isLinear, "whether the rate falls linearly"),
    .condition("is_constant", \.isConstant, "whether the rate stays the same"),
    .text("period", \.period, "epoch or step: how often the rate changes"),
    .optionalNumber("warmup_steps", \.warmupSteps, "such as: 100 steps, if there is a warm-up"),
    .optionalNumber("gradient_clipping", \.gradientClipping, "largest gradient norm, if any"),
    .number("percentage", \.percentage, "share of the training data that is used"),
    .number("seed", \.seed, "the seed"),
    .condition("is_selected_last", \.isSelectedLast, "whether the last epoch counts"),
  ]
}

/// The network as it was built.
struct NetworkTags: TagSource {
  let checkpoint: String
  let checkpointLayers: PrintedNumber
  let isReduced: Bool
  let hiddenSize: PrintedNumber
  let attentionHeads: PrintedNumber
  let intermediateSize: PrintedNumber
  let vocabularySize: PrintedNumber
  let parameters: PrintedNumber
  let trainableParameters: PrintedNumber
  let trainableShare: PrintedNumber
  let usedExamples: PrintedNumber?
  let availableExamples: PrintedNumber?
  let notes: [EntryTags]

  init(_ started: RunStarted, _ results: RunResults, _ origins: Origins) {
    checkpoint = baseModel(started, results.run.environment)
    let from = origins.started
    checkpointLayers = from("checkpoint_layers").plain(started.checkpointLayers)
    isReduced =
      results.run.experiment.map { $0.model.encoderLayers < started.checkpointLayers } ?? false
    hiddenSize = from("hidden_size").count(started.hiddenSize)
    attentionHeads = from("attention_heads").count(started.attentionHeads)
    intermediateSize = from("intermediate_size").count(started.intermediateSize)
    vocabularySize = from("vocabulary_size").count(started.vocabularySize)
    parameters = from("parameters").count(started.parameters)
    trainableParameters = from("trainable_parameters").count(started.trainableParameters)
    trainableShare = origins.started("trainable_parameters", "parameters").percent(
      Double(started.trainableParameters) / Double(started.parameters))
    let training = started.splits.first { $0.split == Split(results.source.code, .train) }
    usedExamples = training.map { from("splits").count($0.examples) }
    availableExamples = training.map { from("splits").count($0.available) }
    let run = RelativeText(results.run)
    notes = EntryTags.numbered(started.notes.map { run.relative($0) }, from: from("notes"))
  }

  static let tags: [TagDefinition<NetworkTags>] = [
    .text(
      "checkpoint", \.checkpoint,
      "the pre-trained checkpoint's name; with the commit for a model of the Hugging Face hub"),
    .number("checkpoint_layers", \.checkpointLayers, "encoder layers that the checkpoint has"),
    .condition("is_reduced", \.isReduced, "whether encoder layers were left out"),
    .number("hidden_size", \.hiddenSize, "width of the encoder"),
    .number("attention_heads", \.attentionHeads, "attention heads per layer"),
    .number("intermediate_size", \.intermediateSize, "width of the feed-forward layers"),
    .number("vocabulary_size", \.vocabularySize, "word pieces"),
    .number("parameters", \.parameters, "parameters in all"),
    .number("trainable_parameters", \.trainableParameters, "parameters that are trained"),
    .number("trainable_share", \.trainableShare, "their share"),
    .optionalNumber("used_examples", \.usedExamples, "training examples used"),
    .optionalNumber("available_examples", \.availableExamples, "training examples in the file"),
    .list("notes", \.notes, "remarks from the loader"),
  ]
}

/// The learning rates that were really used.
struct LearningRateTags: TagSource {
  let first: PrintedNumber
  let last: PrintedNumber
  let isPerStep: Bool

  init?(_ results: RunResults, _ origins: Origins) {
    guard let first = results.learningRates.first, let last = results.learningRates.last else {
      return nil
    }
    let isPerStep = results.hasRateOfEachStep
    self.isPerStep = isPerStep
    func from(isLast: Bool) -> Evidence {
      isPerStep
        ? origins.step("learning_rate", isLast: isLast)
        : origins.epochs("learning_rate", epoch: isLast ? results.learningRates.count : 1)
    }
    self.first = from(isLast: false).rate(first.rate)
    self.last = from(isLast: true).rate(last.rate)
  }

  static let tags: [TagDefinition<LearningRateTags>] = [
    .number("first", \.first, "the first rate that was used"),
    .number("last", \.last, "the last rate that was used"),
    .condition("is_per_step", \.isPerStep, "whether rates of single steps are meant"),
  ]
}

/// What the run was computed with and from.
struct EnvironmentTags: TagSource {
  let cpu: String
  let threads: PrintedNumber
  let blas: String
  let kernels: String
  let version: String
  let commit: String?
  let seed: PrintedNumber
  let hashes: [HashTags]

  init(_ environment: RunEnvironment, _ origins: Origins) {
    cpu = markdown(environment.cpu)
    threads = origins.environment("threads").count(environment.threads, "thread")
    blas = markdown(environment.blas)
    kernels = markdown(environment.kernels)
    version = markdown(environment.version)
    commit = environment.commit.map { markdown($0) }
    seed = origins.environment("seed").plain(environment.seed)
    hashes = environment.hashes.map {
      HashTags(name: markdown($0.name), sha256: markdown($0.sha256))
    }
  }

  static let tags: [TagDefinition<EnvironmentTags>] = [
    .text("cpu", \.cpu, "the processor"),
    .number("threads", \.threads, "such as: 2 threads"),
    .text("blas", \.blas, "the library for matrix products"),
    .text("kernels", \.kernels, "which build of TransferGap's kernels ran"),
    .text("version", \.version, "TransferGap's version"),
    .optionalText("commit", \.commit, "the commit it was built from, if known"),
    .number("seed", \.seed, "the seed"),
    .list("hashes", \.hashes, "SHA-256 of data, weights and vocabulary"),
  ]
}

/// A file that the run was computed from.
struct HashTags: TagSource {
  let name: String
  let sha256: String

  static let tags: [TagDefinition<HashTags>] = [
    .text("name", \.name, "what the file is for"),
    .text("sha256", \.sha256, "its SHA-256"),
  ]
}
