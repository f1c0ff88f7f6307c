public import Testing

internal import Foundation

/// Whether fixtures are rewritten instead of compared: `RECORD_SNAPSHOTS=1`.
public let isRecordingSnapshots = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"

/// Expects a text to equal the fixture of that name, to the byte.
///
/// With `RECORD_SNAPSHOTS=1` in the environment the fixture is rewritten, and the test fails, so that
/// a recording run can never pass for a check.
///
/// - Parameters:
///   - text: what the code under test made.
///   - name: the fixture, relative to Tests/Fixtures.
///   - sourceLocation: where the expectation stands.
/// - Throws: when a recording cannot be written.
public func expectSnapshot(
  _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  try expectSnapshot(Array(text.utf8), name, sourceLocation: sourceLocation)
}

/// Expects bytes to equal the fixture of that name; see the function for texts.
///
/// - Parameters:
///   - bytes: what the code under test made.
///   - name: the fixture, relative to Tests/Fixtures.
///   - sourceLocation: where the expectation stands.
/// - Throws: when a recording cannot be written.
public func expectSnapshot(
  _ bytes: [UInt8], _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let path = Fixture.path(name)
  if isRecordingSnapshots {
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: nil)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    Issue.record("recorded \(name); run again to check", sourceLocation: sourceLocation)
    return
  }
  guard let data = FileManager.default.contents(atPath: path) else {
    Issue.record(
      "there is no snapshot \(name); RECORD_SNAPSHOTS=1 makes it", sourceLocation: sourceLocation)
    return
  }
  if Data(bytes) == data { return }
  let found = String(decoding: bytes, as: UTF8.self)
    .split(separator: "\n", omittingEmptySubsequences: false)
  let expected = String(decoding: data, as: UTF8.self)
    .split(separator: "\n", omittingEmptySubsequences: false)
  let line = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
  let place = line ?? min(found.count, expected.count)
  Issue.record(
    """
    \(name) differs first in line \(place + 1):
    found    \(place < found.count ? String(found[place]) : "(the end)")
    expected \(place < expected.count ? String(expected[place]) : "(the end)")
    RECORD_SNAPSHOTS=1 rewrites it.
    """, sourceLocation: sourceLocation)
}
