internal import Chart
internal import RunLog
internal import Storage

/// The tables of a report, a comparison or a study as data and for LaTeX, with what a paper needs beside them.
public struct Export {
  /// What tables are written as.
  public enum Format: String, CaseIterable, Sendable {
    case csv, json, latex

    fileprivate var ending: String { self == .latex ? "tex" : rawValue }
  }

  private let source: ExportSource
  private let formats: [Format]
  private static let manifest = "export.json"
  /// Points; 17 cm, the width of the text.
  private static let figureWidth = 482.0

  /// Works out what is exported; nothing is written yet.
  ///
  /// - Parameters:
  ///   - folder: a run directory, or the folder of a comparison or a study.
  ///   - formats: of the tables; with LaTeX come figures, a document that includes both, and references.
  ///   - showsExamples: whether texts of examples are exported; as in the written report if `nil`.
  /// - Throws: whatever is wrong with the logs.
  public init(_ folder: String, formats: [Format], showsExamples: Bool? = nil) throws {
    source = try ExportSource(folder, showsExamples: showsExamples)
    self.formats = formats
  }

  /// What whoever exports should know, a sentence each.
  public var warnings: [String] { source.warnings }

  /// The files' texts by their names.
  var texts: [(name: String, text: String)] {
    let tables = source.tables
    var files: [(name: String, text: String)] = []
    for table in tables {
      let records = table.records(of: source.runName)
      for format in formats {
        let text =
          switch format {
          case .csv: TidyText.csv(records)
          case .json: TidyText.json(table, records)
          case .latex: LaTeXTable(table).text(of: InlineText(source.title).plain)
          }
        files.append(("tables/\(table.name).\(format.ending)", text))
      }
    }
    if formats.contains(.latex) {
      let paper = LaTeXPaper(
        title: source.title, tables: tables.map(\.name),
        figures: source.figures.map { .init(name: $0.drawn.name, caption: $0.caption) },
        runs: source.runs, file: source.documents.first?.kind.markdown ?? "")
      files.append(("paper.tex", paper.text))
      files.append(("references.bib", References.text))
    }
    return files
  }

  /// Writes the files, each whole or not at all; those of an earlier export are written anew.
  ///
  /// - Parameters:
  ///   - folder: made if it is not there.
  ///   - force: whether files that are not from an earlier export, or were changed since, are written over.
  /// - Returns: the paths, and what readers of the figures will miss.
  /// - Throws: `RunLogError` for a file that is not from here, before anything is written; `ChartError` or
  ///   `StorageError` for one that cannot be written.
  public func write(to folder: String, force: Bool = false) throws -> WrittenFigures {
    let texts = self.texts
    let figures = formats.contains(.latex) ? source.figures : []
    let earlier = EarlierExport("\(folder)/\(Self.manifest)")
    if !force {
      try earlier.check(texts, figures.map { "figures/\($0.drawn.name).pdf" }, in: folder)
    }
    for subfolder in ["", "/tables"] + (figures.isEmpty ? [] : ["/figures"]) {
      try makeFolder(folder + subfolder)
    }
    for (name, text) in texts {
      try AtomicFile.write(text, to: "\(folder)/\(name)", syncingFolder: false)
    }
    var lacking: Set<String> = []
    let measurer = CairoTextMeasurer(family: Theme.light.fontFamily)
    for (drawn, _) in figures {
      let fitted = drawn.figure.fitted(
        toWidth: Self.figureWidth, isTitled: false, measuring: measurer)
      lacking.formUnion(
        try fitted.write(to: "\(folder)/figures/\(drawn.name).pdf", format: .pdf))
    }
    let names = texts.map(\.name) + figures.map { "figures/\($0.drawn.name).pdf" }
    try earlier.removeLeftovers(beside: names, endings: formats.map(\.ending), in: folder)
    try syncFolder(of: "\(folder)/tables/x")
    try AtomicFile.write(
      earlier.updated(with: names, in: folder, source.documents), to: "\(folder)/\(Self.manifest)")
    return WrittenFigures(
      paths: names.map { "\(folder)/\($0)" }, textsLackingGlyphs: lacking.sorted())
  }
}

