internal import Foundation

extension RunDirectory {
  /// Removes what a run leaves behind, and nothing else that may lie in the folder.
  ///
  /// - Parameter figures: the names of the figures' files.
  /// - Throws: `RunLogError` if something cannot be removed.
  public func clear(figures: [String]) throws {
    let figures = figures.map { "\(path)/\($0)" }
    // The log goes last: while it is there the folder counts as a run.
    let entries = [
      history, environment, report, reportRecord, reportPage, reportPDF, definitions,
      "\(path)/predictions", "\(path)/examples", checkpoints, model, tensorBoard,
      experiment, log,
    ]
    for entry in figures + entries where FileManager.default.fileExists(atPath: entry) {
      do {
        try FileManager.default.removeItem(atPath: entry)
      } catch {
        throw RunLogError(file: entry, "cannot be removed: \(error.localizedDescription)")
      }
    }
  }
}
