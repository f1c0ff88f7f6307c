internal import Foundation
internal import Glibc
internal import Model
internal import RunLog
internal import Storage

/// How much memory a training takes, worked out before it begins, in two steps.
///
/// `beforeReading` knows sizes of files and shapes of weights, and asks for what reading data and weights takes at most,
/// or for weights, gradient and moments if that is more. So what cannot be is refused before anything large is
/// read.
///
/// With the data read, the process's own resident set tells what they take. What comes on top, in numbers of four
/// bytes if nothing else is said, is the largest of three stages':
///
/// - Reading weights: those that are kept, and a tensor on its way.
/// - Frozen layers: the weights, each thread's workspace, and a block's output twice, as numbers and as the bytes to
///   store.
/// - Training: the weights; the batch's gradient, one a thread, two moments, and the best epoch's weights if they are to
///   be selected; each thread's workspace and a block's stored input; and, in bytes, what every example takes in
///   logits, labels and losses. What the frozen layers took is given back before, if their output is stored. At
///   the end, exporting copies a tensor at a time.
///
/// A workspace is as large as `BlockMemory` says of the largest block: of the files' order, and of the first
/// epoch's batches for a gradient, with a sixteenth more since other epochs' differ. On top of it come a
/// thirty-second part, a page of 2 MB, and what OpenBLAS packs of its factors. Of more threads than there are
/// processors some never get a block (`DispatchQueue.concurrentPerform` uses no more), but each has its gradient.
struct MemoryNeed {
  /// When it was worked out.
  enum Step { case beforeReading, beforeWeights }

  let step: Step
  /// Bytes that the process holds now, files mapped into it too.
  let present: Int
  /// Bytes that it will need at most beside them.
  let additional: Int
  /// Bytes of address space that will be asked for beside those and never used: stacks of threads and
  /// OpenBLAS' buffers. Only limits of address space count them.
  let reserved: Int
  /// Bytes of the whole process at most.
  var total: Int { present + additional }

  private init(_ step: Step, additional: Int, threads: Int) {
    self.step = step
    present = Self.residentBytes
    self.additional = additional + Self.remainder
    // 8 MB of stack and OpenBLAS' buffer, 32 << 22 bytes on x86-64 (its common_x86_64.h); where that is
    // refused, OpenBLAS 0.3 asks again for ever.
    reserved = Self.workers(threads) * 136 << 20
  }

  /// Estimates a training of which nothing is read yet.
  ///
  /// - Parameters:
  ///   - experiment: its configuration.
  ///   - weights: what its checkpoint's take.
  ///   - files: its data files' sizes, in the order of reading.
  ///   - vocabularyBytes: what the tokenizer takes.
  ///   - threads: as the run will have.
  /// - Returns: at least what it needs beside the process as it is now.
  static func beforeReading(
    _ experiment: Experiment, weights: WeightMemory, files: [(part: Part, size: DataFileSize)],
    vocabularyBytes: Int, threads: Int
  ) -> MemoryNeed {
    var (most, kept) = (0, 0)
    for (part, size) in files {
      let memory = DataMemory(
        size, percentage: part == .train ? experiment.data.percentage : 100,
        maxLength: experiment.data.maxLength, keepsTexts: experiment.storeTexts,
        isTraining: part == .train)
      most = max(most, kept + memory.most)
      kept += memory.kept
    }
    // Which words occur is not known, so their rows are left out here. What the data took while they were read
    // is free after that, but in pieces too small for weights.
    let released = weights.fineTuning.hasCacheablePrefix ? weights.released(rows: 0) : 0
    let training =
      weights.held(rows: 0) - released
      + 4 * stores(experiment, threads: threads) * weights.trainable.count
    return MemoryNeed(
      .beforeReading,
      additional: vocabularyBytes + most + max(weights.whileReading(rows: 0), training),
      threads: threads)
  }

