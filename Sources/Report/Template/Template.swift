internal import Mustache
internal import Storage

/// The words and the order of a report, in Mustache.
///
/// A template is checked before it is used: an unknown tag is an error, not an empty string.
public struct Template: Sendable {
  /// What errors call it.
  public let file: String
  /// As it was given.
  let text: String
  /// Whether it is the one that came with the program.
  let isBuiltIn: Bool
  private let mustache: MustacheTemplate

  private static let longestText = 256_000
  private static let contentType = "{{% CONTENT_TYPE: TEXT}}"

  /// What a template is of.
  public enum Kind: String, CaseIterable, Sendable {
    /// The Markdown of a report.
    case report
    /// The HTML page around it.
    case page
    /// The Markdown of a comparison of runs.
    case comparison
    /// The Markdown of a study.
    case study
    /// The Markdown of what labelled texts of a target bring to a run.
    case fewShot = "few-shot"
    /// The model card of a run.
    case card

    /// Those that a custom template can replace; the hub reads the form of a card.
    public static let customizable: [Kind] = allCases.filter { $0 != .card }

    /// Its name among the built-in templates.
    public var file: String {
      switch self {
      case .report: "report.md.mustache"
      case .page: "report.html.mustache"
      case .comparison: "comparison.md.mustache"
      case .study: "study.md.mustache"
      case .card: "card.md.mustache"
      case .fewShot: "few-shot.md.mustache"
      }
    }

    /// The tags that it may use.
    public var tags: [TemplateTag] {
      switch self {
      case .report: Report.tags
      case .page: PageData.tags.map(\.tag)
      case .comparison: ComparisonData.tags.map(\.tag)
      case .study: StudyData.tags.map(\.tag)
      case .card: CardData.tags.map(\.tag)
      case .fewShot: FewShotData.tags.map(\.tag)
      }
    }

    /// The text of the built-in template, to start one's own from.
    public var builtInText: String {
      let bytes =
        switch self {
        case .report: PackageResources.report_md_mustache
        case .page: PackageResources.report_html_mustache
        case .comparison: PackageResources.comparison_md_mustache
        case .study: PackageResources.study_md_mustache
        case .card: PackageResources.card_md_mustache
        case .fewShot: PackageResources.few_shot_md_mustache
        }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Checks a template.
  ///
  /// - Parameters:
  ///   - text: Mustache; `{{% CONTENT_TYPE: TEXT}}` is understood, since values come escaped for
  ///     Markdown and must not be escaped for HTML as well.
  ///   - file: what errors call it.
  ///   - kind: what it is of.
  /// - Throws: `TemplateError` with the line.
  public init(_ text: String, file: String, kind: Kind = .report) throws {
    try self.init(text, file: file, kind: kind, isBuiltIn: false)
  }

  private init(_ text: String, file: String, kind: Kind, isBuiltIn: Bool) throws {
    guard text.utf8.count <= Self.longestText else {
      throw TemplateError.syntax(
        "a template has at most \(Self.longestText) bytes, this one \(text.utf8.count).",
        file: file, line: 1)
    }
    if let mark = text.unicodeScalars.firstIndex(where: Marks.isMark) {
      let code = String(text.unicodeScalars[mark].value, radix: 16, uppercase: true)
      throw TemplateError.syntax(
        "holds the noncharacter U+\(code), which no text may have; take it out.", file: file,
        line: 1 + text.unicodeScalars[..<mark].count { $0 == "\n" })
    }
    let tags = try TemplateScanner.scan(text, file: file)
    try TemplateCheck.check(tags, against: kind.tags, file: file)
    let hasContentType = text.hasPrefix("{{%")
    do {
      mustache = try MustacheTemplate(
        string: hasContentType ? text : Self.contentType + "\n" + text)
    } catch let error as MustacheTemplate.ParserError {
      throw TemplateError.syntax(
        "\(error.error)", file: file,
        line: error.context.lineNumber - (hasContentType ? 0 : 1))
    }
    (self.text, self.file, self.isBuiltIn) = (text, file, isBuiltIn)
  }

  /// Reads and checks a template.
  ///
  /// - Parameters:
  ///   - path: a file in UTF-8.
  ///   - kind: what it is of.
  /// - Throws: `StorageError` if it cannot be read, `TemplateError` if it cannot be used.
  public init(contentsOf path: String, kind: Kind = .report) throws {
    let bytes = try RandomAccessFile(path).contents()
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TemplateError.syntax("is not valid UTF-8; save it as UTF-8.", file: path, line: 1)
    }
    try self.init(text, file: path, kind: kind)
  }

  /// The built-in template, compiled into the program so that it is found from anywhere.
  ///
  /// - Throws: `TemplateError` only if the program was built with a broken one.
  public static func builtIn(_ kind: Kind = .report) throws -> Template {
    try Template(kind.builtInText, file: "templates/\(kind.file)", kind: kind, isBuiltIn: true)
  }

  /// Fills in values, which are marked.
  func render(_ values: [String: Any]) -> MarkedText { Marks.read(mustache.render(values)) }
}
