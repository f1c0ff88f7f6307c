import Report
import Testing

@Suite struct NumberFormatTests {
  @Test(
    arguments: [
      (0.6129, 3, "0.613"), (-1.25, 1, "−1.2"), (0, 2, "0.00"), (-0.001, 2, "0.00"),
      (1e15, 0, "1000000000000000"),
      (.nan, 1, "not a number"), (.infinity, 1, "infinity"), (-.infinity, 1, "minus infinity"),
    ] as [(Double, Int, String)])
  func decimals(_ value: Double, _ digits: Int, _ expected: String) {
    #expect(NumberFormat.decimal(value, digits: digits) == expected)
  }

  @Test func shares() {
    #expect(NumberFormat.percent(0.7843) == "78.4 %")
    #expect(NumberFormat.percent(1) == "100.0 %")
    #expect(NumberFormat.percent(.nan) == "not a number")
    #expect(NumberFormat.points(0.124) == "+12.4")
    #expect(NumberFormat.points(-0.031) == "−3.1")
    #expect(NumberFormat.points(0.0004) == "0.0")
    #expect(NumberFormat.points(-0.0004) == "0.0")
  }

  @Test func counts() {
    #expect(NumberFormat.count(0) == "0")
    #expect(NumberFormat.count(999) == "999")
    #expect(NumberFormat.count(1839) == "1,839")
    #expect(NumberFormat.count(-1_234_567) == "−1,234,567")
    #expect(NumberFormat.count(1, "epoch") == "1 epoch")
    #expect(NumberFormat.count(1000, "epoch") == "1,000 epochs")
  }

  @Test(
    arguments: [
      (5e-5, "5e-5"), (5e-6, "5e-6"), (2.5e-4, "2.5e-4"), (1e-3, "1e-3"), (0.01, "0.01"),
      (1e-8, "1e-8"), (128, "128"), (0.999, "0.999"), (0, "0"), (12.5, "12.5"), (1e6, "1000000.0"),
      (3.125e-5, "3.125e-5"), (0.000123456, "1.23456e-4"), (-0.5, "−0.5"),
    ] as [(Double, String)])
  func settingsAreWrittenAsTheirAuthorWould(_ value: Double, _ expected: String) {
    #expect(NumberFormat.setting(value) == expected)
  }

  @Test(
    arguments: [
      (5e-5, "5e-5"), (6.1012e-6, "6.1e-6"), (0.05, "5e-2"), (0, "0"), (1, "1"),
      (.nan, "not a number"),
      (9.999e-5, "1e-4"), (1.6253e-5, "1.63e-5"),
    ] as [(Double, String)])
  func ratesHaveThreeDigits(_ value: Double, _ expected: String) {
    #expect(NumberFormat.rate(value) == expected)
  }

  @Test(
    arguments: [
      (0.1234, "0.12 s"), (48.23, "48.2 s"), (99.96, "1 min 40 s"), (725, "12 min 5 s"),
      (3600, "1 h 0 min"), (12_000, "3 h 20 min"), (.nan, "not a number"),
    ] as [(Double, String)])
  func durations(_ seconds: Double, _ expected: String) {
    #expect(NumberFormat.duration(seconds: seconds) == expected)
  }

  @Test func memory() {
    #expect(NumberFormat.bytes(1500) == "2 kB")
    #expect(NumberFormat.bytes(412_000_000) == "412 MB")
    #expect(NumberFormat.bytes(1_940_000_000) == "1.9 GB")
  }

  @Test func lists() {
    #expect(NumberFormat.list([] as [String]) == "")
    #expect(NumberFormat.list(["a"]) == "a")
    #expect(NumberFormat.list(["a", "b", "c"]) == "a, b and c")
    #expect(NumberFormat.list([1, 3, 4, 5, 9, 10]) == "1, 3–5, 9 and 10")
  }
}

@Suite struct MarkdownTextTests {
  @Test(arguments: [
    ("plain words, with 5.1 (and) more!", "plain words, with 5.1 (and) more!"),
    ("a | b", "a \\| b"), ("a\nb\r\n\tc\u{2028}d\u{0}e", "a b c d e"), ("  x  ", "x"),
    ("<b>x</b>", "&lt;b>x&lt;/b>"), ("<!-- cost -->", "&lt;!-- cost -->"),
    ("*a* `b` ~c~ $d$ [e](f) \\g", "\\*a\\* \\`b\\` \\~c\\~ \\$d\\$ \\[e\\](f) \\\\g"),
    ("snake_case _it_", "snake_case \\_it\\_"), ("ü_ö 漢_字", "ü_ö 漢_字"),
    ("# heading", "\\# heading"), ("> quote", "\\> quote"), ("- list", "\\- list"),
    ("+ list", "\\+ list"), ("===", "\\==="), ("---", "\\---"), ("12. list", "12\\. list"),
    ("12) list", "12\\) list"), ("3.5 times", "3.5 times"), ("1.", "1\\."),
    ("R&D &amp; &#60; a & b", "R&amp;D &amp;amp; &amp;#60; a & b"), ("", ""), ("\n\n", ""),
    ("a\u{202E}b\u{2066}c", "abc"), ("e\u{301}", "e\u{301}"), ("👩‍👩‍👧", "👩‍👩‍👧"),
  ])
  func escapes(_ text: String, _ expected: String) {
    #expect(Array(markdown(text).unicodeScalars) == Array(expected.unicodeScalars))
  }
}
