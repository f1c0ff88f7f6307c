internal import Storage

/// What the network said about a split after an epoch, and what was true.
public struct Predictions: Equatable, Sendable {
  /// How logits came about.
  public enum Mode: String, Sendable {
    /// All with the weights after the epoch, dropout off.
    case evaluation
    /// As the examples passed in training: dropout on, weights changing.
    case running
  }
  public let classes: Int
  /// Row by row, `[examples, classes]`.
  public let logits: [Float]
  /// 0-based class indices.
  public let labels: [Int]
  /// 0-based rows in the data file.
  public let ids: [Int]
  public let mode: Mode

  /// Gathers predictions.
  ///
  /// - Parameters:
  ///   - classes: at least 1.
  ///   - logits: `[examples, classes]` row by row.
  ///   - labels: each in `0..<classes`.
  ///   - ids: 0-based rows in the data file.
  ///   - mode: how the logits came about.
  public init(classes: Int, logits: [Float], labels: [Int], ids: [Int], mode: Mode) {
    precondition(classes > 0 && logits.count == labels.count * classes)
    precondition(ids.count == labels.count)
    (self.classes, self.logits, self.labels) = (classes, logits, labels)
    (self.ids, self.mode) = (ids, mode)
  }

  public var count: Int { labels.count }

  /// The logits of one example, a value per class.
  public func row(_ index: Int) -> ArraySlice<Float> {
    logits[index * classes..<(index + 1) * classes]
  }

  /// Writes the predictions as safetensors: `logits`, `labels`, `ids`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - syncingFolder: whether its name is on the disk as well when the call returns.
  /// - Throws: `StorageError` if the disk does not take it.
  public func write(to path: String, syncingFolder: Bool = true) throws {
    var writer = try SafetensorsWriter(
      path,
      tensors: [
        .init("logits", .f32, shape: [count, classes]), .init("labels", .i64, shape: [count]),
        .init("ids", .i64, shape: [count]),
      ],
      metadata: ["mode": mode.rawValue, "sha256": sha256])
    try writer.write("logits", logits)
    try writer.write("labels", labels)
    try writer.write("ids", ids)
    try writer.commit(syncingFolder: syncingFolder)
  }

  /// The hash of logits, labels and ids as they are stored, one after another.
  var sha256: String {
    var hash = SHA256()
    logits.withUnsafeBytes { hash.update($0) }
    labels.withUnsafeBytes { hash.update($0) }
    ids.withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  /// Reads predictions.
  ///
  /// - Parameters:
  ///   - path: a file that `write` made, or one of the same layout.
  ///   - classes: how many classes the experiment has.
  /// - Returns: the predictions, every label in `0..<classes`.
  /// - Throws: `StorageError`, `SafetensorsError`, or `RunLogError` for a label outside the classes
  ///   and for contents that do not fit the checksum, where there is one.
  public static func read(_ path: String, classes: Int) throws -> Predictions {
    try read(SafetensorsReader(path), file: path, classes: classes).predictions
  }

  /// Reads predictions from an open file; see the function for paths.
  ///
  /// - Returns: the predictions, and the hash of logits, labels and ids.
  static func read(
    _ file: SafetensorsReader, file path: String, classes: Int
  ) throws -> (predictions: Predictions, sha256: String) {
    let count = try file.entry("labels").count
    let labels = try file.integers("labels", shape: [count])
    if let bad = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
      throw RunLogError(
        file: path, "label \(labels[bad]) of row \(bad) is not one of the \(classes) classes")
    }
    let logits = try file.floats("logits", shape: [count, classes])
    let ids = try file.integers("ids", shape: [count])
    let mode = file.metadata["mode"] ?? Mode.evaluation.rawValue
    guard let mode = Mode(rawValue: mode) else {
      throw RunLogError(file: path, "unknown mode '\(mode)'; expected evaluation or running")
    }
    let predictions = Predictions(
      classes: classes, logits: logits, labels: labels, ids: ids, mode: mode)
    let sha256 = predictions.sha256
    if let expected = file.metadata["sha256"], expected != sha256 {
      throw RunLogError(
        file: path,
        "is damaged: its contents do not match its SHA-256. Copy it again, or let "
          + "`report train --resume` compute it again.")
    }
    return (predictions, sha256)
  }
}
