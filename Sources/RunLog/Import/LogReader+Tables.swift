internal import Metrics

/// Tables of metrics, with a header.
extension LogReader {
  static let tables: [LogReader] = [
    LogReader(
      name: "Hugging Face Trainer, as a table",
      recognised:
        "a table with `epoch`, `step`, `eval_…` and one of `learning_rate`, `grad_norm` and `train_runtime`: "
        + "`log_history` written by pandas",
      places: "as in `trainer_state.json`",
      example: (
        "log_history.csv",
        "loss,learning_rate,epoch,step,eval_loss\n0.9,1e-05,1.0,10,\n,,1.0,10,0.8\n"
      ),
      read: { input in
        guard case .table(let header) = input.shape,
          ["epoch", "step"].allSatisfy(header.lower.contains),
          header.lower.contains(where: { $0.hasPrefix("eval_") }),
          ["learning_rate", "grad_norm", "train_runtime"].contains(where: header.lower.contains)
        else { return nil }
        let table = MetricsTable(
          file: input.file, format: .huggingFace, layout: .wide, countsDoneEpochs: true)
        return try table.read(input, header)
      }),
    LogReader(
      name: "Weights & Biases history",
      recognised: "a table with the column `_step`, as `run.history()` and its exports give it",
      places:
        "`train/epoch` and `train/global_step`, `epoch` and `trainer/global_step`, else `_step`; `NaN` is a field "
        + "left empty",
      example: ("history.csv", "_step,train/epoch,train/loss,eval/loss\n0,1,0.9,\n1,1,,0.8\n"),
      read: { input in
        guard case .table(let header) = input.shape, header.lower.contains("_step") else {
          return nil
        }
        let table = MetricsTable(
          file: input.file, format: .weightsAndBiases, layout: .wide, writesNaNForNothing: true,
          countsDoneEpochs: header.lower.contains("train/epoch"))
        return try table.read(input, header)
      }),
    LogReader(
      name: "Weights & Biases panel",
      recognised:
        "a table whose columns are `<run> - <key>`, with `__MIN` and `__MAX` beside each; these are left out",
      places: "the first column; of several runs all but one must be left out with `ignore`",
      example: (
        "wandb_export.csv",
        "Step,sun-7 - eval/loss,sun-7 - eval/loss__MIN,sun-7 - eval/loss__MAX\n100,0.74,0.74,0.74\n"
      ),
      read: { input in
        guard case .table(let header) = input.shape, header.isPlaced(input.map),
          header.columns.contains(where: { $0.hasSuffix("__MIN") && $0.contains(" - ") })
        else { return nil }
        let table = MetricsTable(
          file: input.file, format: .weightsAndBiases, layout: .wide, writesNaNForNothing: true,
          countsDoneEpochs: true, naming: panelKey)
        return try table.read(input, header)
      }),
    LogReader(
      name: "MLflow, a row per value",
      recognised:
        "a table with the columns `value`, `step` or `epoch`, and `key`, `metric`, `name` or `tag`",
      places: "these; several `run_id` are several runs",
      example: ("metrics.csv", "run_id,key,value,step\na,train_loss,0.9,0\na,val_loss,0.8,0\n"),
      read: { input in
        guard case .table(let header) = input.shape, header.isPlaced(input.map),
          let value = header.lower.firstIndex(of: "value"),
          let name = ["key", "metric", "metric_name", "name", "tag"].lazy
            .compactMap({ header.lower.firstIndex(of: $0) }).first
        else { return nil }
        let run = ["run_id", "run", "run_uuid"].lazy
          .compactMap { header.lower.firstIndex(of: $0) }.first
        let table = MetricsTable(
          file: input.file, format: .mlflow, layout: .long(name: name, value: value, run: run))
        return ofOneRun(try table.read(input, header))
      }),
    LogReader(
      name: "MLflow, a file per series",
      recognised:
        "`metrics/<key>` of a run's folder: a time in milliseconds, a value and a step per line",
      places: "steps; the file's name is the series', and the files of a folder make one log",
      example: ("train_loss", "1700000000000 0.9 0\n1700000001000 0.7 1\n"),
      read: { try TimedValues.read($0) }),
    LogReader(
      name: "TensorBoard download",
      recognised:
        "a table with the columns `Wall time`, `Step` and `Value`, as TensorBoard offers for download",
      places:
        "steps; `run-<run>-tag-<tag>.csv` names the series, and the files of a folder make one log",
      example: ("run-one-tag-train_loss.csv", "Wall time,Step,Value\n1700000000.5,0,0.9\n"),
      read: { input in
        guard case .table(let header) = input.shape,
          Set(header.lower) == ["wall time", "step", "value"]
        else { return nil }
        let (run, tag) = downloadName(input.file)
        let table = MetricsTable(
          file: input.file, format: .tensorBoard, layout: .wide, naming: { _ in (tag, run) })
        var result = try table.read(input, header)
        result.isOneOfMany = true
        for index in result.series.indices { result.series[index].label = nil }
        return result
      }),
    LogReader(
      name: "DVCLive and other files of one series",
      recognised:
        "a table with a place and one more column, such as `plots/metrics/train/loss.tsv`",
      places:
        "the place; folders and file say which series it is, and the files of a folder make one log",
      example: ("loss.tsv", "step\tloss\n0\t0.9\n1\t0.7\n"),
      read: { input in
        guard case .table(let header) = input.shape, header.isPlaced(input.map),
          header.columns.count - placeCount(header) == 1,
          // Lightning's has both.
          !(header.lower.contains("step") && header.lower.contains("epoch"))
        else { return nil }
        let isDVC = input.file.contains("plots/metrics/") || input.file.contains("dvclive/")
        let folder = folderTelling(input.file)
        let table = MetricsTable(
          file: input.file, format: isDVC ? .dvcLive : .table, layout: .wide,
          naming: { ($0, folder) })
        var result = try table.read(input, header)
        result.isOneOfMany = true
        for index in result.series.indices { result.series[index].label = nil }
        return result
      }),
    LogReader(
      name: "Lightning `CSVLogger`",
      recognised: "a table with the columns `epoch` and `step`, in any order, fields left empty",
      places:
        "both count from 0; an epoch ends with its last step, also where the steps begin anew in each",
      example: ("metrics.csv", "epoch,step,train_loss,val_loss\n0,9,0.9,\n0,9,,0.8\n"),
      read: { input in
        guard case .table(let header) = input.shape, header.lower.contains("step"),
          header.lower.contains("epoch") || header.lower.contains("epochs")
        else { return nil }
        return try MetricsTable(file: input.file, format: .lightning, layout: .wide)
          .read(input, header)
      }),
    LogReader(
      name: "Keras `CSVLogger`",
      recognised: "a table whose first column is `epoch` and that has `loss`",
      places: "`epoch` counts from 0",
      example: ("training.log", "epoch,loss,val_loss\n0,0.9,0.8\n1,0.7,0.75\n"),
      read: { input in
        guard case .table(let header) = input.shape,
          ["epoch", "epochs"].contains(header.lower.first), header.columns.contains("loss")
        else { return nil }
        return try MetricsTable(file: input.file, format: .keras, layout: .wide)
          .read(input, header)
      }),
    LogReader(
      name: "other tables",
      recognised:
        "a header with an epoch or a step (`epoch`, `step`, `global_step`, `iteration`, …), separated by comma, "
        + "semicolon or tab: flair, fastai, simpletransformers, sentence-transformers, DeepLabCut, NequIP",
      places: "these; epochs that begin with 0 are counted from 1",
      example: ("loss.tsv", "EPOCH\tTRAIN_LOSS\tDEV_LOSS\n1\t0.9\t_\n2\t0.7\t0.8\n"),
      read: { input in
        guard case .table(let header) = input.shape, header.isPlaced(input.map) else { return nil }
        return try MetricsTable(file: input.file, format: .table, layout: .wide)
          .read(input, header)
      }),
    LogReader(
      name: "tables without a place",
      recognised:
        "a header with a loss and another loss or score, such as Keras' `history` written by pandas",
      places: "each row is an epoch, with a warning",
      example: ("history.csv", ",loss,val_loss\n0,0.9,0.8\n1,0.7,0.75\n"),
      read: { input in
        guard case .table(let header) = input.shape else { return nil }
        let meanings = header.columns.compactMap { column -> Metric? in
          if case .value(_, _, let metric) = SeriesMeaning(column, format: .table)?.subject {
            metric
          } else {
            nil
          }
        }
        guard meanings.count > 1, meanings.contains(.loss) else { return nil }
        return try MetricsTable(
          file: input.file, format: .table, layout: .wide, rowsAreEpochs: true
        ).read(input, header)
      }),
  ]

