import Chart
import Glibc
import Plot
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

@Suite struct AuditTests {
  private let folder: TemporaryFolder
  private let directory: RunDirectory

  init() throws {
    folder = try TemporaryFolder()
    directory = RunDirectory(folder.path)
    try Self.tiny.write(to: folder.path)
    let files = try Self.files.get()
    try AtomicFile.write(files.markdown, to: directory.report)
    try AtomicFile.write(files.json, to: directory.reportRecord)
    try AtomicFile.write(Definitions.metrics.text, to: directory.definitions)
    try AtomicFile.write(Definitions.checks.text, to: directory.checks)
    for (file, bytes) in try Self.pictures.get() {
      try AtomicFile.write(bytes, to: "\(folder.path)/\(file)")
    }
  }

  private static let tiny: TinyRun = {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    return tiny
  }()

  /// The report of that run, worked out once for all tests.
  private static let files = Result {
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    return try ReportFiles(RunDirectory(folder.path))
  }

  /// Its figures, small, so that an audit has little to draw.
  private static let pictures = Result {
    try files.get().rendering.figures.map { figure in
      (file: "\(figure.name.rawValue).png", bytes: try figure.figure.bytes(.png, dotsPerInch: 20))
    }
  }

  private func bytes(_ path: String) throws -> [UInt8] { try RandomAccessFile(path).contents() }

  /// Changes one byte, audits, and puts the byte back.
  private func audit(changing file: String, at offset: Int, to byte: UInt8? = nil) throws
    -> [Difference]
  {
    let path = "\(folder.path)/\(file)"
    let before = try bytes(path)
    var after = before
    after[offset] = byte ?? after[offset] ^ 1
    try AtomicFile.write(after, to: path)
    defer { try? AtomicFile.write(before, to: path) }
    return try Audit(directory).differences
  }

  private static func otherDigit(_ byte: UInt8) -> UInt8 {
    byte == UInt8(ascii: "9") ? UInt8(ascii: "0") : byte + 1
  }

