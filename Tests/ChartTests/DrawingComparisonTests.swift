import Foundation
import Storage
import TestSupport
import Testing

@testable import Chart

/// What drawing a figure again says of a file that lies there.
@Suite struct DrawingComparisonTests {
  private let figure = sampleFigure(seed: 5)

  /// The same figure in a typeface that is not the theme's, as another installation would draw it.
  private var otherFonts: Theme {
    var theme = Theme.light
    theme.fontFamily = "Noto Sans"
    return theme
  }

  private func compare(_ bytes: [UInt8]) throws -> DrawingComparison {
    try figure.compare(png: bytes)
  }

  private func reason(_ comparison: DrawingComparison) -> String {
    if case .differs(let reason) = comparison { reason } else { "\(comparison)" }
  }

  @Test(arguments: [Theme.Name.light, .dark, .print], [20.0, 72, 97])
  func whatWasDrawnIsTheSame(_ theme: Theme.Name, _ dotsPerInch: Double) throws {
    let bytes = try figure.bytes(.png, theme: .named(theme), dotsPerInch: dotsPerInch)
    #expect(try compare(bytes) == .same)
    let chunks = try #require(PNGChunks(bytes))
    #expect(chunks.isAsSealed)
    let record = try #require(chunks.text("Drawing").flatMap { DrawingRecord($0) })
    #expect(record.theme == theme && record.dotsPerInch == dotsPerInch)
    #expect(record.content == figure.contentHash)
  }

  @Test func contentDependsOnEveryMarkAndNotOnFonts() {
    #expect(sampleFigure(seed: 5).contentHash == figure.contentHash)
    #expect(sampleFigure(seed: 6).contentHash != figure.contentHash)
    var other = figure
    other.note += "."
    #expect(other.contentHash != figure.contentHash)
  }

  @Test func otherPixelsAreCounted() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.png"
    let bytes = try figure.bytes(.png, dotsPerInch: 300)
    try AtomicFile.write(bytes, to: path)
    var picture = try #require(Picture(path: path))
    // Packed again by another program, without any words: still these pixels.
    picture.write(to: path)
    #expect(try compare(RandomAccessFile(path).contents()) == .same)
    picture = picture.mirrored
    picture.write(to: path)
    let mirrored = reason(try compare(RandomAccessFile(path).contents()))
    #expect(
      mirrored.hasPrefix("is not what the logs give, or was written by another program: "),
      "\(mirrored)")
    #expect(mirrored.contains("pixels differ, the first in column "), "\(mirrored)")
  }

  /// The pixels of one file with the words of another, as an image editor that keeps words leaves them.
  @Test func pixelsThatWereChangedUnderTheSameWordsAreNoticed() throws {
    let (bytes, others) = (
      try figure.bytes(.png, dotsPerInch: 20), try otherPixels.bytes(.png, dotsPerInch: 20)
    )
    #expect(reason(try compare(others)) == "was drawn from other data than the logs hold now.")
    let changed = words(of: bytes, around: others)
    #expect(PNGChunks(changed)?.isAsSealed == false)
    #expect(reason(try compare(changed)).hasPrefix("was changed after it was drawn: "))
    // The same where fonts differ, and pixels cannot be compared.
    let foreign = try figure.bytes(.png, theme: otherFonts, dotsPerInch: 20)
    #expect(try compare(foreign) == .otherFonts)
    let mixed = words(of: foreign, around: others)
    #expect(reason(try compare(mixed)).hasPrefix("was changed after it was drawn: "))
  }

  /// Titled alike, with other data.
  private var otherPixels: Figure {
    var other = sampleFigure(seed: 9)
    other.title = figure.title
    return other
  }

  /// Words that a screen reader speaks, and those that name the run, are compared with the pixels, in a file whose
  /// seal was renewed as well.
  @Test(arguments: ["Lines of gold.", "run of March", "TransferGap"], [false, true])
  func wordsThatWereChangedBesideTheSamePixelsAreNoticed(_ words: String, _ isSealed: Bool) throws {
    var figure = figure
    figure.alternativeText = "Lines of gold."
    figure.metadata = [("Source", "run of March"), ("Software", "TransferGap")]
    let bytes = try figure.bytes(.png, dotsPerInch: 20)
    #expect(try figure.compare(png: bytes) == .same)
    let changed = try edited(bytes, words, "X" + words.dropFirst(), isSealed: isSealed)
    #expect(PNGChunks(changed)?.isAsSealed == isSealed)
    let found = reason(try figure.compare(png: changed))
    #expect(found.hasPrefix("was changed after it was drawn: its "), "\(found)")
    if words != "TransferGap" {
      #expect(found.contains("expected '\(words)', found 'X"), "\(found)")
    }
    // The words do not depend on fonts either.
    let foreign = try figure.bytes(.png, theme: otherFonts, dotsPerInch: 20)
    #expect(try figure.compare(png: foreign) == .otherFonts)
    let both = try edited(foreign, words, "X" + words.dropFirst(), isSealed: true)
    #expect(try (figure.compare(png: both) == .otherFonts) == (words == "TransferGap"))
  }

  /// What was forged with its seal can be told from a drawing in other fonts by nobody, so it never counts as the same.
  @Test func aForgedFigureIsNotTheSame() throws {
    let foreign = try figure.bytes(.png, theme: otherFonts, dotsPerInch: 20)
    let mixed = words(of: foreign, around: try otherPixels.bytes(.png, dotsPerInch: 20))
    #expect(try compare(resealed(mixed)) == .otherFonts)
  }

  @Test func anotherFigureIsNamed() throws {
    var other = figure
    other.title = "Another Title"
    #expect(
      reason(try compare(other.bytes(.png, dotsPerInch: 20)))
        == "is the figure 'Another Title', not '\(figure.title)'.")
  }

  @Test func whatIsNoPictureIsRefused() throws {
    for bytes in [[], Array("x".utf8), Array("<svg/>".utf8)] as [[UInt8]] {
      #expect(reason(try compare(bytes)) == "is not a whole PNG file.")
    }
    let whole = try figure.bytes(.png, dotsPerInch: 20)
    // Cut anywhere, it is refused without a trap; with a byte changed anywhere, it is noticed.
    for end in stride(from: 0, to: whole.count, by: 97) {
      #expect(reason(try compare(Array(whole[..<end]))) == "is not a whole PNG file.")
    }
    var random = SplitMix64(seed: 3)
    for _ in 0..<40 {
      var changed = whole
      let place = Int(random.next() % UInt64(whole.count))
      changed[place] ^= UInt8(1 << (random.next() % 8))
      // Words and checksums may change without a pixel.
      let comparison = try compare(changed)
      if comparison == .same { #expect(PNGChunks(changed)?.isAsSealed != true, "byte \(place)") }
    }
  }

  // MARK: In a page

  @Test func elementsOfAPageAreCompared() throws {
    let element = figure.inlineSVG(id: "figure-x")
    #expect(figure.compare(inlineSVG: element, id: "figure-x") == .same)
    let words = try #require(element.split(separator: "\n").last { $0.hasPrefix("<text") })
    let changed = element.replacing(words, with: words.replacing("</text>", with: "!</text>"))
    let difference = reason(figure.compare(inlineSVG: changed, id: "figure-x"))
    #expect(
      difference.hasPrefix("was changed after it was drawn: expected '<text"), "\(difference)")
    #expect(difference.contains("!</text>"), "\(difference)")
    let other = otherPixels.inlineSVG(id: "figure-x")
    #expect(
      reason(figure.compare(inlineSVG: other, id: "figure-x"))
        == "was drawn from other data than the logs hold now.")
    let foreign = figure.inlineSVG(id: "figure-x", light: otherFonts)
    #expect(figure.compare(inlineSVG: foreign, id: "figure-x") == .otherFonts)
    #expect(
      reason(
        figure.compare(inlineSVG: foreign.replacing("</text>", with: "!</text>"), id: "figure-x")
      )
      .hasPrefix("was changed after it was drawn: "))
    for text in [
      "", "<svg></svg>\n", "<svg data-seal=\"\"", "<svg data-seal=\"x\" data-drawing=\"y\">",
    ] {
      #expect(
        reason(figure.compare(inlineSVG: text, id: "figure-x"))
          .hasPrefix("is not what the logs give: "))
    }
  }
}

