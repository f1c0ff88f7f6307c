import Foundation
import RunLog
import Storage
import Study
import TestSupport
import Testing

/// The runner with a shell in place of a training: it copies a prepared run, fails, or waits.
@Suite struct StudyRunnerTests {
  private let folder: TemporaryFolder
  private let plan: StudyPlan

  init() throws {
    folder = try TemporaryFolder()
    let definition = try StudyDefinition.parse(
      "name: s\nbase: b.yaml\nseeds: [1, 2]\nconfigurations: {a: {}, b: {training.epochs: 3}}",
      file: "study.yaml", relativeTo: "/")
    plan = try StudyPlan(definition, path: folder.path) { settings in
      try Experiment.parse(
        """
        name: base
        model: {checkpoint: /m}
        data: {source: {language: en, train: /t.tsv, validation: /v.tsv}}
        """, file: "b.yaml", settings: settings, relativeTo: "/")
    }
    for run in plan.runs { try write(run, to: "\(folder.path)/prepared/\(run.name)") }
  }

  private func write(_ run: StudyPlan.PlannedRun, to path: String) throws {
    let directory = RunDirectory(path)
    try makeFolder("\(folder.path)/prepared")
    try makeFolder("\(folder.path)/runs")
    try directory.create()
    try AtomicFile.write(run.experiment.yaml, to: directory.experiment)
    try RunLogWriter(directory.log).append(
      .runFinished(
        RunFinished(
          time: "2026-01-01T00:00:00Z", selectedEpoch: 1, seconds: 1, peakMemoryBytes: 1,
          prefixSeconds: 0)))
  }

  /// Runs the study with a shell script for each run; `$RUN` is its name.
  private func run(
    jobs: Int = 1, script: String, isInterrupted: @escaping () -> Bool = { false },
    watch: @escaping (StudyRunner.Event) -> Void = { _ in }
  ) throws -> [StudyRunner.Failure] {
    try StudyRunner(
      plan.runs, in: plan.path, jobs: jobs, executable: "/bin/sh",
      arguments: { ["-c", "cd '\(folder.path)'; RUN=\($0.name); \(script)"] },
      isInterrupted: isInterrupted, watch: watch
    ).run()
  }

  private static let copy = "cp -r prepared/$RUN runs/$RUN"

  @Test(arguments: [1, 3])
  func trainsWhatIsMissingAndTakesWhatIsThere(_ jobs: Int) throws {
    try write(plan.runs[1], to: plan.runs[1].directory.path)
    var events: [String] = []
    let failures = try run(
      jobs: jobs, script: Self.copy,
      watch: { event in
        switch event {
        case .reused(let run): events.append("reused \(run.name)")
        case .started(let run, let place, let count, _):
          events.append("started \(run.name) \(place)/\(count)")
        case .finished(let run, _, _): events.append("finished \(run.name)")
        case .failed(let failure): events.append("failed \(failure.run.name)")
        }
      })
    #expect(failures.isEmpty)
    #expect(
      events.filter { !$0.hasPrefix("finished") } == [
        "reused a-seed-2", "started a-seed-1 1/3", "started b-seed-1 2/3", "started b-seed-2 3/3",
      ])
    #expect(events.count { $0.hasPrefix("finished") } == 3)
    #expect(try plan.runs.allSatisfy { try $0.state() == .complete })
  }

  @Test func aFailureStopsNoOtherRunAndIsReported() throws {
    let failures = try run(
      jobs: 2, script: "if [ $RUN = a-seed-2 ]; then echo no luck >&2; exit 1; fi; \(Self.copy)")
    let failure = try #require(failures.first)
    #expect(failures.count == 1 && failure.run.name == "a-seed-2")
    #expect(failure.reason == "exit status 1")
    let messages = try String(contentsOfFile: try #require(failure.messages), encoding: .utf8)
    #expect(messages == "no luck\n")
    #expect(try plan.runs.map { try $0.state() } == [.complete, .missing, .complete, .complete])
  }

  @Test func endingWithoutARunIsAFailure() throws {
    let failures = try run(script: "exit 0")
    #expect(
      failures.map(\.reason) == Array(repeating: "it ended without finishing the run", count: 4))
    #expect(try run(script: "kill -9 $$").first?.reason == "killed by signal 9")
  }

  @Test func anInterruptionAsksTheProcessesToStopAndWaits() throws {
    let asked = Date()
    #expect(throws: CancellationError.self) {
      _ = try run(
        jobs: 2,
        script: "trap 'touch runs/$RUN.stopped; exit 130' TERM; touch runs/$RUN.started; "
          + "while :; do sleep 0.05; done",
        isInterrupted: {
          exists("\(folder.path)/runs/a-seed-1.started")
            && exists("\(folder.path)/runs/a-seed-2.started")
        })
    }
    #expect(exists("\(folder.path)/runs/a-seed-1.stopped"))
    #expect(exists("\(folder.path)/runs/a-seed-2.stopped"))
    #expect(!exists("\(folder.path)/runs/b-seed-1.started"))
    #expect(Date().timeIntervalSince(asked) < 60)
  }

  @Test func aFolderThatHoldsSomethingElseStopsTheStudyBeforeItBegins() throws {
    try write(plan.runs[0], to: plan.runs[3].directory.path)
    var started = 0
    #expect(throws: RunLogError.self) {
      _ = try run(script: Self.copy, watch: { if case .started = $0 { started += 1 } })
    }
    #expect(started == 0)
  }
}
