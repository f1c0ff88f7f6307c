internal import Storage

/// A kind of log that is read: by what it is recognised, what is read of it, and how.
///
/// docs/other-logs.md, the help and the error for a folder without a log are made from `all`.
struct LogReader {
  /// Of the program or layout.
  let name: String
  /// By what a file is recognised, in Markdown.
  let recognised: String
  /// Where its rows stand and what else is read, in Markdown.
  let places: String
  /// The name that the program gives the file, and a small one.
  let example: (file: String, text: String)
  /// The log, or `nil` if the file is something else.
  let read: @Sendable (LogInput) throws -> LoggedRun?
}

extension LogReader {
  /// Every kind but event files, in the order in which a file is asked; a file is what the first says.
  static let all: [LogReader] = json + tables

  /// Event files are told by their frames before any reader is asked.
  static let events = LogReader(
    name: "TensorBoard event files",
    recognised: "records that begin with `brain.Event`: simple values, and tensors of one number",
    places: "steps; epochs where a tag `epoch` or Keras' `epoch_…` tells them",
    example: ("events.out.tfevents.1700000000.host.1.0", ""),
    read: { input in
      guard case .events = input.shape else { return nil }
      return try EventFiles.read([("", input.file, input.bytes)], map: input.map)
    })

  // MARK: JSON

  private static let json: [LogReader] = [
    LogReader(
      name: "Hugging Face Trainer",
      recognised:
        "`trainer_state.json`: a JSON object with `log_history`, or that array alone: objects with `step` "
        + "and `eval_…` or `learning_rate`; so do PaddleNLP and others",
      places:
        "`epoch`, the epochs that are done (0: before training), and `step`; what follows `train_runtime` "
        + "is not part of the curves",
      example: (
        "trainer_state.json",
        #"{"log_history": [{"epoch": 1.0, "step": 10, "loss": 0.9}, {"epoch": 1.0, "step": 10, "eval_loss": 0.8}]}"#
      ),
      read: { input in
        if case .json(let json) = input.shape {
          if let run = try JSONLogs.trainerState(json, file: input.file, map: input.map) {
            return run
          }
        }
        return try records(input, of: [.huggingFace])
      }),
    LogReader(
      name: "Hugging Face results",
      recognised: "`all_results.json`: one object with `epoch`, and `eval_…` or `train_runtime`",
      places: "one row, at `epoch`; the folder's `trainer_state.json` says more",
      example: ("all_results.json", #"{"epoch": 3.0, "eval_loss": 0.28, "train_runtime": 99.0}"#),
      read: { input in
        guard case .json(let json) = input.shape, json.object != nil else { return nil }
        return try single(json, input, of: [.huggingFace])
      }),
    LogReader(
      name: "AllenNLP metrics",
      recognised:
        "`metrics_epoch_0.json`, `metrics_epoch_1.json`, …: an object with `training_epochs` each",
      places: "`epoch`, counted from 0; the files of a folder make one log",
      example: (
        "metrics_epoch_0.json",
        #"{"epoch": 0, "training_epochs": 0, "training_loss": 0.9, "validation_loss": 0.8}"#
      ),
      read: { input in
        guard case .json(let json) = input.shape, json.object != nil else { return nil }
        return try single(json, input, of: [.allenNLP])
      }),
    LogReader(
      name: "training history",
      recognised:
        "an object of arrays under the names in [run-format.md](run-format.md#training_historyjson)",
      places: "an entry per epoch",
      example: (
        "training_history.json", #"{"train_losses": [0.9, 0.7], "english_val_losses": [0.8, 0.75]}"#
      ),
      read: { try arrays($0, of: [.trainingHistory]) }),
    LogReader(
      name: "Keras `History`",
      recognised: "an object of arrays with `loss` and `val_…`, also inside `history`",
      places: "an entry per epoch; shorter `val_…` arrays come from `validation_freq`",
      example: ("history.json", #"{"loss": [0.9, 0.7], "val_loss": [0.8, 0.75]}"#),
      read: { try arrays($0, of: [.keras]) }),
    LogReader(
      name: "other arrays",
      recognised:
        "an object of arrays under other telling names, also in groups: `{\"train\": {\"loss\": […]}}`",
      places: "an entry per epoch, or an array `epoch`; a multiple of rates is a rate per step",
      example: ("numbers.json", #"{"train": {"loss": [0.9, 0.7]}, "val": {"loss": [0.8, 0.75]}}"#),
      read: { try arrays($0, of: [.arrays]) }),
    LogReader(
      name: "records",
      recognised:
        "an array of objects, or one object per line (JSON Lines), with an epoch or a step, or an object whose keys "
        + "are epochs; objects inside are groups",
      places:
        "these; epochs that begin with 0 are counted from 1. Files of one object each whose names differ in a "
        + "number make one log",
      example: ("log.jsonl", #"{"epoch": 0, "train_loss": 0.9, "val_loss": 0.8}"#),
      read: { input in
        if case .json(let json) = input.shape, json.object != nil {
          if let records = JSONLogs.records(keyedByEpoch: json) {
            return try JSONLogs.recordList(records, file: input.file, map: input.map)
          }
          return try single(json, input, of: [.records, .weightsAndBiases])
        }
        return try records(input, of: [.records, .weightsAndBiases, .allenNLP])
      }),
  ]

  private static func records(
    _ input: LogInput, of formats: Set<ImportedLog.Format>
  ) throws -> LoggedRun? {
    let run: LoggedRun?
    switch input.shape {
    case .json(let json):
      guard let records = json.array else { return nil }
      run = try JSONLogs.recordList(records, file: input.file, map: input.map)
    case .jsonLines(let records, let numbers):
      run = try JSONLogs.recordList(records, file: input.file, lines: numbers, map: input.map)
    default: return nil
    }
    return run.flatMap { formats.contains($0.format) ? $0 : nil }
  }

  private static func single(
    _ json: JSON, _ input: LogInput, of formats: Set<ImportedLog.Format>
  ) throws -> LoggedRun? {
    // An object of arrays may have a number beside them; that is no record.
    guard json.object?.members.contains(where: { $0.value.array != nil }) == false,
      json["history"]?.object == nil,
      var run = try JSONLogs.recordList([json], file: input.file, map: input.map),
      formats.contains(run.format)
    else { return nil }
    run.record = json
    return run
  }

  private static func arrays(
    _ input: LogInput, of formats: Set<ImportedLog.Format>
  ) throws -> LoggedRun? {
    guard case .json(let json) = input.shape,
      let run = try JSONLogs.arrays(json, file: input.file, map: input.map)
    else { return nil }
    return formats.contains(run.format) ? run : nil
  }

  // MARK: Lists

  /// The names of all, as in the text of an error.
  static var names: String {
    (all + [events]).map { $0.name.filter { $0 != "`" } }.joined(separator: "; ")
  }

  /// The list of docs/other-logs.md with its examples.
  static var documentation: String {
    let rows = (all + [events]).map { reader in
      "| \(reader.name) | `\(reader.example.file)` | \(reader.recognised) | \(reader.places) |\n"
    }
    let examples = all.map { reader in
      let text =
        reader.example.text.hasSuffix("\n") ? reader.example.text : reader.example.text + "\n"
      return "\n\(reader.name), `\(reader.example.file)`:\n\n```text\n\(text)```\n"
    }
    return "| log | such as | recognised by | places in the training |\n|---|---|---|---|\n"
      + rows.joined() + "\n### Examples\n" + examples.joined()
  }
}
