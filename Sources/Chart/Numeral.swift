internal import Glibc

/// Numbers as they are set in a figure: a real minus sign, ten to a power, no noise of binary
/// fractions.
public enum Numeral {
  /// A number with a fixed count of decimal places.
  ///
  /// - Parameters:
  ///   - value: any number.
  ///   - places: digits after the decimal point, 0 to 17.
  ///   - signed: whether a positive number carries a plus sign.
  /// - Returns: such as "−0.25"; "–" in place of what is not finite.
  public static func decimal(_ value: Double, places: Int, signed: Bool = false) -> String {
    guard value.isFinite else { return "–" }
    let digits = printed("%.*f", Int32(clamping: places), abs(value))
    // What rounds to zero has no sign.
    if !digits.contains(where: { $0 != "0" && $0 != "." }) { return digits }
    return (value < 0 ? "\u{2212}" : signed ? "+" : "") + digits
  }

  /// A number rounded to so many significant digits, without trailing zeros; in powers of ten where
  /// plain digits would be hard to read: "0.62", "5×10⁻⁵".
  public static func short(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return "–" }
    if value == 0 { return "0" }
    let (mantissa, exponent) = scientific(value, digits: digits)
    guard isInPowers(value) else {
      return trimmed(decimal(value, places: max(0, digits - 1 - exponent)))
    }
    return powerOfTen(mantissa: mantissa, exponent: exponent)
  }

  /// Numbers that are read together, each as `short` writes it, all in powers of ten if one is.
  public static func shorts(_ values: [Double], digits: Int = 3) -> [String] {
    guard values.contains(where: isInPowers) else {
      return values.map { short($0, digits: digits) }
    }
    return values.map { value in
      if value == 0 || !value.isFinite { return short(value) }
      let (mantissa, exponent) = scientific(value, digits: digits)
      return exponent == 0 ? mantissa + "×10⁰" : powerOfTen(mantissa: mantissa, exponent: exponent)
    }
  }

  /// Whether plain digits would be hard to read.
  private static func isInPowers(_ value: Double) -> Bool {
    value != 0 && value.isFinite && (abs(value) < 0.00995 || abs(value) >= 999_500)
  }

  /// A share, 0 to 1, as percent with a no-break space, "71.3 %".
  public static func percent(_ share: Double, places: Int = 1) -> String {
    decimal(100 * share, places: places) + "\u{A0}%"
  }

  /// The labels of an axis: as many decimal places for all as the finest needs.
  static func labels(of values: [Double]) -> [String] {
    let largest = values.map(abs).max() ?? 0
    if largest == 0 { return values.map { decimal($0, places: 0) } }
    let smallestStep = zip(values.dropFirst(), values).map { abs($0 - $1) }.min() ?? largest
    if largest >= 1e6 || largest < 1e-3 {
      // Enough digits to tell neighbours apart.
      let apart = largest / max(smallestStep, largest * 1e-12)
      let digits = apart.isFinite && apart > 1 ? Int(log10(apart).rounded(.up)) + 2 : 2
      return values.map { value in
        if value == 0 { return "0" }
        let (mantissa, exponent) = scientific(value, digits: min(max(digits, 2), 15))
        return powerOfTen(mantissa: mantissa, exponent: exponent)
      }
    }
    for places in 0...12 {
      let texts = values.map { decimal($0, places: places) }
      let scale = pow(10, Double(places))
      let isExact = values.allSatisfy {
        abs(($0 * scale).rounded() / scale - $0) <= 1e-6 * smallestStep
      }
      if isExact { return texts }
    }
    return values.map { short($0, digits: 6) }
  }

  private static func powerOfTen(mantissa: String, exponent: Int) -> String {
    let superscripts: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    if exponent == 0 { return mantissa }
    return mantissa + "×10" + String(String(exponent).compactMap { superscripts[$0] })
  }

  /// The mantissa, 1 to 10 without trailing zeros, and the exponent after rounding.
  private static func scientific(_ value: Double, digits: Int) -> (mantissa: String, exponent: Int)
  {
    let parts = printed("%.*e", Int32(clamping: digits - 1), abs(value)).split(separator: "e")
    let exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    let mantissa = trimmed(String(parts.first ?? "0"))
    return ((value < 0 ? "\u{2212}" : "") + mantissa, exponent)
  }

  private static func trimmed(_ digits: String) -> String {
    guard digits.contains(".") else { return digits }
    var digits = digits[...]
    while digits.last == "0" { digits.removeLast() }
    if digits.last == "." { digits.removeLast() }
    return String(digits)
  }

  /// C's correctly rounded output; Swift's own printing has no fixed places without Foundation.
  private static func printed(_ format: String, _ places: Int32, _ value: Double) -> String {
    withVaList([places, value]) { arguments in
      var buffer = [CChar](repeating: 0, count: 400)
      let count = vsnprintf(&buffer, buffer.count, format, arguments)
      return String(
        decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
