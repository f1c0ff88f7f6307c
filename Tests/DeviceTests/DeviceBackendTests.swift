import Device
import Model
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

extension OnDevices {
  /// What the backend on a device computes, beside the processor's, on the tiny models of every family.
  @Suite struct DeviceBackendTests {
    static let cases = TestedDevice.here.flatMap { device in TinyModel.cases.map { (device, $0) } }
    static let casesOfFamilies = TestedDevice.here.flatMap { device in
      TinyModel.Family.allCases.map { (device, $0) }
    }

    /// Examples of a packed batch, for blocks.
    private struct Examples: ExampleSource {
      let batch: PackedBatch

      func length(_ example: Int) -> Int { batch.offsets[example + 1] - batch.offsets[example] }

      func batch(_ examples: ArraySlice<Int>) -> PackedBatch {
        PackedBatch(
          examples.map { Array(batch.tokens[batch.offsets[$0]..<batch.offsets[$0 + 1]]) },
          examples: examples.map { batch.examples[$0] })
      }
    }

    private static func blocks(_ family: TinyModel.Family, tokens: Int = 40) throws -> (
      Blocks, [Int]
    ) {
      let (batch, labels) = try TinyModel.batch(family)
      return (
        Blocks(Array(0..<batch.count), of: Examples(batch: batch), blockTokens: tokens), labels
      )
    }

    /// Both backends of one network, each with weights of its own.
    private static func backends(
      _ device: TestedDevice, _ load: () throws -> Classifier
    ) throws -> (cpu: CPUBackend, device: DeviceBackend) {
      (
        CPUBackend(try load(), threads: 1),
        DeviceBackend(try load(), on: try device.open(), threads: 1)
      )
    }

    private static func gradient(of backend: DeviceBackend) throws -> [String: [Float]] {
      let store = try #require(backend.gradient?.store)
      let elements = try backend.workspace.read(store.elements)
      return Dictionary(
        uniqueKeysWithValues: backend.tensors.map { ($0.name, Array(elements[$0.range])) })
    }

    private static let key = DropoutKey(seed: 7, epoch: 2)

    /// The largest difference of two lists of numbers; not a number if any is none.
    private static func distance(_ a: [Float], _ b: [Float]) -> Float {
      a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .nan
    }

    // MARK: Evaluation

    @Test(arguments: cases) func scores(_ device: TestedDevice, _ setting: TinyModel.Case) throws {
      let (blocks, _) = try Self.blocks(setting.family)
      let (cpu, other) = try Self.backends(device) { try TinyModel.load(setting) }
      #expect(blocks.count > 1)
      let (logits, expected) = (
        try other.logits(of: blocks, Watch()), try cpu.logits(of: blocks, Watch())
      )
      #expect(Self.distance(logits, expected) <= 1e-5)
      // What a block gives does not depend on what is computed beside it.
      #expect(try other.logits(of: blocks, Watch()) == logits)
      let first = Blocks(
        Array(blocks.examples[blocks.cuts[0]]),
        of: Examples(batch: try TinyModel.batch(setting.family).batch),
        blockTokens: 1000)
      #expect(
        try other.logits(of: first, Watch()) == Array(logits.prefix(3 * first.examples.count)))
      #expect(cpu.parameterCounts == other.parameterCounts)
    }

    @Test(arguments: cases) func prefixesAndPooledStates(
      _ device: TestedDevice, _ setting: TinyModel.Case
    ) throws {
      let (blocks, _) = try Self.blocks(setting.family)
      let (cpu, other) = try Self.backends(device) { try TinyModel.load(setting) }
      func all(_ compute: (@Sendable (Int, [Float]) throws -> Void) throws -> Void) throws -> [Int:
        [Float]]
      {
        let parts = Locked([Int: [Float]]())
        try compute { block, rows in parts.withLock { $0[block] = rows } }
        return parts.withLock { $0 }
      }
      for isPooled in [false, true] {
        let (found, expected) = try (
          all {
            isPooled
              ? try other.pooledStates(of: blocks, Watch(), store: $0)
              : try other.prefixes(of: blocks, Watch(), store: $0)
          },
          all {
            isPooled
              ? try cpu.pooledStates(of: blocks, Watch(), store: $0)
              : try cpu.prefixes(of: blocks, Watch(), store: $0)
          }
        )
        #expect(found.count == blocks.count)
        for (block, rows) in expected {
          #expect(Self.distance(found[block] ?? [], rows) <= 1e-5, "block \(block), \(isPooled)")
        }
      }
      #expect(cpu.multiplyAdds == other.multiplyAdds)
    }

