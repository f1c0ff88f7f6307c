import Foundation
import RunLog
import Storage
import TestSupport
import Testing

@testable import Chart
@testable import Report

/// report.pdf: written with the report, and audited with it.
@Suite struct PrintedReportTests {
  private static let tiny: TinyRun = {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    return tiny
  }()

  private func options(_ paper: Paper?) -> ReportOptions {
    var options = ReportOptions()
    options.paper = paper
    return options
  }

  /// A run with a report, its figures and its PDF.
  private func printed(_ paper: Paper = .a4) throws -> (TemporaryFolder, RunDirectory) {
    let folder = try TemporaryFolder()
    try Self.tiny.write(to: folder.path)
    let directory = RunDirectory(folder.path)
    let files = try ReportFiles(directory, options: options(paper))
    try files.rendering.writeFigures(to: folder.path, style: FigureStyle(dotsPerInch: 40))
    let written = try files.write()
    #expect(written.paths == [directory.report, directory.reportPDF])
    return (folder, directory)
  }

  private func differences(_ directory: RunDirectory) throws -> [String] {
    try Audit(directory).differences.map(\.description)
  }

  @Test(arguments: Paper.allCases)
  func whatWasWrittenAgrees(_ paper: Paper) throws {
    let (folder, directory) = try printed(paper)
    #expect(try differences(directory) == [])
    let record = try JSON.read(directory.reportRecord)
    #expect(record["pdf"]?["file"] == .string("report.pdf"))
    #expect(record["pdf"]?["paper"] == .string(paper.rawValue))
    withExtendedLifetime(folder) {}
  }

