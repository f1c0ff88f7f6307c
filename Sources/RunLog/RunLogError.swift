/// Why a file of an experiment or a run cannot be used.
public struct RunLogError: Error, Equatable, CustomStringConvertible {
  public let file: String
  /// 1-based line, where there is one.
  public let line: Int?
  /// What was expected, what was found and what to do.
  public let message: String

  public init(file: String, line: Int? = nil, _ message: String) {
    (self.file, self.line, self.message) = (file, line, message)
  }

  public var description: String {
    line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
  }
}
