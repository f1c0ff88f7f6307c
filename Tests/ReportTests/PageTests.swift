import Foundation
import Metrics
import Plot
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

@Suite struct PageTests {
  private func html(_ markdown: String) -> String {
    var writer = HTMLWriter(
      figure: { $0 == "losses.png" ? "<svg id=\"losses\"></svg>\n" : nil },
      anchor: { $0.hasPrefix("metrics.md#") ? "metrics-" + $0.dropFirst(11) : nil })
    writer.write(MarkdownDocument(markdown))
    return writer.html
  }

  // MARK: Markdown

  @Test(arguments: [
    ("# A *b* `c`", "<h1 id=\"a-b-c\">A <em>b</em> <code>c</code></h1>\n"),
    ("one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>\n"),
    ("> said\n> more", "<blockquote>\n<p>said more</p>\n</blockquote>\n"),
    ("- a\n- b\n  c", "<ul>\n<li>a</li>\n<li>b c</li>\n</ul>\n"),
    ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"),
    ("7.5 is no list", "<p>7.5 is no list</p>\n"),
    ("**a** b*c 2 * 3 * 4", "<p><strong>a</strong> b*c 2 * 3 * 4</p>\n"),
    ("*a **b** c* *d*", "<p><em>a <strong>b</strong> c</em> <em>d</em></p>\n"),
    ("\\*a\\* \\\\ \\`", "<p>*a* \\ `</p>\n"),
    ("&lt;b> &amp;lt; &copy;", "<p>&lt;b&gt; &amp;lt; &amp;copy;</p>\n"),
    ("[w](metrics.md#f1)", "<p><a href=\"#metrics-f1\">w</a></p>\n"),
    ("[w](https://a.org/b?c&d)", "<p><a href=\"https://a.org/b?c&amp;d\">w</a></p>\n"),
    ("[w](javascript:alert)", "<p>w</p>\n"), ("[w](data:text/html,x)", "<p>w</p>\n"),
    (
      "| **עברית** −0.028 |\n|---|\n| test עברית |\n| זה משפט בעברית 3 |",
      "<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr><th><strong><bdi>עברית</bdi></strong> −0.028</th>"
        + "</tr></thead>\n<tbody>\n<tr><td>test <bdi>עברית</bdi></td></tr>\n"
        + "<tr><td><bdi>זה משפט בעברית 3</bdi></td></tr>\n</tbody></table></div>\n"
    ),
    ("[no link", "<p>[no link</p>\n"), ("[a] (b)", "<p>[a] (b)</p>\n"),
    (
      "![alt \\[x\\]](losses.png)\n*Caption.*",
      "<figure tabindex=\"0\">\n<svg id=\"losses\"></svg>\n<figcaption>Caption.</figcaption>\n</figure>\n"
    ),
    ("![a \"b\"](other.png)", "<figure tabindex=\"0\">\n<p>a &quot;b&quot;</p>\n</figure>\n"),
    ("<!-- cost -->\nx\n<!-- /cost -->", "<p>x</p>\n"),
    ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
    (
      "<details>\n<summary>A & b</summary>\n\nx\n\n</details>",
      "<details>\n<summary>A &amp; b</summary>\n<p>x</p>\n</details>\n"
    ),
    (
      "<details>\nnever closed",
      "<details>\n<summary>Details</summary>\n<p>never closed</p>\n</details>\n"
    ),
    ("</details>\nx", "<p>x</p>\n"), ("<a id=\"x\"></a>\ny", "<a id=\"x\"></a>\n<p>y</p>\n"),
    ("<a id=\"x\" onclick=\"y\"></a>", "<a id=\"x&quot; onclick=&quot;y\"></a>\n"),
    ("```\n<b>\n\n  c\n```", "<pre><code>&lt;b&gt;\n\n  c</code></pre>\n"),
    ("```", "<pre><code></code></pre>\n"),
    (
      "| a | b |\n|---|--:|\n| 1 \\| 2 | 3 |\n| 4 |",
      "<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr><th>a</th><th class=\"number\">b</th>"
        + "</tr></thead>\n<tbody>\n<tr><td>1 | 2</td><td class=\"number\">3</td></tr>\n"
        + "<tr><td>4</td><td class=\"number\"></td></tr>\n</tbody></table></div>\n"
    ),
    ("| no table", "<p>| no table</p>\n"), ("", ""), ("**", "<p>**</p>\n"), ("![", "<p>![</p>\n"),
  ])
  func writesMarkdownAsHTML(_ markdown: String, _ expected: String) {
    #expect(html(markdown) == expected)
  }

  /// Marks that nobody closes take no more time or stack than others.
  @Test func unclosedMarksAreText() {
    for mark in ["[", "*", "**", "![", "[a](", "`"] {
      let text = String(repeating: mark, count: 150)
      #expect(InlineText(text).plain.unicodeScalars.count <= text.unicodeScalars.count)
      #expect(InlineText("x " + text + " [b](c)").plain.hasPrefix("x "))
    }
    #expect(InlineText(String(repeating: "[", count: 9)).plain == "[[[[[[[[[")
  }

