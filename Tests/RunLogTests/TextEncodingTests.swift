import RunLog
import Storage
import Testing

@Suite struct TextEncodingTests {
  private let text = "text\tlabel\nschön\t1\nнеплохо\t0\n"

  private func encoded(_ name: String) -> [UInt8] {
    let isLittle = name.hasSuffix("LE")
    func bytes(_ value: UInt32, _ count: Int) -> [UInt8] {
      let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
      return isLittle ? little : little.reversed()
    }
    return name.hasPrefix("UTF-16")
      ? text.utf16.flatMap { bytes(UInt32($0), 2) }
      : text.unicodeScalars.flatMap { bytes($0.value, 4) }
  }

  @Test(arguments: ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"])
  func wideEncodingsAreNamed(_ name: String) throws {
    let isLittle = name.hasSuffix("LE")
    let mark: [UInt8] =
      name.hasPrefix("UTF-16")
      ? isLittle ? [0xFF, 0xFE] : [0xFE, 0xFF]
      : isLittle ? [0xFF, 0xFE, 0, 0] : [0, 0, 0xFE, 0xFF]
    for (bytes, expected) in [
      (encoded(name), name), (mark + encoded(name), String(name.dropLast(2))),
    ] {
      #expect(TextEncoding.wideEncoding(bytes) == expected)
      let error = try #require(throws: RunLogError.self) {
        try TextEncoding.check(bytes, file: "a.tsv")
      }
      #expect(
        "\(error)"
          == "a.tsv: is \(expected), but UTF-8 is expected; convert it, such as with `iconv -f \(expected) -t UTF-8 "
          + "FILE > NEWFILE`.")
    }
  }

  @Test func carriageReturnsAloneAreNamed() throws {
    let error = try #require(throws: RunLogError.self) {
      try TextEncoding.check(Array("text\tlabel\rfine\t1\r".utf8), file: "a.tsv")
    }
    #expect("\(error)".contains("a.tsv: has lines that end in a carriage return alone"))
    #expect("\(error)".contains(#"`tr '\r' '\n' < FILE > NEWFILE`"#))
  }

  @Test(arguments: [
    "", "a", "one line", "one line\r", "a\r\nb\r\n", "a\rb\n", "\u{FEFF}text\tlabel\n", "日本語\n",
    "a\u{0}b and more\n",
    "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
  ])
  func whatIsUTF8IsTaken(_ text: String) throws {
    try TextEncoding.check(Array(text.utf8), file: "a.tsv")
  }
}
