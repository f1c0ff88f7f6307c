internal import RunLog
internal import Storage

/// A report.json as it was found.
struct RecordedReport {
  let options: ReportOptions
  private let json: JSON
  /// The line of every entry.
  private let text: String

  /// - Throws: `JSONError` if it is not JSON or not a record of a report.
  init(_ bytes: [UInt8]) throws(JSONError) {
    json = try JSON.parse(bytes, file: "report.json")
    guard json["format"]?.integer == ReportRecord.format,
      let options = ReportOptions(json["options"]), json["inputs"]?.array != nil,
      json["numbers"]?.array != nil, json["template"]?["sha256"]?.string != nil
    else {
      throw JSONError(
        file: "report.json", line: 1, column: 1,
        message: "is no record of a report that this version can read; it reads format "
          + "\(ReportRecord.format) with options, template, inputs and numbers.")
    }
    self.options = options
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// The words that the report was written with.
  ///
  /// - Parameter differences: grows where report.json contradicts itself or this program.
  /// - Returns: `nil` for the built-in template.
  /// - Throws: `TemplateError` if the recorded text is no template.
  func template(_ differences: inout [Difference]) throws -> Template? {
    let sha256 = json["template"]?["sha256"]?.string
    guard let text = json["template"]?["text"]?.string else {
      let builtIn = SHA256.hex(of: Array(Template.builtInText.utf8))
      if sha256 != builtIn {
        differences.append(
          Difference(
            "report.json",
            "the template has SHA-256 \(sha256 ?? ""), the built-in one \(builtIn): the report was "
              + "written with another version of it, or with one of your own, to be given by "
              + "--template."))
      }
      return nil
    }
    let found = SHA256.hex(of: Array(text.utf8))
    if found != sha256 {
      differences.append(
        Difference(
          "report.json",
          "the template in it has SHA-256 \(found), recorded is \(sha256 ?? "")."))
    }
    return try Template(text, file: "the template in report.json")
  }

  /// The inputs that were changed, removed or added since.
  func differences(inputs: InputFiles) -> [Difference] {
    var result: [Difference] = []
    var recorded: [String: String] = [:]
    for entry in json["inputs"]?.array ?? [] {
      guard let file = entry["file"]?.string, let sha256 = entry["sha256"]?.string else { continue }
      recorded[file] = sha256
    }
    for file in inputs.files {
      guard let sha256 = recorded.removeValue(forKey: file.name) else {
        result.append(
          Difference(file.name, "is an input now; report.json does not list it."))
        continue
      }
      if sha256 != file.sha256 {
        result.append(
          Difference(file.name, "has SHA-256 \(file.sha256), report.json recorded \(sha256)."))
      }
    }
    for name in recorded.keys.sorted() {
      result.append(Difference(name, "was an input of the report and is not there."))
    }
    return result
  }

  /// The numbers whose full precision, place or origin is another.
  func differences(numbersOf expected: ReportRecord) -> [Difference] {
    guard
      let expected = try? JSON.parse(Array(expected.text.utf8), file: "expected")["numbers"]?.array,
      let found = json["numbers"]?.array
    else { return [] }
    guard expected.count == found.count else {
      return [
        Difference(
          "report.json", "lists \(found.count) numbers; the logs give \(expected.count).")
      ]
    }
    let first = firstNumberLine
    return zip(expected, found).enumerated().compactMap { index, pair in
      let (expected, found) = pair
      if expected == found { return nil }
      let members = expected.object?.members ?? []
      let what = members.filter { found[$0.key] != $0.value }.map {
        "\($0.key) expected \($0.value.text), found \(found[$0.key]?.text ?? "nothing")"
      }
      let tag = expected["tag"]?.string ?? ""
      let line = expected["line"]?.integer ?? 0
      return Difference(
        "report.json", line: first.map { $0 + index },
        "\(tag) (line \(line) of report.md): "
          + (what.isEmpty ? "it has members that do not belong" : what.joined(separator: "; "))
          + ".")
    }
  }

  /// The line on which the first number stands, if the file is laid out as we write it.
  private var firstNumberLine: Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.firstIndex { $0.hasPrefix("\"numbers\": [") }.map { $0 + 2 }
  }
}
