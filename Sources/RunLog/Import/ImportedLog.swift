public import Metrics
public import Storage

/// A training as another program logged it, in our terms: splits, quantities, a row per evaluation.
public struct ImportedLog: Equatable, Sendable {
  /// Whose layout a log has.
  public enum Format: String, Sendable, CaseIterable {
    case trainingHistory, huggingFace, lightning, keras, arrays, records, table, tensorBoard
    case weightsAndBiases, mlflow, dvcLive, allenNLP

    /// As it stands in a report.
    public var name: String {
      switch self {
      case .trainingHistory: "training history"
      case .huggingFace: "Hugging Face Trainer log"
      case .lightning: "Lightning log"
      case .keras: "Keras log"
      case .arrays, .records, .table: "training log"
      case .tensorBoard: "TensorBoard log"
      case .weightsAndBiases: "Weights & Biases export"
      case .mlflow: "MLflow log"
      case .dvcLive: "DVCLive log"
      case .allenNLP: "AllenNLP log"
      }
    }
  }
  /// What positions count.
  public enum Unit: String, Sendable { case epoch, step }

  /// A language, or a set that stands for one.
  public struct Language: Equatable, Sendable {
    /// Such as `de`.
    public let code: String
    /// Such as `German`.
    public let name: String
  }
  /// A learning rate and when it was logged.
  public struct Rate: Equatable, Sendable {
    /// In the log's unit.
    public let position: Double
    public let rate: Double
  }
  /// Something the log says beside its series.
  public struct Fact: Equatable, Sendable {
    /// Such as "Batch size of a device".
    public let name: String
    public let value: String
    /// As it stands in the file.
    public let key: String
    /// Whether it is a time, which two runs do not share.
    public var isCost = false
  }
  /// Where a series comes from.
  public struct Origin: Equatable, Sendable {
    /// `nil` for learning rates.
    public let split: Split?
    /// `nil` for learning rates, and for predictions, which tell everything.
    public let metric: Metric?
    public let file: String
    /// The key, column or tag.
    public let key: String
    /// How many values it holds.
    public let count: Int
  }

  /// The kinds of logs that are read, in a list for help and errors.
  public static var kinds: String { LogReader.names }

  public internal(set) var format: Format
  public internal(set) var unit = Unit.epoch
  /// Where each row stands, ascending; never empty.
  public internal(set) var positions: [Double] = []
  public internal(set) var source = Language(code: "source", name: "Source")
  public internal(set) var targets: [Language] = []
  /// Training and validation by row, NaN where nothing was logged, too; see `value`.
  public internal(set) var rows: [Split: [Metric: [Double]]] = [:]
  /// The rows, from 0, in which nothing was logged of a series that was logged in others.
  public internal(set) var absentRows: [Split: [Metric: Set<Int>]] = [:]
  /// Test splits, which are scored once.
  public internal(set) var tests: [Split: [Metric: Double]] = [:]
  public internal(set) var rates: [Rate] = []
  /// The row whose model counts, from 0.
  public internal(set) var selectedRow = 0
  /// Class names; empty without predictions.
  public internal(set) var labels: [String] = []
  /// Of the selected row.
  public internal(set) var predictions: [Split: Predictions] = [:]
  public internal(set) var origins: [Origin] = []
  /// Every file that was read: the log's, tables of predictions, the map.
  public internal(set) var files: [String] = []
  public internal(set) var facts: [Fact] = []
  /// How training values were placed beside evaluations that count on their own, a sentence for captions;
  /// empty where one count places all.
  public internal(set) var alignment = ""
  /// What was odd, a sentence each.
  public internal(set) var warnings: [String] = []

  init(format: Format) { self.format = format }

  /// What was logged of a split in a row; `nil` if nothing was, which is another thing than NaN.
  public func value(_ split: Split, _ metric: Metric, row: Int) -> Double? {
    absentRows[split]?[metric]?.contains(row) ?? false ? nil : rows[split]?[metric]?[row]
  }

  /// Reads a log.
  ///
  /// - Parameters:
  ///   - path: a file, or a folder that holds one.
  ///   - predictions: tables of predictions; if there are none, those beside the log are read.
  ///   - map: what the names of series mean where they do not tell.
  ///   - files: takes note of what is read.
  /// - Returns: the log.
  /// - Throws: `StorageError`, `JSONError`, or `RunLogError` that says what was found instead.
  public static func read(
    _ path: String, predictions: [String] = [], map: ImportMap? = nil,
    from files: ReadFiles = ReadFiles()
  ) throws -> ImportedLog {
    let found = try LogFinder(path, predictions: predictions, map: map, read: files)
    var tables: [(path: String, table: PredictionTable)] = []
    for (path, bytes) in found.predictions {
      tables.append(
        (
          path,
          try PredictionTable.read(bytes, file: path, classes: map?.labels, form: map?.labelForm)
        ))
    }
    var log = try assemble(found.run, tables, map: map, path: path)
    log.files = found.files + tables.map(\.path) + (map.map { [$0.file] } ?? [])
    return log
  }

  /// Reads the content of one file, a log of any kind.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: what errors call it.
  ///   - map: what the names of series mean where they do not tell.
  /// - Returns: the log.
  /// - Throws: as `read` does.
  public static func parse(
    _ bytes: [UInt8], file: String, map: ImportMap? = nil
  ) throws -> ImportedLog {
    switch try LogContent.read(bytes, file: file, map: map) {
    case .log(let run): return try assemble(run, [], map: map, path: file)
    case .events:
      return try assemble(
        EventFiles.read([("", file, bytes)], map: map), [], map: map, path: file)
    case .predictions:
      throw RunLogError(file: file, "is a table of predictions, not a log.")
    case .other(let what):
      throw RunLogError(file: file, "is \(what); expected a training log.")
    }
  }
}
