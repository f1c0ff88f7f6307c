internal import Chart
internal import RunLog
internal import Storage

/// A report.json, comparison.json or study.json as it was found.
struct RecordedReport {
  private let json: JSON
  private let kind: Template.Kind
  /// The line of every entry.
  private let text: String

  /// - Throws: `JSONError` if it is not JSON or not a record of such a text.
  init(_ bytes: [UInt8], _ kind: Template.Kind = .report) throws(JSONError) {
    json = try JSON.parse(bytes, file: kind.record)
    self.kind = kind
    text = String(decoding: bytes, as: UTF8.self)
    let (own, isWhole) =
      switch kind {
      case .report, .page: ("examples", json["examples"]?.bool != nil)
      case .comparison:
        (
          "runs, margin",
          json["runs"]?.array != nil && json["margin"]?.double.map { $0 > 0 && $0 < 1 } == true
        )
      case .study: ("study", json["study"]?["text"]?.string != nil)
      case .card: ("report", json["report"]?["sha256"]?.string != nil)
      case .fewShot: ("few_shot", Self.fewShot(json, in: "") != nil)
      }
    guard isWhole, json["format"]?.integer == ReportRecord.format,
      json["inputs"]?.array != nil, json["figures"]?.array != nil,
      json["numbers"]?.array != nil,
      json["template"]?["sha256"]?.string != nil, json["page_template"] != nil
    else {
      throw JSONError(
        file: kind.record, line: 1, column: 1,
        message: "is not a record of a report that this version can read; it reads format "
          + "\(ReportRecord.format) with \(own), template, page_template, inputs, figures and numbers."
      )
    }
  }

  /// Whether a comparison is of a study's configurations.
  var isOfStudy: Bool { json["study"]?.string != nil }

  /// The margin of equivalence of a comparison, in shares.
  var margin: Double { json["margin"]?.double ?? .nan }

  /// The runs of a comparison.
  ///
  /// - Parameter folder: where it lies.
  /// - Returns: in the order in which they were named.
  func sources(in folder: String) -> [LogSource] {
    (json["runs"]?.array ?? []).compactMap(\.string).map {
      LogSource(normalizedPath($0.hasPrefix("/") ? $0 : "\(folder)/\($0)"))
    }
  }

  /// What an answer of `report few-shot` is about.
  ///
  /// - Parameter folder: where it lies.
  /// - Returns: `nil` if the record does not say it, or nothing that could be.
  func fewShot(in folder: String) -> FewShotDefinition? { Self.fewShot(json, in: folder) }

  private static func fewShot(_ json: JSON, in folder: String) -> FewShotDefinition? {
    guard let about = json["few_shot"], let run = about["run"]?.string,
      let target = about["target"]?.string, isLanguageCode(target),
      let draws = about["draws"]?.integer, ExperimentRanges.fewShotDraws.contains(draws),
      let counts = about["per_class"]?.array?.map(\.integer), !counts.isEmpty
    else { return nil }
    let perClass = counts.compactMap { $0 }
    guard perClass.count == counts.count, Set(perClass).count == counts.count,
      perClass.allSatisfy({ $0 > 0 && ExperimentRanges.fewShotPerClass.contains($0) })
    else { return nil }
    return FewShotDefinition(
      run: run.hasPrefix("/") ? run : normalizedPath("\(folder)/\(run)"), target: target,
      perClass: perClass, draws: draws)
  }

  /// The study that an answer is to, from the text that its record keeps.
  ///
  /// - Parameter differences: grows where the text is not the one that the record names.
  /// - Returns: the study, with a base that is not looked for.
  /// - Throws: what is wrong with the text.
  func definition(_ differences: inout [Difference]) throws -> StudyDefinition {
    let study = json["study"]
    let text = study?["text"]?.string ?? ""
    let (found, recorded) = (SHA256.hex(of: Array(text.utf8)), study?["sha256"]?.string ?? "none")
    if found != recorded {
      differences.append(
        Difference(kind.record, "'study' has SHA-256 \(found); \(recorded) is recorded."))
    }
    return try StudyDefinition.parse(
      text, file: study?["file"]?.string ?? kind.record, relativeTo: "/")
  }

