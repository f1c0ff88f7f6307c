internal import Foundation

/// A text without what readers hardly notice: in Unicode's form NFKC, case folded, every stretch of white space one
/// space, none at the ends.
func comparableText(_ text: String) -> String {
  // Most texts by far are ASCII in some languages, and need no table.
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return collapsed(text.lowercased()) }
  // Folding may leave what NFKC composes, such as a letter and its iota subscript.
  let folded = caseFolded(text.precomposedStringWithCompatibilityMapping)
  return collapsed(folded.precomposedStringWithCompatibilityMapping)
}

/// Full case folding (Unicode 3.13, toCasefold), by way of small letters, capitals and small letters again, so that ẞ, ß
/// and ss become one, and Σ, σ and ς.
private func caseFolded(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    // The dotless i, whose capital is that of i, stays.
    case 0x131: result.append(scalar)
    // Cherokee folds to capitals, which were there first.
    case 0x13A0...0x13FF, 0xAB70...0xABBF:
      result.append(contentsOf: scalar.properties.uppercaseMapping.unicodeScalars)
    default:
      for small in scalar.properties.lowercaseMapping.unicodeScalars {
        for capital in small.properties.uppercaseMapping.unicodeScalars {
          result.append(contentsOf: capital.properties.lowercaseMapping.unicodeScalars)
        }
      }
    }
  }
  return String(result)
}

private func collapsed(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  var isBehindSpace = true
  for scalar in text.unicodeScalars {
    let isSpace = scalar.properties.isWhitespace
    if !isSpace {
      result.append(scalar)
    } else if !isBehindSpace {
      result.append(" ")
    }
    isBehindSpace = isSpace
  }
  if result.last == " " { result.removeLast() }
  return String(result)
}
