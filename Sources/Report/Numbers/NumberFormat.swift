internal import Foundation

/// Numbers as the report prints them, the same in every locale.
///
/// Full precision lives in the run directory; this is the only place that rounds.
public enum NumberFormat {
  /// What stands for a number that nobody knows.
  public static let unknown = "–"

  /// A number with a fixed count of decimals, such as `0.613`.
  ///
  /// - Parameters:
  ///   - value: anything; NaN and infinities are named in words.
  ///   - digits: decimals, not negative.
  /// - Returns: digits with `.` and, below zero, the sign U+2212.
  public static func decimal(_ value: Double, digits: Int) -> String {
    if let words = words(value) { return words }
    let text = String(format: "%.\(digits)f", abs(value))
    // A value that rounds to zero has no sign.
    let isNegative = value < 0 && text.contains { $0 != "0" && $0 != "." }
    return (isNegative ? "−" : "") + text
  }

  /// A share as percent, such as `78.4 %`.
  public static func percent(_ share: Double, digits: Int = 1) -> String {
    words(share) ?? decimal(100 * share, digits: digits) + " %"
  }

  /// A difference of shares in percentage points with its sign, such as `+12.4`.
  public static func points(_ difference: Double, digits: Int = 1) -> String {
    let text = decimal(100 * difference, digits: digits)
    let isPositive = difference > 0 && text.contains { $0 >= "1" && $0 <= "9" }
    return (isPositive ? "+" : "") + text
  }

  /// A whole number with separators of thousands, such as `1,839`.
  public static func count(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "−" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A whole number with its noun, such as `1 epoch` or `1,839 examples`.
  public static func count(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A setting as its author would write it, such as `128`, `0.01` or `5e-5`.
  ///
  /// All its digits are shown; numbers below a hundredth get an exponent.
  public static func setting(_ value: Double) -> String {
    if let words = words(value) { return words }
    if value == value.rounded(), abs(value) < 1e6 { return decimal(value, digits: 0) }
    // Swift writes the fewest digits that read back as the value, which are the author's own.
    var text = "\(abs(value))"
    if abs(value) < 0.01, !text.contains("e") {
      // 0.00025 is written as 2.5e-4.
      let digits = text.drop { $0 == "0" || $0 == "." }
      let zeros = text.count - digits.count - 1
      text = digits.prefix(1) + (digits.count > 1 ? "." + digits.dropFirst() : "") + "e-\(zeros)"
    }
    return (value < 0 ? "−" : "") + withShortExponent(text)
  }

  /// A learning rate with up to three significant digits, such as `6.1e-6` or `1.62e-5`.
  public static func rate(_ value: Double) -> String {
    if let words = words(value) { return words }
    if value == 0 { return "0" }
    return (value < 0 ? "−" : "") + withShortExponent(String(format: "%.2e", abs(value)))
  }

  /// A span of time, such as `48.2 s`, `12 min 5 s` or `3 h 20 min`.
  public static func duration(seconds: Double) -> String {
    if let words = words(seconds) { return words }
    if seconds < 9.95 { return decimal(seconds, digits: 2) + " s" }
    if seconds < 99.95 { return decimal(seconds, digits: 1) + " s" }
    guard seconds < 1e12 else { return rate(seconds) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    let minutes = Int((seconds / 60).rounded())
    return "\(count(minutes / 60)) h \(minutes % 60) min"
  }

  /// An amount of memory, such as `412 MB` or `1.9 GB`, in powers of ten.
  public static func bytes(_ count: Int) -> String {
    if count < 1_000_000 { return decimal(Double(count) / 1e3, digits: 0) + " kB" }
    if count < 1_000_000_000 { return decimal(Double(count) / 1e6, digits: 0) + " MB" }
    return decimal(Double(count) / 1e9, digits: 1) + " GB"
  }

  /// A count of floating-point operations, such as `3.1 TFLOP`, in powers of a thousand.
  public static func operations(_ count: Double) -> String {
    if let words = words(count) { return words }
    let (unit, size) = unitOfOperations(abs(count))
    let value = abs(count) / size
    let text = decimal(value, digits: value < 9.95 && size > 1 ? 1 : 0)
    return (count < 0 ? "−" : "") + "\(text) \(unit)"
  }

  /// What a count of floating-point operations is said in, such as `TFLOP`, and how many operations that is.
  static func unitOfOperations(_ count: Double) -> (unit: String, size: Double) {
    let units = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"]
    var (place, size) = (0, 1.0)
    while count / size >= 999.5, place + 1 < units.count {
      (place, size) = (place + 1, size * 1000)
    }
    return (units[place], size)
  }

  /// How many decimals a number deserves: as many as give the half of its interval two digits that
  /// count, such as 1 for 62.0 ± 5.3 and 2 for 62.04 ± 0.53; one that is not 0 must not read as 0.
  ///
  /// - Parameters:
  ///   - bounds: the interval on the scale that is printed.
  ///   - fallback: without a width.
  /// - Returns: 0 to 6.
  public static func digits(_ bounds: ClosedRange<Double>, fallback: Int) -> Int {
    var digits = 0
    var half = (bounds.upperBound - bounds.lowerBound) / 2
    guard half > 0, half.isFinite else { return fallback }
    while half < 10, digits < 6 { (half, digits) = (half * 10, digits + 1) }
    func readsAsZero(_ value: Double) -> Bool {
      value != 0 && !decimal(value, digits: digits).contains { ("1"..."9").contains($0) }
    }
    while digits < 6, readsAsZero(bounds.lowerBound) || readsAsZero(bounds.upperBound) {
      digits += 1
    }
    return digits
  }

  /// Words joined for a sentence, such as `a, b and c`.
  public static func list(_ words: [String], lastAfter conjunction: String = "and") -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }

  /// Whole numbers in rising order, runs of three or more drawn together: `1, 3–5 and 9`.
  public static func list(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return list(
      runs.flatMap { run in
        run.count > 2 ? ["\(run.lowerBound)–\(run.upperBound)"] : run.map(String.init)
      })
  }

  private static func words(_ value: Double) -> String? {
    if value.isNaN { return "not a number" }
    if value.isInfinite { return value > 0 ? "infinity" : "minus infinity" }
    return nil
  }

  /// `5.0e-05` becomes `5e-5`.
  private static func withShortExponent(_ text: String) -> String {
    guard let e = text.firstIndex(of: "e") else { return text }
    var mantissa = text[..<e]
    if mantissa.contains(".") {
      while mantissa.hasSuffix("0") { mantissa.removeLast() }
      if mantissa.hasSuffix(".") { mantissa.removeLast() }
    }
    var exponent = text[text.index(after: e)...]
    let isNegative = exponent.hasPrefix("-")
    exponent = exponent.drop { $0 == "-" || $0 == "+" || $0 == "0" }
    if exponent.isEmpty { return String(mantissa) }
    return "\(mantissa)e\(isNegative ? "-" : "")\(exponent)"
  }
}
