internal import Foundation
public import RunLog
internal import Storage

/// Trains what a study still lacks, each run in a process of its own.
///
/// A process a run keeps one run's failure from the others, and makes a study on one machine the same
/// thing as one on many: what is started here is what a batch system would start.
public final class StudyRunner {
  /// What happens to a study's runs.
  public enum Event: Sendable {
    /// It was there already.
    case reused(StudyPlan.PlannedRun)
    /// - Parameters:
    ///   - place: 1 for the first of those that are trained now.
    ///   - count: how many are trained now.
    case started(StudyPlan.PlannedRun, place: Int, count: Int, isResumed: Bool)
    case finished(StudyPlan.PlannedRun, seconds: Double, secondsLeft: Double?)
    case failed(Failure)
  }

  /// A run that did not come to its end.
  public struct Failure: Sendable {
    public let run: StudyPlan.PlannedRun
    /// Such as "exit status 1".
    public let reason: String
    /// Where the process wrote its messages; `nil` if they went to standard error.
    public let messages: String?
  }

  private struct Job {
    let run: StudyPlan.PlannedRun
    let process: Process
    let messages: String?
    let start: Double
  }

  private let runs: [StudyPlan.PlannedRun]
  /// Where messages go.
  private let folder: String
  private let jobs: Int
  private let executable: String
  private let arguments: (StudyPlan.PlannedRun) -> [String]
  private let isInterrupted: () -> Bool
  private let watch: (Event) -> Void

  /// - Parameters:
  ///   - runs: of a study, or such that continue a run.
  ///   - folder: theirs, to which messages go.
  ///   - jobs: how many processes at a time, at least 1.
  ///   - executable: the program that trains one run.
  ///   - arguments: what it is given for a run.
  ///   - isInterrupted: looked at ten times a second; processes are then asked to stop and waited for.
  ///   - watch: gets what happens, from the calling thread.
  public init(
    _ runs: [StudyPlan.PlannedRun], in folder: String, jobs: Int, executable: String,
    arguments: @escaping (StudyPlan.PlannedRun) -> [String],
    isInterrupted: @escaping () -> Bool, watch: @escaping (Event) -> Void
  ) {
    (self.runs, self.folder) = (runs, folder)
    (self.jobs, self.executable) = (jobs, executable)
    (self.arguments, self.isInterrupted, self.watch) = (arguments, isInterrupted, watch)
  }

  /// Trains every run that is not complete, in the order of the plan.
  ///
  /// - Returns: the runs that failed; the others are complete.
  /// - Throws: `CancellationError` if interrupted, after the processes have stopped; `RunLogError` if a
  ///   run's folder holds something else, before anything is started.
  public func run() throws -> [Failure] {
    var waiting: [(run: StudyPlan.PlannedRun, isResumed: Bool)] = []
    for run in runs {
      switch try run.state() {
      case .complete: watch(.reused(run))
      case .missing: waiting.append((run, false))
      case .unfinished: waiting.append((run, true))
      }
    }
    let count = waiting.count
    waiting.reverse()
    if jobs > 1 { try makeFolder("\(folder)/messages") }

    var failures: [Failure] = []
    var running: [Job] = []
    var seconds: [Double] = []
    var wasAskedToStop = false
    while !running.isEmpty || (!waiting.isEmpty && !wasAskedToStop) {
      while running.count < jobs, !wasAskedToStop, let next = waiting.popLast() {
        let place = count - waiting.count
        watch(.started(next.run, place: place, count: count, isResumed: next.isResumed))
        running.append(try start(next.run))
      }
      Thread.sleep(forTimeInterval: 0.1)
      if isInterrupted(), !wasAskedToStop {
        wasAskedToStop = true
        for job in running { askToStop(job.process) }
      }
      let ended = running.filter { !$0.process.isRunning }
      running.removeAll { !$0.process.isRunning }
      for job in ended {
        let elapsed = ProcessInfo.processInfo.systemUptime - job.start
        if try job.process.terminationReason == .exit && job.process.terminationStatus == 0
          && job.run.state() == .complete
        {
          seconds.append(elapsed)
          let mean = seconds.reduce(0, +) / Double(seconds.count)
          let left = Double(waiting.count + running.count) * mean / Double(jobs)
          watch(.finished(job.run, seconds: elapsed, secondsLeft: left > 0 ? left : nil))
        } else if !wasAskedToStop {
          let failure = Failure(
            run: job.run, reason: reason(job.process), messages: job.messages)
          failures.append(failure)
          watch(.failed(failure))
        }
      }
    }
    if wasAskedToStop { throw CancellationError() }
    return failures
  }

  private func start(_ run: StudyPlan.PlannedRun) throws -> Job {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments(run)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    var messages: String?
    if jobs > 1 {
      // Several progress bars on one terminal cannot be read.
      let path = "\(folder)/messages/\(run.name).txt"
      try AtomicFile.write("", to: path)
      guard let file = FileHandle(forWritingAtPath: path) else {
        throw RunLogError(file: path, "cannot be opened for writing.")
      }
      process.standardError = file
      messages = path
    }
    do {
      try process.run()
    } catch {
      throw RunLogError(
        file: executable, "cannot be started: \(error.localizedDescription)")
    }
    return Job(
      run: run, process: process, messages: messages, start: ProcessInfo.processInfo.systemUptime)
  }

  /// A terminal sends Ctrl-C to all processes of our group; a second signal would end them at once.
  private func askToStop(_ process: Process) {
    guard getpgid(process.processIdentifier) != getpgrp() else { return }
    kill(process.processIdentifier, SIGTERM)
  }

  private func reason(_ process: Process) -> String {
    switch process.terminationReason {
    case .exit where process.terminationStatus == 0: "it ended without finishing the run"
    case .exit: "exit status \(process.terminationStatus)"
    case .uncaughtSignal: "killed by signal \(process.terminationStatus)"
    @unknown default: "status \(process.terminationStatus)"
    }
  }
}
