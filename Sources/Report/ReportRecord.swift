internal import RunLog
internal import Storage

/// The contents of report.json: every number that a report prints at full precision, with the place
/// where it stands and the places it came from.
struct ReportRecord {
  /// An entry a line, so that a difference is found on its line.
  let text: String

  static let format = 1

  init(
    _ report: FilledTemplate, template: Template, pageTemplate: Template?, options: ReportOptions,
    inputs: InputFiles, source: LogSource? = nil, directory: RunDirectory? = nil
  ) {
    var output = "{\n"
    func member(_ name: String, _ value: JSON) {
      output += "\(JSON.string(name).text): \(value.text),\n"
    }
    func list(_ name: String, _ entries: [JSON], isLast: Bool = false) {
      output += "\(JSON.string(name).text): [\n"
      output += entries.map(\.text).joined(separator: ",\n")
      output += (entries.isEmpty ? "" : "\n") + (isLast ? "]\n" : "],\n")
    }
    member("format", .integer(Self.format))
    member("version", .string(Version.current))
    member(
      "report",
      .object([
        "file": .string("report.md"), "sha256": .string(SHA256.hex(of: Array(report.text.utf8))),
      ]))
    member(
      "definitions",
      .object([
        "file": .string(Definitions.file),
        "sha256": .string(SHA256.hex(of: Array(Definitions.text.utf8))),
      ]))
    member("examples", .bool(options.showsExamples))
    if let source, let directory { member("log", Self.log(source, directory)) }
    member("template", Self.template(template))
    member("page_template", pageTemplate.map(Self.template) ?? .null)
    list(
      "inputs",
      inputs.files.map {
        .object([
          "file": .string($0.name), "bytes": .integer($0.bytes), "sha256": .string($0.sha256),
        ])
      })
    list("numbers", report.places.compactMap(Self.number))
    list("texts", report.places.compactMap(Self.text), isLast: true)
    text = output + "}\n"
  }

  /// Where the log of another program lies, as seen from the report.
  private static func log(_ source: LogSource, _ directory: RunDirectory) -> JSON {
    func place(_ path: String) -> JSON { .string(relativePath(from: directory.path, to: path)) }
    return .object([
      "path": place(source.path), "predictions": .array(source.predictions.map(place)),
      "map": source.map.map(place) ?? .null,
    ])
  }

  /// A template of one's own is kept whole, so that an audit needs no other file.
  private static func template(_ template: Template) -> JSON {
    var fields: JSONObject = [
      "name": .string(template.isBuiltIn ? "built-in" : "custom"),
      "sha256": .string(SHA256.hex(of: Array(template.text.utf8))),
    ]
    if !template.isBuiltIn { fields["text"] = .string(template.text) }
    return .object(fields)
  }

  private static func number(_ place: FilledTemplate.Place) -> JSON? {
    guard let number = place.value.number else { return nil }
    var entry: JSONObject = [
      "line": .integer(place.span.line), "column": .integer(place.span.column),
      "tag": .string(place.value.tag), "text": .string(place.value.text),
      "value": number.values.count == 1 ? number.values[0] : .array(number.values),
      "unit": .string(number.unit.rawValue),
    ]
    if let definition = number.definition { entry["definition"] = .string(definition) }
    entry["from"] = .array(number.origins.map(\.json))
    return .object(entry)
  }

  /// Text with digits in it: names and remarks from outside, and the words of figures.
  private static func text(_ place: FilledTemplate.Place) -> JSON? {
    guard place.value.number == nil, place.value.text.contains(where: \.isNumber) else {
      return nil
    }
    return .object([
      "line": .integer(place.span.line), "column": .integer(place.span.column),
      "tag": .string(place.value.tag), "text": .string(place.value.text),
    ])
  }
}
