/// The names under which programs log where in the training a row stands.
enum PlaceNames {
  /// The first of these that is there counts.
  static let epochs = ["epoch", "epochs", "train/epoch"]
  static let steps = [
    "step", "global_step", "train/global_step", "trainer/global_step", "steps", "iteration", "iter",
    "iterations", "_step",
  ]
  /// Clocks, which tell what was logged first.
  static let times = ["timestamp", "_timestamp", "wall time", "wall_time", "_runtime"]

  /// Columns and keys whose text says which part of the data the rest of the row is about.
  static let parts: Set = ["mode", "phase", "split", "stage", "subset", "set", "part"]

  /// Where a place's column stands.
  ///
  /// - Parameters:
  ///   - names: as the user says, or the ones above.
  ///   - columns: of the table, in small letters.
  /// - Returns: its index, or `nil` if there is none.
  static func column(_ names: [String], in columns: [String]) -> Int? {
    for name in names {
      if let index = columns.firstIndex(of: name) { return index }
    }
    return nil
  }

  /// Whether a name is one of them.
  static func isPlace(_ name: String) -> Bool {
    let name = name.lowercased()
    return epochs.contains(name) || steps.contains(name) || times.contains(name)
  }
}