  /// Where the run was read from, if it is the log of another program.
  ///
  /// - Parameter directory: where the report lies.
  /// - Returns: `nil` for a run of our own.
  func source(_ directory: RunDirectory) -> LogSource? {
    guard let log = json["log"], let path = log["path"]?.string else { return nil }
    func place(_ path: String) -> String {
      normalizedPath(path.hasPrefix("/") ? path : "\(directory.path)/\(path)")
    }
    return LogSource(
      place(path), predictions: (log["predictions"]?.array ?? []).compactMap(\.string).map(place),
      map: log["map"]?.string.map(place))
  }

  /// The recorded inputs as they are now, those that are still there.
  ///
  /// - Parameter folder: what their names are relative to.
  /// - Returns: their hashes.
  /// - Throws: `StorageError` for one that cannot be read.
  func inputs(in folder: String) throws -> InputFiles {
    let names = (json["inputs"]?.array ?? []).compactMap { $0["file"]?.string }
    return try InputFiles(names.filter { exists("\(folder)/\($0)") }, in: folder)
  }

  /// What the report was written with.
  ///
  /// - Parameter differences: grows where report.json contradicts itself or this program.
  /// - Returns: the options, as far as they can be known.
  /// - Throws: `TemplateError` if a recorded text is no template.
  func options(_ differences: inout [Difference]) throws -> ReportOptions {
    var options = ReportOptions()
    options.showsExamples = json["examples"]?.bool ?? true
    options.template = try template("template", kind, &differences)
    options.hasPage = json["page_template"] != .null
    if options.hasPage {
      options.pageTemplate = try template("page_template", .page, &differences)
    }
    options.paper = paper(&differences)
    return options
  }

  /// What the PDF was printed on, if there was one.
  private func paper(_ differences: inout [Difference]) -> Paper? {
    guard let pdf = json["pdf"] else { return nil }
    let name = pdf["paper"]?.string ?? "none"
    if let paper = Paper(rawValue: name) { return paper }
    differences.append(
      Difference(
        kind.record,
        "'pdf' names the paper '\(name)'; this version knows "
          + Paper.allCases.map(\.rawValue).joined(separator: " and ") + "."))
    return nil
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
            self.kind.record,
            "'\(name)' has SHA-256 \(sha256), the built-in template \(builtIn): the report was "
              + "written with another version of it."))
      }
      return nil
    }
    let found = SHA256.hex(of: Array(text.utf8))
    if found != sha256 {
      differences.append(
        Difference(self.kind.record, "'\(name)' has SHA-256 \(found); \(sha256) is recorded."))
    }
    return try Template(text, file: "'\(name)' in \(self.kind.record)", kind: kind)
  }

  /// The inputs that were changed, removed or added since.
  func differences(inputs: InputFiles?) -> [Difference] {
    guard let inputs else { return [] }
    var result: [Difference] = []
    var recorded: [String: String] = [:]
    for entry in json["inputs"]?.array ?? [] {
      guard let file = entry["file"]?.string, let sha256 = entry["sha256"]?.string else { continue }
      recorded[file] = sha256
    }
    for file in inputs.files {
      guard let sha256 = recorded.removeValue(forKey: file.name) else {
        result.append(
          Difference(file.name, "is an input now; \(kind.record) does not list it."))
        continue
      }
      if sha256 != file.sha256 {
        result.append(
          Difference(file.name, "has SHA-256 \(file.sha256), \(kind.record) recorded \(sha256)."))
      }
    }
    for name in recorded.keys.sorted() {
      result.append(Difference(name, "was an input of the report but is missing."))
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
          kind.record, "lists \(found.count) numbers; the logs give \(expected.count).")
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
        kind.record, line: first.map { $0 + index },
        "\(tag) (line \(line) of \(kind.markdown)): "
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
