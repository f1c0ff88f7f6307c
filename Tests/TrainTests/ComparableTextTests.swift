import Foundation
import Storage
import TestSupport
import Testing

@testable import Train

@Suite struct ComparableTextTests {
  /// Written by Tests/Fixtures/train/comparable_texts.py, with Python's Unicode tables.
  @Test func textsCompareAsPythonSays() throws {
    let fixture = try Fixture.json("train/comparable_texts.json")
    let texts = try #require(fixture["texts"]?.array)
    #expect(texts.count > 40)
    for pair in texts.map({ $0.array ?? [] }) {
      let (text, expected) = (try #require(pair[0].string), try #require(pair[1].string))
      // Compared by code points, as Swift takes canonically equivalent texts for equal.
      #expect(
        Array(comparableText(text).unicodeScalars) == Array(expected.unicodeScalars), "\(text)")
    }
  }

  /// Normalisation and case folding of what is assigned never change between versions of Unicode.
  @Test func everyCodePointComparesAsPythonSays() throws {
    let fixture = try Fixture.json("train/comparable_texts.json")
    let age = (fixture["age"]?.array ?? []).compactMap(\.integer)
    try #require(age.count == 2)
    var lines: [UInt8] = []
    for scalar in (0...0x10FFFF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init) {
      guard let since = scalar.properties.age, (since.major, since.minor) <= (age[0], age[1]),
        ![.unassigned, .privateUse].contains(scalar.properties.generalCategory)
      else { continue }
      lines += "\(scalar.value) \(comparableText(String(scalar)))\n".utf8
    }
    #expect(SHA256.hex(of: lines) == fixture["sha256"]?.string)
  }

  @Test func asciiIsNotTreatedOtherwise() {
    for byte in UInt8(0)..<0x80 {
      let text = "x" + String(decoding: [byte], as: UTF8.self) + "x"
      // A letter beyond ASCII takes the long way.
      #expect(comparableText(text + "é") == comparableText(text) + "é")
    }
  }
}
