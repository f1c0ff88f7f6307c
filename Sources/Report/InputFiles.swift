public import RunLog

internal import Storage

/// The files that a report is made from, with their SHA-256.
public struct InputFiles: Equatable, Sendable {
  /// A file of the run directory.
  public struct File: Equatable, Sendable {
    /// Relative to the run directory.
    public let name: String
    public let bytes: Int
    /// 64 hexadecimal digits.
    public let sha256: String
  }
  /// In the order of their names' bytes.
  public let files: [File]

  /// Reads every file that a report may depend on; of the log, what the run was read from.
  ///
  /// - Throws: `StorageError` for one that cannot be read.
  public init(_ run: Run) throws {
    if let log = run.imported {
      let root = run.directory.path
      try self.init(log.files.map { relativePath(from: root, to: $0) }, in: root)
    } else {
      try self.init(run.directory, logBytes: run.logBytes)
    }
  }

  /// Reads every file that a comparison of runs may depend on: of each run what a report depends on, but for
  /// what the tokenizer made of the examples.
  ///
  /// - Parameters:
  ///   - runs: those compared.
  ///   - folder: what names shall be relative to.
  /// - Throws: `StorageError` for one that cannot be read.
  init(_ runs: [Run], from folder: String) throws {
    var files: [String: File] = [:]
    for run in runs {
      let way = relativePath(from: folder, to: run.directory.path)
      for file in try InputFiles(run).files {
        if run.imported == nil, file.name.hasPrefix("examples/") { continue }
        let name = normalizedPath("\(way)/\(file.name)")
        files[name] = File(name: name, bytes: file.bytes, sha256: file.sha256)
      }
    }
    self.files = files.values.sorted {
      Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8))
    }
  }

  /// Reads every file of a run directory that a report may depend on.
  ///
  /// - Parameters:
  ///   - directory: the run's.
  ///   - logBytes: how much of the log counts; all if `nil`.
  /// - Throws: `StorageError` for one that cannot be read.
  public init(_ directory: RunDirectory, logBytes: Int? = nil) throws {
    let root = directory.path
    var names = [directory.experiment, directory.environment, directory.log, directory.history]
      .filter { exists($0) }.map { String($0.dropFirst(root.count + 1)) }
    let predictions = "\(root)/predictions"
    for epoch in isFolder(predictions) ? try listFolder(predictions) : []
    where isFolder("\(predictions)/\(epoch)") {
      names += try listFolder("\(predictions)/\(epoch)").filter { $0.hasSuffix(".safetensors") }
        .map { "predictions/\(epoch)/\($0)" }
    }
    let examples = "\(root)/examples"
    names += try (isFolder(examples) ? listFolder(examples) : []).filter {
      $0.hasSuffix(".jsonl")
    }.map { "examples/\($0)" }
    try self.init(names, in: root, first: logBytes.map { ("log.jsonl", $0) })
  }

  /// Reads the files of some names.
  ///
  /// - Parameters:
  ///   - names: relative to the folder.
  ///   - root: the folder.
  ///   - first: a file of which only so many bytes count.
  /// - Throws: `StorageError` for one that cannot be read.
  init(
    _ names: [String], in root: String, first: (name: String, bytes: Int)? = nil
  ) throws {
    let sorted = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    files = try sorted.map { name in
      let path = "\(root)/\(name)"
      let size = first?.name == name ? first?.bytes : nil
      return File(
        name: name, bytes: try size ?? RandomAccessFile(path).size,
        sha256: try SHA256.hex(ofFile: path, first: size))
    }
  }

  /// The name of a file that is not the same in both.
  ///
  /// - Parameters:
  ///   - other: read later.
  ///   - isGrowing: whether the run is being trained, so that files may have come and the history, from
  ///     which no number is taken, may be another.
  /// - Returns: `nil` if nothing has changed.
  func firstChange(to other: InputFiles, isGrowing: Bool) -> String? {
    func counts(_ file: File) -> Bool {
      !isGrowing || !file.name.hasSuffix("training_history.json")
    }
    return files.first { counts($0) && !other.files.contains($0) }?.name
      ?? (isGrowing ? nil : other.files.first { !files.contains($0) }?.name)
  }
}
