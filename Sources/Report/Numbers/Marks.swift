/// Marks around every value that a template prints, which say afterwards where in the text it stands.
///
/// Noncharacters of Unicode serve as marks: they are in no text that is meant to be exchanged, and
/// `markdown(_:)` takes them out of text from outside.
enum Marks {
  /// Opens a value: followed by its number in base 16 and `begin`.
  private static let open = scalar(0xFDD0)
  private static let begin = scalar(0xFDD1)
  private static let end = scalar(0xFDD2)
  private static let zero: UInt32 = 0xFDE0

  /// No literal can be a noncharacter.
  private static func scalar(_ value: UInt32) -> Unicode.Scalar {
    Unicode.Scalar(value) ?? Unicode.Scalar(0xFFFD as UInt16) ?? "?"
  }

  static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    (0xFDD0...0xFDEF).contains(scalar.value)
  }

  /// The text between marks that name it.
  static func wrap(_ text: String, _ index: Int) -> String {
    var scalars = String.UnicodeScalarView([open])
    for digit in String(index, radix: 16) {
      scalars.append(scalar(zero + UInt32(digit.hexDigitValue ?? 0)))
    }
    scalars.append(begin)
    scalars.append(contentsOf: text.unicodeScalars)
    scalars.append(end)
    return String(scalars)
  }

  /// Takes the marks out of a text; of several empty lines in a row one remains, at the start and
  /// the end none.
  static func read(_ marked: String) -> MarkedText {
    var lines: [String.UnicodeScalarView] = []
    var spans: [MarkedText.Span] = []
    var line = String.UnicodeScalarView()
    var lineSpans: [MarkedText.Span] = []
    var openSpans: [Int] = []
    var column = 1
    var index: Int?
    func endLine() {
      // A value never has a line feed in it, so its marks are on one line.
      defer { (line, lineSpans, openSpans, column) = (.init(), [], [], 1) }
      if line.isEmpty, lines.last?.isEmpty ?? true { return }
      lines.append(line)
      spans += lineSpans.filter { $0.length > 0 }.map {
        var span = $0
        span.line = lines.count
        return span
      }
    }
    for scalar in marked.unicodeScalars {
      switch scalar {
      case "\n": endLine()
      case open: index = 0
      case begin:
        guard let value = index else { continue }
        openSpans.append(lineSpans.count)
        lineSpans.append(.init(value: value, line: 0, column: column, length: 0))
        index = nil
      case end:
        guard let place = openSpans.popLast() else { continue }
        lineSpans[place].length = column - lineSpans[place].column
      default:
        if let value = index, isMark(scalar), scalar.value >= zero {
          // Text that was not meant to be a mark must not overflow.
          index = (value & 0xFFFF_FFFF) * 16 + Int(scalar.value - zero)
        } else if !isMark(scalar) {
          line.append(scalar)
          column += 1
        }
      }
    }
    endLine()
    while lines.last?.isEmpty == true { lines.removeLast() }
    return MarkedText(lines: lines.map { String($0) }, spans: spans)
  }
}

/// A text and the values in it.
struct MarkedText: Sendable {
  /// Where a value stands.
  struct Span: Equatable, Sendable {
    /// Its place in the list of values.
    let value: Int
    /// From 1.
    var line: Int
    /// From 1, in code points.
    let column: Int
    /// In code points.
    var length: Int
  }
  let lines: [String]
  /// In the order of the text.
  let spans: [Span]

  var text: String { lines.joined(separator: "\n") + "\n" }
}

/// Numbers the values that a template is given, and remembers them.
final class ValueCollector {
  /// A value and the tag it is printed by.
  struct Value: Sendable {
    /// Such as `results[0].accuracy`.
    let tag: String
    let text: String
    /// `nil` for text.
    let number: PrintedNumber?
  }
  private(set) var values: [Value] = []
  private var path: [String] = []

  func mark(_ text: String, tag: String, number: PrintedNumber? = nil) -> String {
    values.append(Value(tag: (path + [tag]).joined(separator: "."), text: text, number: number))
    return Marks.wrap(text, values.count - 1)
  }

  /// Gathers values one level deeper.
  func inside<Result>(_ name: String, _ gather: () -> Result) -> Result {
    path.append(name)
    defer { path.removeLast() }
    return gather()
  }
}