  @Test func aReportThatIsRightPasses() throws {
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty, "\(audit.differences)")
    #expect(audit.numbers > 100)
    // Configuration, environment, log, history, an epoch of 6 splits.
    #expect(audit.inputs == 4 + 6)
    #expect(try audit.figures == Self.pictures.get().count && audit.filesNotCompared.isEmpty)
  }

  @Test func everyDigitOfTheReportIsChecked() throws {
    let expected = try Self.files.get()
    let comparison = TextComparison("report.md", expected: expected.document.text)
    let text = Array(expected.markdown.utf8)
    var digits = 0
    var line = 1
    for (offset, byte) in text.enumerated() {
      if byte == 0x0A { line += 1 }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { continue }
      digits += 1
      var changed = text
      changed[offset] = Self.otherDigit(byte)
      let differences = comparison.differences(to: String(decoding: changed, as: UTF8.self))
      guard differences.count == 1, differences[0].line == line else {
        Issue.record("the digit at byte \(offset), line \(line): \(differences)")
        return
      }
      // The audit itself, which takes longer, now and then.
      if digits % 100 == 0 {
        let audit = Audit(
          expected: expected.document, markdown: changed, record: Array(expected.json.utf8))
        #expect(audit.differences == differences)
      }
    }
    #expect(digits > 500)
  }

  @Test func everyDigitOfTheRecordIsChecked() throws {
    let expected = try Self.files.get()
    let markdown = Array(expected.markdown.utf8)
    let record = Array(expected.json.utf8)
    let places = record.indices.filter {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(record[$0])
    }
    // All of the head and some of the numbers, which are all alike.
    for place in places.prefix(40)
      + places.enumerated().filter({ $0.offset % 199 == 0 }).map(
        \.element)
    {
      var changed = record
      changed[place] = Self.otherDigit(changed[place])
      let audit = Audit(expected: expected.document, markdown: markdown, record: changed)
      #expect(!audit.differences.isEmpty, "byte \(place)")
    }
  }

  @Test func everyByteOfAnInputIsChecked() throws {
    let recorded = try RecordedReport(bytes(directory.reportRecord))
    var random = SplitMix64(seed: 7)
    for file in try InputFiles(directory).files {
      for _ in 0..<4 {
        let path = "\(folder.path)/\(file.name)"
        let before = try bytes(path)
        var after = before
        after[Int(random.next() % UInt64(after.count))] ^= UInt8(1 << (random.next() % 8))
        try AtomicFile.write(after, to: path)
        let differences = recorded.differences(inputs: try InputFiles(directory))
        #expect(differences.map(\.file) == [file.name])
        try AtomicFile.write(before, to: path)
      }
    }
  }

  @Test func aChangedLogitIsNamedWithTheNumbersThatFollow() throws {
    let split = Split("en", .validation)
    let (file, path) = (
      "predictions/epoch-01/en.validation.safetensors", directory.predictions(epoch: 1, split)
    )
    let before = try Predictions.read(path, classes: 3)
    var logits = before.logits
    // So little that no check finds something else, which would change how many numbers there are.
    logits[0] += 0.25
    try Predictions(
      classes: 3, logits: logits, labels: before.labels, ids: before.ids, mode: before.mode
    ).write(to: path)
    let differences = try Audit(directory).differences
    #expect(differences.contains { $0.file == file && $0.message.hasPrefix("has SHA-256") })
    for name in ["report.json", "report.md"] {
      let found = differences.filter {
        $0.file == name && $0.message.contains("results[1].loss.printed")
      }
      #expect(found.count == 1 && found[0].line != nil, "\(name): \(differences)")
    }
    #expect(differences.contains { $0.message.contains("from \(file)") })
    // One bit of it is noticed by the file's own checksum already.
    let damaged = try audit(changing: file, at: try bytes(path).count - 1)
    #expect(damaged.contains { $0.file == file })
    #expect(damaged.contains { $0.message.contains("\(file)") }, "\(damaged)")
  }

  @Test func aChangedLineOfTheLogIsNamed() throws {
    let log = try bytes(directory.log)
    let text = String(decoding: log, as: UTF8.self)
    let field = try #require(text.firstRange(of: "\"parameters\":1284003"))
    let offset = text[..<field.upperBound].utf8.count - 1
    let differences = try audit(changing: "log.jsonl", at: offset, to: UInt8(ascii: "4"))
    #expect(differences.contains { $0.file == "log.jsonl" })
    let number = differences.first { $0.file == "report.md" }
    #expect(
      number?.message == "expected '1,284,004', found '1,284,003' "
        + "(network.parameters from log.jsonl, line 1, parameters)")
    // A line that cannot be read any more is an answer too.
    let broken = try audit(changing: "log.jsonl", at: 0, to: UInt8(ascii: "x"))
    #expect(broken.contains { $0.message.contains("log.jsonl:1:1") }, "\(broken)")
  }

  @Test func inputsRemovedAndAddedAreNamed() throws {
    let lost = directory.predictions(epoch: 1, Split("es", .validation))
    try #require(unlink(lost) == 0)
    try AtomicFile.write("{}\n", to: directory.examples(Split("fr", .test)))
    let messages = try Audit(directory).differences.map(\.description)
    #expect(
      messages.contains(
        "predictions/epoch-01/es.validation.safetensors: was an input of the report but is missing."
      ))
    #expect(
      messages.contains(
        "examples/fr.test.jsonl: is an input now; report.json does not list it."))
  }

  @Test func anotherTemplateIsNamed() throws {
    let template = try Template("{{name}}: {{summary.accuracy}}\n", file: "t")
    var options = ReportOptions()
    options.template = template
    #expect(try !Audit(directory, template: template).differences.isEmpty)
    // A report of one's own template is audited with the text that report.json keeps.
    try ReportFiles(directory, options: options).write()
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty && audit.templateDifferences != nil && audit.numbers == 1)
    let text = String(decoding: try bytes(directory.reportRecord), as: UTF8.self)
    let place = try #require(text.firstRange(of: "summary.accuracy}}"))
    let offset = text[..<place.lowerBound].utf8.count - 3
    let differences = try self.audit(changing: "report.json", at: offset, to: UInt8(ascii: "{"))
    #expect(!differences.isEmpty)
  }

  @Test func optionsAreRemembered() throws {
    var options = ReportOptions()
    options.showsExamples = false
    try ReportFiles(directory, options: options).write()
    #expect(try Audit(directory).differences.isEmpty)
  }

  @Test func linesMoreAndLess() throws {
    let expected = try Self.files.get()
    var lines = expected.document.text.lines
    lines.insert("Accuracy is 99 %.", at: 4)
    let comparison = TextComparison("report.md", expected: expected.document.text)
    let more = comparison.differences(to: lines.joined(separator: "\n") + "\n")
    #expect(
      more.map(\.description) == ["report.md:5: there is an extra line here: 'Accuracy is 99 %.'"])
    lines = expected.document.text.lines
    let gone = lines.remove(at: 4)
    let less = comparison.differences(to: lines.joined(separator: "\n") + "\n")
    #expect(less.count == 1 && less[0].line == 5 && less[0].message.contains(gone.prefix(100)))
    // The same characters to Swift, other code points.
    let composed = TextComparison("t", expected: "caf\u{E9} 1\n")
    #expect(composed.differences(to: "cafe\u{301} 1\n").count == 1)
    // A longer number is named whole.
    let number = expected.markdown.replacing("1,284,003", with: "11,284,003")
    #expect(
      comparison.differences(to: number).first?.message.hasPrefix(
        "expected '1,284,003', found '11,284,003' (network.parameters") == true)
  }

  @Test func aFigureThatIsGoneIsNamed() throws {
    try #require(unlink("\(folder.path)/losses.png") == 0)
    try AtomicFile.write("<p>old</p>", to: directory.reportPage)
    #expect(
      try Audit(directory).differences.map(\.description) == [
        "report.html: does not belong to this report; write it again with --html, or delete it.",
        "losses.png: is shown in the report but is missing.",
      ])
  }

  @Test func whatIsNoRecordIsRefused() throws {
    try AtomicFile.write("{\"format\": 7}", to: directory.reportRecord)
    let differences = try Audit(directory).differences
    #expect(differences.first?.message.contains("is not a record of a report") == true)
    try #require(unlink(directory.reportRecord) == 0)
    let error = #expect(throws: RunLogError.self) { try Audit(directory) }
    #expect("\(error as Any)".contains("there is no such file"))
  }

  // MARK: Nothing printed that is not accounted for

  /// Outside the values that are collected, the report has no digits but those of the template.
  @Test func noDigitReachesTheReportUnseen() throws {
    // The built-in template with letters for the digits in its own words.
    var words = ""
    for piece in Template.Kind.report.builtInText.split(
      separator: "{{", omittingEmptySubsequences: false)
    {
      let parts = piece.split(separator: "}}", maxSplits: 1, omittingEmptySubsequences: false)
      let isTag = parts.count == 2
      let text = parts.last.map(String.init) ?? ""
      words += isTag ? "{{\(parts[0])}}" : ""
      words += String(text.map { $0.isNumber ? "d" : $0 })
    }
    #expect(words.split(separator: "{{").count > 500)
    let template = try Template(words, file: "without digits")
    let report = try Self.files.get().rendering.report(ReportOptions()).fill(template)
    var lines = report.lines.map { Array($0.unicodeScalars) }
    for place in report.places.reversed() {
      let start = place.span.column - 1
      for column in start..<start + place.span.length { lines[place.span.line - 1][column] = "#" }
    }
    for (number, line) in lines.enumerated()
    where line.contains(where: { $0.properties.numericType != nil }) {
      Issue.record("line \(number + 1): \(String(String.UnicodeScalarView(line)))")
    }
    // Text that has digits is from outside, or the words of a figure, which report.json lists as text.
    let explained: Set = [
      "name", "note", "text", "title", "alternative_text", "caption", "file", "reason", "what",
      "why", "cpu", "blas", "kernels", "version", "commit", "sha256", "checkpoint", "labels",
      "language", "label", "excluded_from_weight_decay", "targets", "source",
    ]
    for place in report.places where place.value.number == nil {
      let tag = String(place.value.tag.split(separator: ".").last ?? "")
      if place.value.text.contains(where: \.isNumber) {
        #expect(explained.contains(tag), "\(place.value.tag): \(place.value.text)")
      }
    }
    // Every number says where it is from, but for positions in lists.
    for place in report.places {
      guard let number = place.value.number, !place.value.tag.hasSuffix(".number") else { continue }
      #expect(!number.origins.isEmpty || number.values.isEmpty, "\(place.value.tag)")
      for origin in number.origins {
        #expect(exists("\(folder.path)/\(origin.file)"), "\(place.value.tag): \(origin.file)")
      }
    }
  }

  /// Every value in report.json, printed again with as many digits, is the number in the report.
  @Test func theRecordHoldsWhatThePagePrints() throws {
    let report = try Self.files.get().document.text
    for place in report.places {
      guard let number = place.value.number, number.unit == .share, number.values.count == 1,
        let value = number.values[0].double, value.isFinite
      else { continue }
      let printed = place.value.text.replacing(" %", with: "").replacing("−", with: "-")
      let digits = printed.split(separator: ".").dropFirst().first?.count ?? 0
      let found = try #require(Double(printed))
      #expect(abs(found - 100 * value) <= 0.5001 * pow(10, Double(-digits)), "\(place.value.tag)")
    }
  }
}
