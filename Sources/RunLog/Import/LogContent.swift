internal import Storage

/// What a file holds, by its content; its name says nothing.
enum LogContent {
  case log(LoggedRun)
  case predictions
  case events
  /// Something else: what, in a few words.
  case other(String)

  /// Reads a file as whatever it is: as the first reader that knows it reads it.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - file: what errors call it.
  ///   - map: what the user says.
  /// - Returns: the log, or what the file is.
  /// - Throws: `RunLogError` or `JSONError` if it is a log with something wrong in it.
  static func read(_ bytes: [UInt8], file: String, map: ImportMap? = nil) throws -> LogContent {
    let input = try LogInput(bytes, file: file, map: map)
    switch input.shape {
    case .events: return .events
    case .other(let what): return .other(what)
    case .table(let header) where PredictionTable.isHeader(header.columns): return .predictions
    case .json(let json) where json["record"]?.string != nil: return .other(LogInput.ownLog)
    case .jsonLines(let records, _) where records.first?["record"]?.string != nil:
      return .other(LogInput.ownLog)
    case .json, .jsonLines, .table, .timedValues: break
    }
    for reader in LogReader.all {
      if var run = try reader.read(input) {
        run.warnings = input.warnings + run.warnings
        return .log(run)
      }
    }
    return .other(description(input.shape))
  }

  /// What a file is that no reader knows.
  private static func description(_ shape: LogInput.Shape) -> String {
    switch shape {
    case .json(let json):
      guard let object = json.object else {
        return "a JSON array that holds no records of a training with an epoch or a step"
      }
      let keys = object.keys.prefix(6).joined(separator: ", ").prefix(120)
      return object.keys.isEmpty
        ? "an empty JSON object" : "a JSON object with the keys \(keys), none of them of a log"
    case .jsonLines: return "JSON Lines without an epoch or a step"
    case .table(let header):
      let names = header.columns.prefix(6).joined(separator: ", ").prefix(120)
      return "a table with the columns \(names), but neither epoch nor step among them"
    case .timedValues, .events, .other: return "not a log"
    }
  }
}
