internal import Storage

/// An `<svg>` element that says in its attributes what it shows, how its letters were measured, and by a hash
/// that it is as it was drawn.
struct SealedSVG {
  private static let opening = "<svg "
  private static let (recordName, sealName) = (#"data-drawing=""#, #"data-seal=""#)

  let record: DrawingRecord
  /// Whether the element is as it was when it was sealed.
  let isAsSealed: Bool

  /// Puts the attributes into an element that has none of them.
  static func seal(_ element: String, _ record: DrawingRecord) -> String {
    guard element.hasPrefix(opening) else { return element }
    let rest = "\(recordName)\(record.text)\" " + element.dropFirst(opening.count)
    return "\(opening)\(sealName)\(SHA256.hex(of: Array(rest.utf8)))\" \(rest)"
  }

  /// `nil` for an element that `seal` did not make.
  ///
  /// - Parameter element: a whole one.
  init?(_ element: String) {
    let start = Self.opening + Self.sealName
    guard element.hasPrefix(start) else { return nil }
    let sealed = element.dropFirst(start.count)
    guard let quote = sealed.firstIndex(of: "\""), quote < sealed.endIndex else { return nil }
    let rest = sealed[quote...].dropFirst(2)
    guard rest.hasPrefix(Self.recordName) else { return nil }
    let words = rest.dropFirst(Self.recordName.count).prefix { $0 != "\"" }
    guard let record = DrawingRecord(String(words)) else { return nil }
    self.record = record
    isAsSealed = SHA256.hex(of: Array(rest.utf8)) == sealed[..<quote]
  }
}
