/// Where a run is read from, and what its user says about it.
public struct LogSource: Equatable, Sendable {
  /// A run directory, or a folder or file with a log of another program.
  public var path: String
  /// Tables of predictions that go with such a log.
  public var predictions: [String]
  /// The file that says what the names in such a log mean.
  public var map: String?

  public init(_ path: String, predictions: [String] = [], map: String? = nil) {
    (self.path, self.predictions, self.map) = (path, predictions, map)
  }
}
