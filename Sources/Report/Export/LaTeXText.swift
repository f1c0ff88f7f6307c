internal import Foundation

/// Text as pdfLaTeX sets it, whatever it holds (decision 86).
///
/// Latin letters stay as they are, in UTF-8. Other scripts are transliterated, since pdfLaTeX has no fonts for them, and what
/// cannot be is named by its code point, so that no label keeps a paper from compiling.
enum LaTeXText {
  /// Plain text with everything escaped that means something to TeX.
  ///
  /// - Parameters:
  ///   - text: anything, in any language.
  ///   - breaksAfter: how many letters of a word without a space a line may hold; long paths and hashes would stick out
  ///     of a column.
  /// - Returns: LaTeX in one line.
  static func escaped(_ text: String, breaksAfter: Int? = nil) -> String {
    var result = ""
    var before: Unicode.Scalar?
    var length = 0
    for scalar in settable(text).unicodeScalars {
      length = scalar == " " ? 0 : length + 1
      // What TeX joins to another sign, as two hyphens to a dash.
      if scalar == before, ["-", "'", "`", ",", "<", ">"].contains(scalar) { result += "{}" }
      if scalar == "`", before == "!" || before == "?" { result += "{}" }
      result += command(scalar)
      before = scalar
      if let breaksAfter, length >= breaksAfter {
        result += "\\allowbreak{}"
        length = 0
      }
    }
    return result
  }

  /// Whether a text is set in other letters than its own.
  static func isTransliterated(_ text: String) -> Bool {
    text.unicodeScalars.contains { !isSettable($0) }
  }

  /// Markdown within a line, with citations for links to definitions that have a source.
  static func inline(_ markdown: String, breaksAfter: Int? = nil) -> String {
    pieces(InlineText(markdown).pieces, breaksAfter)
  }

  private static func pieces(_ pieces: [InlineText.Piece], _ breaksAfter: Int?) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): escaped(text, breaksAfter: breaksAfter)
      case .lineBreak: " "
      case .strong(let inner): "\\textbf{\(Self.pieces(inner, breaksAfter))}"
      case .emphasis(let inner): "\\emph{\(Self.pieces(inner, breaksAfter))}"
      case .code(let code): "\\texttt{\(escaped(code, breaksAfter: breaksAfter))}"
      case .link(let inner, let target):
        Self.pieces(inner, breaksAfter) + citation(target)
      case .image(let alternativeText, _): escaped(alternativeText, breaksAfter: breaksAfter)
      }
    }.joined()
  }

  private static func citation(_ target: String) -> String {
    guard let hash = target.lastIndex(of: "#") else { return "" }
    let keys = References.keys(ofDefinition: String(target[target.index(after: hash)...]))
    return keys.isEmpty ? "" : "~\\cite{\(keys.joined(separator: ","))}"
  }

  // MARK: Letters

  private static func command(_ scalar: Unicode.Scalar) -> String {
    if let command = commands[scalar] { return command }
    return String(Character(scalar))
  }

  private static let commands: [Unicode.Scalar: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
    "\"": "\\textquotedbl{}", "[": "{[}", "|": "\\textbar{}", "−": "$-$", "±": "$\\pm$",
    "×": "$\\times$",
    "÷": "$\\div$", "≤": "$\\leq$", "≥": "$\\geq$", "≠": "$\\neq$", "≈": "$\\approx$",
    "→": "$\\rightarrow$", "←": "$\\leftarrow$", "·": "$\\cdot$", "…": "\\ldots{}",
    "\u{A0}": "~", "\u{202F}": "\\,", "\u{2009}": "\\,", "²": "$^2$", "³": "$^3$", "¹": "$^1$",
    "⁰": "$^0$", "⁴": "$^4$", "⁵": "$^5$", "⁶": "$^6$", "⁷": "$^7$", "⁸": "$^8$", "⁹": "$^9$",
    "⁻": "$^-$", "°": "\\textdegree{}", "€": "\\texteuro{}", "£": "\\textsterling{}",
    "§": "\\S{}", "©": "\\textcopyright{}", "®": "\\textregistered{}", "™": "\\texttrademark{}",
    "•": "\\textbullet{}", "µ": "$\\mu$", "α": "$\\alpha$", "β": "$\\beta$", "ε": "$\\varepsilon$",
    "σ": "$\\sigma$", "¬": "$\\neg$", "½": "\\textonehalf{}", "¼": "\\textonequarter{}",
  ]

  /// Signs that T1 fonts have as they are, by LaTeX's own list (t1enc.dfu).
  private static let typographic: Set<Unicode.Scalar> = [
    "–", "—", "‘", "’", "‚", "“", "”", "„", "‹", "›", "«", "»", "¡", "¿", "Ș", "ș", "Ț", "ț", "ẞ",
  ]
  private static let lackingInT1: Set<UInt32> = [
    0x126, 0x127, 0x138, 0x13F, 0x140, 0x149, 0x166, 0x167, 0x17F,
  ]

  private static func isSettable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E: true
    // × and ÷ have commands.
    case 0xC0...0x17F: !lackingInT1.contains(scalar.value)
    default: commands[scalar] != nil || typographic.contains(scalar)
    }
  }

  /// The text in letters that can be set: letters with marks composed, other scripts transliterated.
  static func settable(_ text: String) -> String {
    let composed = text.precomposedStringWithCanonicalMapping
    if composed.unicodeScalars.allSatisfy(isSettable) { return composed }
    // Word by word, so that names in Latin letters keep their accents beside those in other scripts.
    return composed.split(separator: " ", omittingEmptySubsequences: false).map { word in
      if word.unicodeScalars.allSatisfy(isSettable) { return String(word) }
      return transliterated(String(word)).unicodeScalars.map { scalar in
        isSettable(scalar)
          ? String(Character(scalar))
          : "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
      }.joined()
    }.joined(separator: " ")
  }
}

/// A text in ASCII letters as far as ICU knows how, such as `hindi` for हिन्दी.
func transliterated(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
  let latin =
    text.applyingTransform(StringTransform("Any-Latin; Latin-ASCII"), reverse: false) ?? text
  // Ain and hamza, which ICU writes as half rings.
  return latin.replacing("\u{2BF}", with: "'").replacing("\u{2BE}", with: "'")
}
