extension String {
  /// The text as part of a page that reads from left to right.
  ///
  /// In "العربية 70.8 %" the Unicode bidirectional algorithm takes the number for part of the Arabic
  /// and sets it left of the name; in "English − العربية (points)" it is right. A left-to-right mark
  /// (U+200E) after the last right-to-left letter ends what reads the other way.
  var leftToRight: String {
    guard unicodeScalars.contains(where: \.isRightToLeft) else { return self }
    let mark = "\u{200E}"
    return mark + directionalParts.map { $0.isFromRight ? $0.text + mark : $0.text }.joined()
  }

  /// The text in parts, told apart by whether they are words from the right.
  package var directionalParts: [(text: String, isFromRight: Bool)] {
    var parts: [(text: String, isFromRight: Bool)] = []
    var (phrase, others) = (String.UnicodeScalarView(), String.UnicodeScalarView())
    // What stands between two right-to-left words is part of the phrase.
    var pending = String.UnicodeScalarView()
    func endPhrase() {
      if !phrase.isEmpty { parts.append((String(phrase), true)) }
      phrase = .init()
      others.append(contentsOf: pending)
      pending = .init()
    }
    for scalar in unicodeScalars {
      if scalar.isRightToLeft {
        if !others.isEmpty { parts.append((String(others), false)) }
        others = .init()
        phrase.append(contentsOf: pending)
        pending = .init()
        phrase.append(scalar)
      } else if !phrase.isEmpty, scalar == " " || scalar == "\u{A0}" {
        pending.append(scalar)
      } else if !phrase.isEmpty, pending.isEmpty,
        scalar.properties.isJoinControl || scalar.properties.generalCategory == .nonspacingMark
      {
        phrase.append(scalar)
      } else {
        endPhrase()
        others.append(scalar)
      }
    }
    endPhrase()
    if !others.isEmpty { parts.append((String(others), false)) }
    return parts
  }

  /// Whether it is a sentence in a script that is written from the right: most of its letters, and at least three words.
  ///
  /// Fewer words are a name in a line of a report, such as "עברית −0.028". Taken for the direction of that line, the
  /// name would put the number's sign behind the number.
  package var isFromRight: Bool {
    let letters = unicodeScalars.filter(\.properties.isAlphabetic)
    let words = split(whereSeparator: \.isWhitespace).count { word in
      word.unicodeScalars.contains(where: \.isRightToLeft)
    }
    return words >= 3 && letters.count { $0.isRightToLeft } * 2 > letters.count
  }
}

extension Unicode.Scalar {
  /// Whether this is a letter of Hebrew, Arabic, Syriac, Thaana, N'Ko or another script written from
  /// the right.
  fileprivate var isRightToLeft: Bool {
    switch value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF:
      true
    default: false
    }
  }
}