  @Test func aChangedAMissingAndAForeignPDFAreFound() throws {
    let (folder, directory) = try printed()
    var bytes = try RandomAccessFile(directory.reportPDF).contents()
    bytes[bytes.count / 2] ^= 1
    try AtomicFile.write(bytes, to: directory.reportPDF)
    #expect(
      try differences(directory)
        == ["report.pdf: was changed after it was written: its bytes are others."])
    try FileManager.default.removeItem(atPath: directory.reportPDF)
    #expect(
      try differences(directory) == ["report.pdf: was written with the report but is missing."])
    // A report without a PDF, beside which one lies.
    let files = try ReportFiles(directory)
    try files.write()
    #expect(files.leftovers == [])
    try AtomicFile.write(bytes, to: directory.reportPDF)
    #expect(
      try differences(directory)
        == [
          "report.pdf: does not belong to this report; write it again with --pdf, or delete it."
        ])
    #expect(
      files.leftovers == [
        "\(directory.reportPDF) belongs to an earlier report; --pdf writes it again."
      ])
    withExtendedLifetime(folder) {}
  }

  @Test func otherFontsCannotBeCompared() throws {
    let (folder, directory) = try printed()
    var bytes = try RandomAccessFile(directory.reportPDF).contents()
    let place = try #require(bytes.firstRange(of: Array("letters=".utf8))).upperBound
    for offset in place..<place + 64 { bytes[offset] = UInt8(ascii: "0") }
    try AtomicFile.write(bytes, to: directory.reportPDF)
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty && audit.filesNotCompared == ["report.pdf"])
    withExtendedLifetime(folder) {}
  }

  @Test func aPaperThatNobodyKnowsIsNamed() throws {
    let (folder, directory) = try printed()
    let text = String(
      decoding: try RandomAccessFile(directory.reportRecord).contents(), as: UTF8.self)
    try AtomicFile.write(
      text.replacing("\"paper\":\"a4\"", with: "\"paper\":\"a5\""), to: directory.reportRecord)
    #expect(
      try differences(directory).contains(
        "report.json: 'pdf' names the paper 'a5'; this version knows a4 and letter."))
    withExtendedLifetime(folder) {}
  }

  @Test func aRunThatIsWrittenAnewTakesItsPDFAway() throws {
    let (folder, directory) = try printed()
    try directory.clear(figures: [])
    #expect(!exists(directory.reportPDF))
    withExtendedLifetime(folder) {}
  }

  @Test func aPDFOfSomebodyElseIsLeftAlone() throws {
    let (folder, directory) = try printed()
    let other = try TemporaryFolder()
    try AtomicFile.write("not from here", to: "\(other.path)/report.pdf")
    let files = try ReportFiles(
      RunDirectory(other.path), from: LogSource(directory.path), options: options(.a4))
    #expect(throws: RunLogError.self) { try files.checkOverwriting() }
    withExtendedLifetime(folder) {}
  }

  /// A run of the size that the experiment leaves, with all that a report has.
  private func threeTargets() throws -> Manuscript {
    let folder = try TemporaryFolder()
    try ThreeTargetRun().write(to: folder.path)
    let files = try ReportFiles(RunDirectory(folder.path))
    let figures = files.document.figures
    var writer = ManuscriptWriter { file in figures.first { "\($0.name).png" == file }?.figure }
    return writer.manuscript(files.markdown)
  }

  @Test func threeTargetsFitOnTwelvePages() throws {
    let manuscript = try threeTargets()
    for paper in Paper.allCases {
      let document = PrintedDocument(manuscript, on: paper)
      #expect((7...12).contains(document.pageCount), "\(paper): \(document.pageCount)")
      // What makes them fit must not cost a figure: those that need a page's width beside each other, too.
      let pages = document.pages.flatMap(\.items).compactMap { item -> Page? in
        if case .figure(let page) = item.content { page } else { nil }
      }
      #expect(pages.count == 13)
      for page in pages {
        for (index, text) in page.texts.enumerated() {
          let others = page.texts[(index + 1)...].filter { text.box.inset(0.01).overlaps($0.box) }
          #expect(
            others.isEmpty,
            "\(paper), \(page.title): '\(text.string)' over '\(others.map(\.string))'")
          // Numbers in cells may be smaller, as on any width.
          let isInCell = page.shapes.contains { shape in
            if case .rectangle(let rect, let color) = shape, color != page.background {
              rect.contains(text.box, tolerance: 0.01)
            } else {
              false
            }
          }
          #expect(
            text.font.size >= (isInCell ? 7 * 0.6 : 7) - 1e-9,
            "\(paper), \(page.title): '\(text.string)' in \(text.font.size) points")
        }
      }
    }
  }

  // MARK: From Markdown

  private func blocks(_ markdown: String) -> [Manuscript.Block] {
    var writer = ManuscriptWriter { _ in nil }
    return writer.manuscript(markdown).blocks
  }

  @Test func markdownBecomesBlocks() throws {
    var writer = ManuscriptWriter { _ in nil }
    let manuscript = writer.manuscript(
      """
      # A *title*

      One **bold**, `code`, [out](https://a.org), [file](metrics.md#f1), [here](#a-title), [lost](#none), \
      [script](javascript:x).

      <details>
      <summary>Folded</summary>

      | a | b |
      |---|--:|
      | 1 | 2 |

      </details>

      ![alternative](other.png)
      *Caption.*
      """)
    #expect(manuscript.title == "A title")
    guard case .place("a-title") = manuscript.blocks[0],
      case .heading(1, let heading) = manuscript.blocks[1],
      case .paragraph(let text) = manuscript.blocks[2],
      case .lead(let summary) = manuscript.blocks[3],
      case .table(let table) = manuscript.blocks[4],
      case .paragraph(let alternative) = manuscript.blocks[5],
      case .paragraph(let caption) = manuscript.blocks[6]
    else {
      Issue.record("other blocks: \(manuscript.blocks)")
      return
    }
    #expect(heading == RichText([.init("A "), .init("title", .italic)]))
    #expect(
      text.runs.compactMap(\.link) == [
        .address("https://a.org"), .address("metrics.md#f1"), .place("a-title"),
      ])
    #expect(text.runs.contains(.init("bold", .bold)) && text.runs.contains(.init("code", .code)))
    #expect(summary.plain == "Folded" && table.isRight == [false, true])
    #expect(table.rows == [[RichText("1"), RichText("2")]])
    #expect(alternative == RichText("alternative", .italic) && caption.plain == "Caption.")
  }

  @Test func nothingIsNoBlock() {
    #expect(blocks("").isEmpty && blocks("<!-- a comment -->\n").isEmpty)
  }
}
