/// Text from outside (names, goals, notes, labels) made safe for Markdown.
///
/// The result reads as the same words in a paragraph, a heading, a list item, a table cell and as the
/// alternative text of an image, and can leave none of them: line breaks become spaces, signs that
/// mean something to CommonMark or to GitHub are escaped, and `<` becomes an entity, so that no text
/// can hold one of the report's own comment markers.
///
/// - Parameter text: anything, in any language.
/// - Returns: one line.
public func markdown(_ text: String) -> String {
  // One pass, since a log from outside may hold a text of any length.
  var line: [Unicode.Scalar] = []
  var isBetweenWords = false
  for scalar in text.unicodeScalars where !isInvisible(scalar) {
    if isSpace(scalar) {
      isBetweenWords = true
    } else {
      if isBetweenWords, !line.isEmpty { line.append(" ") }
      isBetweenWords = false
      line.append(scalar)
    }
  }
  var result = ""
  for (index, scalar) in line.enumerated() {
    let before = index > 0 ? line[index - 1] : nil
    let after = index + 1 < line.count ? line[index + 1] : nil
    switch scalar {
    case "<": result += "&lt;"
    case "&" where after.map { isWordScalar($0) || $0 == "#" } ?? false: result += "&amp;"
    // An underscore inside a word is never emphasis.
    case "_" where before.map(isWordScalar) ?? false && after.map(isWordScalar) ?? false:
      result += "_"
    case "\\", "`", "*", "_", "[", "]", "|", "~", "$":
      result += "\\"
      result.unicodeScalars.append(scalar)
    default:
      if startsBlock(line, index) { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Whether the scalar at `index` would make the line a heading, quotation, list or rule.
private func startsBlock(_ line: [Unicode.Scalar], _ index: Int) -> Bool {
  if index == 0 { return ["#", ">", "+", "-", "="].contains(line[0]) }
  // `1. ` and `1) ` begin an ordered list.
  guard line[index] == "." || line[index] == ")", index + 1 == line.count || line[index + 1] == " "
  else { return false }
  return line[..<index].allSatisfy { ("0"..."9").contains($0) }
}

private func isSpace(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.value > 0x20, scalar.value < 0x7F { return false }
  return scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
}

/// Marks that turn the direction of the text after them and a byte order mark, which would reach
/// beyond the text they stand in, and noncharacters, which are no text.
private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFDD0...0xFDEF: true
  default: false
  }
}

private func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII {
    return ("a"..."z").contains(Unicode.Scalar(UInt8(scalar.value) | 0x20))
      || ("0"..."9").contains(scalar)
  }
  return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
}
