import Device
import Foundation
import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

extension OnDevices {
  /// Whole trainings on a device, beside the processor's.
  @Suite struct DeviceRunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func experiment(
      _ family: String = "bert", _ settings: [String] = []
    ) throws -> Experiment {
      var fixture = FixtureExperiment(
        "epochs: 3", "batch_size: 8", "block_tokens: 40", "gradient_clipping: 1",
        "checkpoint_every: {steps: 3}", "optimizer: {learning_rate: 3e-3}",
        "schedule: {eta_min: 1e-4, per: step, warmup_steps: 3}")
      fixture.family = family
      fixture.further = ["select: best_source_validation", "baselines: {layers: none}"]
      return try Experiment.parse(
        fixture.yaml, file: "fixture.yaml", settings: settings, relativeTo: "/")
    }

    private func run(_ name: String) -> RunDirectory { RunDirectory("\(folder.path)/\(name)") }

    private func trainer(
      _ experiment: Experiment, _ name: String, on computing: Computing,
      interruption: Interruption = Interruption(),
      watch: @escaping (TrainingEvent) -> Void = { _ in }
    ) throws -> Trainer {
      try Trainer(
        Preparation(experiment, threads: 1, on: computing), run: run(name), threads: 1,
        interruption: interruption, watch: watch)
    }

    private func host(_ name: String = "host") -> Computing {
      Computing(device: HostDevice(name: name))
    }

    private func steps(_ name: String) throws -> [StepRecord] {
      try RunLogContents.read(run(name).log).records.compactMap {
        if case .step(let record) = $0 { record } else { nil }
      }
    }

    private func weights(_ name: String) throws -> String {
      try SHA256.hex(ofFile: "\(run(name).model)/model.safetensors")
    }

    private func beginsLikeTheProcessor(
      _ experiment: Experiment, on computing: Computing, _ name: String
    ) throws {
      try trainer(experiment, "cpu", on: .processor).train()
      try trainer(experiment, name, on: computing).train()
      let (expected, found) = (try steps("cpu"), try steps(name))
      #expect(found.count == expected.count && !found.isEmpty)
      for (a, b) in zip(found, expected) {
        #expect(a.examples == b.examples && a.learningRate == b.learningRate)
        // The same examples and draws; what differs grows from step to step.
        #expect(abs(a.loss - b.loss) <= 1e-4, "step \(a.step)")
        #expect(abs(a.gradientNorm / b.gradientNorm - 1) <= 1e-3, "step \(a.step)")
      }
    }

    /// The same examples, draws and steps as on the processor, of every family and way of freezing.
    @Test(
      arguments: TestedDevice.here,
      [
        ("bert", []), ("xlm-roberta", []), ("distilbert", []),
        ("bert", ["model.freeze_embeddings=false", "model.frozen_layers=0"]),
        ("bert", ["model.frozen_layers=3"]), ("bert", ["model.frozen_dropout=true"]),
      ] as [(String, [String])])
    func trainsAsTheProcessorDoes(
      _ device: TestedDevice, _ variant: (family: String, settings: [String])
    ) throws {
      try beginsLikeTheProcessor(
        experiment(variant.family, variant.settings), on: Computing(device: device.open()), "device"
      )
      let environment = try RunEnvironment.read(run("device").environment)
      #expect(environment.device != nil && environment.blasKernel == nil)
    }

    /// Baselines of layers that are frozen and of ones above those.
    @Test func fitsBaselinesOnADevice() throws {
      let experiment = try experiment("bert", ["baselines.layers=all"])
      try beginsLikeTheProcessor(experiment, on: host(), "host")
      func fitted(_ name: String) throws -> [String] {
        try RunLogContents.read(run(name).log).records.compactMap {
          if case .baselineFitted(let record) = $0 {
            "\(record.layer) \(record.strength) \(record.examples) \(record.features)"
          } else {
            nil
          }
        }
      }
      let expected = try fitted("cpu")
      // Of the whole checkpoint: of layers above those that are kept, too.
      #expect(expected.count == 5)
      #expect(try fitted("host") == expected)
    }

    // MARK: The same bits

    @Test func sameBitsFromRunToRunAndWhateverIsKept() throws {
      let experiment = try experiment()
      try trainer(experiment, "one", on: host()).train()
      try trainer(experiment, "two", on: host()).train()
      // Too small to keep stored rows: they are sent for every block.
      let roomy = HostDevice()
      try trainer(experiment, "roomy", on: Computing(device: roomy)).train()
      let least = roomy.most
      let tight = HostDevice(capacity: least - 1)
      try trainer(experiment, "tight", on: Computing(device: tight)).train()
      #expect(tight.most < least && tight.written > roomy.written)
      #expect(try Set(["one", "two", "roomy", "tight"].map(weights)).count == 1)
    }

