internal import Foundation
internal import Model

extension CPUBackend {
  /// Gradients and moments, and for each worker its workspace and a block's stored rows.
  ///
  /// A workspace is as large as `BlockMemory` counts for the largest block, with a sixteenth more for a gradient, since
  /// other epochs' blocks differ from the first one's. On top of it come a thirty-second part, a page of 2 MB, and
  /// what OpenBLAS packs of its factors. While the frozen layers are computed a block's output is there twice, as
  /// numbers and as the bytes to store. There are as many gradients as adding up a batch's blocks takes at most. Of more
  /// threads than there are processors some never get a block (`DispatchQueue.concurrentPerform` uses no more).
  package static func bytesNeeded(for plan: MemoryPlan, threads: Int) -> BytesNeeded {
    let memory = BlockMemory(plan.weights)
    let workers = workers(threads)
    let prefix = plan.prefix.map { memory.prefix(lengths: $0) }.max() ?? 0
    let scored = plan.scored.map { memory.logits(lengths: $0, isStored: plan.isStored) }.max() ?? 0
    let trained =
      plan.trained.map { memory.gradient(lengths: $0, isStored: plan.isStored) }.max() ?? 0

    let pooled =
      plan.pooled.map { memory.pooling(lengths: $0, isStored: plan.isPooledFromStored) }.max() ?? 0
    let width = plan.weights.configuration.hiddenSize
    let wide = max(plan.weights.configuration.intermediateSize, 3 * width)
    let packed = packedBytes(rows: max(plan.mostTokens, wide), inner: wide)
    func workspaces(_ bytes: Int) -> Int {
      bytes == 0 ? 0 : workers * (bytes + bytes / 32 + 2 << 20 + packed)
    }
    let rows = plan.mostTokens * width * 4
    // A block's vectors, as they are computed and as they are handed on.
    let vectors =
      2 * (plan.weights.fineTuning.encoderLayers + 1)
      * (plan.pooled.map(\.count).max() ?? 0) * 2 * width * 4
    // A rank adds up fewer blocks and has room for what it receives of the others'.
    let gradients =
      SumTree(blocks: plan.mostBlocks).mostSums(of: 0..<plan.mostBlocks, workers: threads)
      + (RankTeam.launched > 1 ? 1 : 0)
    return BytesNeeded(
      prefix: workspaces(prefix) + workers * 2 * rows,
      training: 4 * (2 + gradients) * plan.weights.trainable.count
        + workspaces(max(prefix, pooled, trained + trained / 16, scored))
        + (plan.isStored ? workers * rows : 0),
      scoring: workspaces(scored),
      pooling: workspaces(max(prefix, pooled))
        + workers * (vectors + (plan.isPooledFromStored ? rows : 0)),
      // 8 MB of stack beside OpenBLAS' buffer.
      reserved: workers * (8 << 20 + Engine.bufferBytes))
  }

  package static func checkResources(threads: Int) throws {
    try Engine.checkBuffers(threads: workers(threads))
  }

  /// As many of the threads as get a block.
  private static func workers(_ threads: Int) -> Int {
    min(threads, ProcessInfo.processInfo.activeProcessorCount)
  }

  /// What OpenBLAS packs of a product's factors in a thread, about: panels of k by 512 and k by n numbers, where k is
  /// the inner dimension, at most some 512 at a time (Goto and van de Geijn 2008, "Anatomy of
  /// high-performance matrix multiplication").
  private static func packedBytes(rows: Int, inner: Int) -> Int {
    4 * min(512, inner) * (512 + rows)
  }
}
