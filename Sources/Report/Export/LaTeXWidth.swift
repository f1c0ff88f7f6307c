internal import Foundation

/// How wide text is that LaTeX sets in Latin Modern, in points, so that a table is laid out for the page it gets.
///
/// Counting letters is not enough: a W is almost four times as wide as an l, and a bracket half a digit.
enum LaTeXWidth {
  /// Sizes of an article in 10 pt.
  enum Size {
    case footnote
    case script

    /// The size of the type in points, and by how much the smaller design is wider for its size.
    fileprivate var scale: Double {
      switch self {
      case .footnote: 8
      // A digit is 0.569 em wide at 7 pt, and 0.531 em at 8 pt.
      case .script: 7 * 0.569 / 0.531
      }
    }
  }

  /// A digit of \footnotesize.
  static let digit = 0.531 * Size.footnote.scale
  /// The text width of a page in points: 17 cm.
  static let page = 17 / 2.54 * 72.27

  /// - Parameters:
  ///   - text: as it is set, without commands.
  ///   - size: of its letters.
  ///   - isBold: bold letters are up to 16 % wider.
  /// - Returns: its width in points without kerning, which for the most part makes it narrower.
  static func of(_ text: String, _ size: Size = .footnote, isBold: Bool = false) -> Double {
    let thousandths = LaTeXText.settable(text).unicodeScalars.reduce(0) { $0 + width($1) }
    return Double(thousandths) / 1000 * size.scale * (isBold ? 1.16 : 1)
  }

  /// In thousandths of an em, by the metrics of Latin Modern Roman at 8 pt (ec-lmr8.tfm).
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    if let known = widths[scalar] { return known }
    let plain = String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars.first
    return plain.flatMap { widths[$0] } ?? 1_000
  }

  private static let widths: [Unicode.Scalar: Int] = {
    let groups: [(width: Int, letters: String)] = [
      (295, "!',.:;[]`il|·‘’"), (325, "fj"), (354, "- "), (383, "I"), (403, "\""), (413, "()t"),
      (414, "r"),
      (419, "s"), (472, "cez"), (502, "?"), (531, "*/0123456789\\ago{}$–«»“”"), (546, "J"),
      (556, "^~"),
      (561, "kqvxy"), (590, "Sbdhnpu"), (649, "Z"), (664, "L"), (693, "F"), (723, "EP"), (752, "B"),
      (767, "CTw"), (782, "R"), (796, "#AHNUVXY_"), (811, "D"), (825, "K"),
      (826, "&+<=>@OQ−±×÷≤≥≠≈"),
      (834, "G"), (885, "%m"), (973, "M"), (1_091, "W"),
    ]
    var widths: [Unicode.Scalar: Int] = [:]
    for (width, letters) in groups {
      for letter in letters.unicodeScalars { widths[letter] = width }
    }
    return widths
  }()
}