    // MARK: Training

    private func checkGradient(
      _ cpu: CPUBackend, _ other: DeviceBackend, _ blocks: Blocks, _ labels: [Int],
      _ dropout: DropoutKey?
    ) throws {
      let expected = try cpu.gradient(of: blocks, labels: labels, dropout: dropout, Watch())
      let found = try other.gradient(of: blocks, labels: labels, dropout: dropout, Watch())
      #expect(abs(found.lossSum - expected.lossSum) <= 1e-5 * Double(labels.count))
      #expect(Self.distance(found.logits, expected.logits) <= 1e-5)
      let own = try #require(cpu.gradient)
      let whole = own.squaredNorm().squareRoot()
      #expect(whole > 0)
      #expect(abs(try other.gradientNorm - whole) <= 2e-5 * whole)
      let gradient = try Self.gradient(of: other)
      for tensor in cpu.tensors {
        let (a, b) = (gradient[tensor.name] ?? [], own[tensor.name])
        let difference = norm(zip(a, b).map { $0 - $1 })
        #expect(
          a.count == b.count && difference <= 2e-5 * max(norm(b), 0.01 * whole), "\(tensor.name)")
        // What never learns has no gradient, to the bit.
        if isKeyBias(tensor.name) { #expect(a.allSatisfy { $0 == 0 }) }
      }
      // The same once more, to the bit.
      let again = try other.gradient(of: blocks, labels: labels, dropout: dropout, Watch())
      #expect(again == found)
      #expect(try Self.gradient(of: other) == gradient)
    }

    @Test(arguments: cases) func gradients(_ device: TestedDevice, _ setting: TinyModel.Case) throws
    {
      let (blocks, labels) = try Self.blocks(setting.family)
      let (cpu, other) = try Self.backends(device) { try TinyModel.load(setting) }
      try checkGradient(cpu, other, blocks, labels, nil)
      #expect(cpu.multiplyAdds * 2 == other.multiplyAdds)
    }

    /// The draws are the processor's, bit for bit: with others, gradients would be far apart.
    @Test(arguments: cases) func gradientsWithDropout(
      _ device: TestedDevice, _ setting: TinyModel.Case
    ) throws {
      let folder = try TinyModel.withDropout(0.1, setting.family)
      let (blocks, labels) = try Self.blocks(setting.family)
      let (cpu, other) = try Self.backends(device) {
        try Classifier.load(directory: folder.path, fineTuning: setting.fineTuning).classifier
      }
      try checkGradient(cpu, other, blocks, labels, Self.key)
    }

    /// Dropout in frozen layers, as PyTorch's `model.train()` leaves it.
    @Test(arguments: casesOfFamilies) func gradientsWithDropoutInFrozenLayers(
      _ device: TestedDevice, _ family: TinyModel.Family
    ) throws {
      let folder = try TinyModel.withDropout(0.1, family)
      let tuning = FineTuning(
        encoderLayers: 4, frozenLayers: 2, freezeEmbeddings: true, frozenDropout: true,
        labels: TinyModel.labels, seed: 1)
      let (blocks, labels) = try Self.blocks(family)
      let (cpu, other) = try Self.backends(device) {
        try Classifier.load(directory: folder.path, fineTuning: tuning).classifier
      }
      try checkGradient(cpu, other, blocks, labels, Self.key)
    }

