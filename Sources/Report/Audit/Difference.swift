/// One way in which what lies in a run directory is not what its logs give.
public struct Difference: Equatable, Sendable, CustomStringConvertible {
  /// Relative to the run directory.
  public let file: String
  /// From 1; `nil` where the whole file is meant.
  public let line: Int?
  /// From 1, in code points.
  public let column: Int?
  /// What was expected and what was found.
  public let message: String

  init(_ file: String, line: Int? = nil, column: Int? = nil, _ message: String) {
    (self.file, self.line, self.column, self.message) = (file, line, column, message)
  }

  public var description: String {
    ([file] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":")
      + ": \(message)"
  }
}
