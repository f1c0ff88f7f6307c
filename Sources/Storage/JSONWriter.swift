extension JSON {
  /// The value as compact JSON on one line, the same bytes for the same value.
  ///
  /// Doubles are written in the fewest digits that read back as the same value; non-finite ones as
  /// `NaN`, `Infinity`, `-Infinity`, as Python's `json` does. Use `JSON.strict` where readers are strict.
  public var text: String {
    var output = ""
    write(into: &output, indentation: nil, depth: 0)
    return output
  }

  /// The value as JSON with an indentation of two spaces, ending in a line feed; arrays without
  /// arrays or objects in them stay on one line.
  public var prettyText: String {
    var output = ""
    write(into: &output, indentation: 2, depth: 0)
    return output + "\n"
  }

  private var isScalar: Bool { object == nil && array == nil }

  private func write(into output: inout String, indentation: Int?, depth: Int) {
    func newLine(_ depth: Int) {
      if let indentation {
        output += "\n" + String(repeating: " ", count: indentation * depth)
      }
    }
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .integer(let value): output += String(value)
    case .number(let value): output += Self.text(of: value)
    case .string(let text): Self.write(quoted: text, into: &output)
    case .array(let elements):
      let isFlat = elements.allSatisfy(\.isScalar)
      output += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { output += isFlat && indentation != nil ? ", " : "," }
        if !isFlat { newLine(depth + 1) }
        element.write(into: &output, indentation: indentation, depth: depth + 1)
      }
      if !isFlat { newLine(depth) }
      output += "]"
    case .object(let object):
      output += "{"
      for (index, member) in object.members.enumerated() {
        if index > 0 { output += "," }
        newLine(depth + 1)
        Self.write(quoted: member.key, into: &output)
        output += indentation == nil ? ":" : ": "
        member.value.write(into: &output, indentation: indentation, depth: depth + 1)
      }
      if !object.members.isEmpty { newLine(depth) }
      output += "}"
    }
  }

  private static func text(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "Infinity" : "-Infinity" }
    return "\(value)"
  }

  private static func write(quoted text: String, into output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      // Line separators are escaped too, so that one record stays one line for every reader.
      case "\u{0}"..<"\u{20}", "\u{7F}", "\u{85}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}
