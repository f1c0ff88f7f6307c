internal import Chart
internal import RunLog
internal import Storage

/// The contents of report.json, comparison.json and study.json: every number that the text beside it prints at
/// full precision, with the place where it stands and the places it came from.
struct ReportRecord {
  /// An entry per line, so that a difference is found on its line.
  let text: String

  static let format = 2

  /// - Parameters:
  ///   - document: the text with its values.
  ///   - kind: what it is of.
  ///   - template: what it was filled into.
  ///   - pageTemplate: the page's; `nil` without one.
  ///   - settings: what else decides the text.
  ///   - inputs: what it was made from.
  ///   - figures: those that it shows.
  init(
    _ document: FilledTemplate, of kind: Template.Kind, template: Template,
    pageTemplate: Template?, settings: JSONObject, inputs: InputFiles,
    figures: [Document.DrawnFigure]
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
    func file(_ name: String, _ text: String) -> JSON {
      .object(["file": .string(name), "sha256": .string(SHA256.hex(of: Array(text.utf8)))])
    }
    member("format", .integer(Self.format))
    member("version", .string(Version.current))
    member("report", file(kind.markdown, document.text))
    for linked in Definitions.linked(from: kind) {
      member(
        linked.file == Definitions.file ? "definitions" : "checks", file(linked.file, linked.text))
    }
    for (name, value) in settings.members { member(name, value) }
    member("template", Self.template(template))
    member("page_template", pageTemplate.map(Self.template) ?? .null)
    list(
      "inputs",
      inputs.files.map {
        .object([
          "file": .string($0.name), "bytes": .integer($0.bytes), "sha256": .string($0.sha256),
        ])
      })
    list(
      "figures",
      figures.map {
        .object([
          "file": .string("\($0.name).png"), "content": .string($0.figure.contentHash),
        ])
      })
    list("numbers", document.places.compactMap(Self.number))
    list("texts", document.places.compactMap(Self.text), isLast: true)
    text = output + "}\n"
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
