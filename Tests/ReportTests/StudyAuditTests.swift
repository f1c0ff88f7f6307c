import Chart
import Foundation
import Glibc
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// Audits of comparisons and of studies' answers: every number of them is worked out again.
@Suite struct StudyAuditTests {
  private let folder: TemporaryFolder

  /// A folder with a study's runs, its answer and its comparison, and small figures.
  init() throws {
    folder = try TemporaryFolder()
    try Self.writeRuns(in: folder.path)
    try AtomicFile.write(Definitions.metrics.text, to: "\(folder.path)/\(Definitions.file)")
    for document in try Self.documents() {
      let kind = document.kind
      try AtomicFile.write(document.text.text, to: "\(folder.path)/\(kind.markdown)")
      try AtomicFile.write(document.record.text, to: "\(folder.path)/\(kind.record)")
      try AtomicFile.write(
        #require(Self.pages.get()[kind.page]), to: "\(folder.path)/\(kind.page)")
    }
    for (file, bytes) in try Self.pictures.get() {
      try AtomicFile.write(bytes, to: "\(folder.path)/\(file)")
    }
  }

  private static let pages = Result {
    Dictionary(
      uniqueKeysWithValues: try documents().map { ($0.kind.page, try #require($0.page())) })
  }

  /// The figures of both, small, so that an audit has little to draw.
  private static let pictures = Result {
    try documents().flatMap(\.figures).map { figure in
      (file: "\(figure.name).png", bytes: try figure.figure.bytes(.png, dotsPerInch: 20))
    }
  }

  private static func writeRuns(in folder: String) throws {
    let good = try TinyStudy.write("good", seeds: 2, period: 7, epochs: 1, in: "\(folder)/runs")
    try TinyStudy.appendPrefix(good[0], .computed)
    try TinyStudy.appendPrefix(good[1], .stored)
    _ = try TinyStudy.write(
      "bad", ["training.batch_size=32"], seeds: 2, period: 4, epochs: 1, in: "\(folder)/runs")
  }

  private static let definition = """
    name: s
    base: b.yaml
    seeds: [1, 2]
    configurations: {good: {}, bad: {training.batch_size: 32}}
    questions:
      - {goal: Good is better, claim: {greater: [good, bad], split: de.test}}
      - {goal: Good is no worse, claim: {not_less: [good, bad], metric: macro_f1, split: de.test, margin: 0.25}}
      - {goal: The gap stays, claim: {equivalent: [good, bad], metric: transfer_gap, split: de.validation, margin: 0.07}}
      - {goal: The gap in F1 stays, claim: {not_greater: [good, bad], metric: transfer_gap_macro_f1, split: de.validation}}
      - {goal: It costs less, claim: {less: [good, bad], metric: seconds_per_epoch}}
    """

  /// Worked out once for all tests, in a folder that is gone then.
  private static let study = Result {
    let folder = try TemporaryFolder()
    try writeRuns(in: folder.path)
    return try StudyDocuments(
      StudyDefinition.parse(definition, file: "/somewhere/q.yaml", relativeTo: "/"),
      in: folder.path, hasPage: true)
  }

  private func audit() throws -> [Difference] {
    try Audit.all(in: folder.path).flatMap(\.differences)
  }

  private func contents(_ file: String) throws -> [UInt8] {
    try RandomAccessFile("\(folder.path)/\(file)").contents()
  }

  private static func documents() throws -> [Document] {
    let documents = try study.get()
    return [documents.study.document] + [documents.comparison?.document].compactMap { $0 }
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private func otherDigit(_ byte: UInt8) -> UInt8 {
    byte == UInt8(ascii: "9") ? UInt8(ascii: "0") : byte + 1
  }

  @Test func whatIsRightPasses() throws {
    let audits = try Audit.all(in: folder.path)
    #expect(audits.map(\.file) == ["study.md", "comparison.md"])
    #expect(audits.flatMap(\.differences).isEmpty, "\(audits.flatMap(\.differences))")
    // Of each of four runs: configuration, environment, log, history, an epoch of 6 splits.
    #expect(audits.map(\.inputs) == [40, 40])
    #expect(audits.allSatisfy { $0.numbers > 80 }, "\(audits.map(\.numbers))")
  }

  @Test func everyDigitOfTheTextsIsChecked() throws {
    for document in try Self.documents() {
      let comparison = TextComparison(document.kind.markdown, expected: document.text)
      let text = Array(document.text.text.utf8)
      var (digits, line) = (0, 1)
      for (offset, byte) in text.enumerated() {
        if byte == 0x0A { line += 1 }
        guard isDigit(byte) else { continue }
        digits += 1
        var changed = text
        changed[offset] = otherDigit(byte)
        let differences = comparison.differences(to: String(decoding: changed, as: UTF8.self))
        guard differences.count == 1, differences[0].line == line else {
          Issue.record("the digit at byte \(offset), line \(line): \(differences)")
          return
        }
      }
      #expect(digits > 400, "\(document.kind): \(digits)")
    }
  }

  @Test func everyDigitOfTheRecordsIsChecked() throws {
    for document in try Self.documents() {
      let record = Array(document.record.text.utf8)
      let markdown = Array(document.text.text.utf8)
      let page = try Self.pages.get()[document.kind.page].map { Array($0.utf8) }
      let places = record.indices.filter { isDigit(record[$0]) }
      for place in places.prefix(12)
        + places.enumerated().filter({ $0.offset % 2503 == 0 }).map(\.element)
      {
        var changed = record
        changed[place] = otherDigit(changed[place])
        let audit = Audit(expected: document, markdown: markdown, record: changed, page: page)
        #expect(!audit.differences.isEmpty, "\(document.kind), byte \(place)")
      }
    }
  }

  /// A number in the text, one in the record, one in a prediction.
  @Test func whatWasChangedIsNamed() throws {
    let text = String(decoding: try contents("study.md"), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("| 1 | Good is") })
    let estimate = try #require(line.split(separator: " ").first { $0.hasPrefix("+") })
    let wrong = estimate.dropLast() + String(UnicodeScalar(otherDigit(estimate.utf8.last ?? 0)))
    try AtomicFile.write(
      text.replacing(" \(estimate) percentage", with: " \(wrong) percentage"),
      to: "\(folder.path)/study.md")
    let inText = try audit()
    #expect(!inText.isEmpty && inText.allSatisfy { $0.file == "study.md" })
    #expect(
      inText.first?.message.contains(
        "(answers[0].estimate from runs/good-seed-1/predictions/epoch-01/de.test.safetensors and "
          + "runs/good-seed-2/predictions/epoch-01/de.test.safetensors and runs/bad-seed-1/")
        == true,
      "\(inText)")
    try AtomicFile.write(text, to: "\(folder.path)/study.md")

    let record = String(decoding: try contents("comparison.json"), as: UTF8.self)
    let value = try #require(record.firstRange(of: "\"unit\":\"points\""))
    let digit = try #require(record[..<value.lowerBound].lastIndex { $0.isNumber })
    var changed = Array(record.utf8)
    let offset = record[..<digit].utf8.count
    changed[offset] = otherDigit(changed[offset])
    try AtomicFile.write(changed, to: "\(folder.path)/comparison.json")
    let inRecord = try audit()
    #expect(inRecord.count == 1 && inRecord[0].file == "comparison.json", "\(inRecord)")
    #expect(inRecord[0].message.contains("value expected"), "\(inRecord)")
    try AtomicFile.write(record, to: "\(folder.path)/comparison.json")

    let file = "runs/good-seed-2/predictions/epoch-01/de.test.safetensors"
    var logits = try contents(file)
    logits[logits.count / 2] ^= 0x40
    try AtomicFile.write(logits, to: "\(folder.path)/\(file)")
    let inInput = try audit()
    #expect(inInput.contains { $0.file == file && $0.message.contains("study.json recorded") })
    #expect(inInput.contains { $0.file == file && $0.message.contains("comparison.json recorded") })
  }

  /// Predictions that were replaced with their checksum change numbers, and these are named.
  @Test func otherPredictionsAreNamedWithTheNumbersThatFollow() throws {
    let split = Split("de", .test)
    let path = RunDirectory("\(folder.path)/runs/bad-seed-1").predictions(epoch: 1, split)
    var predictions = try Predictions.read(path, classes: 3)
    predictions = Predictions(
      classes: 3, logits: predictions.logits.map { -$0 }, labels: predictions.labels,
      ids: predictions.ids, mode: .evaluation)
    try predictions.write(to: path)
    let differences = try audit()
    #expect(
      differences.contains {
        $0.file.hasSuffix("bad-seed-1/predictions/epoch-01/de.test.safetensors")
      })
    for file in ["study.md", "comparison.md"] {
      let count = differences.count { $0.file == file }
      #expect(count > 5, "\(file): \(count)")
    }
    #expect(differences.contains { $0.message.contains("answers[0].estimate from ") })
  }

  @Test func runsThatCameAndWentAreNamed() throws {
    try FileManager.default.removeItem(atPath: "\(folder.path)/runs/bad-seed-2")
    let gone = try audit()
    #expect(
      gone.contains {
        $0.description == "runs/bad-seed-2/log.jsonl: was an input of the report but is missing."
      })
    #expect(gone.contains { $0.file == "study.md" && $0.message.contains("bad-seed-2") })
    try FileManager.default.removeItem(atPath: "\(folder.path)/runs")
    #expect(
      try audit().contains {
        $0.file == "comparison.md" && $0.message.contains("none of whose runs is complete")
      })
  }