/// What an earlier export wrote into a folder, as its export.json says.
private struct EarlierExport {
  /// SHA-256 by the files' names.
  private let files: [(name: String, sha256: String)]

  /// Nothing, where there is no such file, or one that is no export's.
  init(_ path: String) {
    let json = exists(path) ? try? JSON.read(path) : nil
    files = (json?["files"]?.array ?? []).compactMap { entry in
      guard let name = entry["file"]?.string, let sha256 = entry["sha256"]?.string else {
        return nil
      }
      return (name, sha256)
    }
  }

  /// Whether a file is as an earlier export left it.
  private func isUnchanged(_ name: String, in folder: String) -> Bool {
    guard let known = files.first(where: { $0.name == name }) else { return false }
    return (try? SHA256.hex(ofFile: "\(folder)/\(name)")) == known.sha256
  }

  /// Checks that nothing is lost by writing.
  ///
  /// - Throws: `RunLogError` that names the first file that is not from an earlier export or was changed since.
  func check(_ texts: [(name: String, text: String)], _ figures: [String], in folder: String) throws
  {
    var foreign: [String] = []
    for (name, text) in texts where exists("\(folder)/\(name)") {
      // One that already says the same loses nothing.
      let isSame =
        (try? RandomAccessFile("\(folder)/\(name)").contents()) == Array(text.utf8)
      if !isSame, !isUnchanged(name, in: folder) { foreign.append(name) }
    }
    for name in figures where exists("\(folder)/\(name)") && !isUnchanged(name, in: folder) {
      if !isFigureFromHere("\(folder)/\(name)") { foreign.append(name) }
    }
    guard let first = foreign.first else { return }
    let known = files.contains { $0.name == first }
    let others = foreign.count == 1 ? "" : ", like \(foreign.count - 1) more,"
    throw RunLogError(
      file: "\(folder)/\(first)",
      known
        ? "was changed since it was exported\(others.isEmpty ? "" : others.dropLast().description); it is not "
          + "overwritten. Name another folder with --output, or give --force."
        : "already exists\(others) and is not from an earlier export; it is not overwritten. Name another folder with "
          + "--output, or give --force.")
  }

  /// Removes tables and figures that the document no longer has, where nobody has changed them.
  func removeLeftovers(beside names: [String], endings: [String], in folder: String) throws {
    for (name, _) in files where !names.contains(name) {
      let isOurs =
        name.hasPrefix("tables/") && endings.contains { name.hasSuffix(".\($0)") }
        || name.hasPrefix("figures/") && endings.contains("tex")
      if isOurs, !name.contains(".."), isUnchanged(name, in: folder) {
        try removeFile("\(folder)/\(name)")
      }
    }
  }

  /// The contents of export.json once files have been written.
  func updated(
    with names: [String], in folder: String, _ documents: [Document]
  ) throws -> String {
    let kept = files.map(\.name).filter { !names.contains($0) && isUnchanged($0, in: folder) }
    let entries = try (names + kept).map { name in
      JSON.object([
        "file": .string(name), "sha256": .string(try SHA256.hex(ofFile: "\(folder)/\(name)")),
      ]).text
    }
    let sources = documents.map { document in
      JSON.object([
        "file": .string(
          relativePath(from: folder, to: "\(document.folder)/\(document.kind.markdown)")),
        "sha256": .string(SHA256.hex(of: Array(document.text.text.utf8))),
      ]).text
    }
    return """
      {
      "format": 1,
      "version": \(JSON.string(Version.current).text),
      "documents": [
      \(sources.joined(separator: ",\n"))
      ],
      "files": [
      \(entries.joined(separator: ",\n"))
      ]
      }

      """
  }
}