  private static func placeCount(_ header: TableHeader) -> Int {
    header.lower.count { PlaceNames.isPlace($0) }
  }

  /// The key and run of a panel's column; `nil` for bounds.
  @Sendable private static func panelKey(_ column: String) -> (name: String, folder: String)? {
    guard let dash = column.firstRange(of: " - ") else { return nil }
    let key = String(column[dash.upperBound...])
    if key.hasSuffix("__MIN") || key.hasSuffix("__MAX") { return nil }
    return (key, String(column[..<dash.lowerBound]))
  }

  /// The name of a file of one series without its ending, and what its folder says of it.
  private static func folderTelling(_ file: String) -> String {
    let parts = file.split(separator: "/").dropLast()
    guard let last = parts.last.map(String.init), SeriesMeaning.tellsPart(last) else { return "" }
    return last
  }

  /// TensorBoard's `run-<run>-tag-<tag>.csv`; else the file's name is the tag.
  private static func downloadName(_ file: String) -> (run: String, tag: String) {
    let name = stem(of: file)
    guard name.hasPrefix("run-"), let middle = name.firstRange(of: "-tag-") else {
      return (folderTelling(file), name)
    }
    let run = name[..<middle.lowerBound].dropFirst(4)
    return (run == "." ? "" : String(run), String(name[middle.upperBound...]))
  }

