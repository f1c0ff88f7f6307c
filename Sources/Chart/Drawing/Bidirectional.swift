extension String {
  /// The text as part of a page that reads from left to right.
  ///
  /// In "العربية 70.8 %" the Unicode bidirectional algorithm takes the number for part of the Arabic
  /// and sets it left of the name; in "English − العربية (points)" it is right. A left-to-right mark
  /// (U+200E) after the last right-to-left letter ends what reads the other way.
  var leftToRight: String {
    guard unicodeScalars.contains(where: \.isRightToLeft) else { return self }
    var text = String.UnicodeScalarView("\u{200E}".unicodeScalars)
    // What stands between two right-to-left words is part of the phrase.
    var pending: [Unicode.Scalar] = []
    var isInside = false
    for scalar in unicodeScalars {
      if scalar.isRightToLeft {
        text.append(contentsOf: pending)
        pending = []
        isInside = true
        text.append(scalar)
      } else if isInside, scalar == " " || scalar == "\u{A0}" {
        pending.append(scalar)
      } else {
        if isInside, !scalar.properties.isJoinControl,
          scalar.properties.generalCategory != .nonspacingMark
        {
          text.append("\u{200E}")
          isInside = false
        }
        text.append(contentsOf: pending)
        pending = []
        text.append(scalar)
      }
    }
    if isInside { text.append("\u{200E}") }
    text.append(contentsOf: pending)
    return String(text)
  }

  /// Whether most of its letters are written from the right.
  var isFromRight: Bool {
    let letters = unicodeScalars.filter(\.properties.isAlphabetic)
    return letters.count { $0.isRightToLeft } * 2 > letters.count
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
