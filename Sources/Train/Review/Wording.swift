/// A whole number in groups of three digits, such as `1,839`.
func grouped(_ number: Int) -> String {
  let digits = String(number)
  var result = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place).isMultiple(of: 3) { result += "," }
    result.append(digit)
  }
  return result
}

/// Such as "1 text" or "1,839 texts".
func counted(_ number: Int, _ noun: String) -> String {
  "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}

/// A setting as it would be typed, such as `50` or `5e-5`.
func plain(_ value: Double) -> String {
  if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
  let text = "\(value)"
  guard let exponent = text.firstIndex(of: "e") else { return text }
  return text[..<exponent] + "e\(Int(text[text.index(after: exponent)...]) ?? 0)"
}

/// Such as "a, b and c".
func listed(_ parts: [String], conjunction: String = "and") -> String {
  guard parts.count > 1, let last = parts.last else { return parts.first ?? "" }
  return parts.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
}

/// What goes on a sentence with its examples: such as ": a, b and c", or ", such as a, b and c" where there are more.
///
/// - Parameters:
///   - examples: as many as are there to be named, or more.
///   - count: how many there are in all; as many as `examples` if `nil`.
/// - Returns: the rest of the sentence, without a full stop.
func naming(_ examples: [String], of count: Int? = nil) -> String {
  let named = Array(examples.prefix(InputReview.examples))
  return (named.count < count ?? examples.count ? ", such as " : ": ") + listed(named)
}
