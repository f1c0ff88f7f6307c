/// A line that says how far the work is, as long as the terminal is wide.
///
/// One column is left free: a terminal that has written its last column goes on in the next line, and what is written
/// over the line afterwards leaves the first behind.
struct ProgressLine: Equatable {
  /// The share of the whole work that is done, in `0...1`.
  let share: Double
  let stage: String
  /// Such as `2,385 tokens/s`; empty for none.
  let rate: String
  /// Such as `3 min left`.
  let rest: String

  /// The line for a terminal.
  ///
  /// - Parameter columns: the terminal's width, at least 1.
  /// - Returns: at most one character less.
  func text(columns: Int) -> String {
    let room = max(0, columns - 1)
    let percent = "\(Int((share * 100).rounded(.down))) %"
    // The narrower, the less is said: first without a long bar, then without the rate, then without a bar.
    let candidates: [(bar: Int, words: [String])] = [
      (24, [percent, stage, rate, rest]), (12, [percent, stage, rate, rest]),
      (12, [percent, stage, rest]), (0, [percent, stage, rest]), (0, [percent, rest]),
    ]
    for (width, words) in candidates {
      let line = bar(width) + words.filter { !$0.isEmpty }.joined(separator: "  ")
      if line.count <= room { return line }
    }
    return String("\(percent)  \(rest)".prefix(room))
  }

  private func bar(_ width: Int) -> String {
    guard width > 0 else { return "" }
    let filled = min(width, max(0, Int(share * Double(width))))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      + " "
  }
}
