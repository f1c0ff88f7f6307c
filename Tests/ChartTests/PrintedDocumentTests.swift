import Foundation
import TestSupport
import Testing

@testable import Chart

/// The file of a printed document.
@Suite struct PrintedDocumentTests {
  private static let blocks: [Manuscript.Block] = [
    .place("top"), .heading(level: 1, RichText("A document of everything")),
    .paragraph(
      RichText([
        .init("Plain, "), .init("bold", .bold), .init(", "), .init("italic", .italic),
        .init(" and "), .init("code", .code), .init("; "),
        .init("outside", link: .address("https://example.org/a'b(c)?d=ü")), .init(", "),
        .init("inside", link: .place("über 'here'")), .init(", "),
        .init("nowhere", link: .place("missing")), .init(". العربية 70.8 % and हिन्दी 71 %."),
      ])),
    .quotation([.paragraph(RichText("Quoted words."))]),
    .list(start: nil, items: [[.paragraph(RichText("first"))], [.paragraph(RichText("second"))]]),
    .heading(level: 2, RichText("A table")),
    .table(
      Manuscript.Table(
        head: [RichText("Split"), RichText("Accuracy")], isRight: [false, true],
        rows: [
          [RichText("English test"), RichText("64.4 % [61.1–67.5]")],
          [RichText("한국어"), RichText("8.6 %", .bold)],
        ])),
    .place("über 'here'"), .heading(level: 2, RichText("A figure")),
    .figure(sampleFigure(seed: 12), caption: RichText("What it shows.")), .rule,
    .lead(RichText("Code")), .code("let x = 1\n  y"),
    .paragraph(RichText(String(repeating: "Words that fill a page. ", count: 260))),
  ]

  private func document(
    _ paper: Paper = .a4, _ blocks: [Manuscript.Block] = Self.blocks
  ) -> PrintedDocument {
    PrintedDocument(Manuscript(title: "A document of everything", blocks: blocks), on: paper)
  }

  private func holds(_ bytes: [UInt8], _ text: String) -> Bool {
    bytes.firstRange(of: Array(text.utf8)) != nil
  }

  @Test func theSameDocumentGivesTheSameBytes() throws {
    let (first, second) = (try document().pdf(), try document().pdf())
    let (isSame, isOther) = (first == second, try document(.letter).pdf() != first)
    #expect(isSame && isOther)
  }

  @Test func theFileHasWhatPDFOffers() throws {
    let pdf = try document().pdf()
    for text in [
      "/Title (A document of everything)", "/Type /OBJR", "/MarkInfo << /Marked true >>",
      "/StructTreeRoot",
      "/Outlines", "/Lang (en)", "/DisplayDocTitle true", "20000101000000Z",
      "/URI (https://example.org/a%27b%28c%29?d=%C3%BC)", "/S /Table", "/S /TH", "/S /H1",
      "/S /Figure", "/S /LBody", "/FontFile2",
    ] {
      // Not the bytes in the macro, which would print all of them.
      let isThere = holds(pdf, text)
      #expect(isThere, "\(text)")
    }
    // Nobody knows the author; text and figures are no pictures.
    let (hasAuthor, hasImage) = (holds(pdf, "/Author"), holds(pdf, "/Subtype /Image"))
    #expect(!hasAuthor && !hasImage)
    let isLetter = holds(try document(.letter).pdf(), "/MediaBox [ 0 0 612 792 ]")
    #expect(isLetter)
  }

