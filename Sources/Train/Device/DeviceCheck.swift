package import Device
internal import Foundation
internal import Model
internal import RunLog

/// Whether a device computes what the processor does, kernel by kernel, on small networks with random weights.
package struct DeviceCheck: Sendable {
  /// What one kernel, or the matrix products, did.
  package struct Finding: Sendable {
    package let name: String
    package let launches: Int
    /// As a share of what was computed; see `CheckedDevice.Agreement`.
    package let largestDifference: Double
    /// Up to which it is rounding.
    package let bound: Double

    package var agrees: Bool { largestDifference <= bound }
  }

  /// Of all that ran, by name.
  package let findings: [Finding]
  /// Kernels that no training uses.
  package let unused: [String]

  package var agrees: Bool { findings.allSatisfy(\.agrees) }

  /// Kernels differ where a compiler fuses products with sums, or does not round quotients and roots correctly.
  private static let kernelBound = 1e-5
  /// Products differ in the order of their sums.
  private static func productBound(_ precision: ProductPrecision) -> Double {
    switch precision {
    case .fp32: 1e-5
    // Each factor is rounded to 10 bits after the binary point.
    case .tf32: 5e-3
    }
  }

  /// Runs the check.
  ///
  /// - Parameters:
  ///   - device: nobody else uses it.
  ///   - precision: of its products.
  /// - Throws: what goes wrong on the device, or with the temporary folder.
  package init(of device: any Device, precision: ProductPrecision) throws {
    let checked = CheckedDevice(device)
    for architecture in [Architecture.bert, .distilbert] {
      try Self.train(architecture, on: checked)
    }
    findings = checked.results.map { name, agreement in
      Finding(
        name: name, launches: agreement.launches, largestDifference: agreement.largestDifference,
        bound: name == CheckedDevice.products ? Self.productBound(precision) : Self.kernelBound)
    }.sorted { $0.name < $1.name }
    unused = CheckedDevice.kernels.filter { checked.results[$0] == nil }.sorted()
  }

  /// Scores and trains with some layers frozen, and with none, so that everything is computed that a training computes.
  private static func train(_ architecture: Architecture, on device: CheckedDevice) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("transfergap-device-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let layers = 3
    try RandomCheckpoint.write(architecture, layers: layers, to: folder.path)
    let examples = RandomExamples()
    let blocks = Blocks(Array(0..<examples.lengths.count), of: examples, blockTokens: 120)
    for frozenLayers in [1, 0] {
      let tuning = FineTuning(
        encoderLayers: layers, frozenLayers: frozenLayers, freezeEmbeddings: frozenLayers > 0,
        labels: RandomCheckpoint.labels, seed: 1)
      let classifier = try Classifier.load(directory: folder.path, fineTuning: tuning).classifier
      let backend = DeviceBackend(classifier, on: device, threads: 1)
      if backend.hasCacheablePrefix { try backend.prefixes(of: blocks, Watch()) { _, _ in } }
      try backend.pooledStates(of: blocks, Watch()) { _, _ in }
      _ = try backend.logits(of: blocks, Watch())
      try backend.prepareTraining(OptimizerSettings(learningRate: 1e-3))
      for epoch in 1...2 {
        _ = try backend.gradient(
          of: blocks, labels: examples.lengths.map { $0 % 3 },
          dropout: DropoutKey(seed: 1, epoch: epoch), Watch())
        let norm = try backend.gradientNorm
        try backend.step(learningRate: 1e-3, gradientFactor: Float(min(1, 0.5 / norm)))
      }
    }
  }

  /// Texts of token ids that mean nothing, some longer than what kernels take at once.
  private struct RandomExamples: ExampleSource {
    let lengths = [3, 70, 1, 33, 16, 64, 2, 47]

    func length(_ example: Int) -> Int { lengths[example] }

    func batch(_ examples: ArraySlice<Int>) -> PackedBatch {
      PackedBatch(
        examples.map { example in
          (0..<lengths[example]).map {
            Int32((7 * $0 + 11 * example + 1) % RandomCheckpoint.vocabularySize)
          }
        }, examples: examples.map { UInt32($0) })
    }
  }
}
