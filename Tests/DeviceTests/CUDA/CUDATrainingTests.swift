import Device
import Model
import RunLog
import TestSupport
import Testing

@testable import Train

/// A training by the driver of NVIDIA's GPUs, on the stand-in.
@Suite struct CUDATrainingTests {
  private struct Examples: ExampleSource {
    let batch: PackedBatch

    func length(_ example: Int) -> Int { batch.offsets[example + 1] - batch.offsets[example] }

    func batch(_ examples: ArraySlice<Int>) -> PackedBatch {
      PackedBatch(
        examples.map { Array(batch.tokens[batch.offsets[$0]..<batch.offsets[$0 + 1]]) },
        examples: examples.map { batch.examples[$0] })
    }
  }

  private struct Training {
    let blocks: Blocks
    let labels: [Int]
    let backend: DeviceBackend
    private let folder: TemporaryFolder

    /// Five layers kept, three of them frozen, as are the embeddings.
    init(on device: any Device) throws {
      let (batch, labels) = try TinyModel.batch(.bert)
      let setting = try #require(
        TinyModel.casesOfBERT.first { $0.freezeEmbeddings && $0.frozenLayers > 0 })
      folder = try TinyModel.withDropout(0.1, .bert)
      let classifier = try Classifier.load(
        directory: folder.path, fineTuning: setting.fineTuning
      ).classifier
      blocks = Blocks(Array(0..<batch.count), of: Examples(batch: batch), blockTokens: 40)
      self.labels = labels
      backend = DeviceBackend(classifier, on: device, threads: 1)
      try backend.prepareTraining(OptimizerSettings(learningRate: 1e-3))
    }

    /// A step; returns the norm of its gradient.
    @discardableResult func step() throws -> Double {
      _ = try backend.gradient(
        of: blocks, labels: labels, dropout: DropoutKey(seed: 1, epoch: 1), Watch())
      let norm = try backend.gradientNorm
      try backend.step(learningRate: 1e-3, gradientFactor: Float(min(1, 0.5 / norm)))
      return norm
    }
  }

  /// What a step asks of NVIDIA's libraries. From the second step on no memory is taken and none is given back.
  @Test func theCallsOfAStep() throws {
    let standIn = try StandIn()
    do {
      let training = try Training(on: standIn.open())
      try training.step()
      standIn.forgetRecord()
      try training.step()
      let record = standIn.record
      #expect(!record.contains { $0.hasPrefix("cuMemAlloc") || $0.hasPrefix("cuMemFree") })
      #expect(!record.contains { $0.hasPrefix("cuModule") || $0.hasPrefix("nvrtc") })
      // It waits for the logits of each block and for the norm, and for nothing else.
      let waits = record.filter { $0.hasPrefix("cuStreamSynchronize") }.count
      let reads = record.filter { $0.hasPrefix("cuMemcpyDtoH") }.count
      #expect(waits == reads)
      standIn.forgetRecord()
      try training.step()
      #expect(standIn.record == record, "another step asks for something else")
      try expectSnapshot(record.joined(separator: "\n") + "\n", "train/cuda-step.txt")
    }
    standIn.expectClean()
  }

  /// The same bits from run to run.
  @Test func repeatsToTheBit() throws {
    func norms(_ precision: ProductPrecision) throws -> [UInt64] {
      let standIn = try StandIn()
      let training = try Training(on: standIn.open(precision: precision))
      return try (0..<3).map { _ in try training.step().bitPattern }
    }
    let exact = try norms(.fp32)
    #expect(try norms(.fp32) == exact)
    let rounded = try norms(.tf32)
    #expect(try norms(.tf32) == rounded)
    // TF32 has 10 bits after the binary point.
    for (a, b) in zip(exact, rounded) {
      let (a, b) = (Double(bitPattern: a), Double(bitPattern: b))
      #expect(a != b)
      #expect(abs(a - b) < 1e-2 * a)
    }
  }

  /// Lets each piece of memory in turn be refused: the error says so and nothing is left.
  @Test func anyMemoryMayBeRefused() throws {
    func work(_ standIn: StandIn) throws {
      let training = try Training(on: standIn.open())
      try training.step()
    }
    let standIn = try StandIn()
    try work(standIn)
    let count = standIn.record.filter { $0.hasPrefix("cuMemAlloc") }.count
    #expect(count > 3)
    for number in 1...count {
      let failing = try StandIn("fail=cuMemAlloc_v2:\(number):2")
      let error = try #require(#expect(throws: DeviceError.self) { try work(failing) })
      guard case .outOfMemory = error else {
        Issue.record("\(number): \(error)")
        continue
      }
      failing.expectClean()
    }
  }

  /// Loses the device at one of the first and one of the last operations of a step, and in between.
  @Test func theDeviceMayBeLostAtAnyTime() throws {
    let standIn = try StandIn()
    func operations() -> Int {
      standIn.record.filter {
        $0.hasPrefix("cuLaunch") || $0.hasPrefix("cublasSgemm") || $0.hasPrefix("cuMemcpy")
          || $0.hasPrefix("cuMemset")
      }.count
    }
    let count: Int
    do {
      let training = try Training(on: standIn.open())
      standIn.forgetRecord()
      try training.step()
      count = operations()
    }
    standIn.expectClean()
    #expect(count > 100)
    for number in [1, 2, count / 3, count / 2, count - 8] {
      let failing = try StandIn()
      do {
        let training = try Training(on: failing.open())
        try failing.configure("fail=execution:\(number):719")
        let error = try #require(
          #expect(throws: DeviceError.self) {
            try training.step()
            // What was asked for last shows with the next read.
            _ = try training.backend.gradientNorm
          })
        guard case .lost = error else {
          Issue.record("\(number): \(error)")
          continue
        }
      }
      failing.expectClean()
    }
  }
}
