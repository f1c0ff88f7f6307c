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

  /// What every file that a report may depend on was when it was read; those that nobody has read are read now.
  ///
  /// - Throws: `StorageError` for one that cannot be read.
  public init(_ run: Run) throws { try self.init(Self.names(of: run), of: run) }

  /// What files of a run were when they were read.
  ///
  /// - Parameters:
  ///   - names: relative to the run directory.
  ///   - run: whose.
  /// - Throws: `StorageError` for one that nobody has read and that cannot be read.
  init(_ names: [String], of run: Run) throws {
    try self.init(names, in: run.directory.path, run.files)
  }

  /// What the files that a comparison of runs may depend on were when they were read.
  ///
  /// - Parameters:
  ///   - runs: those compared, with the names of their files.
  ///   - folder: what names shall be relative to.
  /// - Throws: `StorageError` for one that nobody has read and that cannot be read.
  init(_ runs: [(run: Run, names: [String])], from folder: String) throws {
    var files: [String: File] = [:]
    for (run, names) in runs {
      let way = relativePath(from: folder, to: run.directory.path)
      for file in try InputFiles(names, of: run).files {
        let name = normalizedPath("\(way)/\(file.name)")
        files[name] = File(name: name, bytes: file.bytes, sha256: file.sha256)
      }
    }
    self.files = files.values.sorted { precedes($0.name, $1.name) }
  }

  /// Reads every file of a run directory that a report may depend on.
  ///
  /// - Throws: `StorageError` for one that cannot be read.
  public init(_ directory: RunDirectory) throws {
    try self.init(Self.names(in: directory), in: directory.path)
  }

  /// The files of some names.
  ///
  /// - Parameters:
  ///   - names: relative to the folder.
  ///   - root: the folder.
  ///   - files: knows those that were read.
  /// - Throws: `StorageError` for one that nobody has read and that cannot be read.
  init(_ names: [String], in root: String, _ files: ReadFiles = ReadFiles()) throws {
    self.files = try names.sorted(by: precedes).map { name in
      let entry = try files.entry(Self.path(name, in: root))
      return File(name: name, bytes: entry.bytes, sha256: entry.sha256)
    }
  }

  private init(files: [File]) { self.files = files }

  /// These and others, whose names are relative to the same folder.
  func adding(_ others: InputFiles) -> InputFiles {
    InputFiles(files: (files + others.files).sorted { precedes($0.name, $1.name) })
  }

  // MARK: Names

  /// The names of the files that a report of a run may depend on, relative to the run's folder.
  ///
  /// - Throws: `StorageError` for a folder that cannot be read.
  static func names(of run: Run) throws -> [String] {
    guard let log = run.imported else { return try names(in: run.directory) }
    return log.files.map { relativePath(from: run.directory.path, to: $0) }
  }

  /// Likewise of a comparison, which does not depend on what the tokenizer made of the examples, nor on baselines.
  static func comparedNames(of run: Run) throws -> [String] {
    let names = try names(of: run)
    return run.imported == nil
      ? names.filter { !$0.hasPrefix("examples/") && !$0.hasPrefix("baselines/") } : names
  }

  private static func names(in directory: RunDirectory) throws -> [String] {
    let root = directory.path
    var names = [directory.experiment, directory.environment, directory.log, directory.history]
      .filter { exists($0) }.map { String($0.dropFirst(root.count + 1)) }
    for folder in ["predictions", "baselines"] {
      let path = "\(root)/\(folder)"
      for part in isFolder(path) ? try listFolder(path) : [] where isFolder("\(path)/\(part)") {
        names += try listFolder("\(path)/\(part)").filter { $0.hasSuffix(".safetensors") }
          .map { "\(folder)/\(part)/\($0)" }
      }
    }
    let examples = "\(root)/examples"
    names += try (isFolder(examples) ? listFolder(examples) : []).filter {
      $0.hasSuffix(".jsonl")
    }.map { "examples/\($0)" }
    return names
  }

  /// Where a file of a name lies, as its reader called it.
  private static func path(_ name: String, in root: String) -> String { "\(root)/\(name)" }

  // MARK: Changes

  /// The name of a file of a run that is not as it was when it was read; nothing is opened for that.
  ///
  /// - Parameters:
  ///   - names: of the files that count, as they were found before they were read.
  ///   - found: their names now.
  ///   - run: whose.
  ///   - isGrowing: whether the run is being trained, so that its log may have grown, files may have come and the
  ///     history, from which no number is taken, may be another.
  /// - Returns: `nil` if nothing has changed.
  static func firstChange(
    _ names: [String], found: @autoclosure () throws -> [String], of run: Run, isGrowing: Bool
  ) rethrows -> String? {
    let changed = names.first { name in
      switch run.files.change(of: path(name, in: run.directory.path)) {
      case .none: false
      case .grown: !isGrowing || name != "log.jsonl" && name != "training_history.json"
      case .replaced: !isGrowing || name != "training_history.json"
      }
    }
    if changed != nil || isGrowing { return changed }
    let before = Set(names)
    return try found().first { !before.contains($0) }
  }
}

private func precedes(_ a: String, _ b: String) -> Bool {
  a.utf8.lexicographicallyPrecedes(b.utf8)
}
