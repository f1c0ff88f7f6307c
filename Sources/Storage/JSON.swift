internal import Glibc

/// A JSON value (RFC 8259) whose objects keep the order of their keys.
///
/// Numbers keep whether they were written as integers, since labels and offsets are exact while
/// losses are not. `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes although RFC 8259
/// has no such numbers, are read too: a diverged loss in somebody's log is a fact to be reported.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

/// The members of a JSON object, in the order they were written.
///
/// Keys are told apart by their code points. Swift's own comparison takes `é` and `e` with an accent
/// for one key, and a vocabulary may well hold both.
public struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  public private(set) var members: [(key: String, value: JSON)] = []
  /// Where each key stands; empty while there are so few that looking through them is faster.
  private var positions: [ExactText: Int] = [:]
  private static let mostLookedThrough = 16

  public init() {}

  /// Builds an object; a key that occurs twice keeps its last value.
  public init(dictionaryLiteral members: (String, JSON)...) {
    for (key, value) in members { self[key] = value }
  }

  /// The value of a key; setting `nil` is not supported, set `.null`.
  public subscript(key: String) -> JSON? {
    get { position(of: key).map { members[$0].value } }
    set {
      // Unreachable: no caller sets nil, whatever it reads.
      guard let newValue else { preconditionFailure("remove a member by leaving it out") }
      if let position = position(of: key) {
        members[position].value = newValue
        return
      }
      members.append((key, newValue))
      if members.count == Self.mostLookedThrough + 1 {
        for (position, member) in members.enumerated() {
          positions[ExactText(member.key)] = position
        }
      } else if members.count > Self.mostLookedThrough {
        positions[ExactText(key)] = members.count - 1
      }
    }
  }

  private func position(of key: String) -> Int? {
    let wanted = ExactText(key)
    if members.count > Self.mostLookedThrough { return positions[wanted] }
    return members.firstIndex { ExactText($0.key) == wanted }
  }

  public var keys: [String] { members.map(\.key) }

  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.members.count == b.members.count
      && zip(a.members, b.members).allSatisfy {
        ExactText($0.key) == ExactText($1.key) && $0.value == $1.value
      }
  }

  public func hash(into hasher: inout Hasher) {
    for (key, value) in members {
      hasher.combine(ExactText(key))
      hasher.combine(value)
    }
  }
}

/// A text that equals only itself, code point by code point.
private struct ExactText: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: ExactText, b: ExactText) -> Bool {
    let (a, b) = (a.text.utf8, b.text.utf8)
    guard a.count == b.count else { return false }
    // In one piece, which native texts lie in; others are compared byte by byte.
    let isEqual = a.withContiguousStorageIfAvailable { a in
      b.withContiguousStorageIfAvailable { b in
        guard let start = a.baseAddress, let other = b.baseAddress else { return true }
        return memcmp(start, other, a.count) == 0
      }
    }
    return isEqual.flatMap { $0 } ?? a.elementsEqual(b)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension JSON {
  /// The object, if this is one.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// The elements, if this is an array.
  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The text, if this is a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The truth value, if this is one.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The integer, if this was written as one.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The number as a double, whether written as an integer or not.
  ///
  /// The strings "NaN", "Infinity" and "-Infinity", our own form of non-finite numbers in files that
  /// strict readers must accept, are read as what they name.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }

  /// A finite number, or the string that stands for a non-finite one.
  public static func strict(_ value: Double) -> JSON {
    if value.isFinite { return .number(value) }
    return .string(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
  }

  /// What kind of value this is, for error messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The member of an object.
  public subscript(key: String) -> JSON? { object?[key] }
}
