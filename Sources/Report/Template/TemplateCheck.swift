internal import Storage

/// Compares the tags of a template with those that a report has.
///
/// Names are looked up as Mustache does it: in the innermost section first, then outwards.
struct TemplateCheck {
  /// Tags that came into reach with a section.
  private struct Scope {
    enum Kind { case root, section, list, text }
    let kind: Kind
    let tags: [TemplateTag]
  }
  /// A section that is not closed yet.
  private struct Open {
    let found: TemplateScanner.Found
    let opensScope: Bool
  }

  private static let deepestNesting = 64
  private let file: String
  private let root: [TemplateTag]
  private var scopes: [Scope]
  private var open: [Open] = []

  /// Checks every tag.
  ///
  /// - Throws: the first `TemplateError` in the order of the text.
  static func check(
    _ tags: [TemplateScanner.Found], against root: [TemplateTag], file: String
  ) throws(TemplateError) {
    var check = TemplateCheck(file: file, root: root)
    for found in tags { try check.take(found) }
    if let last = check.open.last {
      throw .neverClosed(last.found.spelling, file: file, line: last.found.line)
    }
  }

  private init(file: String, root: [TemplateTag]) {
    (self.file, self.root) = (file, root)
    scopes = [Scope(kind: .root, tags: root)]
  }

  private mutating func take(_ found: TemplateScanner.Found) throws(TemplateError) {
    switch found.kind {
    case .variable: try checkVariable(found)
    case .section: try openSection(found)
    case .inverted:
      // What is absent brings no tags into reach.
      _ = try sectionScope(found)
      open.append(Open(found: found, opensScope: false))
    case .end: try closeSection(found)
    }
  }

  // MARK: Variables

  private func checkVariable(_ found: TemplateScanner.Found) throws(TemplateError) {
    if found.name == ".", found.transforms.isEmpty, scopes.last?.kind == .text { return }
    if found.name.isEmpty {
      guard found.transforms == ["index"] else {
        throw misused(found, "cannot be printed; of the positions in a list only index() can.")
      }
      return try demandList(found)
    }
    let tag = try resolve(found)
    switch (tag.kind, found.transforms) {
    case (.text, []), (.optionalText, []), (.list, ["count"]): return
    case (.text, let transforms), (.optionalText, let transforms):
      guard transforms.allSatisfy({ ["capitalized", "lowercased", "uppercased"].contains($0) })
      else { throw misused(found, "is a text; only capitalized, lowercased, uppercased apply.") }
    case (.condition, _):
      throw misused(found, "is a condition; use {{#\(found.name)}}…{{/\(found.name)}}.")
    case (.section, _), (.list, _):
      throw misused(found, "is a section; use {{#\(found.name)}}…{{/\(found.name)}}.")
    }
  }

  // MARK: Sections

  private mutating func openSection(_ found: TemplateScanner.Found) throws(TemplateError) {
    let scope = try sectionScope(found)
    if let scope { scopes.append(scope) }
    open.append(Open(found: found, opensScope: scope != nil))
  }

  /// What a section brings into reach; `nil` for a condition.
  private func sectionScope(_ found: TemplateScanner.Found) throws(TemplateError) -> Scope? {
    guard open.count < Self.deepestNesting else {
      throw misused(found, "is inside \(open.count) other sections, which is too deep.")
    }
    if found.name.isEmpty {
      guard ["first", "last", "even", "odd"].contains(where: { found.transforms == [$0] }) else {
        throw misused(
          found, "is not a condition; the conditions are first(), last(), even() and odd().")
      }
      try demandList(found)
      return nil
    }
    let tag = try resolve(found)
    // A list inside itself would be printed as often as it has entries, squared; and so on.
    if case .list = tag.kind, found.transforms.isEmpty,
      open.contains(where: { $0.found.spelling == found.spelling })
    {
      throw misused(found, "is open already; a list cannot be inside itself.")
    }
    switch (tag.kind, found.transforms) {
    case (.condition, []), (.list, ["empty"]): return nil
    case (.section(let tags), []): return Scope(kind: .section, tags: tags)
    case (.list(let tags), []): return Scope(kind: .list, tags: tags)
    case (.optionalText, []): return Scope(kind: .text, tags: [])
    case (.text, []):
      throw misused(found, "is a text that is always present; write {{\(found.name)}}.")
    default: throw misused(found, "cannot open a section.")
    }
  }

  private mutating func closeSection(_ found: TemplateScanner.Found) throws(TemplateError) {
    guard let last = open.popLast() else {
      throw .neverOpened(found.spelling, file: file, line: found.line)
    }
    guard last.found.spelling == found.spelling else {
      throw .closesAnother(
        found.spelling, file: file, line: found.line, innermost: last.found.spelling,
        openedOn: last.found.line)
    }
    if last.opensScope { scopes.removeLast() }
  }

  // MARK: Names

  private func resolve(_ found: TemplateScanner.Found) throws(TemplateError) -> TemplateTag {
    let isInnermostOnly = found.name.hasPrefix(".")
    let names = found.name.split(separator: ".").map(String.init)
    let reachable = isInnermostOnly ? scopes.suffix(1) : scopes[...]
    guard let first = names.first,
      var tag = reachable.reversed().lazy.compactMap({ scope in
        scope.tags.first { $0.name == first }
      }).first
    else { throw unknown(names.first ?? "", found, among: reachable.flatMap(\.tags)) }
    for name in names.dropFirst() {
      guard case .section(let tags) = tag.kind else {
        throw misused(found, "reaches into '\(tag.name)', which is not a single section.")
      }
      guard let inner = tags.first(where: { $0.name == name }) else {
        throw unknown(name, found, among: tags)
      }
      tag = inner
    }
    return tag
  }

  /// - Parameters:
  ///   - name: the part of the name that is unknown.
  ///   - found: the tag.
  ///   - tags: those that could have been meant.
  /// - Returns: an error with the nearest of them.
  private func unknown(
    _ name: String, _ found: TemplateScanner.Found, among tags: [TemplateTag]
  ) -> TemplateError {
    .unknownTag(
      found.name, file: file, line: found.line,
      nearest: nearest(to: name, among: tags.map(\.name)),
      enclosing: Self.section(with: name, in: root))
  }

  /// The path of the first section that has a tag of this name.
  private static func section(with name: String, in tags: [TemplateTag]) -> String? {
    for tag in tags {
      if tag.inner.contains(where: { $0.name == name }) { return tag.name }
      if let inner = section(with: name, in: tag.inner) { return inner }
    }
    return nil
  }

  private func demandList(_ found: TemplateScanner.Found) throws(TemplateError) {
    guard scopes.last?.kind == .list else {
      throw misused(found, "gives the position in a list and must be directly inside one.")
    }
  }

  private func misused(_ found: TemplateScanner.Found, _ advice: String) -> TemplateError {
    .misused(found.spelling, file: file, line: found.line, advice: advice)
  }
}
