/// A number of a JSON text, read in two ways.
///
/// Python and Swift give the double nearest to what is written. The `tokenizers` library reads JSON with `serde_json`, which takes the first
/// digits that fit in 64 bits and multiplies or divides by a power of ten: one in eight scores of a real vocabulary then comes out in the last
/// bit otherwise. Which of two spellings of a word has the higher sum can hang on that bit.
struct DecimalNumber {
  /// The nearest double.
  let nearest: Double
  /// The double that `serde_json` gives.
  let approximate: Double

  private static let powersOfTen: [Double] = (0...308).map { Double("1e\($0)") ?? .infinity }

  /// Reads the number that begins at a place; `nil` if none stands there or it is not finite.
  ///
  /// - Parameters:
  ///   - text: what it is part of.
  ///   - position: the place, afterwards the number's end.
  init?(_ text: UnsafeBufferPointer<UInt8>, at position: inout Int) {
    let start = position
    var place = position
    func isDigit(_ place: Int) -> Bool {
      place < text.count && text[place] >= 0x30 && text[place] <= 0x39
    }
    let isNegative = place < text.count && text[place] == UInt8(ascii: "-")
    if isNegative { place += 1 }
    guard isDigit(place) else { return nil }
    // No number but 0 itself begins with 0.
    if text[place] == 0x30, isDigit(place + 1) { return nil }

    var (significand, exponent) = (UInt64(0), 0)
    // Once digits no longer fit, those before the point count as zeros and the others as nothing.
    var fits = true
    func take() {
      let digit = UInt64(text[place] - 0x30)
      let (product, overflows) = significand.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) = product.addingReportingOverflow(digit)
      if overflows || overflowsToo { fits = false } else { significand = sum }
    }
    while isDigit(place) {
      if fits { take() }
      if !fits { exponent += 1 }
      place += 1
    }
    if place < text.count, text[place] == UInt8(ascii: ".") {
      place += 1
      guard isDigit(place) else { return nil }
      // Digits after the point are tried anew, as there.
      var takesMore = true
      while isDigit(place) {
        if takesMore {
          fits = true
          take()
          takesMore = fits
          if fits { exponent -= 1 }
        }
        place += 1
      }
    }
    if place < text.count, text[place] | 0x20 == UInt8(ascii: "e") {
      place += 1
      var isSmall = false
      if place < text.count, text[place] == UInt8(ascii: "-") || text[place] == UInt8(ascii: "+") {
        isSmall = text[place] == UInt8(ascii: "-")
        place += 1
      }
      guard isDigit(place) else { return nil }
      var stated = 0
      while isDigit(place) {
        stated = min(stated * 10 + Int(text[place] - 0x30), 1 << 20)
        place += 1
      }
      exponent += isSmall ? -stated : stated
    }
    guard let magnitude = Self.scaled(significand, exponent) else { return nil }
    let written = String(decoding: text[start..<place], as: UTF8.self)
    guard let nearest = Double(written), nearest.isFinite else { return nil }
    self.nearest = nearest
    approximate = isNegative ? -magnitude : magnitude
    position = place
  }

  /// A significand times a power of ten, as `serde_json` computes it; `nil` if that is not finite.
  private static func scaled(_ significand: UInt64, _ exponent: Int) -> Double? {
    var value = Double(significand)
    var exponent = exponent
    while exponent < -308, value != 0 {
      value /= powersOfTen[308]
      exponent += 308
    }
    if value == 0 { return value }
    guard exponent <= 308 else { return nil }
    value = exponent >= 0 ? value * powersOfTen[exponent] : value / powersOfTen[-exponent]
    return value.isFinite ? value : nil
  }

  /// How a number is written so that `serde_json` reads it; `nil` if no text near it is.
  static func approximateText(of value: Double) -> String? {
    var (below, above) = (value, value)
    for _ in 0..<16 {
      for candidate in [below, above] {
        let text = "\(candidate)"
        var position = 0
        let read = Array(text.utf8).withUnsafeBufferPointer {
          DecimalNumber($0, at: &position)?.approximate
        }
        if read == value { return text }
      }
      (below, above) = (below.nextDown, above.nextUp)
    }
    return nil
  }
}
