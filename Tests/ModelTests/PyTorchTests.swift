import Model
import Storage
import TestSupport
import Testing

/// Against the sequence classifiers of transformers, float64 (Tests/Fixtures/make_fixtures.py).
@Suite struct PyTorchTests {
  @Test(arguments: TinyModel.cases)
  func logitsAndLossMatch(_ setting: TinyModel.Case) throws {
    let classifier = try TinyModel.load(setting)
    let (batch, labels) = try TinyModel.batch(setting.family)
    let expected = try Fixture.tensors(setting.family.fixture("forward.safetensors"))
    let worker = Worker(classifier)
    let logits = try expected.doubles("\(setting.name).logits.f64")
    // Logits are of size 1; after six layers in float32, torch's own are off by up to 1e-6.
    expectClose(
      worker.logits(of: batch).map { Double($0) }, logits, "logits", absolute: 1e-5)
    let result = worker.gradient(
      of: batch, labels: labels, scale: 1, dropout: nil, into: classifier.makeGradient())
    expectClose(result.logits.map { Double($0) }, logits, "running logits", absolute: 1e-5)
    let loss = try expected.doubles("\(setting.name).loss.f64")
    expectClose(
      [result.lossSum / Double(batch.count)], loss, "mean loss", absolute: 1e-5)
  }

  @Test(arguments: TinyModel.Family.allCases) func hiddenStatesMatch(
    _ family: TinyModel.Family
  ) throws {
    let classifier = try TinyModel.load(TinyModel.cases[0].of(family))
    let expected = try Fixture.tensors(family.fixture("forward.safetensors"))
    let states = Worker(classifier).hiddenStates(of: try TinyModel.batch(family).batch)
    #expect(states.count == 7)
    for (index, state) in states.enumerated() {
      // Normalised rows, elements of size 1; some rounding per layer.
      expectClose(
        state, try expected.floats("hidden.\(index)"), "hidden state \(index)", absolute: 1e-5)
    }
  }

  /// Every gradient within 2e-5 of its norm: torch's own float32 is off by up to 3e-6 (the fixture's
  /// metadata says how much), and ours sums in another order.
  @Test(arguments: TinyModel.cases, [LastLayer.firstRow, .allRows])
  func gradientsMatch(_ setting: TinyModel.Case, _ lastLayer: LastLayer) throws {
    let classifier = try TinyModel.load(setting)
    let (batch, labels) = try TinyModel.batch(setting.family)
    let expected = try Fixture.tensors(setting.fixture("gradients"))
    let gradient = classifier.makeGradient()
    // What was there before must not matter.
    gradient.withElements { $0.update(repeating: .nan) }
    let worker = Worker(classifier, lastLayer: lastLayer)
    _ = worker.gradient(
      of: batch, labels: labels, scale: 1 / Float(batch.count), dropout: nil, into: gradient)
    #expect(Set(gradient.tensors.map(\.name)) == Set(expected.entries.keys))
    for tensor in gradient.tensors {
      let found = gradient[tensor.name]
      if case .layer(let index, .key, .bias) = tensor.role {
        let query = setting.family.architecture.name(of: .layer(index, .query, .bias))
        #expect(norm(found) <= 1e-6 * norm(gradient[query]), "\(tensor.name)")
      } else {
        let distance = relativeDistance(
          found, try expected.floats(tensor.name, shape: tensor.shape))
        #expect(distance < 2e-5, "\(tensor.name)")
      }
    }
  }

  @Test(arguments: TinyModel.Family.allCases) func fiveStepsOfAdamWMatch(
    _ family: TinyModel.Family
  ) throws {
    let classifier = try TinyModel.load(TinyModel.cases[0].of(family))
    let (batch, labels) = try TinyModel.batch(family)
    let expected = try Fixture.tensors(family.fixture("steps.safetensors"))
    let worker = Worker(classifier)
    let gradient = classifier.makeGradient()
    let (m, v) = (classifier.makeGradient(), classifier.makeGradient())
    var losses: [Float] = []
    for step in 1...5 {
      let result = worker.gradient(
        of: batch, labels: labels, scale: 1 / Float(batch.count), dropout: nil, into: gradient)
      losses.append(Float(result.lossSum) / Float(batch.count))
      adamW(
        classifier.trainable, gradient: gradient, firstMoment: m, secondMoment: v, step: step,
        learningRate: 1e-3, weightDecay: 0.01)
    }
    expectClose(losses, try expected.floats("losses"), "losses", absolute: 1e-5)
    for tensor in classifier.trainable.tensors where !isKeyBias(tensor.name) {
      // Each step moves an element by about the rate, 1e-3, whatever its gradient's size, so rounding
      // noise in small gradients shows, but less than a hundredth of a step.
      expectClose(
        classifier.trainable[tensor.name], try expected.floats(tensor.name), tensor.name,
        absolute: 1e-5)
    }
  }
}
