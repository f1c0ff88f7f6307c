import Foundation
import Storage
import TestSupport
import Testing

@testable import Report

/// The reader of Markdown beside an implementation of CommonMark.
@Suite struct CommonMarkTests {
  private static let cases: [(markdown: String, html: String)] = {
    guard
      let bytes = try? RandomAccessFile(Fixture.path("markdown/cases.json")).contents(),
      let json = try? JSON.parse(bytes, file: "cases.json")
    else { return [] }
    return (json.array ?? []).map {
      ($0["markdown"]?.string ?? "", $0["html"]?.string ?? "")
    }
  }()

  private func html(_ markdown: String) -> String {
    var writer = HTMLWriter(figure: { _ in nil }, anchor: { _ in nil })
    writer.write(MarkdownDocument(markdown))
    return writer.html
  }

  /// What a browser shows alike: white space outside of code, and what only our pages have.
  private func normalized(_ html: String) -> String {
    var text = html.replacing(/<(h[1-6]) id="[^"]*">/) { "<\($0.output.1)>" }
    text = text.replacing("<div class=\"table\" tabindex=\"0\">", with: "")
      .replacing("</table></div>", with: "</table>")
    var result = ""
    for (index, part) in text.split(separator: "<pre>", omittingEmptySubsequences: false)
      .enumerated()
    {
      let pieces = part.split(separator: "</pre>", omittingEmptySubsequences: false)
      if index > 0 {
        result += "<pre>\(pieces[0])</pre>".replacing("\n</code>", with: "</code>")
      }
      let words = pieces.last ?? ""
      result += words.replacing(/\s+/, with: " ").replacing("> ", with: ">").replacing(
        " <", with: "<")
    }
    return result
  }

  @Test func blocksAndLinesAreCommonMarks() {
    #expect(Self.cases.count > 110)
    for (markdown, expected) in Self.cases {
      #expect(normalized(html(markdown)) == normalized(expected), "\(markdown.debugDescription)")
    }
  }

  @Test func nestingHasAnEnd() {
    for mark in ["> ", "- ", "1. "] {
      let text = String(repeating: mark, count: 5000) + "x"
      #expect(html(text).contains("x"))
    }
    // Lines without marks after many of them, each of which might belong to any.
    let lazy = String(repeating: "> - ", count: 8) + "a\n" + String(repeating: "b\n", count: 2000)
    #expect(html(lazy).components(separatedBy: "b b").count > 500)
    let lines = (0..<200).map { String(repeating: "  ", count: $0) + "- a" }.joined(separator: "\n")
    #expect(html(lines).contains("<li>a"))
  }

  /// Whatever bytes: no trap, no more than a few elements each.
  @Test func changedTextsAreRead() {
    var mutator = Mutator(seed: 13)
    let text = Self.cases.map(\.markdown).joined(separator: "\n\n")
    for _ in 0..<60 {
      let changed = String(decoding: mutator(mutator(Array(text.utf8))), as: UTF8.self)
      #expect(html(changed).utf8.count < 100 * (changed.utf8.count + 1))
    }
  }

  @Test func commentsOfSeveralLinesAreDropped() {
    #expect(html("a\n<!-- b\n\n| c |\n-->\nd") == "<p>a</p>\n<p>d</p>\n")
    #expect(html("<!-- never closed\na") == "")
  }
}