    @Test func interruptedAndResumedToTheSameBits() throws {
      let experiment = try experiment()
      try trainer(experiment, "whole", on: host()).train()
      let interruption = Interruption()
      var events = 0
      let first = try trainer(experiment, "parts", on: host(), interruption: interruption) {
        guard case .progress = $0 else { return }
        events += 1
        if events == 20 { interruption.request() }
      }
      #expect(throws: Interrupted.self) { try first.train() }
      #expect(try trainer(experiment, "parts", on: host()).resume())
      #expect(try weights("parts") == weights("whole"))
    }

    /// A run goes on where it began: elsewhere it is refused, and the refusal names both.
    @Test func resumingElsewhereIsRefused() throws {
      let experiment = try experiment()
      func interrupted(_ name: String, on computing: Computing) throws {
        let interruption = Interruption()
        let trainer = try trainer(experiment, name, on: computing, interruption: interruption) {
          if case .progress = $0 { interruption.request() }
        }
        #expect(throws: Interrupted.self) { try trainer.train() }
      }
      try interrupted("host", on: host())
      try interrupted("cpu", on: .processor)
      for (name, computing, before, now) in [
        ("host", Computing.processor, "host (C, loops 1.0)", "the processor"),
        ("cpu", host(), "the processor", "host (C, loops 1.0)"),
        ("host", host("another"), "host (C, loops 1.0)", "another (C, loops 1.0)"),
      ] {
        let log = try RandomAccessFile(run(name).log).contents()
        let refusal = #expect(throws: ResumptionRefused.self) {
          try trainer(experiment, name, on: computing).resume()
        }
        #expect(
          try #require(refusal).description.contains(
            "it was computed on \(before), now it would be on \(now)"))
        #expect(try RandomAccessFile(run(name).log).contents() == log)
      }
    }

    // MARK: Scoring elsewhere

    @Test func evaluatesAndPredictsOnEither() throws {
      try trainer(experiment(), "cpu", on: .processor).train()
      let file = DataFile(location: .table(Fixture.path("train/data/target.tsv")))
      let onCPU = try LateEvaluation.run(
        run("cpu").path, language: "fr", file: file, threads: 1, replaces: false)
      let onDevice = try LateEvaluation.run(
        run("cpu").path, language: "fr", file: file, threads: 1, on: host(), replaces: true)
      #expect(abs(onCPU.loss - onDevice.loss) <= 1e-5)
      let texts = ["a b", "", "c"]
      var (there, here) = (
        try Predictor(run("cpu").path, threads: 1, on: host()),
        try Predictor(run("cpu").path, threads: 1)
      )
      for _ in 0..<2 {
        for (a, b) in zip(try there.predict(texts), try here.predict(texts)) {
          #expect(a.label == b.label)
          #expect(zip(a.logits, b.logits).allSatisfy { abs($0 - $1) <= 1e-5 })
        }
      }
      let more = ["d e f g", "h"]
      #expect(try there.predict(more).map(\.label) == here.predict(more).map(\.label))
    }

    // MARK: Memory

    /// What is said before is enough, and not much more than enough.
    @Test(arguments: [
      [], ["model.freeze_embeddings=false", "model.frozen_layers=0"], ["model.frozen_layers=3"],
    ])
    func whatIsNeededIsSaidBefore(_ settings: [String]) throws {
      let device = HostDevice()
      let experiment = try experiment("bert", settings + ["select=last"])
      let preparation = try Preparation(experiment, threads: 1, on: Computing(device: device))
      let need = try #require(preparation.deviceBytes)
      let tight = HostDevice(capacity: need)
      try trainer(experiment, "tight", on: Computing(device: tight)).train()
      #expect(tight.most <= need && 2 * tight.most >= need)
      let small = HostDevice(capacity: need - 1)
      let error = #expect(throws: TooLittleDeviceMemory.self) {
        try Preparation(experiment, threads: 1, on: Computing(device: small))
      }
      #expect("\(try #require(error))".contains("--device cpu"))
    }

    /// A product that finds no memory for itself is computed again once stored rows have gone, to the same bits.
    @Test func roomForAProductIsMade() throws {
      let experiment = try experiment()
      try trainer(experiment, "whole", on: host()).train()
      let device = HostDevice()
      var hasBegun = false
      try trainer(experiment, "refused", on: Computing(device: device)) {
        guard case .progress(let progress) = $0, progress.stage.contains("epoch 2"), !hasBegun
        else { return }
        hasBegun = true
        device.refusedProducts = 1
      }.train()
      #expect(hasBegun && device.refusedProducts == 0)
      #expect(try weights("refused") == weights("whole"))
    }

    /// A device that gets full meanwhile, by another program, ends the run with an error; what was saved stays.
    @Test func noRoomIsAnError() throws {
      let device = HostDevice()
      let preparation = try Preparation(experiment(), threads: 1, on: Computing(device: device))
      device.capacity = 20_000
      let trainer = Trainer(
        preparation, run: run("full"), threads: 1, interruption: Interruption(), watch: { _ in })
      let error = #expect(throws: DeviceError.self) { try trainer.train() }
      guard case .outOfMemory = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      device.capacity = 1 << 30
      #expect(try self.trainer(experiment(), "full", on: Computing(device: HostDevice())).resume())
    }
  }
}
