/// What the template of a page prints: the report, and what surrounds it.
struct PageData: TagSource {
  let title: String
  let contents: [ContentsTags]
  let body: String
  let isLive: Bool
  let definitions: String

  static let tags: [TagDefinition<PageData>] = [
    .text("title", "the report's first heading") { $0.title },
    .list("contents", "the headings of the report's sections") { $0.contents },
    .text("body", "the report as HTML with its figures") { $0.body },
    .text("definitions", "what every number and interval is, as HTML") { $0.definitions },
    .condition("is_live", "whether the run goes on, so that the page should reload itself") {
      $0.isLive
    },
  ]

  /// - Parameters:
  ///   - markdown: the report.
  ///   - linked: the texts that it links to, which the page has in it.
  ///   - isLive: whether the page should reload itself.
  ///   - figure: an element for the file of a figure.
  init(
    _ markdown: String, _ linked: [Definitions.Linked] = [Definitions.metrics],
    isLive: Bool = false, figure: @escaping (_ file: String) -> String?
  ) {
    /// Where a link into one of these texts leads in the page.
    func place(_ target: String) -> String? {
      let parts = target.split(separator: "#", maxSplits: 1).map(String.init)
      guard parts.count == 2, let text = linked.first(where: { $0.file == parts[0] }) else {
        return nil
      }
      return text.anchorPrefix + parts[1]
    }
    var writer = HTMLWriter(figure: figure) { place($0) }
    writer.write(MarkdownDocument(markdown))
    self.isLive = isLive
    // A page that needs no other file has the definitions in it.
    let definitions = linked.map { text in
      var writer = HTMLWriter(
        anchorPrefix: text.anchorPrefix, headingOffset: 1, figure: { _ in nil },
        anchor: { place($0) })
      writer.write(MarkdownDocument(text.text))
      return writer
    }
    body = writer.html
    self.definitions = definitions.map(\.html).joined()
    title = HTMLWriter.escape(writer.headings.first { $0.level == 1 }?.text ?? "Report")
    contents = (writer.headings + definitions.flatMap(\.headings)).filter { $0.level == 2 }
      .map { ContentsTags($0) }
  }
}

/// A line of a table of contents.
struct ContentsTags: TagSource {
  let text: String
  let anchor: String

  init(_ heading: HTMLWriter.Heading) {
    text = HTMLWriter.escape(heading.text)
    anchor = HTMLWriter.escape(heading.anchor)
  }

  static let tags: [TagDefinition<ContentsTags>] = [
    .text("text", "the heading") { $0.text },
    .text("anchor", "what a link to it names after #") { $0.anchor },
  ]
}

/// The HTML of a text in Markdown, without figures.
///
/// - Parameter markdown: anything.
/// - Returns: elements to stand in the body of a page.
package func htmlOfMarkdown(_ markdown: String) -> String {
  var writer = HTMLWriter(figure: { _ in nil }, anchor: { _ in nil })
  writer.write(MarkdownDocument(markdown))
  return writer.html
}
