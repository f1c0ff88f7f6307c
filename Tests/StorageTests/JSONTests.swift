import Storage
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSON {
    try JSON.parse(Array(text.utf8), file: "f.json")
  }

  @Test func readsEveryKindOfValue() throws {
    let json = try parse(
      #" {"a": [1, -2.5, 1e3, true, false, null], "b": {}, "c": [], "d": "x"} "#)
    #expect(
      json
        == .object([
          "a": .array([
            .integer(1), .number(-2.5), .number(1000), .bool(true), .bool(false), .null,
          ]), "b": .object([:]), "c": .array([]), "d": .string("x"),
        ]))
    #expect(json.object?.keys == ["a", "b", "c", "d"])
  }

  @Test func acceptsAByteOrderMarkAndEveryKindOfSpace() throws {
    #expect(try parse("\u{FEFF}\t\r\n 7 \n") == .integer(7))
  }

  @Test(arguments: [
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9""#, "Aé"),
    (#""\ud83d\ude00""#, "😀"), (#""\uD834\uDD1E!""#, "𝄞!"), (#""naïve 漢""#, "naïve 漢"),
    (#""\u0000""#, "\0"),
  ])
  func readsStrings(_ text: String, _ expected: String) throws {
    #expect(try parse(text) == .string(expected))
  }

  @Test func readsNumbersExactly() throws {
    #expect(try parse("9223372036854775807") == .integer(.max))
    #expect(try parse("-9223372036854775808") == .integer(.min))
    // One more than Int can hold is still a number.
    #expect(try parse("9223372036854775808") == .number(9223372036854775808))
    #expect(try parse("-0") == .integer(0))
    #expect(try parse("0.1") == .number(0.1))
    #expect(try parse("5e-324") == .number(.leastNonzeroMagnitude))
    #expect(try parse("1E+2") == .number(100))
  }

  /// A line of a file is read where it lies; places count from its beginning.
  @Test func readsAPartOfAText() throws {
    let bytes = Array("[1]\n{\"a\": [2, x]}\n".utf8)
    #expect(try JSON.parse(bytes[..<3], file: "f") == .array([.integer(1)]))
    let error = #expect(throws: JSONError.self) {
      try JSON.parse(bytes[4...], file: "f", firstLine: 2)
    }
    #expect(error?.line == 2 && error?.column == 11)
    #expect(throws: JSONError.self) { try JSON.parse(bytes[..<2], file: "f") }
    #expect(throws: JSONError.self) { try JSON.parse(bytes[3..<4], file: "f") }
  }

  /// Few members are looked through and many are found by a table: both alike.
  @Test(arguments: [1, 16, 17, 40]) func findsEveryMember(_ count: Int) throws {
    var object = JSONObject()
    for key in 0..<count { object["k\(key)"] = .integer(key) }
    // Which Swift takes for one text, and JSON does not.
    object["\u{E9}"] = .integer(-1)
    object["e\u{301}"] = .integer(-2)
    for key in stride(from: 0, to: count, by: 3) { object["k\(key)"] = .integer(-key) }
    #expect(object.keys.count == count + 2)
    for key in 0..<count {
      #expect(object["k\(key)"] == .integer(key % 3 == 0 ? -key : key))
    }
    #expect(object["\u{E9}"] == .integer(-1) && object["e\u{301}"] == .integer(-2))
    #expect(object["k"] == nil && object["k\(count)"] == nil)
    let read = try JSON.parse(Array(JSON.object(object).text.utf8), file: "f")
    #expect(read == .object(object) && read.hashValue == JSON.object(object).hashValue)
    let text = JSON.object(object).text
    #expect(throws: JSONError.self) {
      try JSON.parse(Array("\(text.dropLast()),\"k0\":1}".utf8), file: "f")
    }
  }

  @Test func readsWhatPythonWritesForNonFiniteNumbers() throws {
    let values = try #require(try parse("[NaN, Infinity, -Infinity]").array)
    #expect(values[0].double?.isNaN == true)
    #expect(values[1].double == .infinity && values[2].double == -.infinity)
    #expect(JSON.string("NaN").double?.isNaN == true)
    #expect(JSON.string("Infinity").double == .infinity)
    #expect(JSON.string("nan").double == nil)
  }

  /// What is wrong, and at which line and column.
  @Test(arguments: [
    ("", 1, 1, "empty"), ("  \n ", 2, 2, "empty"), ("{", 1, 2, "a key in quotation marks"),
    ("{\"a\" 1}", 1, 6, "':' after the key"), ("{\"a\": 1,}", 1, 9, "a key in quotation marks"),
    ("[1,\n 2,\n]", 3, 1, "expected a value, found ']'"), ("[1 2]", 1, 4, "',' or ']'"),
    ("[1] x", 1, 5, "the end of the text"), ("01", 1, 1, "must not start with 0"),
    ("-", 1, 2, "a digit"), ("1.", 1, 3, "a digit"), ("1e", 1, 3, "a digit"),
    ("+1", 1, 1, "expected a value"), ("tru", 1, 1, "'true'"), ("nul", 1, 1, "'null'"),
    ("\"abc", 1, 1, "never ends"), ("\"a\nb\"", 1, 3, "control character"),
    (#""\x""#, 1, 3, "unknown escape"), (#""\u12G4""#, 1, 4, "four hexadecimal digits"),
    (#""\ud800""#, 1, 8, "surrogate"), (#""\ud800\u0041""#, 1, 14, "surrogate"),
    (#""\udc00""#, 1, 8, "surrogate"),
    ("{\"a\": 1, \n \"a\": 2}", 2, 2, "the key 'a' occurs twice"), ("'a'", 1, 1, "found '''"),
  ])
  func refuses(_ text: String, _ line: Int, _ column: Int, _ part: String) throws {
    let error = try #require(throws: JSONError.self) { _ = try parse(text) }
    #expect(error.line == line && error.column == column, "\(error)")
    #expect(error.message.contains(part), "\(error)")
    #expect(error.description.hasPrefix("f.json:\(line):\(column): "))
  }

  @Test func refusesInvalidUTF8() throws {
    let error = try #require(throws: JSONError.self) {
      _ = try JSON.parse([0x22, 0xC3, 0x28, 0x22], file: "f")
    }
    #expect(error.message.contains("UTF-8"))
  }

  @Test func countsLinesFromTheGivenOne() throws {
    let error = try #require(throws: JSONError.self) {
      _ = try JSON.parse(Array("{]".utf8), file: "log", firstLine: 41)
    }
    #expect(error.line == 41 && error.column == 2)
  }

  @Test func boundsTheDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try parse(nested(128)) }
    #expect(throws: JSONError.self) { try parse(nested(130)) }
    // Unbounded recursion would overflow the stack here.
    #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func tellsCanonicallyEqualKeysApart() throws {
    let json = try parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
    #expect(json.object?.members.count == 2)
    #expect(json["\u{E9}"] == .integer(1) && json["e\u{301}"] == .integer(2))
    #expect(json != (try parse("{\"e\u{301}\": 1, \"\u{E9}\": 2}")))
  }

  @Test(arguments: [
    "{\"a\":[1,2.5,\"x\",null,true],\"b\":{\"c\":-0.0}}", "[]", "{}", "\"\\u2028\\u0001\\\"\"",
    "[1e+300,5e-324,0.1,9007199254740993]",
  ])
  func compactTextIsAFixedPoint(_ text: String) throws {
    #expect(try parse(text).text == text)
    #expect(try parse(parse(text).prettyText) == parse(text))
  }

  @Test func prettyTextIndentsAllButFlatArrays() {
    let json: JSON = .object([
      "losses": .array([.number(0.5), .integer(2)]), "none": .object([:]),
      "deep": .array([.array([.integer(1)])]),
    ])
    #expect(
      json.prettyText == """
        {
          "losses": [0.5, 2],
          "none": {},
          "deep": [
            [1]
          ]
        }

        """)
  }

  @Test func doublesSurviveTextToTheBit() throws {
    for value in [0.1, 1 / 3, .leastNonzeroMagnitude, .pi * 1e200, -0.0, 4503599627370497.5, 1e21]
      as [Double]
    {
      let read = try #require(try parse(JSON.number(value).text).double)
      #expect(read.bitPattern == value.bitPattern)
    }
  }

  @Test func nonFiniteNumbersHaveAStrictForm() throws {
    for value in [Double.infinity, -.infinity, 1.5] {
      #expect(try parse(JSON.strict(value).text).double == value)
    }
    #expect(try parse(JSON.strict(.nan).text).double?.isNaN == true)
    #expect(JSON.strict(.nan).text == "\"NaN\"")
  }

  @Test func anObjectReplacesInPlace() {
    var object: JSONObject = ["a": .integer(1), "b": .integer(2)]
    object["a"] = .integer(3)
    #expect(JSON.object(object).text == "{\"a\":3,\"b\":2}")
  }
}
