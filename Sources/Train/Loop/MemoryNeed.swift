internal import Glibc
internal import Model
internal import RunLog
internal import Storage

/// How much memory a training takes, or scoring with its model, worked out before it begins, in two steps.
///
/// `beforeReading` knows sizes of files and shapes of weights, and asks for what reading data and weights takes at most,
/// or for weights, gradient and moments if that is more. So what cannot be is refused before anything large is
/// read.
///
/// With the data read, the process's own resident set tells what they take. What comes on top, in numbers of four
/// bytes if nothing else is said, is the largest of four stages':
///
/// - Reading weights: those that are kept, and a tensor on its way.
/// - Frozen layers: the weights, and what the backend needs to compute them (`Backend.bytesNeeded`).
/// - Baselines: the weights, those of a deeper network if there are more layers to fit to; and what pooling takes, or
///   the features that a fit reads.
/// - Training: the weights; what the backend needs to compute and to step, and the best epoch's weights if they are to
///   be selected; and, in bytes, what every example takes in logits, labels and losses. What the frozen layers took
///   is given back before, if their output is stored. Saving and exporting copy one tensor at a time.
struct MemoryNeed {
  /// When it was worked out.
  enum Step { case beforeReading, beforeWeights }

  let step: Step
  /// Whether it is about a training, not about scoring with a finished model.
  let isOfTraining: Bool
  /// Bytes that the process holds now, files mapped into it too.
  let present: Int
  /// Bytes that it will need at most beside them.
  let additional: Int
  /// Bytes of address space that will be asked for beside those and never used. Only limits of address space count
  /// them.
  let reserved: Int
  /// Bytes of the whole process at most.
  var total: Int { present + additional }

  private init(_ step: Step, additional: Int, reserved: Int, isOfTraining: Bool = true) {
    (self.step, self.isOfTraining) = (step, isOfTraining)
    present = Self.residentBytes
    self.additional = additional + Self.remainder
    self.reserved = reserved
  }

  /// Estimates a training of which nothing is read yet.
  ///
  /// - Parameters:
  ///   - experiment: its configuration.
  ///   - weights: what its checkpoint's take.
  ///   - files: its data files' sizes, in the order of reading.
  ///   - vocabularyBytes: what the tokenizer takes.
  ///   - backend: what will compute.
  ///   - threads: as the run will have.
  /// - Returns: at least what it needs beside the process as it is now.
  static func beforeReading(
    _ experiment: Experiment, weights: WeightMemory, files: [(part: Part, size: DataFileSize)],
    vocabularyBytes: Int, backend: any Backend.Type = CPUBackend.self, threads: Int
  ) -> MemoryNeed {
    var (most, kept) = (0, 0)
    for (part, size) in files {
      let memory = DataMemory(
        size, percentage: part == .train ? experiment.data.percentage : 100,
        maxLength: experiment.data.maxLength, keepsTexts: experiment.storeTexts,
        keepsHashes: part != .test)
      most = max(most, kept + memory.most)
      kept += memory.kept
    }
    // Which words occur is not known, so their rows are left out here. What the data took while they were read
    // is free after that, but in pieces too small for weights.
    let released = weights.fineTuning.hasCacheablePrefix ? weights.released(rows: 0) : 0
    let need = backend.bytesNeeded(for: MemoryPlan(weights), threads: threads)
    let training =
      weights.held(rows: 0) - released
      + bestBytes(experiment, weights) + need.training
    return MemoryNeed(
      .beforeReading,
      additional: vocabularyBytes + most + max(weights.whileReading(rows: 0), training),
      reserved: need.reserved)
  }

  /// Estimates a training whose data are in memory and whose weights are not.
  ///
  /// - Parameters:
  ///   - experiment: its configuration.
  ///   - weights: what its checkpoint's take.
  ///   - datasets: the splits, training data first.
  ///   - words: how many different tokens occur.
  ///   - baselines: what is fitted before the training; `nil` for nothing.
  ///   - backend: what will compute.
  ///   - threads: as the run will have.
  /// - Returns: what it needs at most beside the process as it is now.
  static func beforeWeights(
    _ experiment: Experiment, weights: WeightMemory, datasets: [Dataset], words: Int,
    baselines: BaselineWork? = nil, backend: any Backend.Type = CPUBackend.self, threads: Int
  ) -> MemoryNeed {
    let isStored = weights.fineTuning.hasCacheablePrefix
    var plan = MemoryPlan(weights, datasets, experiment.training)
    if let baselines, baselines.network == nil {
      plan = plan.pooling(baselines.blocks, fromStored: baselines.startsFromStored)
    }
    let need = backend.bytesNeeded(for: plan, threads: threads)
    let held = weights.held(rows: words)
    let examples = datasets.reduce(0) { $0 + $1.count }
    let perExample = 4 * experiment.labels.count * 3 + bytesPerExample
    let inTraining =
      held - (isStored ? weights.released(rows: words) : 0) + bestBytes(experiment, weights)
      + need.training + examples * perExample
      + 4 * max(weights.trainable.largest, Classifier.rowsAtOnce * weights.configuration.hiddenSize)
    return MemoryNeed(
      .beforeWeights,
      additional: max(
        weights.whileReading(rows: words), isStored ? held + need.prefix : 0,
        baselines.map {
          max(
            held + $0.poolingBytes(need, words: words, backend, threads),
            held - (isStored ? weights.released(rows: words) : 0) + $0.fittingBytes)
        } ?? 0, inTraining),
      reserved: need.reserved)
  }

