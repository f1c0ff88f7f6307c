/// Every tag of a template with its meaning, and its values in a run.
public struct TagListing {
  private var lines: [String] = []

  /// Lists the tags of a template.
  ///
  /// - Parameters:
  ///   - kind: the template's.
  ///   - files: the report whose values are shown; no values if `nil`.
  ///   - comparison: the comparison whose values are shown.
  ///   - study: the study whose values are shown.
  ///   - fewShot: the answer of `report few-shot` whose values are shown.
  public init(
    _ kind: Template.Kind, files: ReportFiles? = nil, comparison: ComparisonFiles? = nil,
    study: StudyFiles? = nil, fewShot: FewShotFiles? = nil
  ) {
    let values: [String: Any]? =
      switch kind {
      case .report: files?.reportValues
      case .page: files?.pageValues
      // A single run has nothing to compare.
      case .comparison: comparison?.values
      case .study: study?.values
      // Its tags are the report's and a few that the hub reads.
      case .card: nil
      case .fewShot: fewShot?.values
      }
    list(kind.tags, values.map { [$0] }, indentation: 2)
  }

  /// A line a tag, and below it its values, indented as tags are nested.
  public var text: String { lines.joined(separator: "\n") + "\n" }

  /// - Parameters:
  ///   - tags: of one level.
  ///   - sources: the sections or entries that the level occurs in; `nil` without a run.
  ///   - indentation: in spaces.
  private mutating func list(_ tags: [TemplateTag], _ sources: [Any]?, indentation: Int) {
    let margin = String(repeating: " ", count: indentation)
    let width = tags.map(\.name.count).max() ?? 0
    for tag in tags {
      let values = sources?.compactMap { ($0 as? [String: Any])?[tag.name] }
      let padding = String(repeating: " ", count: width - tag.name.count)
      lines.append("\(margin)\(tag.name)\(padding)  \(tag.kind.word): \(tag.meaning)")
      switch tag.kind {
      case .text, .optionalText:
        show(values?.map { ($0 as? String).map(plain) ?? "absent" }, margin)
      case .condition: show(values?.map { $0 as? Bool == true ? "yes" : "no" }, margin)
      case .section(let inner):
        let found = values?.filter { $0 is [String: Any] }
        show(values?.map { $0 is [String: Any] ? "there" : "absent" }, margin)
        list(inner, found, indentation: indentation + 2)
      case .list(let inner):
        let entries = values?.compactMap { $0 as? [Any] }
        show(
          entries?.map { NumberFormat.count($0.count) + ($0.count == 1 ? " entry" : " entries") },
          margin)
        list(inner, entries?.flatMap { $0 }, indentation: indentation + 2)
      }
    }
  }

  private mutating func show(_ values: [String]?, _ margin: String) {
    guard let values, !values.isEmpty else { return }
    // What is the same everywhere is said once.
    let shown = Set(values).count == 1 ? Array(values.prefix(1)) : values
    let few = shown.prefix(8).joined(separator: " · ") + (shown.count > 8 ? " · …" : "")
    lines.append("\(margin)  = \(few)")
  }

  /// A value as it is printed, without marks and not too long.
  private func plain(_ value: String) -> String {
    let lines = Marks.read(value).lines
    let first = lines.first ?? ""
    return first.count > 100 || lines.count > 1 ? first.prefix(100) + "…" : first
  }
}

extension TemplateTag.Kind {
  fileprivate var word: String {
    switch self {
    case .text: "text"
    case .optionalText: "text, may be absent"
    case .condition: "condition"
    case .section: "section"
    case .list: "list"
    }
  }
}
