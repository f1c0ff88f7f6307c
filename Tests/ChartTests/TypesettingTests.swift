import Foundation
import TestSupport
import Testing

@testable import Chart

/// How a manuscript is set: lines, columns and pages as values.
@Suite struct TypesettingTests {
  private func document(
    _ blocks: [Manuscript.Block], on paper: Paper = .a4, title: String = "Title"
  ) -> PrintedDocument {
    PrintedDocument(Manuscript(title: title, blocks: blocks), on: paper)
  }

  /// The lines of every page, without its footer.
  private func lines(_ document: PrintedDocument) -> [[String]] {
    document.pages.map { page in
      page.items.compactMap { item in
        guard !item.structure.isEmpty, case .line(let text, let index) = item.content else {
          return nil
        }
        return text.lines[index].text
      }
    }
  }

  private func table(_ columns: Int, rows: Int, cell: String = "0.123") -> Manuscript.Table {
    Manuscript.Table(
      head: (0..<columns).map { RichText("Column \($0)") },
      isRight: (0..<columns).map { $0 > 0 },
      rows: (0..<rows).map { row in
        (0..<columns).map { RichText($0 == 0 ? "row \(row)" : cell) }
      })
  }

  /// Nothing lies outside the margins, and nothing over the page's number.
  private func expectInside(
    _ document: PrintedDocument, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let content = document.paper.content
    for (number, page) in document.pages.enumerated() {
      for item in page.items where !item.structure.isEmpty {
        var frame = item.frame
        if case .line(let text, let index) = item.content {
          frame.minX += text.lines[index].x
          frame.maxX = frame.minX + text.lines[index].width
        }
        #expect(
          frame.minX >= content.minX - 0.1 && frame.maxX <= content.maxX + 0.1
            && frame.minY >= content.minY - 0.1 && frame.maxY <= content.maxY + 0.1,
          "page \(number + 1): \(frame)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test(arguments: Paper.allCases)
  func anEmptyDocumentIsOneNumberedPage(_ paper: Paper) throws {
    let document = document([], on: paper)
    #expect(document.pages.count == 1)
    #expect(document.pages[0].texts == ["Title", "1 / 1"].suffix(1))
    #expect(try document.pdf().starts(with: Array("%PDF".utf8)))
  }

  @Test(arguments: Paper.allCases)
  func paragraphsBreakWithoutLosingAWordOrLeavingALineAlone(_ paper: Paper) {
    let words = (0..<2600).map { "word\($0)" }
    let paragraphs = stride(from: 0, to: words.count, by: 130).map {
      words[$0..<min($0 + 130, words.count)].joined(separator: " ")
    }
    let document = document(paragraphs.map { .paragraph(RichText($0)) }, on: paper)
    #expect(document.pages.count > 1)
    expectInside(document)
    let lines = lines(document)
    let found = lines.joined().joined(separator: " ").split(separator: " ").map(String.init)
    #expect(found == words)
    // A paragraph that goes on has two lines at least on either side.
    let owners = document.pages.map { page in page.items.compactMap { $0.structure.last } }
    for (before, after) in zip(owners, owners.dropFirst()) where before.last == after.first {
      #expect(before.count { $0 == before.last } > 1 && after.count { $0 == after.first } > 1)
    }
  }

  @Test func aHeadingStaysWithWhatFollows() {
    for count in 40...62 {
      var blocks = [Manuscript.Block](repeating: .paragraph(RichText("one line")), count: count)
      blocks += [.heading(level: 2, RichText("Heading")), .paragraph(RichText("what follows"))]
      let pages = lines(document(blocks))
      #expect(!pages.contains { $0.last == "Heading" }, "after \(count) lines")
      #expect(pages.last?.last == "what follows")
    }
  }

  // MARK: Words

  @Test func aVeryLongWordIsBroken() {
    let word = String(repeating: "x", count: 900)
    let inTable = Manuscript.Table(
      head: [RichText("a"), RichText("b")], isRight: [false, true],
      rows: [[RichText(word), RichText("1")]])
    let document = document([.paragraph(RichText(word)), .table(inTable), .code(word)])
    expectInside(document)
    #expect(lines(document).joined().joined().filter { $0 == "x" }.count == 2700)
  }

  @Test func wordsFromTheRightKeepTheirPlace() throws {
    let typesetter = Typesetter()
    // A name in a line of ours reads from the left; a text of its own begins at the right.
    let name = try #require(
      typesetter.set(RichText("العربية 70.8 %"), .body, width: 300).lines.first)
    let text = try #require(
      typesetter.set(RichText("العربية لغة جميلة"), .body, width: 300).lines.first)
    let mixed = try #require(
      typesetter.set(RichText("English and العربية 70.8 %"), .body, width: 300).lines.first)
    #expect(mixed.x == 0)
    #expect(abs(text.x + text.width - 300) < 0.1)
    #expect(name.width < 100)
    #expect(!"हिन्दी".isFromRight && !"עברית".isFromRight && !"".isFromRight && !"12 %".isFromRight)
    #expect("זה משפט בעברית 3".isFromRight && !"test עברית".isFromRight)
  }

