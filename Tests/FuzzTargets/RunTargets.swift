internal import Chart
internal import Plot
internal import Report
internal import Results
internal import RunLog
internal import Storage
internal import TestSupport

/// A finished run of this process' own.
private let tinyRun: RunDirectory = {
  let directory = RunDirectory("\(FuzzTarget.folder)/run")
  do {
    var run = TinyRun()
    run.epochs = 2
    run.plannedEpochs = 2
    try run.write(to: directory.path)
  } catch {
    preconditionFailure("\(error)")
  }
  return directory
}()

/// A file of that run as a seed.
private func file(_ path: (RunDirectory) -> String) throws -> [UInt8] {
  try RandomAccessFile(path(tinyRun)).contents()
}

/// Reads the run with one file replaced, and makes report and figures of it, short of ink.
private func render(replacing path: String, by bytes: [UInt8]) throws {
  let original = exists(path) ? try RandomAccessFile(path).contents() : nil
  try write(bytes, to: path)
  defer {
    if let original { try? write(original, to: path) }
  }
  let results = try RunResults(Run(tinyRun.path))
  let rendering = Rendering(results)
  let report = try Report(results: results, figures: [])
  try demand(report.markdown().hasSuffix("\n"))
  for figure in rendering.figures {
    _ = figure.figure.page(measuring: FixedTextMeasurer()).svg()
    demand(!figure.caption.isEmpty && !figure.alternativeText.isEmpty)
  }
}

let runTargets = [
  FuzzTarget(
    "log", fileName: "log.jsonl", dictionary: "log",
    seeds: { [try file(\.log)] },
    body: { path, _ in
      let log = try RunLogContents.read(path)
      for record in log.records {
        try demand(LogRecord(record.json, file: path, line: 1).json == record.json)
      }
      // A writer continues after whatever a reader takes.
      try RunLogWriter(path).append(.interrupted(epoch: 1, step: 1))
      let count = try RunLogContents.read(path).records.count
      demand(count == log.records.count + 1)
    }),
  FuzzTarget(
    "history", fileName: "training_history.json", dictionary: "log",
    seeds: { [try file(\.history)] },
    body: { path, _ in _ = try TrainingHistory.read(path) }),
  FuzzTarget(
    "predictions", fileName: "en.validation.safetensors", dictionary: "safetensors",
    seeds: { [try file { $0.predictions(epoch: 1, Split("es", .validation)) }] },
    body: { path, _ in _ = try Predictions.read(path, classes: 3) }),
  FuzzTarget(
    "probe-record", fileName: "probe.json", dictionary: "json",
    seeds: {
      [
        bytes(
          """
          {"identity": "0a", "layer": 6, "fits":
          [{"per_class": 10, "draw": 1, "c": 1e-3, "converged": true, "sha256": "1b"}]}
          """)
      ]
    },
    body: { path, _ in
      let record = try FewShotProbeRecord.read(path)
      // What is written again means the same.
      try AtomicFile.write(record.json.prettyText, to: path)
      let again = try FewShotProbeRecord.read(path)
      demand(again.fits.count == record.fits.count, "a regression is lost")
    }),
  FuzzTarget(
    "examples", fileName: "examples.jsonl", dictionary: "json",
    seeds: {
      [
        bytes(
          #"{"id": 3, "tokens": 7, "words": 5, "unknown": 0, "truncated": false, "text": "a"}"#
            + "\n")
      ]
    },
    body: { path, _ in _ = try ExampleFacts.read(path) }),
  FuzzTarget(
    "environment", fileName: "environment.json", dictionary: "json",
    seeds: { [try file(\.environment)] },
    body: { path, _ in
      let environment = try RunEnvironment.read(path)
      try write(bytes(environment.json.prettyText), to: path)
      try demand(RunEnvironment.read(path) == environment)
    }),
  // Whole runs, one file of which comes from outside.
  FuzzTarget(
    "run-log", fileName: "log.jsonl", dictionary: "log",
    seeds: { [try file(\.log)] },
    body: { _, bytes in try render(replacing: tinyRun.log, by: bytes) }),
  FuzzTarget(
    "run-experiment", fileName: "experiment.yaml", dictionary: "yaml",
    seeds: { [try file(\.experiment)] },
    body: { _, bytes in try render(replacing: tinyRun.experiment, by: bytes) }),
  FuzzTarget(
    "run-predictions", fileName: "en.validation.safetensors", dictionary: "safetensors",
    seeds: { [try file { $0.predictions(epoch: 2, Split("en", .validation)) }] },
    body: { _, bytes in
      try render(
        replacing: tinyRun.predictions(epoch: 2, Split("en", .validation)), by: bytes)
    }),
  FuzzTarget(
    "run-history", fileName: "training_history.json", dictionary: "log",
    seeds: { [try file(\.history)] },
    body: { path, _ in
      // A folder that holds only this file is a run directory, too.
      let folder = "\(FuzzTarget.folder)/history"
      try makeFolder(folder)
      try write(RandomAccessFile(path).contents(), to: "\(folder)/training_history.json")
      let results = try RunResults(Run(folder))
      let rendering = Rendering(results)
      _ = try Report(results: results, figures: []).markdown()
      for figure in rendering.figures {
        _ = figure.figure.page(measuring: FixedTextMeasurer()).svg()
      }
    }),
]
