internal import Results
internal import RunLog

/// The configuration.
struct ExperimentTags: TagSource {
  let encoderLayers: String
  let frozenLayers: String
  let firstFrozen: String
  let trainableLayers: String
  let lastTrainable: String
  let freezesEmbeddings: Bool
  let freezesLayers: Bool
  let trainsLayers: Bool
  let isOnlySome: Bool
  let freezesNothing: Bool
  let hasFrozenDropout: Bool
  let labels: String
  let classes: String
  let learningRate: String
  let finalLearningRate: String
  let batchSize: String
  let maxLength: String
  let weightDecay: String
  let betas: String
  let epsilon: String
  let excludedFromWeightDecay: String?
  let isCosine: Bool
  let isLinear: Bool
  let isConstant: Bool
  let period: String
  let warmupSteps: String?
  let gradientClipping: String?
  let percentage: String
  let seed: String
  let isSelectedLast: Bool

  init(_ experiment: Experiment) {
    let (model, training) = (experiment.model, experiment.training)
    encoderLayers = String(model.encoderLayers)
    frozenLayers = String(model.frozenLayers)
    firstFrozen =
      model.frozenLayers == 1
      ? "first encoder layer" : "first \(model.frozenLayers) encoder layers"
    let trainable = model.encoderLayers - model.frozenLayers
    trainableLayers = NumberFormat.count(trainable, "trainable encoder layer")
    lastTrainable =
      trainable == 1 ? "last encoder layer" : "last \(trainable) encoder layers"
    freezesEmbeddings = model.freezeEmbeddings
    freezesLayers = model.frozenLayers > 0
    trainsLayers = trainable > 0
    isOnlySome = trainsLayers && freezesLayers
    freezesNothing = !model.freezeEmbeddings && model.frozenLayers == 0
    hasFrozenDropout = model.frozenDropout
    labels = NumberFormat.list(experiment.labels.map { markdown($0) })
    classes = String(experiment.labels.count)
    learningRate = NumberFormat.setting(training.optimizer.learningRate)
    finalLearningRate = NumberFormat.setting(training.schedule.etaMin)
    batchSize = String(training.batchSize)
    maxLength = String(experiment.data.maxLength)
    weightDecay = NumberFormat.setting(training.optimizer.weightDecay)
    betas = training.optimizer.betas.map { NumberFormat.setting($0) }.joined(separator: ", ")
    epsilon = NumberFormat.setting(training.optimizer.epsilon)
    let excluded = training.optimizer.excludeFromWeightDecay
    excludedFromWeightDecay =
      excluded.isEmpty ? nil : NumberFormat.list(excluded.map { markdown($0) })
    isCosine = training.schedule.shape == .cosineAnnealing
    isLinear = training.schedule.shape == .linear
    isConstant = training.schedule.shape == .constant
    period = training.schedule.per.rawValue
    warmupSteps =
      training.schedule.warmupSteps > 0
      ? NumberFormat.count(training.schedule.warmupSteps, "step") : nil
    gradientClipping = training.gradientClipping.map { NumberFormat.setting($0) }
    percentage = NumberFormat.setting(experiment.data.percentage) + " %"
    seed = String(training.seed)
    isSelectedLast = experiment.select == .last
  }

  static let tags: [TagDefinition<ExperimentTags>] = [
    .text("encoder_layers", \.encoderLayers, "encoder layers kept"),
    .text("frozen_layers", \.frozenLayers, "encoder layers frozen"),
    .text("first_frozen", \.firstFrozen, "such as: first 4 encoder layers"),
    .text("trainable_layers", \.trainableLayers, "such as: 2 trainable encoder layers"),
    .text("last_trainable", \.lastTrainable, "such as: last 2 encoder layers"),
    .condition("freezes_embeddings", \.freezesEmbeddings, "whether the embeddings are frozen"),
    .condition("freezes_layers", \.freezesLayers, "whether an encoder layer is frozen"),
    .condition("trains_layers", \.trainsLayers, "whether an encoder layer is trained"),
    .condition("is_only_some", \.isOnlySome, "whether some layers are trained and some frozen"),
    .condition("freezes_nothing", \.freezesNothing, "whether all of the network is trained"),
    .condition(
      "has_frozen_dropout", \.hasFrozenDropout, "whether frozen parts run with dropout on"),
    .text("labels", \.labels, "the class names in a row"),
    .text("classes", \.classes, "the number of classes"),
    .text("learning_rate", \.learningRate, "the configured learning rate"),
    .text("final_learning_rate", \.finalLearningRate, "where the schedule arrives at its end"),
    .text("batch_size", \.batchSize, "examples a step"),
    .text("max_length", \.maxLength, "tokens after which a text is cut"),
    .text("weight_decay", \.weightDecay, "decoupled weight decay"),
    .text("betas", \.betas, "AdamW's two decay rates"),
    .text("epsilon", \.epsilon, "AdamW's epsilon"),
    .optionalText(
      "excluded_from_weight_decay", \.excludedFromWeightDecay, "parts of names without decay"),
    .condition("is_cosine", \.isCosine, "whether the rate follows a cosine"),
    .condition("is_linear", \.isLinear, "whether the rate falls linearly"),
    .condition("is_constant", \.isConstant, "whether the rate stays"),
    .text("period", \.period, "epoch or step: how often the rate changes"),
    .optionalText("warmup_steps", \.warmupSteps, "such as: 100 steps, if there is a warm-up"),
    .optionalText("gradient_clipping", \.gradientClipping, "largest gradient norm, if any"),
    .text("percentage", \.percentage, "share of the training data that is used"),
    .text("seed", \.seed, "the seed"),
    .condition("is_selected_last", \.isSelectedLast, "whether the last epoch counts"),
  ]
}

