internal import Glibc
public import RunLog

/// The learning rate as a pure function of time.
///
/// With `T` periods in all and `t` of them past, cosine annealing is
/// `η = η_min + (η_0 − η_min)(1 + cos(π t / T)) / 2`, as `torch.optim.lr_scheduler.CosineAnnealingLR`
/// with `T_max = T`: the first period uses `η_0`, and `η_min` is where it would arrive after the last.
/// Linear is `η_0 + (η_min − η_0) t / T`.
///
/// Warm-up multiplies the rate of the `s`-th step by `s / warmupSteps` until that is 1. Per step, the
/// schedule proper counts the steps after the warm-up.
public struct Schedule: Sendable {
  private let settings: ScheduleSettings
  private let peak: Double
  private let epochs: Int
  private let stepsPerEpoch: Int

  /// - Parameters:
  ///   - settings: shape, end, period and warm-up.
  ///   - learningRate: the rate of the first period, η_0.
  ///   - epochs: at least 1.
  ///   - stepsPerEpoch: at least 1.
  public init(
    _ settings: ScheduleSettings, learningRate: Double, epochs: Int, stepsPerEpoch: Int
  ) {
    precondition(epochs >= 1 && stepsPerEpoch >= 1)
    (self.settings, peak) = (settings, learningRate)
    (self.epochs, self.stepsPerEpoch) = (epochs, stepsPerEpoch)
  }

  /// The rate that a step uses.
  ///
  /// - Parameter step: from 1 over the whole run.
  /// - Returns: the rate, at least 0.
  public func rate(step: Int) -> Double {
    precondition(step >= 1)
    let warmup = settings.warmupSteps
    let factor = step < warmup ? Double(step) / Double(warmup) : 1
    let (past, periods) =
      switch settings.per {
      case .epoch: ((step - 1) / stepsPerEpoch, epochs)
      case .step: (max(0, step - 1 - warmup), max(1, epochs * stepsPerEpoch - warmup))
      }
    let share = Double(past) / Double(periods)
    let scheduled =
      switch settings.shape {
      case .constant: peak
      case .linear: peak + (settings.etaMin - peak) * share
      case .cosineAnnealing:
        settings.etaMin + (peak - settings.etaMin) * (1 + cos(.pi * share)) / 2
      }
    return factor * scheduled
  }
}
