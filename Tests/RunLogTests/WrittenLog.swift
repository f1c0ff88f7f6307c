import Storage
import TestSupport
import Testing

import Metrics
@testable import RunLog

/// Logs that a test writes, as the programs write them.
struct WrittenLog {
  let folder: TemporaryFolder

  /// - Parameter files: by their path below the folder.
  /// - Throws: what the file system throws.
  init(_ files: [String: [UInt8]]) throws {
    folder = try TemporaryFolder()
    for (path, bytes) in files {
      var place = folder.path
      for part in path.split(separator: "/").dropLast() {
        place += "/\(part)"
        try makeFolder(place)
      }
      try AtomicFile.write(bytes, to: "\(folder.path)/\(path)")
    }
  }

  init(_ files: [String: String]) throws { try self.init(files.mapValues { Array($0.utf8) }) }

  func read(_ path: String = "", map: String? = nil) throws -> ImportedLog {
    let map = try map.map { try ImportMap.parse(Array($0.utf8), file: "map.yaml") }
    return try ImportedLog.read(path.isEmpty ? folder.path : "\(folder.path)/\(path)", map: map)
  }

  /// One file that is the whole log.
  static func read(_ text: String, as file: String = "log.csv", map: String? = nil) throws
    -> ImportedLog
  {
    try WrittenLog([file: text]).read(map: map)
  }

  /// An event file with one value per event; times are seconds, by default the order.
  static func events(
    _ values: [(tag: String, step: Int, value: Double)], times: [Double]? = nil
  ) -> [UInt8] {
    var bytes = RecordFile.frame(EventRecord.fileVersion("brain.Event:2").bytes(wallTime: 1))
    for (index, entry) in values.enumerated() {
      let event = EventRecord.scalars(step: Int64(entry.step), [(entry.tag, entry.value)])
      bytes += RecordFile.frame(event.bytes(wallTime: times?[index] ?? Double(index + 2)))
    }
    return bytes
  }
}

extension ImportedLog {
  /// The values of a split of the source, `nil` where nothing was logged.
  func series(
    _ part: Part, _ metric: Metric, of language: String? = nil
  ) -> [Double?]? {
    let split = Split(language ?? source.code, part)
    guard rows[split]?[metric] != nil else { return nil }
    return positions.indices.map { value(split, metric, row: $0) }
  }

  /// Whether a warning holds all of these parts.
  func warns(_ parts: String...) -> Bool {
    warnings.contains { warning in parts.allSatisfy(warning.contains) }
  }
}

/// Expects values that are near each other, and absent in the same places.
func expectSeries(
  _ found: [Double?]?, _ expected: [Double?], tolerance: Double = 1e-12,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let isNear =
    found?.count == expected.count
    && zip(found ?? [], expected).allSatisfy { a, b in
      if let a, let b { abs(a - b) <= tolerance } else { a == nil && b == nil }
    }
  #expect(
    isNear, "found \(found.map { "\($0)" } ?? "nothing"), expected \(expected)",
    sourceLocation: sourceLocation)
}