/// The network as it was built.
struct NetworkTags: TagSource {
  let checkpoint: String
  let checkpointLayers: String
  let isReduced: Bool
  let hiddenSize: String
  let attentionHeads: String
  let intermediateSize: String
  let vocabularySize: String
  let parameters: String
  let trainableParameters: String
  let trainableShare: String
  let usedExamples: String?
  let availableExamples: String?
  let notes: [EntryTags]

  init(_ started: RunStarted, _ results: RunResults) {
    // A loader may log a path; only its end is the checkpoint's name.
    let name = started.checkpointName.split(separator: "/").last.map(String.init)
    checkpoint = markdown(name ?? started.checkpointName)
    checkpointLayers = String(started.checkpointLayers)
    isReduced =
      results.run.experiment.map { $0.model.encoderLayers < started.checkpointLayers } ?? false
    hiddenSize = NumberFormat.count(started.hiddenSize)
    attentionHeads = NumberFormat.count(started.attentionHeads)
    intermediateSize = NumberFormat.count(started.intermediateSize)
    vocabularySize = NumberFormat.count(started.vocabularySize)
    parameters = NumberFormat.count(started.parameters)
    trainableParameters = NumberFormat.count(started.trainableParameters)
    trainableShare = NumberFormat.percent(
      Double(started.trainableParameters) / Double(started.parameters))
    let training = started.splits.first { $0.split == Split(results.source.code, .train) }
    usedExamples = training.map { NumberFormat.count($0.examples) }
    availableExamples = training.map { NumberFormat.count($0.available) }
    let run = RelativeText(results.run)
    notes = EntryTags.numbered(started.notes.map { run.relative($0) })
  }

  static let tags: [TagDefinition<NetworkTags>] = [
    .text("checkpoint", \.checkpoint, "the pre-trained checkpoint's name"),
    .text("checkpoint_layers", \.checkpointLayers, "encoder layers that the checkpoint has"),
    .condition("is_reduced", \.isReduced, "whether encoder layers were left out"),
    .text("hidden_size", \.hiddenSize, "width of the encoder"),
    .text("attention_heads", \.attentionHeads, "attention heads a layer"),
    .text("intermediate_size", \.intermediateSize, "width of the feed-forward layers"),
    .text("vocabulary_size", \.vocabularySize, "word pieces"),
    .text("parameters", \.parameters, "parameters in all"),
    .text("trainable_parameters", \.trainableParameters, "parameters that are trained"),
    .text("trainable_share", \.trainableShare, "their share"),
    .optionalText("used_examples", \.usedExamples, "training examples used"),
    .optionalText("available_examples", \.availableExamples, "training examples in the file"),
    .list("notes", \.notes, "remarks of the loader"),
  ]
}

/// The learning rates that were really used.
struct LearningRateTags: TagSource {
  let first: String
  let last: String
  let isPerStep: Bool

  init?(_ results: RunResults) {
    guard let first = results.learningRates.first, let last = results.learningRates.last else {
      return nil
    }
    self.first = NumberFormat.rate(first.rate)
    self.last = NumberFormat.rate(last.rate)
    isPerStep = results.hasRateOfEachStep
  }

  static let tags: [TagDefinition<LearningRateTags>] = [
    .text("first", \.first, "the first rate that was used"),
    .text("last", \.last, "the last rate that was used"),
    .condition("is_per_step", \.isPerStep, "whether rates of single steps are meant"),
  ]
}

/// What the run was computed with and from.
struct EnvironmentTags: TagSource {
  let cpu: String
  let threads: String
  let blas: String
  let kernels: String
  let version: String
  let commit: String?
  let seed: String
  let hashes: [HashTags]

  init(_ environment: RunEnvironment) {
    cpu = markdown(environment.cpu)
    threads = NumberFormat.count(environment.threads, "thread")
    blas = markdown(environment.blas)
    kernels = markdown(environment.kernels)
    version = markdown(environment.version)
    commit = environment.commit.map { markdown($0) }
    seed = String(environment.seed)
    hashes = environment.hashes.map {
      HashTags(name: markdown($0.name), sha256: markdown($0.sha256))
    }
  }

  static let tags: [TagDefinition<EnvironmentTags>] = [
    .text("cpu", \.cpu, "the processor"),
    .text("threads", \.threads, "such as: 2 threads"),
    .text("blas", \.blas, "the library of matrix products"),
    .text("kernels", \.kernels, "which build of our own kernels ran"),
    .text("version", \.version, "TransferGap's version"),
    .optionalText("commit", \.commit, "the commit it was built from, if known"),
    .text("seed", \.seed, "the seed"),
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