  /// The best epoch's parameters, if they are kept.
  private static func bestBytes(_ experiment: Experiment, _ weights: WeightMemory) -> Int {
    experiment.select == .bestSourceValidation ? 4 * weights.trainable.count : 0
  }

  /// Estimates scoring with a finished model of which nothing is read yet.
  ///
  /// - Parameters:
  ///   - weights: what the model's take.
  ///   - file: the size of the texts' file; `nil` for texts that come later.
  ///   - maxLength: the most tokens of a text.
  ///   - keepsTexts: whether the texts stay in memory.
  ///   - vocabularyBytes: what the tokenizer takes.
  ///   - backend: what will compute.
  ///   - threads: that will compute.
  /// - Returns: at least what it needs beside the process as it is now.
  static func beforeScoring(
    weights: WeightMemory, file: DataFileSize?, maxLength: Int, keepsTexts: Bool,
    vocabularyBytes: Int, backend: any Backend.Type = CPUBackend.self, threads: Int
  ) -> MemoryNeed {
    let data = file.map {
      DataMemory($0, percentage: 100, maxLength: maxLength, keepsTexts: keepsTexts)
    }
    return MemoryNeed(
      .beforeReading,
      additional: vocabularyBytes + (data?.most ?? 0) + weights.whileReading(rows: 0),
      reserved: backend.bytesNeeded(for: MemoryPlan(weights), threads: threads).reserved,
      isOfTraining: false)
  }

  /// Estimates scoring texts that are encoded.
  ///
  /// - Parameters:
  ///   - plan: the blocks that will be scored.
  ///   - examples: how many texts.
  ///   - words: how many rows of word embeddings are still to be read.
  ///   - isRead: whether all other weights are in memory.
  ///   - hasComputed: whether products were computed before, on as many threads.
  ///   - backend: what will compute.
  ///   - threads: that will compute.
  /// - Returns: what it needs at most beside the process as it is now.
  static func scoring(
    _ plan: MemoryPlan, examples: Int, words: Int, isRead: Bool, hasComputed: Bool,
    backend: any Backend.Type = CPUBackend.self, threads: Int
  ) -> MemoryNeed {
    let weights = plan.weights
    let need = backend.bytesNeeded(for: plan, threads: threads)
    let read =
      isRead ? weights.held(rows: words) - weights.held(rows: 0) : weights.held(rows: words)
    let onTheWay = weights.whileReading(rows: words) - weights.held(rows: words)
    let computing =
      need.scoring + examples * (4 * weights.fineTuning.labels.count * 3 + bytesPerExample)
    return MemoryNeed(
      .beforeWeights, additional: read + max(onTheWay, computing),
      reserved: hasComputed ? 0 : need.reserved, isOfTraining: false)
  }

  /// Estimates fitting what reads pooled features, whose encoder and data are in memory.
  ///
  /// - Parameter numbers: how many of the features are in memory at once, 4 bytes each.
  /// - Returns: what it needs at most beside the process as it is now.
  static func probing(numbers: Int) -> MemoryNeed {
    MemoryNeed(.beforeWeights, additional: 4 * numbers, reserved: 0)
  }

  /// Bytes of labels, ids, losses and classes found, and of what they pass through, of one example.
  private static let bytesPerExample = 96
  /// Code and tables that are first read while training, stacks of threads, lines of the log.
  private static let remainder = 16 << 20

  /// What the process has in memory, from /proc/self/statm (field 2, in pages); 0 if the system does not
  /// tell.
  static var residentBytes: Int { pages.resident * sysconf(Int32(_SC_PAGESIZE)) }

  /// The part of it that is no file's (without field 3).
  static var ownBytes: Int { (pages.resident - pages.ofFiles) * sysconf(Int32(_SC_PAGESIZE)) }

  private static var pages: (resident: Int, ofFiles: Int) {
    let fields = (readText("/proc/self/statm", limit: 256) ?? "").split(separator: " ")
    guard fields.count > 2, let resident = Int(fields[1]), let ofFiles = Int(fields[2]) else {
      return (0, 0)
    }
    return (resident, ofFiles)
  }
}