  /// A folder that all series share tells nothing.
  private static func ofOneRun(_ run: LoggedRun) -> LoggedRun {
    var run = run
    guard Set(run.series.map(\.folder)).count == 1 else { return run }
    for index in run.series.indices { run.series[index].folder = "" }
    return run
  }
}

/// A file's name without its folder and ending.
func stem(of file: String) -> String {
  let name = file.split(separator: "/").last.map(String.init) ?? file
  guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
  return String(name[..<dot])
}

/// Reads MLflow's files of one series.
enum TimedValues {
  static func read(_ input: LogInput) throws(RunLogError) -> LoggedRun? {
    guard case .timedValues = input.shape else { return nil }
    var run = LoggedRun(format: .mlflow)
    run.isOneOfMany = true
    let name = input.file.split(separator: "/").last.map(String.init) ?? input.file
    var log = LoggedRows(
      format: .mlflow, file: input.file, series: [LoggedSeries(name: name, file: input.file)])
    let lines = input.bytes.split(separator: 0x0A)
    for (index, line) in lines.enumerated() {
      let words = line.split(separator: 0x20)
      let numbers = words.compactMap { word in
        String(validating: word, as: UTF8.self).flatMap { Double($0) }
      }
      guard numbers.count == words.count, numbers.count == 2 || numbers.count == 3 else {
        if index == lines.count - 1, input.bytes.last != 0x0A {
          run.warnings.append(LogInput.torn(input.file, index + 1))
          break
        }
        throw RunLogError(
          file: input.file, line: index + 1, "expected a time, a value and a step")
      }
      let step = numbers.count == 3 ? numbers[2] : Double(index)
      guard step >= 0, step.isFinite else {
        throw RunLogError(
          file: input.file, line: index + 1, "the step must not be negative, it is \(step)")
      }
      log.rows.append(
        LoggedRow(line: index + 1, step: step, time: numbers[0], values: [(0, numbers[1])]))
    }
    run.series = try log.settled(input.map, warnings: &run.warnings)
    return run
  }
}
