public import RunLog

/// What a training tells its watcher.
public enum TrainingEvent: Sendable {
  /// A remark the user should read, such as a head that was initialised at random.
  case note(String)
  /// What about data and settings is often a slip; comes once, before anything is computed.
  case warnings([InputWarning])
  /// How far the whole run is; comes often, from one thread at a time.
  case progress(Progress)
  /// An epoch is trained and evaluated.
  case epoch(EpochRecord, [EvaluationRecord])
  /// The last epochs' weights are averaged, and evaluated so.
  case average([AverageEvaluationRecord])

  /// How far the run is.
  public struct Progress: Sendable {
    /// What is being done, such as "epoch 3, training".
    public let stage: String
    /// The share of the run's whole work that is done, in `0...1`.
    public let share: Double
    /// Tokens done in this stage.
    public let tokens: Int
    /// Seconds since the stage began.
    public let seconds: Double
  }
}