    /// Five steps of AdamW, with decay and clipping.
    @Test(arguments: cases) func steps(_ device: TestedDevice, _ setting: TinyModel.Case) throws {
      let folder = try TinyModel.withDropout(0.1, setting.family)
      let (blocks, labels) = try Self.blocks(setting.family, tokens: 30)
      let (cpu, other) = try Self.backends(device) {
        try Classifier.load(directory: folder.path, fineTuning: setting.fineTuning).classifier
      }
      let optimizer = OptimizerSettings(learningRate: 1e-3)
      let before = cpu.tensors.map { cpu.read(.parameters, $0.name) }
      for backend in [cpu, other] as [any Backend] {
        try backend.prepareTraining(optimizer)
        for epoch in 0..<5 {
          _ = try backend.gradient(
            of: blocks, labels: labels, dropout: DropoutKey(seed: 1, epoch: epoch), Watch())
          let norm = try backend.gradientNorm
          try backend.step(learningRate: 1e-3, gradientFactor: Float(min(1, 0.5 / norm)))
        }
      }
      #expect(other.steps == 5)
      for (place, tensor) in cpu.tensors.enumerated() where !isKeyBias(tensor.name) {
        for part in [StatePart.parameters, .firstMoment, .secondMoment] {
          let expected = cpu.read(part, tensor.name)
          let found = try other.read(part, tensor.name)
          let start = part == .parameters ? before[place] : expected.map { _ in 0 }
          let way = norm(zip(expected, start).map { $0 - $1 })
          // AdamW divides by the root of the second moment, which enlarges what differs where gradients are small.
          #expect(
            norm(zip(found, expected).map { $0 - $1 }) <= (part == .parameters ? 1e-3 : 1e-4) * way,
            "\(part) \(tensor.name)")
        }
      }
    }

    // MARK: State

    @Test(arguments: TestedDevice.here) func stateGoesInAndOut(_ device: TestedDevice) throws {
      let setting = TinyModel.casesOfBERT[0]
      let (_, other) = try Self.backends(device) { try TinyModel.load(setting) }
      try other.prepareTraining(OptimizerSettings(learningRate: 1e-3))
      for (index, tensor) in other.tensors.enumerated() {
        #expect(try other.read(.firstMoment, tensor.name).allSatisfy { $0 == 0 })
        let count = tensor.shape.reduce(1, *)
        for (shift, part) in [StatePart.parameters, .firstMoment, .secondMoment, .kept].enumerated()
        {
          try other.write(
            (0..<count).map { Float(index * 4 + shift) + Float($0) / 1024 }, to: part, tensor.name)
        }
      }
      other.resume(after: 12)
      #expect(other.steps == 12)
      func expected(_ index: Int, _ shift: Int, _ count: Int) -> [Float] {
        (0..<count).map { Float(index * 4 + shift) + Float($0) / 1024 }
      }
      for (index, tensor) in other.tensors.enumerated() {
        let count = tensor.shape.reduce(1, *)
        for (shift, part) in [StatePart.parameters, .firstMoment, .secondMoment, .kept].enumerated()
        {
          #expect(try other.read(part, tensor.name) == expected(index, shift, count))
        }
      }
      try other.useKeptParameters()
      let tensor = other.tensors[1]
      #expect(
        try other.read(.parameters, tensor.name) == expected(1, 3, tensor.shape.reduce(1, *)))
      try other.write(
        [Float](repeating: 5, count: tensor.shape.reduce(1, *)), to: .parameters, tensor.name)
      try other.keepParameters()
      #expect(try other.read(.kept, tensor.name).allSatisfy { $0 == 5 })
    }

    /// Norms of gradients whose squares leave the range of 32-bit floats, and of those that are not finite.
    @Test(arguments: TestedDevice.here) func normsOutOfRange(_ device: TestedDevice) throws {
      let setting = TinyModel.casesOfBERT[3]
      let (blocks, labels) = try Self.blocks(.bert)
      let (_, other) = try Self.backends(device) { try TinyModel.load(setting) }
      _ = try other.gradient(of: blocks, labels: labels, dropout: nil, Watch())
      let elements = try #require(other.gradient).store.elements
      for (value, expected) in [
        (3e30, 3e30), (2e-30, 2e-30), (.leastNonzeroMagnitude, .leastNonzeroMagnitude), (0, 0),
        (Float.infinity, Float.infinity),
        (1, 1),
      ] as [(Float, Float)] {
        try other.workspace.write(
          [Float](repeating: 0, count: elements.count - 1) + [value], to: elements)
        let found = try other.gradientNorm
        #expect(found == Double(expected) || abs(found / Double(expected) - 1) < 1e-6, "\(value)")
      }
      try other.workspace.write(
        [.nan] + [Float](repeating: 1, count: elements.count - 1), to: elements)
      #expect(try other.gradientNorm.isNaN)
    }
  }
}