  /// Estimates a training whose data are in memory and whose weights are not.
  ///
  /// - Parameters:
  ///   - experiment: its configuration.
  ///   - weights: what its checkpoint's take.
  ///   - datasets: the splits, training data first.
  ///   - words: how many different tokens occur.
  ///   - threads: as the run will have.
  /// - Returns: what it needs at most beside the process as it is now.
  static func beforeWeights(
    _ experiment: Experiment, weights: WeightMemory, datasets: [Dataset], words: Int, threads: Int
  ) -> MemoryNeed {
    let (settings, configuration) = (experiment.training, weights.configuration)
    let memory = BlockMemory(configuration, weights.fineTuning)
    let isStored = weights.fineTuning.hasCacheablePrefix
    let width = configuration.hiddenSize
    let workers = workers(threads)

    var (prefix, gradient, evaluation, rows) = (0, 0, 0, 0)
    for dataset in datasets {
      let all = (0..<dataset.count).map(dataset.length)
      for cut in blocks(lengths: all, blockTokens: settings.blockTokens) {
        let lengths = Array(all[cut])
        if isStored { prefix = max(prefix, memory.prefix(lengths: lengths)) }
        rows = max(rows, lengths.reduce(0, +) * width * 4)
        if dataset.split.part != .train {
          evaluation = max(evaluation, memory.logits(lengths: lengths, isStored: isStored))
        }
      }
    }
    for lengths in firstEpoch(datasets[0], settings) {
      let bytes = memory.gradient(lengths: lengths, isStored: isStored)
      gradient = max(gradient, bytes + bytes / 16)
      rows = max(rows, lengths.reduce(0, +) * width * 4)
    }

    let wide = max(configuration.intermediateSize, 3 * width)
    let packed = packedBytes(rows: max(rows / max(1, width * 4), wide), inner: wide)
    func workspaces(_ bytes: Int) -> Int { workers * (bytes + bytes / 32 + 2 << 20 + packed) }

    let held = weights.held(rows: words)
    let examples = datasets.reduce(0) { $0 + $1.count }
    let perExample = 4 * experiment.labels.count * 3 + bytesPerExample
    let atPrefix = isStored ? held + workspaces(prefix) + workers * 2 * rows : 0
    let inTraining =
      held - (isStored ? weights.released(rows: words) : 0)
      + 4 * stores(experiment, threads: threads) * weights.trainable.count
      + workspaces(max(prefix, gradient, evaluation))
      + (isStored ? workers * rows : 0) + examples * perExample
      + 4 * max(weights.trainable.largest, Classifier.rowsAtOnce * width)
    return MemoryNeed(
      .beforeWeights,
      additional: max(weights.whileReading(rows: words), atPrefix, inTraining), threads: threads)
  }

  private static func workers(_ threads: Int) -> Int {
    min(threads, ProcessInfo.processInfo.activeProcessorCount)
  }

  /// How often there will be as many numbers as learn, beside those themselves.
  private static func stores(_ experiment: Experiment, threads: Int) -> Int {
    3 + threads + (experiment.select == .bestSourceValidation ? 1 : 0)
  }

  /// Bytes of labels, ids, losses and classes found, and of what they pass through, of one example.
  private static let bytesPerExample = 96
  /// Code and tables that are first read while training, stacks of threads, lines of the log.
  private static let remainder = 16 << 20

  /// The blocks of the first epoch's batches, as tokens of each example.
  private static func firstEpoch(_ data: Dataset, _ settings: TrainingSettings) -> [[Int]] {
    var order = Array(0..<data.count)
    var stream = RandomStream(seed: settings.seed, name: "shuffle/1")
    stream.shuffle(&order)
    return stride(from: 0, to: data.count, by: settings.batchSize).flatMap { start in
      let lengths = order[start..<min(start + settings.batchSize, data.count)].map(data.length)
      return blocks(lengths: lengths, blockTokens: settings.blockTokens).map { Array(lengths[$0]) }
    }
  }

  /// What OpenBLAS packs of a product's factors in a thread, about: panels of k by 512 and k by n numbers, where k is
  /// the inner dimension, at most some 512 at a time (Goto and van de Geijn 2008, "Anatomy of
  /// high-performance matrix multiplication").
  private static func packedBytes(rows: Int, inner: Int) -> Int {
    4 * min(512, inner) * (512 + rows)
  }

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
