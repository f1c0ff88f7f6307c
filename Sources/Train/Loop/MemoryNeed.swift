internal import Foundation
internal import Glibc
internal import Model
internal import RunLog
internal import Storage

/// How much memory a training takes, worked out before it begins.
///
/// When data and model have been read, the process's own resident set tells what they take. What comes on
/// top, in numbers of four bytes if nothing else is said, is the larger of two stages':
///
/// - Frozen layers: each thread's workspace, and a block's output twice, as numbers and as the bytes to store.
/// - Training: the batch's gradient, one a thread, two moments, and the best epoch's weights if they are to be
///   selected; each thread's workspace and a block's stored input; and, in bytes, what every example takes in logits,
///   labels and losses. What the frozen layers took is given back before, if their output is stored. At
///   the end, exporting copies a tensor at a time.
///
/// A workspace is as large as `BlockMemory` says of the largest block: of the files' order, and of the first
/// epoch's batches for a gradient, with a sixteenth more since other epochs' differ. On top of it come a
/// thirty-second part, a page of 2 MB, and what OpenBLAS packs of its factors. Of more threads than there are
/// processors some never get a block (`DispatchQueue.concurrentPerform` uses no more), but each has its gradient.
struct MemoryNeed {
  /// Bytes that the process holds now, data and weights among them, files mapped into it too.
  let present: Int
  /// Bytes that it will need at most beside them.
  let additional: Int
  /// Bytes of address space that will be asked for beside those and never used: stacks of threads and
  /// OpenBLAS' buffers. Only limits of address space count them.
  let reserved: Int
  /// Bytes of the whole process at most.
  var total: Int { present + additional }

  /// Estimates a training.
  ///
  /// - Parameters:
  ///   - preparation: data and model, in memory already.
  ///   - threads: as the run will have.
  init(_ preparation: Preparation, threads: Int) {
    let (experiment, classifier) = (preparation.experiment, preparation.classifier)
    let settings = experiment.training
    let memory = BlockMemory(classifier)
    let isStored = classifier.hasCacheablePrefix
    let width = classifier.configuration.hiddenSize
    let workers = min(threads, ProcessInfo.processInfo.activeProcessorCount)

    var (prefix, gradient, evaluation, rows) = (0, 0, 0, 0)
    for dataset in preparation.datasets {
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
    for lengths in Self.firstEpoch(preparation.training, settings) {
      let bytes = memory.gradient(lengths: lengths, isStored: isStored)
      gradient = max(gradient, bytes + bytes / 16)
      rows = max(rows, lengths.reduce(0, +) * width * 4)
    }

    let configuration = classifier.configuration
    let wide = max(configuration.intermediateSize, 3 * width)
    let packed = Self.packedBytes(rows: max(rows / max(1, width * 4), wide), inner: wide)
    func workspaces(_ bytes: Int) -> Int { workers * (bytes + bytes / 32 + 2 << 20 + packed) }

    let stores =
      3 + threads + (experiment.select == .bestSourceValidation ? 1 : 0)
    let examples = preparation.datasets.map(\.count)
    let perExample = 4 * experiment.labels.count * 3 + Self.bytesPerExample
    let largestTensor = classifier.trainable.tensors.map(\.range.count).max() ?? 0
    let released = isStored ? classifier.frozenBytes : 0
    let atPrefix = isStored ? workspaces(prefix) + workers * 2 * rows : 0
    let inTraining =
      4 * stores * classifier.trainable.count + workspaces(max(prefix, gradient, evaluation))
      + (isStored ? workers * rows : 0) + examples.reduce(0, +) * perExample
      + 4 * max(largestTensor, 4096 * width) - released

    present = Self.residentBytes
    additional = max(atPrefix, inTraining, 0) + Self.remainder
    // 8 MB of stack and OpenBLAS' buffer, 32 << 22 bytes on x86-64 (its common_x86_64.h); where that is
    // refused, OpenBLAS 0.3 asks again for ever.
    reserved = workers * 136 << 20
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
