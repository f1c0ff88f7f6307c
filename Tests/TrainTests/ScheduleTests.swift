import RunLog
import Storage
import TestSupport
import Testing
import Train

@Suite struct ScheduleTests {
  private func settings(
    _ shape: ScheduleSettings.Shape, _ etaMin: Double, _ per: ScheduleSettings.Period,
    warmup: Int = 0
  ) -> ScheduleSettings {
    ScheduleSettings(shape: shape, etaMin: etaMin, per: per, warmupSteps: warmup)
  }

  /// Rates of PyTorch's schedulers, by Tests/Fixtures/train/make_fixtures.py.
  @Test(arguments: [
    ("cosine-10", ScheduleSettings.Shape.cosineAnnealing, 5e-6),
    ("cosine-37", .cosineAnnealing, 0), ("cosine-1", .cosineAnnealing, 5e-6),
    ("linear-12", .linear, 5e-6),
  ])
  func matchesPyTorch(_ name: String, _ shape: ScheduleSettings.Shape, _ etaMin: Double) throws {
    let expected = try #require(
      try Fixture.json("train/schedules.json")[name]?.array?.compactMap(\.double))
    let perEpoch = Schedule(
      settings(shape, etaMin, .epoch), learningRate: 5e-5, epochs: expected.count,
      stepsPerEpoch: 3)
    let perStep = Schedule(
      settings(shape, etaMin, .step), learningRate: 5e-5, epochs: 1, stepsPerEpoch: expected.count)
    // PyTorch multiplies rates step by step, so its rounding grows with the steps.
    expectClose(
      expected.indices.map { perEpoch.rate(step: 3 * $0 + 2) }, expected, absolute: 1e-18,
      relative: 1e-12)
    expectClose(
      expected.indices.map { perStep.rate(step: $0 + 1) }, expected, absolute: 1e-18,
      relative: 1e-12)
  }

  @Test func usesTheWriteUpsRates() {
    let schedule = Schedule(
      settings(.cosineAnnealing, 5e-6, .epoch), learningRate: 5e-5, epochs: 10, stepsPerEpoch: 1)
    #expect(schedule.rate(step: 1) == 5e-5)
    #expect(abs(schedule.rate(step: 10) - 6.1e-6) < 1e-8)
  }

  @Test func warmsUpLinearly() {
    let schedule = Schedule(
      settings(.constant, 0, .step, warmup: 4), learningRate: 1, epochs: 2, stepsPerEpoch: 5)
    #expect((1...6).map(schedule.rate) == [0.25, 0.5, 0.75, 1, 1, 1])
  }

  @Test func decaysAfterTheWarmUp() {
    let schedule = Schedule(
      settings(.linear, 0, .step, warmup: 2), learningRate: 1, epochs: 1, stepsPerEpoch: 6)
    expectClose((1...6).map(schedule.rate), [0.5, 1, 1, 0.75, 0.5, 0.25], absolute: 1e-15)
  }
}
