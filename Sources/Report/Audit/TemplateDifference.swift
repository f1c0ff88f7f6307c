/// What a custom template has other than the built-in one of its kind: the part of a report that no audit can
/// work out, since it is somebody's own words.
struct TemplateDifference: Equatable, Sendable {
  /// A line that only one of them has.
  struct Line: Equatable, Sendable {
    /// From 1, in the template that has it.
    let number: Int
    let text: String
  }
  /// Headings of the built-in template that are left out, as they stand there.
  private(set) var missingHeadings: [String] = []
  /// Tags that the built-in template prints and this one does not, sections included.
  private(set) var missingTags: [String] = []
  /// Tags that this template uses and the built-in one does not.
  private(set) var newTags: [String] = []
  /// Lines of words or tags that the built-in template does not have.
  private(set) var newLines: [Line] = []
  /// How many lines of the built-in template are not in this one.
  private(set) var missingLines = 0

  /// - Parameters:
  ///   - text: the custom template's.
  ///   - builtIn: the built-in template's.
  init(_ text: String, from builtIn: String) {
    let (lines, known) = (Self.lines(text), Self.lines(builtIn))
    for change in lines.difference(from: known) {
      switch change {
      case .insert(let offset, let line, _):
        newLines.append(Line(number: offset + 1, text: line))
      case .remove(_, let line, _):
        if line.contains(where: { !$0.isWhitespace }) { missingLines += 1 }
      }
    }
    newLines.removeAll { !$0.text.contains { !$0.isWhitespace } }
    newLines.sort { $0.number < $1.number }
    let headings = Set(lines.filter { $0.hasPrefix("#") })
    missingHeadings = known.filter { $0.hasPrefix("#") && !headings.contains($0) }
    let (used, standard) = (Self.tags(text), Self.tags(builtIn))
    missingTags = standard.filter { !used.contains($0) }
    newTags = used.filter { !standard.contains($0) }
  }

  /// What differs, in sentences.
  ///
  /// - Parameter template: what to call it, such as `The template of report.md`.
  /// - Returns: a line each; none if the templates say the same.
  func words(_ template: String) -> [String] {
    var words: [String] = []
    func list(_ what: String, _ items: [String]) {
      guard !items.isEmpty else { return }
      let shown = items.prefix(12).joined(separator: ", ")
      words.append(
        "\(template) \(what): \(shown)\(items.count > 12 ? " and \(items.count - 12) more" : "").")
    }
    list("leaves out the sections", missingHeadings.map { "'\(Self.plain($0))'" })
    list("does not print", missingTags)
    list("prints what the built-in one does not", newTags)
    if missingLines > 0 {
      words.append(
        "\(template) lacks \(missingLines) of the built-in template's lines, counting those "
          + "that were changed.")
    }
    words += newLines.map {
      "\(template), line \($0.number), is not in the built-in template: \(Self.excerpt($0.text))"
    }
    return words
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Each tag once, in the order of the text.
  private static func tags(_ text: String) -> [String] {
    guard let found = try? TemplateScanner.scan(text, file: "template") else { return [] }
    return found.filter { $0.kind != .end && !$0.name.isEmpty }.map(\.name).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  private static func plain(_ heading: String) -> String {
    String(heading.drop { $0 == "#" || $0 == " " })
  }

  private static func excerpt(_ line: String) -> String {
    let shown = line.unicodeScalars.filter { $0.properties.generalCategory != .control }
    let text = String(String.UnicodeScalarView(shown.prefix(160)))
    return shown.count > 160 ? text + "…" : text
  }
}
