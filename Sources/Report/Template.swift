internal import Mustache
internal import Storage

/// The words and the order of a report, in Mustache.
///
/// A template is checked before it is used: an unknown tag is an error, not an empty string.
public struct Template: Sendable {
  /// What errors call it.
  public let file: String
  private let mustache: MustacheTemplate

  private static let longestText = 256_000
  private static let contentType = "{{% CONTENT_TYPE: TEXT}}"

  /// Checks a template.
  ///
  /// - Parameters:
  ///   - text: Mustache; `{{% CONTENT_TYPE: TEXT}}` is understood, since values come escaped for
  ///     Markdown and must not be escaped for HTML as well.
  ///   - file: what errors call it.
  /// - Throws: `TemplateError` with the line.
  public init(_ text: String, file: String) throws {
    guard text.utf8.count <= Self.longestText else {
      throw TemplateError.syntax(
        "a template has at most \(Self.longestText) bytes, this one \(text.utf8.count).",
        file: file, line: 1)
    }
    let tags = try TemplateScanner.scan(text, file: file)
    try TemplateCheck.check(tags, against: Report.tags, file: file)
    let hasContentType = text.hasPrefix("{{%")
    do {
      mustache = try MustacheTemplate(
        string: hasContentType ? text : Self.contentType + "\n" + text)
    } catch let error as MustacheTemplate.ParserError {
      throw TemplateError.syntax(
        "\(error.error)", file: file,
        line: error.context.lineNumber - (hasContentType ? 0 : 1))
    }
    self.file = file
  }

  /// Reads and checks a template.
  ///
  /// - Parameter path: a file in UTF-8.
  /// - Throws: `StorageError` if it cannot be read, `TemplateError` if it cannot be used.
  public init(contentsOf path: String) throws {
    let bytes = try RandomAccessFile(path).contents()
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TemplateError.syntax("is not valid UTF-8; save it as UTF-8.", file: path, line: 1)
    }
    try self.init(text, file: path)
  }

  /// The built-in template, compiled into the program so that it is found from anywhere.
  ///
  /// - Throws: `TemplateError` only if the program was built with a broken one.
  public static func builtIn() throws -> Template {
    try Template(builtInText, file: "templates/report.md.mustache")
  }

  /// The built-in template's text, to start one's own from.
  public static var builtInText: String {
    String(decoding: PackageResources.report_md_mustache, as: UTF8.self)
  }

  /// Fills in values; of several empty lines in a row one remains.
  func render(_ values: [String: Any]) -> String {
    let text = mustache.render(values)
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty, lines.last?.isEmpty ?? true { continue }
      lines.append(line)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }
}
