import Foundation
import RunLog
import TestSupport
import Testing

@testable import Train

@Suite struct MemoryCheckTests {
  private func need(_ settings: [String] = [], threads: Int = 1) throws -> MemoryNeed {
    let experiment = try Experiment.parse(
      """
      name: memory
      model: {checkpoint: model, encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: data/train.tsv, validation: data/validation.tsv}
        max_length: 24
      """, file: "memory.yaml", settings: settings, relativeTo: Fixture.path("train"))
    return MemoryNeed(try Preparation(experiment, threads: 1), threads: threads)
  }

  /// 4,243 trainable parameters, 268 tokens of 16 numbers in one block.
  @Test func growsWithWhatIsKept() throws {
    let one = try need().additional
    #expect(try need(["select=best_source_validation"]).additional == one + 4 * 4243)
    // A gradient more for each, and a workspace and a block's rows as far as there are processors.
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let many = try need(threads: processors).additional
    #expect(try need(threads: processors + 3).additional == many + 3 * 4 * 4243)
    if processors > 1 {
      #expect(many - one > (processors - 1) * (4 * 4243 + 268 * 16 * 4))
    }
    #expect(try need(["training.block_tokens=30"]).additional < one)
    #expect(try need(["training.batch_size=2"]).additional <= one)
    // What cannot be given back after the first pass stays.
    #expect(try need(["model.frozen_dropout=true"]).additional > one)
  }

  @Test func theTightestBoundCounts() throws {
    let need = try need()
    let check = MemoryCheck(need: need)
    let bounds = [
      MemoryCheck.Bound(bytes: .max, name: "one"),
      MemoryCheck.Bound(bytes: need.additional, name: "two"),
    ]
    try check.check(against: bounds)
    let tight = bounds + [MemoryCheck.Bound(bytes: need.additional - 1, name: "the cage")]
    let error = #expect(throws: TooLittleMemory.self) { try check.check(against: tight) }
    #expect(error?.description.contains("but the cage leaves") == true)
    #expect(error?.description.contains("--ignore-memory") == true)
    try check.check(against: [])
  }

  @Test func readsWhatTheSystemTells() {
    #expect(
      MemoryCheck.freeMemory("MemTotal: 9 kB\nMemAvailable:    1000 kB\nSwapFree: 24 kB\n")
        == 1_048_576)
    #expect(MemoryCheck.freeMemory("MemTotal: 9 kB\n") == nil)
    let files = [
      "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/b/memory.current": "10\n",
      "/sys/fs/cgroup/a/memory.max": "1000\n", "/sys/fs/cgroup/a/memory.current": "700\n",
      "/sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 200\n",
      "/sys/fs/cgroup/memory.max": "600\n", "/sys/fs/cgroup/memory.current": "700\n",
      "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "5000\n",
      "/sys/fs/cgroup/memory/x/memory.usage_in_bytes": "1000\n",
    ]
    #expect(
      MemoryCheck.controlGroupBounds("0::/a/b\n") { files[$0] }.map(\.bytes) == [500, 0])
    #expect(
      MemoryCheck.controlGroupBounds("7:cpu,memory:/x\n3:cpu:/y\n") { files[$0] }.map(\.bytes)
        == [4000])
    #expect(MemoryCheck.controlGroupBounds("nonsense\n") { files[$0] }.isEmpty)
    #expect(!MemoryCheck.bounds().isEmpty)
  }
}
