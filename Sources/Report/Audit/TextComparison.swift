/// Compares a text with the one expected, line by line, and names the values that differ.
///
/// Code points are compared, not characters: to Swift `é` and `e` with an accent are equal.
struct TextComparison {
  private typealias Line = [Unicode.Scalar]

  /// What errors call the text.
  private let file: String
  private let expected: [Line]
  /// By line, in the order of the columns.
  private let places: [Int: [FilledTemplate.Place]]

  init(_ file: String, expected: FilledTemplate) {
    self.file = file
    self.expected = expected.lines.map { Array($0.unicodeScalars) }
    places = Dictionary(grouping: expected.places) { $0.span.line }
  }

  init(_ file: String, expected text: String) {
    (self.file, expected, places) = (file, Self.lines(text), [:])
  }

  /// Every difference, in the order of the text; none only if the texts are equal.
  func differences(to found: String) -> [Difference] {
    let lines = Self.lines(found)
    if lines.count == expected.count {
      return lines.indices.flatMap { compare($0, lines[$0], at: $0 + 1) }
    }
    // Which lines are new and which are gone, so that one more line is not a difference on all after it.
    let changes = lines.difference(from: expected)
    var gone: [Int: Line] = [:]
    var new: [Int: Line] = [:]
    for change in changes {
      switch change {
      case .remove(let offset, let line, _): gone[offset] = line
      case .insert(let offset, let line, _): new[offset] = line
      }
    }
    var result: [Difference] = []
    var (before, after) = (0, 0)
    while before < expected.count || after < lines.count {
      switch (gone[before], new[after]) {
      case (_?, let line?):
        result += compare(before, line, at: after + 1)
        (before, after) = (before + 1, after + 1)
      case (let line?, nil):
        let line = Self.excerpt(line[...])
        result.append(Difference(file, line: after + 1, "a line is missing here: \(line)"))
        before += 1
      case (nil, let line?):
        let line = Self.excerpt(line[...])
        result.append(Difference(file, line: after + 1, "there is an extra line here: \(line)"))
        after += 1
      case (nil, nil): (before, after) = (before + 1, after + 1)
      }
    }
    return result
  }

  /// - Parameters:
  ///   - index: of the expected line.
  ///   - found: the line in its place.
  ///   - number: the found line's.
  /// - Returns: a difference for each value or word that is another.
  private func compare(_ index: Int, _ found: Line, at number: Int) -> [Difference] {
    let line = expected[index]
    if line == found { return [] }
    let places = places[index + 1] ?? []
    guard line.count == found.count else { return [compareRegion(line, found, places, number)] }
    var result: [Difference] = []
    var column = 0
    while column < line.count {
      defer { column += 1 }
      if line[column] == found[column] { continue }
      let place = places.last {
        $0.span.column - 1 <= column && column < $0.span.column - 1 + $0.span.length
      }
      // Of a number all of it is shown, of longer text the word.
      let range =
        place.flatMap { place in
          place.value.number.map { _ in
            place.span.column - 1..<place.span.column - 1 + place.span.length
          }
        } ?? surroundings(of: column, in: line)
      result.append(
        difference(
          number, range.lowerBound, line[range], found[range], place.map { [$0] } ?? []))
      column = max(column, range.upperBound - 1)
    }
    return result
  }

  /// Lines of different length differ between what they have in common at either end.
  private func compareRegion(
    _ line: Line, _ found: Line, _ places: [FilledTemplate.Place], _ number: Int
  ) -> Difference {
    var start = zip(line, found).prefix { $0 == $1 }.count
    let common = min(line.count, found.count) - start
    var end = zip(line.reversed(), found.reversed()).prefix(common).prefix { $0 == $1 }.count
    let touched = places.filter {
      $0.span.column - 1 <= line.count - end && start <= $0.span.column - 1 + $0.span.length
    }
    for place in touched {
      start = min(start, place.span.column - 1)
      end = min(end, line.count - (place.span.column - 1 + place.span.length))
    }
    return difference(
      number, start, line[start..<line.count - end], found[start..<found.count - end], touched)
  }

  private func difference(
    _ number: Int, _ start: Int, _ expected: Line.SubSequence, _ found: Line.SubSequence,
    _ places: [FilledTemplate.Place]
  ) -> Difference {
    var message = "expected \(Self.excerpt(expected)), found \(Self.excerpt(found))"
    if !places.isEmpty {
      let values = places.map { place in
        let origins = place.value.number?.origins.map { Origin.words($0.json) } ?? []
        let shown = origins.count > 3 ? origins.prefix(3) + ["…"] : origins
        return place.value.tag
          + (shown.isEmpty ? "" : " from " + shown.joined(separator: " and "))
      }
      message += " (\(values.joined(separator: "; ")))"
    }
    return Difference(file, line: number, column: start + 1, message)
  }

  /// The word around a place that is no value.
  private func surroundings(of column: Int, in line: Line) -> Range<Int> {
    let start = line[..<column].lastIndex(of: " ").map { $0 + 1 } ?? 0
    let end = line[column...].firstIndex(of: " ") ?? line.count
    return min(start, column)..<max(end, column + 1)
  }

  private static func lines(_ text: String) -> [Line] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
      .dropLastIfEmpty
  }

  private static func excerpt(_ line: Line.SubSequence) -> String {
    var text = String.UnicodeScalarView()
    for scalar in line.prefix(160) {
      if scalar.properties.generalCategory == .control {
        text.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return "'\(String(text))\(line.count > 160 ? "…" : "")'"
  }
}

extension Array where Element: Collection {
  /// Without the nothing after the last line feed.
  fileprivate var dropLastIfEmpty: [Element] { last?.isEmpty == true ? dropLast() : self }
}
