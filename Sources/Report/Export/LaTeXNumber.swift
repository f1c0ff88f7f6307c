/// A number as siunitx reads it, with the digits that the document prints.
struct LaTeXNumber {
  /// For a column of type S, such as `+15.7` or `67.0 \pm 0.4`.
  let text: String
  /// Ends for formulas.
  let interval: (lower: String, upper: String)?
  let isPercent: Bool
  let isSigned: Bool
  let integerDigits: Int
  let decimals: Int
  let uncertaintyDigits: Int?

  /// `nil` for a cell that holds anything else.
  init?(_ cell: DocumentTable.Cell) {
    guard let number = cell.number, number.form != .interval, !number.values.isEmpty,
      number.form == .plain ? number.values.count == 1 : true
    else { return nil }
    let tokens = Self.tokens(number.text)
    let wanted =
      switch number.form {
      case .estimate: 3
      case .spread: 2
      case .plain, .interval: 1
      }
    guard tokens.count == wanted, let value = tokens.first else { return nil }
    var rest = number.text
    for token in tokens { rest = rest.replacing(token, with: "", maxReplacements: 1) }
    // Nothing but signs that the table says in its own way: a unit of time or a bound stays text.
    let isPercent = rest.contains("%")
    guard rest.replacing("to", with: "").allSatisfy({ " %[]–±".contains($0) }) else { return nil }
    self.isPercent = isPercent
    let plain = Self.ascii(value)
    var uncertainty: String?
    if number.form == .spread { uncertainty = Self.ascii(tokens[1]) }
    let digits = plain.split(separator: ".").last.map(\.count) ?? 0
    decimals = plain.contains(".") ? digits : 0
    if let seeds = cell.seeds, number.form != .spread {
      let scale = isPercent ? 100.0 : 1
      uncertainty = NumberFormat.decimal(scale * seeds.deviation, digits: decimals)
    }
    text = plain + (uncertainty.map { " \\pm \($0)" } ?? "")
    interval =
      number.form == .estimate ? (Self.ascii(tokens[1]), Self.ascii(tokens[2])) : nil
    isSigned = plain.hasPrefix("-") || plain.hasPrefix("+")
    integerDigits = plain.prefix { $0 != "." }.count { $0.isNumber }
    uncertaintyDigits = uncertainty.map { text in text.filter(\.isNumber).drop { $0 == "0" }.count }
      .map { max($0, 1) }
  }

  /// The width of its interval in points; 0 without one.
  var intervalWidth: Double {
    // Both the comma and \\, leave a thin space.
    interval.map {
      LaTeXWidth.of("[\($0.lower), \($0.upper)]".replacing("-", with: "−"), .script)
    } ?? 0
  }

  private static func ascii(_ token: String) -> String {
    token.replacing("−", with: "-").replacing(",", with: "")
  }

  /// The numbers in a text; none of those with an exponent.
  private static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    var token = ""
    func end() {
      if token.contains(where: \.isNumber) { tokens.append(token) }
      token = ""
    }
    for character in text {
      switch character {
      case "0"..."9", ".": token.append(character)
      case "," where !token.isEmpty: token.append(character)
      case "+", "−":
        end()
        token = String(character)
      default: end()
      }
    }
    end()
    return tokens
  }
}
