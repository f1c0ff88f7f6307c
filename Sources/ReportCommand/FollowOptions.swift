internal import ArgumentParser
internal import Dispatch
internal import Results
internal import RunLog
internal import Train

/// What is written while a training runs, beside the run directory itself.
struct FollowOptions: ParsableArguments {
  @Flag(help: "Write TensorBoard event files, into <run-dir>/tensorboard.")
  var tensorboard = false

  @Option(
    help: ArgumentHelp(
      "Folder for TensorBoard event files; implies --tensorboard.", valueName: "dir"),
    completion: .directory)
  var tensorboardDir: String?

  @Flag(
    help: "Write figures, report.md and report.html after every epoch; the page reloads itself.")
  var live = false

  /// What follows a run.
  func follower(of run: RunDirectory, _ progress: TerminalProgress) -> TrainingFollower {
    let events: EventWriter? =
      tensorboard || tensorboardDir != nil
      ? EventWriter(log: run.log, folder: tensorboardDir ?? run.tensorBoard) : nil
    return TrainingFollower(run, events: events, isLive: live, progress)
  }
}

/// Follows a training with event files and a report; what goes wrong there stops no training.
final class TrainingFollower {
  private let run: RunDirectory
  private var events: EventWriter?
  private var isLive: Bool
  private let progress: TerminalProgress
  private var lastUpdate = DispatchTime.now()
  private var hasPage = false
  /// What the last report was of, so that a report costs the same after the hundredth epoch as after the first.
  private var results: RunResults?

  init(_ run: RunDirectory, events: EventWriter?, isLive: Bool, _ progress: TerminalProgress) {
    (self.run, self.events, self.isLive, self.progress) = (run, events, isLive, progress)
  }

  /// Takes notice of what a training tells, on the thread that trains.
  func show(_ event: TrainingEvent) {
    switch event {
    // What comes after the last epoch is in the report that the end of the training writes.
    case .note, .warnings, .average: break
    case .progress:
      let now = DispatchTime.now()
      guard now.uptimeNanoseconds - lastUpdate.uptimeNanoseconds > 5_000_000_000 else { return }
      lastUpdate = now
      updateEvents()
    case .epoch:
      updateEvents()
      if isLive { render(isLive: true) }
    }
  }

  /// Writes what is left, when the training has ended in one way or another: a page that reloads
  /// itself would do so for ever.
  func finish() {
    updateEvents()
    if hasPage { render(isLive: false) }
  }

  private func updateEvents() {
    do {
      try events?.update()
    } catch {
      events = nil
      progress.say("Warning: no more TensorBoard events are written: \(error)")
    }
  }

  private func render(isLive: Bool) {
    do {
      results = try RenderingOptions.renderQuietly(run, isLive: isLive, after: results)
      hasPage = true
    } catch {
      progress.say("Warning: the report of this epoch could not be written: \(error)")
    }
  }
}
