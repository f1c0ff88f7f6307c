internal import Chart
internal import Plot
internal import Report
internal import Results
internal import RunLog
internal import Storage
internal import TestSupport

/// A fixture of a log that another program wrote.
private func fixture(_ name: String) throws -> [UInt8] {
  try RandomAccessFile(Fixture.path("imports/\(name)")).contents()
}

/// The records of an event file, out of their frames.
private func records(of name: String) throws -> [[UInt8]] {
  var records: [[UInt8]] = []
  _ = try RecordFile.forEach(fixture(name), file: name) { record throws(RunLogError) in
    records.append(Array(record))
  }
  return records
}

private let torch = "tensorboard-torch/events.out.tfevents.1700000000.host.1.0"

/// A small table of predictions.
private let table = bytes(
  "split,label,prob_a,prob_b\nvalidation,a,0.7,0.3\nvalidation,b,0.4,0.6\nde.test,b,1,0\n")

/// Reads a log with all that follows from it, short of ink.
private func render(_ source: LogSource) throws {
  let run = try Run(source)
  let log = run.imported
  demand(log.map { !$0.positions.isEmpty && $0.positions.indices.contains($0.selectedRow) } ?? true)
  for values in log?.rows.values.flatMap(\.values) ?? [] {
    demand(values.count == log?.positions.count)
  }
  let results = try RunResults(run)
  for figure in Rendering(results).figures {
    _ = figure.figure.page(measuring: FixedTextMeasurer()).svg()
    demand(!figure.caption.isEmpty && !figure.alternativeText.isEmpty)
  }
  try demand(Report(results: results, figures: []).markdown().hasSuffix("\n"))
}

/// Any file as a log; what it is goes by its content.
private func target(
  _ name: String, dictionary: String?, _ seeds: [String], texts: [String] = []
) -> FuzzTarget {
  FuzzTarget(
    name, fileName: "input.log", dictionary: dictionary,
    seeds: { try seeds.map(fixture) + texts.map(bytes) },
    body: { path, bytes in
      let log = try ImportedLog.parse(bytes, file: path)
      demand(!log.positions.isEmpty && log.positions.indices.contains(log.selectedRow))
      try demand(ImportedLog.parse(bytes, file: path).positions == log.positions)
    })
}

let importTargets = [
  target(
    "import-json", dictionary: "log",
    [
      "huggingface-old/trainer_state.json", "huggingface-array/logs_of_my_run.json",
      "keras-history/history.json", "keras-sparse-history/history.json",
    ],
    texts: [
      "{\"mode\": \"train\", \"epoch\": 0, \"step\": 1, \"loss\": 2}\n{\"epoch\": 0, \"val_acc\": 61.5}\n",
      "{\"epoch\": 2.0, \"eval_loss\": 0.7, \"train_loss\": 0.6, \"train_runtime\": 9.0}",
    ]),
  target(
    "import-table", dictionary: nil,
    [
      "lightning/lightning_logs/version_10/metrics.csv", "lightning-two-sets/numbers.csv",
      "keras-csv/training.log", "keras-sparse/log.csv",
    ],
    texts: [
      // Restarts, another header, a row per value, a row per part, exports with a run's name.
      "epoch,loss,val_loss\n0,2,1.9\n1,1.8,1.7\n0,1.7,1.6\nepoch,loss,val_loss,val_acc\n1,1.5,_,0.5\n",
      "run_id,key,value,step,timestamp\na,loss,1,0,1700000000000\na,val_loss,1,0,1700000000001\n",
      "epoch,phase,loss,acc\n1,train,2,50\n1,val,1.9,52.5\n",
      "Step,a - eval/loss,a - eval/loss__MIN\n1,0.5,0.5\n",
      "_step,train/epoch,train/loss,eval/loss\n0,0.5,2,NaN\n1,1,NaN,1.9\n",
    ]),
  target(
    "import-events", dictionary: nil,
    [
      "tensorboard-x/events.out.tfevents.1700000000.host.1.0",
      "tensorboard-restart/events.out.tfevents.1700000001.host.1.0",
    ]),
  // The records' checks keep a fuzzer out of what they protect; here it gets in.
  FuzzTarget(
    "import-event", fileName: "input.event", dictionary: nil,
    seeds: { try records(of: torch).filter { $0.contains(UInt8(ascii: "/")) } },
    body: { path, bytes in
      // Behind the version and a loss, so that the log holds something whatever the record is.
      let sound = try records(of: torch)
      _ = try ImportedLog.parse(
        [sound[0], sound[1], bytes].flatMap { RecordFile.frame($0) }, file: path)
    }),
  FuzzTarget(
    "import-predictions", fileName: "input.csv", dictionary: nil,
    seeds: { [table] },
    body: { path, _ in
      let log = "\(FuzzTarget.folder)/predicted.json"
      try write(bytes(#"{"loss": [1, 0.5], "val_loss": [1.1, 0.9]}"#), to: log)
      try render(LogSource(log, predictions: [path]))
    }),
  FuzzTarget(
    "import-map", fileName: "input.yaml", dictionary: "yaml",
    seeds: {
      [
        bytes(
          "series: {a: en.validation loss, b: learning_rate, c: ignore}\nsource: en\n"
            + "names: {en: English}\nlabels: [x, y]\nsteps: steps\nselected: 2\n")
      ]
    },
    body: { path, bytes in
      let map = try ImportMap.parse(bytes, file: path)
      _ = try ImportedLog.parse(
        Array(#"{"a": [1, 0.5], "b": [1e-3, 1e-4], "c": [1, 2], "val_loss": [2, 1]}"#.utf8),
        file: path, map: map)
    }),
  FuzzTarget(
    "import-report", fileName: "input.log", dictionary: "log",
    seeds: {
      try [
        fixture("huggingface-old/trainer_state.json"), fixture("keras-csv/training.log"),
        fixture("tensorboard-x/events.out.tfevents.1700000000.host.1.0"),
      ]
    },
    body: { path, _ in try render(LogSource(path)) }),
]