  @Test func anotherDefinitionIsNamed() throws {
    let record = String(decoding: try contents("study.json"), as: UTF8.self)
    try AtomicFile.write(
      record.replacing("margin: 0.25", with: "margin: 0.26"), to: "\(folder.path)/study.json")
    let differences = try audit()
    #expect(differences.contains { $0.message.hasPrefix("'study' has SHA-256 ") })
    #expect(
      differences.contains {
        $0.file == "study.md"
          && $0.message.contains("answers[1].margin from q.yaml, questions[1].claim")
      }, "\(differences)")
  }

  @Test func whatIsMissingOrNoRecordIsNamed() throws {
    try AtomicFile.write("{\"format\":1}", to: "\(folder.path)/study.json")
    #expect(try audit().contains { $0.message.contains("is not a record of a report") })
    try #require(unlink("\(folder.path)/study.json") == 0)
    var error = #expect(throws: RunLogError.self) { try Audit.all(in: folder.path) }
    #expect("\(error as Any)".contains("report study … --collect"))
    try #require(unlink("\(folder.path)/study.md") == 0)
    error = #expect(throws: RunLogError.self) { try Audit.all(in: folder.path) }
    #expect("\(error as Any)".contains("comparison.json is of a study"))
    try #require(unlink("\(folder.path)/comparison.json") == 0)
    error = #expect(throws: RunLogError.self) { try Audit.all(in: folder.path) }
    #expect("\(error as Any)".contains("report compare"))
  }

  /// Bytes say nothing of where the folder lies.
  @Test func theSameRunsGiveTheSameBytesElsewhere() throws {
    let documents = try StudyDocuments(
      StudyDefinition.parse(Self.definition, file: "q.yaml", relativeTo: "/elsewhere"),
      in: folder.path, hasPage: true)
    for document in [documents.study.document, documents.comparison?.document].compactMap({ $0 }) {
      #expect(try contents(document.kind.record) == Array(document.record.text.utf8))
      #expect(try contents(document.kind.markdown) == Array(document.text.text.utf8))
    }
  }

  // MARK: Runs that were named, and logs of other programs

  @Test func aComparisonOfNamedRunsPasses() throws {
    let output = "\(folder.path)/here/comparison"
    let runs = ["good-seed-1", "good-seed-2", "bad-seed-1"].map { "\(folder.path)/runs/\($0)" }
    let log = "\(folder.path)/log"
    try FileManager.default.copyItem(
      atPath: Fixture.path("imports/huggingface-checkpoints"), toPath: log)
    let files = try ComparisonFiles(
      (runs + [log]).map { LogSource($0) }, margin: 0.05, folder: output, hasPage: false)
    _ = try files.document.write()
    for figure in files.document.figures {
      try figure.figure.write(
        to: "\(output)/\(figure.name).png", format: .png, style: FigureStyle(dotsPerInch: 20))
    }
    let audits = try Audit.all(in: output)
    #expect(audits.map(\.file) == ["comparison.md"])
    #expect(audits[0].differences.isEmpty, "\(audits[0].differences)")
    #expect(files.json.contains("\"runs\": [\"../../runs/good-seed-1\","))
    let origins = files.document.text.places.compactMap(\.value.number).flatMap(\.origins)
    #expect(Set(origins.map(\.file)).contains { $0.hasPrefix("../../log/") })

    let text = try String(contentsOfFile: "\(output)/comparison.json", encoding: .utf8)
    try AtomicFile.write(
      text.replacing("\"margin\": 0.05", with: "\"margin\": 0.06"), to: "\(output)/comparison.json")
    #expect(try !Audit.all(in: output)[0].differences.isEmpty)
    try AtomicFile.write(
      text.replacing("\"margin\": 0.05", with: "\"margin\": -1"), to: "\(output)/comparison.json")
    #expect(
      try Audit.all(in: output)[0].differences.contains { $0.message.contains("is not a record") })
    #expect(throws: RunLogError.self) {
      try Audit.all(in: output, template: Template("x", file: "t"))
    }
  }

  // MARK: Nothing printed that is not accounted for

  /// Outside the values that are collected, the texts have no digits but those of the templates; every
  /// number says where it is from.
  @Test func noDigitReachesTheTextsUnseen() throws {
    for document in try Self.documents() {
      // With letters for the digits in the template's own words there must be none but values'.
      var lines = document.text.lines.map { Array($0.unicodeScalars) }
      for place in document.text.places {
        for column in place.span.column - 1..<place.span.column - 1 + place.span.length {
          lines[place.span.line - 1][column] = "#"
        }
      }
      let own = document.kind.builtInText
      for (number, line) in lines.enumerated() {
        let words = String(String.UnicodeScalarView(line))
        for run in words.split(whereSeparator: { !$0.isNumber }) {
          #expect(own.contains(run), "line \(number + 1): \(words)")
        }
      }
      // Text that has digits is from outside, or the words of a figure, which the record lists as text.
      let explained: Set = [
        "title", "alternative_text", "caption", "file", "name", "goal", "text", "folders",
        "computed_by", "key", "claim", "estimand", "reading",
      ]
      for place in document.text.places where place.value.number == nil {
        let tag = String(place.value.tag.split(separator: ".").last ?? "")
        if place.value.text.contains(where: \.isNumber) {
          #expect(explained.contains(tag), "\(place.value.tag): \(place.value.text)")
        }
      }
      let anchors = Definitions.metrics.text
      for place in document.text.places {
        guard let number = place.value.number, !place.value.tag.hasSuffix(".number") else {
          continue
        }
        #expect(!number.origins.isEmpty || number.values.isEmpty, "\(place.value.tag)")
        for origin in number.origins where origin.file != "q.yaml" {
          #expect(exists("\(folder.path)/\(origin.file)"), "\(place.value.tag): \(origin.file)")
        }
        if let anchor = number.definition { #expect(anchors.contains("<a id=\"\(anchor)\"")) }
      }
    }
  }
}
