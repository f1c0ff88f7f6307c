internal import Results
public import RunLog
internal import Storage

/// The model card of a run: model/README.md, which the hub shows, and card.json, the record of its numbers.
public struct CardFiles: Sendable {
  let document: Document
  private let directory: RunDirectory

  /// Makes the card of a run; nothing is written yet.
  ///
  /// - Throws: whatever is wrong with the logs; `RunLogError` if the run has no model.
  public init(_ directory: RunDirectory) throws {
    guard Self.hasModel(directory) else {
      throw RunLogError(
        file: "\(directory.path)/model",
        "holds no model that a card could describe; a run has one once its training is complete.")
    }
    let run = try Run(LogSource(directory.path))
    let names = try InputFiles.names(of: run)
    try self.init(RunResults(run), inputs: InputFiles(names, of: run))
  }

  /// Makes the card from what a report was made from.
  init(_ results: RunResults, inputs: InputFiles) throws {
    directory = results.run.directory
    let report = try Report(results: results, figures: []).data
    document = try Document(
      .card, folder: directory.path,
      filledBy: CardData(results: results, origins: Origins(results), report: report),
      settings: [:], inputs: inputs, figures: [])
  }

  /// Whether a run has a model that a card can describe.
  static func hasModel(_ directory: RunDirectory) -> Bool {
    exists("\(directory.path)/model/config.json") && exists(directory.experiment)
  }

  /// The card's text.
  public var markdown: String { document.text.text }

  /// Where the card goes.
  public var path: String { "\(directory.path)/\(document.kind.markdown)" }

  /// Whether a text lies there that somebody has written or changed, and which must not be lost.
  public var isTaken: Bool {
    guard exists(path) else { return false }
    guard let found = try? RandomAccessFile(path).contents() else { return true }
    if found == Array(markdown.utf8) { return false }
    let record = "\(directory.path)/\(document.kind.record)"
    let recorded = exists(record) ? try? JSON.read(record) : nil
    return recorded?["report"]?["sha256"]?.string != SHA256.hex(of: found)
  }

  /// Writes both files, each whole or not at all.
  ///
  /// - Parameter force: whether a card that somebody has written or changed is written over.
  /// - Returns: the path of the card.
  /// - Throws: `RunLogError` if it may not be written over; `StorageError` if it cannot be written.
  public func write(force: Bool = false) throws -> String {
    if isTaken, !force {
      throw RunLogError(
        file: path,
        "was not written by this program, or was changed since; it is not overwritten. Move it away, or give --force."
      )
    }
    // A run from a stranger may have a link in place of its model; other links are nothing to a card.
    let model = "\(directory.path)/model"
    guard !isSymbolicLink(model) else {
      throw RunLogError(
        file: model,
        "is a symbolic link, so nothing is written there; replace it with what it points to.")
    }
    // The card first: with an old record beside it, it would count as changed by hand, were the same not written again.
    try AtomicFile.write(markdown, to: path)
    try AtomicFile.write(document.record.text, to: "\(directory.path)/\(document.kind.record)")
    return path
  }
}

extension ReportFiles {
  /// The card of the run's model; `nil` for a run without one, or that is still being trained.
  public func card() throws -> CardFiles? {
    let results = rendering.results
    guard results.run.imported == nil, results.finished != nil,
      !isSymbolicLink("\(results.run.directory.path)/model"),
      CardFiles.hasModel(results.run.directory)
    else { return nil }
    return try CardFiles(results, inputs: inputs)
  }
}