  /// Every offset of the table that the language was added with leads to what it says.
  @Test func theLanguageIsInAWholeFile() throws {
    let bytes = try document().pdf()
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasSuffix("%%EOF\n"))
    let start = try #require(text.range(of: "startxref\n", options: .backwards))
    let offset = try #require(Int(text[start.upperBound...].prefix { $0.isNumber }))
    #expect(bytes[offset...].starts(with: Array("xref\n".utf8)))
    let lines = String(decoding: bytes[offset...], as: UTF8.self).split(separator: "\n")
    let end = try #require(lines.firstIndex(of: "trailer"))
    let entries = stride(from: 1, to: end, by: 2).map { (lines[$0], lines[$0 + 1]) }
    // Catalog, document, root and the figure.
    #expect(entries.count == 4)
    for (section, entry) in entries {
      let object = try #require(Int(entry.prefix(10)))
      let number = try #require(section.split(separator: " ").first)
      #expect(bytes[object...].starts(with: Array("\(number) 0 obj\n<<".utf8)))
    }
    let previous = try #require(
      lines.first { $0.contains("/Prev ") }?.split(separator: " ").last.flatMap { Int($0) })
    #expect(bytes[previous...].starts(with: Array("xref\n".utf8)))
    #expect(text.contains("/S /Document") && text.contains("/Alt <FEFF"))
  }

  @Test(arguments: [
    "", "%PDF-1.5\n", "trailer startxref", "trailer /Root 1 0 R /Size 2 /Info 3 startxref\n9",
  ])
  func otherFilesAreNotUpdated(_ text: String) {
    #expect(PDFUpdate.completing(Array(text.utf8), language: "en", alternativeTexts: []) == nil)
  }

  // MARK: Comparison

  @Test func aChangeIsFound() throws {
    let pdf = try document().pdf()
    #expect(try document().compare(pdf: pdf) == .same)
    var changed = pdf
    changed[changed.count / 2] ^= 1
    #expect(
      try document().compare(pdf: changed)
        == .differs(reason: "was changed after it was written: its bytes are others."))
    #expect(
      try document(.letter).compare(pdf: pdf)
        == .differs(reason: "shows other words, numbers or figures than the logs give."))
    let other = document(.a4, Self.blocks.dropLast() + [.paragraph(RichText("8.7 %"))])
    #expect(
      try other.compare(pdf: pdf)
        == .differs(reason: "shows other words, numbers or figures than the logs give."))
    #expect(try document().compare(pdf: []) == .differs(reason: "is no PDF file."))
    #expect(
      try document().compare(pdf: Array("%PDF-1.5".utf8))
        == .differs(reason: "is not what the logs give, or was written by another program."))
  }

  @Test func otherFontsAreNoDifference() throws {
    var pdf = try document().pdf()
    let place = try #require(pdf.firstRange(of: Array("letters=".utf8))).upperBound
    for offset in place..<place + 64 { pdf[offset] = UInt8(ascii: "0") }
    #expect(try document().compare(pdf: pdf) == .otherFonts)
  }

  @Test func whatIsShownDecidesTheHash() {
    func hash(_ blocks: [Manuscript.Block]) -> String {
      Manuscript(title: "t", blocks: blocks).contentHash(on: .a4)
    }
    let text = RichText("a b")
    let variants: [[Manuscript.Block]] = [
      [], [.paragraph(text)], [.lead(text)], [.heading(level: 1, text)],
      [.heading(level: 2, text)], [.paragraph(RichText("a b", .bold))],
      [.paragraph(RichText([.init("a b", link: .address("x"))]))],
      [.paragraph(RichText([.init("a b", link: .place("x"))]))],
      [.paragraph(RichText([.init("a "), .init("b")]))],
      [.paragraph(RichText("a")), .paragraph(RichText("b"))], [.quotation([.paragraph(text)])],
      [.list(start: nil, items: [[.paragraph(text)]])],
      [.list(start: 1, items: [[.paragraph(text)]])], [.code("a b")], [.rule], [.place("a b")],
      [.table(.init(head: [text], isRight: [true], rows: []))],
      [.table(.init(head: [text], isRight: [false], rows: []))],
      [.figure(sampleFigure(seed: 1), caption: text)],
      [.figure(sampleFigure(seed: 2), caption: text)],
    ]
    #expect(Set(variants.map(hash)).count == variants.count)
  }

  // MARK: Looks

  @Test(arguments: [(Paper.a4, 0), (.a4, 1), (.letter, 0)])
  func pagesLookAsRecorded(_ paper: Paper, _ page: Int) throws {
    let png = try document(paper).png(page: page, dotsPerInch: 72)
    try expectPicture(png, "pictures/print/\(paper.rawValue)-\(page + 1).png")
  }
}