  /// A line of a name and a number is as wide up to each of its letters as name and number are when set apart, so the
  /// sign stands between the two; from the right it would be the line's first.
  @Test(arguments: ["עברית", "العربية", "العربية (عربي)", "אאאאאאאאאאאאאאאאאאאא"])
  func aNameFromTheRightKeepsTheSignBeforeItsNumber(_ name: String) throws {
    let typesetter = Typesetter()
    for number in ["−0.028", "+0.047", "−0.028 [−0.1 to +0.2]"] {
      func line(_ runs: [RichText.Run], isRight: Bool = false) throws -> SetText.Line {
        try #require(
          typesetter.set(RichText(runs), .body, width: 300, isRight: isRight).lines.first)
      }
      let number = RichText.Run(number, link: .place("number"))
      let set = try line([.init("\(name) "), number])
      #expect(set.x == 0)
      let start = try #require(set.links.map(\.x).min())
      let end = try #require(set.links.map { $0.x + $0.width }.max())
      #expect(abs(end - set.width) < 0.1)
      let alone = try line([number])
      #expect(abs(end - start - alone.width) < 0.1)
      // What is set before a name stays there, and a cell of numbers ends at the right.
      let behind = try line([.init("test \(name)")])
      #expect(behind.x == 0)
      let right = try line([.init("\(name) "), number], isRight: true)
      #expect(abs(right.x + right.width - 300) < 0.1)
    }
  }

  @Test func partsByDirectionLoseNothing() {
    for text in [
      "", "a", "עברית", "test עברית −1", " עברית  العربية (عربي) 5 % x ",
      "a\u{200C}لغة جميلة\u{300} b",
    ] {
      #expect(text.directionalParts.map(\.text).joined() == text)
    }
    let parts = "From العربية لغة to עברית.".directionalParts
    #expect(parts.map(\.text) == ["From ", "العربية لغة", " to ", "עברית", "."])
    #expect(parts.map(\.isFromRight) == [false, true, false, true, false])
  }

  @Test func controlCharactersAreLeftOut() throws {
    let typesetter = Typesetter()
    let lines = typesetter.set(RichText("a\u{0}b\u{7}c\nd"), .body, width: 100).lines
    #expect(lines.map(\.text) == ["abc", "d"])
  }

  @Test func linksCoverTheirWordsAlone() throws {
    let text = RichText([
      .init("before "), .init("linked words", link: .address("https://example.org")),
      .init(" after"),
    ])
    let set = Typesetter().set(text, .body, width: 400)
    let area = try #require(set.lines.first?.links.first)
    let before = Typesetter().width(RichText("before "), .body)
    let linked = Typesetter().width(RichText("linked words"), .body)
    #expect(abs(area.x - before) < 0.2 && abs(area.width - linked) < 0.2)
    // One that is broken has a part on each line.
    let narrow = Typesetter().set(text, .body, width: 60)
    #expect(narrow.lines.filter { !$0.links.isEmpty }.count > 1)
  }

  // MARK: Tables

  @Test func theHeadIsRepeatedOnEveryPage() {
    let document = document([.paragraph(RichText("before")), .table(table(4, rows: 160))])
    expectInside(document)
    let pages = lines(document)
    #expect(pages.count > 2)
    for (number, page) in pages.enumerated() {
      #expect(
        page.dropFirst(number == 0 ? 1 : 0).prefix(4) == [
          "Column 0", "Column 1", "Column 2", "Column 3",
        ])
      #expect(page.count > 12, "page \(number + 1) has hardly a row")
    }
    let rows = pages.flatMap { $0 }.filter { $0.hasPrefix("row ") }
    #expect(rows == (0..<160).map { "row \($0)" })
  }

  @Test func aTableWithoutHeadOrRows() {
    let empty = RichText("")
    let headless = Manuscript.Table(
      head: [empty, empty], isRight: [false, false], rows: [[RichText("a"), RichText("b")]])
    let rowless = Manuscript.Table(head: [RichText("only a head")], isRight: [false], rows: [])
    let columnless = Manuscript.Table(head: [], isRight: [], rows: [])
    let document = document([.table(headless), .table(rowless), .table(columnless)])
    #expect(lines(document) == [["a", "b", "only a head"]])
  }

  @Test func aTableWiderThanThePageIsDivided() {
    let document = document([.table(table(40, rows: 3, cell: "0.123 [0.100–0.145]"))])
    expectInside(document)
    let found = lines(document).flatMap { $0 }
    // Every part says what its rows are about.
    let parts = found.count { $0 == "row 0" }
    #expect(parts > 3 && found.count { $0 == "row 2" } == parts)
    #expect(found.count { $0 == "0.123 [0.100–0.145]" } == 39 * 3)
    let sizes = document.pages[0].items.compactMap { item -> Double? in
      if case .line(let text, let index) = item.content { text.lines[index].height } else { nil }
    }
    // Noto Sans of 7 points takes 9.5, DejaVu Sans 8.1.
    #expect(sizes.allSatisfy { $0 > 8 })
  }

  @Test func aRowHigherThanAPageGoesOnOnTheNext() {
    let words = (0..<1500).map { "w\($0)" }
    let table = Manuscript.Table(
      head: [RichText("name"), RichText("text")], isRight: [false, false],
      rows: [[RichText("first"), RichText(words.joined(separator: " "))]]
    )
    let tall = Manuscript.Table(
      head: table.head, isRight: table.isRight,
      rows: [[RichText("all"), RichText((0..<200).map { "line \($0)" }.joined(separator: "\n"))]])
    let document = document([.table(table), .table(tall)])
    expectInside(document)
    let found = lines(document).flatMap { $0 }.joined(separator: " ")
    #expect(words.allSatisfy { found.contains($0) } && found.contains("line 199"))
  }

  @Test func numbersEndAtTheRight() throws {
    let table = Manuscript.Table(
      head: [RichText("name"), RichText("value")], isRight: [false, true],
      rows: [[RichText("a"), RichText("1")], [RichText("b"), RichText("1,000.5")]])
    var ends: [Double] = []
    for item in document([.table(table)]).pages[0].items {
      guard case .line(let text, let index) = item.content,
        ["1", "1,000.5"].contains(text.lines[index].text)
      else { continue }
      ends.append(item.frame.minX + text.lines[index].x + text.lines[index].width)
    }
    #expect(ends.count == 2 && abs(ends[0] - ends[1]) < 0.05)
  }

  @Test func columnsShareTheWidth() {
    typealias Need = TableColumns.Need
    // All fits: everyone gets what it asks for.
    let short = [Need(natural: 50, least: 20), Need(natural: 30, least: 30)]
    #expect(TableColumns(short, width: 200).widths == [50, 30])
    #expect(TableColumns.fitInOneLine(short, 89) && !TableColumns.fitInOneLine(short, 88))
    #expect(TableColumns.fit(short, 59) && !TableColumns.fit(short, 58))
    // A long text takes what the others leave.
    let long = [Need(natural: 40, least: 30), Need(natural: 900, least: 60)]
    let columns = TableColumns(long, width: 209)
    #expect(columns.widths == [40, 160] && columns.total == 209 && columns.start(1) == 49)
    // Too wide whatever is done.
    let wide = [Need(natural: 300, least: 300), Need(natural: 100, least: 100)]
    #expect(TableColumns(wide, width: 209).widths == [150, 50])
    #expect(TableColumns.parts(wide, width: 209) == [[0, 1]])
    let many = [Need](repeating: Need(natural: 90, least: 90), count: 5)
    #expect(TableColumns.parts(many, width: 290) == [[0, 1, 2], [0, 3, 4]])
    #expect(TableColumns.parts([], width: 290).isEmpty)
  }

  @Test func columnsAreBalancedForTheFewestLines() {
    let text = "some words that need two lines if their column is given half of what they ask for"
    let table = Manuscript.Table(
      head: ["a", "b", "c"].map { RichText($0) }, isRight: [false, false, false],
      rows: [[RichText(text), RichText("unpaired bootstrap interval"), RichText(text)]])
    let lines = self.lines(document([.table(table)])).joined()
    // Three heads and six lines: no column has three.
    #expect(lines.count == 3 + 2 + 1 + 2 || lines.count == 3 + 2 + 2 + 2, "\(lines)")
  }

  /// Less space than the typeface asks for never costs a part of a letter.
  @Test(arguments: [
    "Plain, ÅÉÖ gjpqy [0.1–0.2]", "हिन्दी की भाषा ऊँ", "ภาษาไทย ปิ่น ฟื้น", "العربية لُغَةٌ", "中文",
  ])
  func linesAreCloseButWhole(_ words: String) throws {
    let typesetter = Typesetter()
    let style = TypeStyle.table(7.5)
    let line = try #require(typesetter.set(RichText(words), style).lines.first)
    var loose = style
    loose.lineSpacing = 9
    let natural = try #require(typesetter.set(RichText(words), loose).lines.first)
    #expect(line.height <= natural.height && line.height >= min(natural.height, 7.5 * 1.2) - 0.01)
    if words.hasPrefix("Plain") { #expect(abs(line.height - 7.5 * 1.2) < 0.01) }
    // What was taken off above is less than what letters leave free there, and below, too.
    #expect(line.baseline <= natural.baseline)
    #expect(natural.height - natural.baseline >= line.height - line.baseline - 0.01)
  }

  @Test func numbersAreBrokenBeforeTheirIntervalsAlone() {
    func broken(_ text: String) -> String { RichText(text).brokenBeforeIntervals.plain }
    #expect(broken("+15.7 [+11.0 to +20.3]") == "+15.7\n[+11.0 to +20.3]")
    #expect(broken("84.8 % (290)") == "84.8 %\n(290)")
    #expect(broken("0.093 ± 0.026") == "0.093\n± 0.026")
    #expect(broken("[1 to 2]") == "[1 to 2]" && broken("") == "" && broken(" [x]") == " [x]")
    // Rather in two lines than in two tables.
    let document = document([.table(table(8, rows: 3, cell: "+15.7 [+11.0 to +20.3]"))])
    expectInside(document)
    let found = self.lines(document).flatMap { $0 }
    #expect(found.count { $0 == "row 0" } == 1)
    #expect(found.count { $0 == "[+11.0 to +20.3]" } == 21)
  }

  // MARK: Figures

  @Test func twoSmallFiguresStandSideBySide() throws {
    var small = sampleFigure(seed: 12)
    (small.panels, small.columns) = ([small.panels[0]], 1)
    let large = sampleFigure(seed: 12)
    let blocks: [Manuscript.Block] = [small, small, small, large].map {
      .figure($0, caption: RichText("Caption."))
    }
    let page = document(blocks).pages[0]
    let frames = page.items.compactMap { item -> Rect? in
      if case .figure = item.content { item.frame } else { nil }
    }
    try #require(frames.count >= 3)
    #expect(frames[0].minY == frames[1].minY && frames[0].maxX <= frames[1].minX)
    #expect(frames[2].minY > frames[0].maxY)
    #expect(abs(frames[2].midX - Paper.a4.content.midX) < 0.1)
  }

  /// Squares that would stand two by two stand in one row where that is as legible.
  @Test func squaresStandInARow() throws {
    var panel = Panel(
      title: "Square", x: Axis("x"), y: Axis("y"),
      marks: [Line([Point(0, 0), Point(1, 1)], ink: .series(1))])
    panel.isSquare = true
    var squares = Figure(
      size: .inches(13, 8), title: "Squares", panels: .init(repeating: panel, count: 4), columns: 2)
    squares.fitsHeight = true
    for paper in Paper.allCases {
      let document = document([.figure(squares, caption: RichText("Caption."))], on: paper)
      expectInside(document)
      let figures = document.pages[0].items.compactMap { item -> Page? in
        if case .figure(let page) = item.content { page } else { nil }
      }
      let page = try #require(figures.first)
      let titles = page.texts.filter { $0.string == "Square" }
      #expect(titles.count == 4 && Set(titles.map(\.box.minY)).count == 1)
      #expect(page.texts.allSatisfy { $0.font.size >= 7 - 1e-9 })
    }
    // More than a row holds are shared among rows; a name that is too long for it keeps the square.
    squares.panels = .init(repeating: panel, count: 5)
    #expect(try tops(squares).count == 2)
    squares.panels = .init(repeating: panel, count: 4)
    squares.panels[1].key = [
      KeyEntry(String(repeating: "a long name ", count: 5), ink: .series(1))
    ]
    #expect(try tops(squares).count == 2)
  }

  /// How high the titles of a figure's panels stand.
  private func tops(_ figure: Figure) throws -> Set<Double> {
    let items = document([.figure(figure, caption: RichText("Caption."))]).pages[0].items
    let pages = items.compactMap { item -> Page? in
      if case .figure(let page) = item.content { page } else { nil }
    }
    return Set(try #require(pages.first).texts.filter { $0.string == "Square" }.map(\.box.minY))
  }

  @Test func wordsFillThePageThatAFigureLeaves() throws {
    let figure = sampleFigure(seed: 3)
    let line = Manuscript.Block.paragraph(RichText("one line"))
    var blocks = [Manuscript.Block](repeating: line, count: 34)
    blocks.append(.figure(figure, caption: RichText("Caption 1.")))
    blocks += (0..<12).map { .paragraph(RichText("after \($0)")) }
    blocks += [
      .heading(level: 2, RichText("Heading")), .figure(figure, caption: RichText("Caption 2.")),
    ]
    let document = document(blocks)
    expectInside(document)
    let pages = lines(document)
    #expect(pages[0].last == "after \(pages[0].count - 35)" && pages[0].count > 36)
    // The figure at the top of the next, what follows in its order, the next figure after it.
    #expect(pages[1].first == "Caption 1.")
    let words = pages.flatMap { $0 }.filter { $0.hasPrefix("after") }
    #expect(words == (0..<12).map { "after \($0)" })
    let flat = pages.flatMap { $0 }
    let (first, heading, second) = (
      flat.firstIndex(of: "Caption 1."), flat.firstIndex(of: "Heading"),
      flat.firstIndex(of: "Caption 2.")
    )
    #expect(try #require(first) < #require(heading) && #require(heading) < #require(second))
  }

  /// A figure that waits does not let another one pass, and none is lost at the end.
  @Test func figuresKeepTheirOrder() {
    let line = Manuscript.Block.paragraph(RichText("one line"))
    for count in stride(from: 20, to: 44, by: 3) {
      var blocks = [Manuscript.Block](repeating: line, count: count)
      for number in 0..<5 {
        blocks.append(
          .figure(sampleFigure(seed: UInt64(number)), caption: RichText("Caption \(number).")))
        blocks += [line, line]
      }
      blocks.append(.figure(sampleFigure(seed: 9), caption: RichText("Caption 5.")))
      let document = document(blocks)
      expectInside(document)
      let captions = lines(document).flatMap { $0 }.filter { $0.hasPrefix("Caption") }
      #expect(captions == (0..<6).map { "Caption \($0)." }, "after \(count) lines")
    }
  }

  @Test func aFigureStaysWithItsCaption() {
    let figure = sampleFigure(seed: 3)
    let blocks = (0..<6).map {
      Manuscript.Block.figure(figure, caption: RichText("Caption \($0)."))
    }
    let document = document(blocks)
    expectInside(document)
    for page in document.pages {
      let figures = page.items.count { if case .figure = $0.content { true } else { false } }
      #expect(figures == page.texts.count { $0.hasPrefix("Caption") })
    }
    #expect(document.pages.flatMap(\.texts).count { $0.hasPrefix("Caption") } == 6)
  }

  @Test func aListHasItsMarks() {
    let list = Manuscript.Block.list(
      start: 9,
      items: [
        [.paragraph(RichText("one"))], [],
        [.paragraph(RichText("three")), .list(start: nil, items: [[.paragraph(RichText("in"))]])],
      ])
    #expect(
      lines(document([list])) == [["9.", "one", "10.", " ", "11.", "three", "•", "in"]])
  }
}