  @Test func anchorsAreGitHubs() {
    #expect(
      html("## Which Epoch?\n## Which Epoch\n## Größe: 5 % & so")
        == "<h2 id=\"which-epoch\">Which Epoch?</h2>\n<h2 id=\"which-epoch-1\">Which Epoch</h2>\n"
        + "<h2 id=\"größe-5---so\">Größe: 5 % &amp; so</h2>\n")
  }

  /// Whatever is escaped for Markdown reads the same in HTML, and is nothing but text there.
  @Test(arguments: [
    "<script>alert('x')</script>", "a | b", "*a* _b_ `c` ~d~ $e$", "[x](javascript:y)", "![x](y)",
    "&lt; &amp; &#60; R&D", "\" onload=\"x", "</title></style></svg>", "\\ \\\\ \\*", "1. a", "- b",
    "# c", "> d", "--- ", "<!-- cost -->", "{{name}}", "a\u{0}b\u{1B}[31m", "<details>", "```",
  ])
  func outsideTextIsTextInThePage(_ text: String) {
    let shown = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
    let expected = String(String.UnicodeScalarView(shown)).split(separator: " ").joined(
      separator: " ")
    let inline = InlineText(markdown(text))
    #expect(inline.plain == expected)
    #expect(inline.pieces.allSatisfy { if case .text = $0 { true } else { false } })
    #expect(html("x " + markdown(text)) == "<p>x \(HTMLWriter.escape(expected))</p>\n")
  }

  // MARK: The page

  private func files(_ tiny: TinyRun = TinyRun()) throws -> ReportFiles {
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    var options = ReportOptions()
    options.hasPage = true
    return try ReportFiles(RunDirectory(folder.path), options: options)
  }

  @Test func thePageIsWholeAndSaysTheSame() throws {
    let files = try files()
    let page = try #require(files.page())
    // Every figure is in it, once, as a drawing.
    for figure in files.rendering.figures {
      #expect(page.components(separatedBy: "<svg ").count == files.rendering.figures.count + 1)
      #expect(page.contains("id=\"figure-\(figure.name.rawValue)\""), "\(figure.name)")
    }
    // Nothing is fetched from anywhere.
    for part in ["<img", "<script", "@import", "url(", "<iframe", "<object", "src="] {
      #expect(!page.contains(part), "\(part)")
    }
    for link in page.matches(of: /href="([^"]*)"/).map({ String($0.output.1) }) {
      if link.hasPrefix("#") {
        #expect(page.contains("id=\"\(link.dropFirst())\""), "\(link) leads nowhere")
      } else {
        #expect(link == "data:," || link == "https://arxiv.org/abs/2004.15001", "\(link)")
      }
    }
    // Every number of the report is in the page, in the same order.
    var rest = page[...]
    for place in files.document.text.places where place.value.number != nil {
      let text = HTMLWriter.escape(InlineText(place.value.text).plain)
      // Not in the list of sections above, which only has headings.
      guard let found = rest.firstRange(of: text) else {
        Issue.record("\(place.value.tag): \(text) is not in the page")
        return
      }
      rest = rest[found.upperBound...]
    }
    let ids = page.matches(of: /[ "]id="([^"]*)"/).map { String($0.output.1) }
    #expect(Set(ids).count == ids.count, "an id occurs twice")
  }

  @Test func hostileNamesStayText() throws {
    var tiny = TinyRun()
    tiny.settings = [
      ##"name="<script>alert(1)<b onclick='x'>""##,
      ##"note="</title><img src=x onerror=alert(1)>""##,
      ##"goals=["<svg onload=alert(1)>", "](javascript:alert(1))"]"##,
      ##"labels=["<b onclick='x'>", "\"><script>", "--><i>"]"##,
      ##"data.targets.0.name="</svg><script>alert(1)</script>""##,
    ]
    let page = try #require(try files(tiny).page())
    for part in ["<script", "<img", "<b ", "<i>", "<svg onload"] {
      #expect(!page.lowercased().contains(part), "\(part)")
    }
    #expect(!page.contains("href=\"javascript:"))
    // What stands between the drawings is well-formed.
    #expect(PageDrawings(page).rest.components(separatedBy: "<svg></svg>").count > 10)
  }

  @Test func drawingsAreTakenOut() {
    let page = PageDrawings("a\n<svg x=\"1\">\n<g></g></svg>b\n<svg></svg>")
    #expect(page.rest == "a\n<svg></svg>b\n<svg></svg>")
    #expect(
      page.elements == [
        .init(text: "<svg x=\"1\">\n<g></g></svg>", line: 2), .init(text: "<svg></svg>", line: 4),
      ])
    let open = PageDrawings("a<svg>never closed")
    #expect(open.rest == "a<svg>never closed" && open.elements.isEmpty)
  }

  // MARK: Definitions

  /// A link into metrics.md leads to a section that is there, and so does every method.
  @Test func everyDefinitionIsThere() throws {
    let text = Definitions.metrics.text
    var anchors = Template.Kind.report.builtInText.matches(of: /metrics\.md#([a-z0-9-]+)/)
      .map { String($0.output.1) }
    #expect(anchors.count > 20)
    anchors += Metrics.Method.allCases.map(\.anchor)
    anchors += try files().document.text.places.compactMap { $0.value.number?.definition }
    for anchor in Set(anchors).sorted() {
      #expect(text.contains("<a id=\"\(anchor)\"></a>"), "\(anchor)")
    }
    let file = try RandomAccessFile(Fixture.folder + "/../../docs/metrics.md").contents()
    #expect(text.utf8.elementsEqual(file))
  }
}