private func chunks(_ bytes: [UInt8]) -> [(type: String, bytes: ArraySlice<UInt8>)] {
  var result: [(String, ArraySlice<UInt8>)] = []
  var position = 8
  while position < bytes.count {
    let end = position + 12 + bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    let type = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
    result.append((type, bytes[position..<end]))
    position = end
  }
  return result
}

/// A sealed file with a new seal in place of the one before its last chunk.
private func resealed(_ file: [UInt8]) throws -> [UInt8] {
  let parts = chunks(file)
  let rest = Array(file[..<8]) + (parts.dropLast(2) + parts.suffix(1)).flatMap(\.bytes)
  return try #require(PNGChunks(rest)).sealed
}

/// A file with other words of the same length in one of its texts, and with the checksum that belongs to them.
private func edited(
  _ file: [UInt8], _ words: String, _ others: String, isSealed: Bool
) throws -> [UInt8] {
  let (old, new) = (Array(words.utf8), Array(others.utf8))
  var result = Array(file[..<8])
  for chunk in chunks(file) {
    var bytes = Array(chunk.bytes)
    if chunk.type.hasSuffix("Xt"), let range = bytes.firstRange(of: old) {
      bytes.replaceSubrange(range, with: new)
      var crc: UInt32 = 0xFFFF_FFFF
      for byte in bytes[4..<bytes.count - 4] {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
      }
      let sum = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: ~crc >> UInt32($0)) }
      bytes.replaceSubrange((bytes.count - 4)..., with: sum)
    }
    result += bytes
  }
  #expect(result.count == file.count && result != file)
  return isSealed ? try resealed(result) : result
}

/// A PNG file's words around another's picture.
private func words(of file: [UInt8], around other: [UInt8]) -> [UInt8] {
  let picture = ["IHDR", "PLTE", "IDAT"]
  var result = Array(file[..<8])
  for part in ["IHDR", "", "PLTE", "IDAT", "end"] {
    switch part {
    case "":
      for chunk in chunks(file).dropLast(2) where !picture.contains(chunk.type) {
        result += chunk.bytes
      }
    case "end": for chunk in chunks(file).suffix(2) { result += chunk.bytes }
    default: for chunk in chunks(other) where chunk.type == part { result += chunk.bytes }
    }
  }
  return result
}
