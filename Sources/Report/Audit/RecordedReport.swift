internal import RunLog
internal import Storage

/// A report.json as it was found.
struct RecordedReport {
  private let json: JSON
  /// The line of every entry.
  private let text: String

  /// - Throws: `JSONError` if it is not JSON or not a record of a report.
  init(_ bytes: [UInt8]) throws(JSONError) {
    json = try JSON.parse(bytes, file: "report.json")
    guard json["format"]?.integer == ReportRecord.format, json["examples"]?.bool != nil,
      json["inputs"]?.array != nil, json["numbers"]?.array != nil,
      json["template"]?["sha256"]?.string != nil, json["page_template"] != nil
    else {
      throw JSONError(
        file: "report.json", line: 1, column: 1,
        message: "is no record of a report that this version can read; it reads format "
          + "\(ReportRecord.format) with examples, template, page_template, inputs and numbers.")
    }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Where the run was read from, if it is the log of another program; paths are as seen from the folder
  /// of the report.
  func source(_ directory: RunDirectory) -> LogSource? {
    guard let log = json["log"], let path = log["path"]?.string else { return nil }
    func place(_ path: String) -> String {
      normalizedPath(path.hasPrefix("/") ? path : "\(directory.path)/\(path)")
    }
    return LogSource(
      place(path), predictions: (log["predictions"]?.array ?? []).compactMap(\.string).map(place),
      map: log["map"]?.string.map(place))
  }

  /// The recorded inputs as they are now, those that are still there; names are relative to the folder.
  func inputs(in folder: String) throws -> InputFiles {
    let names = (json["inputs"]?.array ?? []).compactMap { $0["file"]?.string }
    return try InputFiles(names.filter { exists("\(folder)/\($0)") }, in: folder)
  }

  /// What the report was written with.
  ///
  /// - Parameter differences: grows where report.json contradicts itself or this program.
  /// - Throws: `TemplateError` if a recorded text is no template.
  func options(_ differences: inout [Difference]) throws -> ReportOptions {
    var options = ReportOptions()
    options.showsExamples = json["examples"]?.bool ?? true
    options.template = try template("template", .report, &differences)
    options.hasPage = json["page_template"] != .null
    if options.hasPage {
      options.pageTemplate = try template("page_template", .page, &differences)
    }
    return options
  }

  /// - Returns: `nil` for the built-in template.
  private func template(
    _ name: String, _ kind: Template.Kind, _ differences: inout [Difference]
  ) throws -> Template? {
    let sha256 = json[name]?["sha256"]?.string ?? "none"
    guard let text = json[name]?["text"]?.string else {
      let builtIn = SHA256.hex(of: Array(kind.builtInText.utf8))
      if sha256 != builtIn {
        differences.append(
          Difference(
            "report.json",
            "'\(name)' has SHA-256 \(sha256), the built-in template \(builtIn): the report was "
              + "written with another version of it."))
      }
      return nil
    }
    let found = SHA256.hex(of: Array(text.utf8))
    if found != sha256 {
      differences.append(
        Difference("report.json", "'\(name)' has SHA-256 \(found), recorded is \(sha256)."))
    }
    return try Template(text, file: "'\(name)' in report.json", kind: kind)
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
