public import Storage

internal import Foundation

/// Files of Tests/Fixtures, found from the source tree whatever the current folder.
public enum Fixture {
  /// The folder Tests/Fixtures of this checkout.
  public static let folder: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(2)
    return parts.joined(separator: "/") + "/Fixtures"
  }()

  /// The path of a fixture, relative to Tests/Fixtures.
  public static func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Opens a safetensors fixture.
  public static func tensors(_ name: String) throws -> SafetensorsReader {
    try SafetensorsReader(path(name))
  }

  /// Reads a JSON fixture.
  public static func json(_ name: String) throws -> JSON {
    try JSON.read(path(name))
  }
}

/// A folder that is removed when its owner goes.
public final class TemporaryFolder {
  public let path: String

  public init() throws {
    path = NSTemporaryDirectory() + "transfergap-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: nil)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
