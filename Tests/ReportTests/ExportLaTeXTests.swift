import Chart
import Foundation
import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// Tables for LaTeX: digits as the document prints them, everything escaped, the best entry marked only where a test says so.
@Suite struct ExportLaTeXTests {
  @Test(arguments: [
    ("50 % of R&D_1 #2", "50 \\% of R\\&D\\_1 \\#2"),
    ("a{b}^~\\$", "a\\{b\\}\\textasciicircum{}\\textasciitilde{}\\textbackslash{}\\$"),
    ("−1 ± 2 ≤ 3", "$-$1 $\\pm$ 2 $\\leq$ 3"), ("a--b ''c", "a-{}-b '{}'c"),
    ("Türkçe Łódź", "Türkçe Łódź"), ("e\u{301}", "é"), ("हिन्दी", "hindi"),
    ("русский и español", "russkij i español"), ("😀", "{[}U+1F600]"),
    ("a | \"b\"", "a \\textbar{} \\textquotedbl{}b\\textquotedbl{}"),
  ])
  func escapes(_ text: String, _ expected: String) { #expect(LaTeXText.escaped(text) == expected) }

  @Test(arguments: [
    "العربية", "日本語", "ไทย", "한국어", "ελληνικά", "עברית", "ħŧ", "\u{FFFD}\u{7F}\u{1}",
  ])
  func leavesNothingThatPdfLaTeXCannotSet(_ text: String) {
    let escaped = LaTeXText.escaped(text)
    #expect(!escaped.isEmpty)
    #expect(escaped.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) }, "\(escaped)")
    #expect(LaTeXText.isTransliterated(text))
  }

  @Test func citesWhatDefinesAMethod() {
    #expect(
      LaTeXText.inline("[Wilson's](metrics.md#wilson-interval) **x**")
        == "Wilson's~\\cite{wilson1927probable} \\textbf{x}")
    #expect(LaTeXText.inline("[loss](metrics.md#loss)") == "loss")
  }

  @Test func everyCitedWorkIsThereOnce() {
    let keys = References.text.matches(of: /@[a-z]+\{([a-z0-9]+),/).map { String($0.output.1) }
    #expect(Set(keys).count == keys.count)
    #expect(keys.sorted() == References.allKeys)
    for entry in References.text.split(separator: "\n\n") {
      #expect(entry.contains(/year = \{(19|20)[0-9]{2}\}/), "\(entry)")
      #expect(entry.contains("author = {") && entry.contains("title = {"))
    }
  }

  @Test func numbersKeepTheDigitsOfTheReport() throws {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    let export = try Export(folder.path, formats: [.latex])
    let texts = Dictionary(uniqueKeysWithValues: export.texts.map { ($0.name, $0.text) })
    let results = try #require(texts["tables/results.tex"])
    let report = try ReportFiles(RunDirectory(folder.path)).markdown
    // Such as | German test | 160 | 1.050 [0.959–1.142] | …
    let row = try #require(
      report.split(separator: "\n").first { $0.hasPrefix("| German test | 160") })
    let cells = row.split(separator: "|").dropFirst(2).map { $0.filter { $0 != " " } }
    #expect(cells.count == 6)
    let lines = results.split(separator: "\n")
    let place = try #require(lines.firstIndex { $0.hasPrefix("German test & 160") })
    for cell in cells {
      let numbers = cell.replacing("−", with: "-").matches(of: /-?[0-9]+\.[0-9]+/).map {
        String($0.output)
      }
      #expect(lines[place].contains(" \(numbers[0])"), "\(cell) in \(lines[place])")
      guard cell.contains("[") else {
        #expect(lines[place].contains("\(numbers[0]) \\pm \(numbers[1])"))
        continue
      }
      #expect(lines[place + 1].contains("[\(numbers[1]),\\,\(numbers[2])]"), "\(cell)")
    }
    #expect(results.contains("S[table-format="))
    #expect(results.contains("\\toprule") && results.contains("\\bottomrule"))
    let paper = try #require(texts["paper.tex"])
    for name in texts.keys where name.hasPrefix("tables/") {
      #expect(paper.contains("\\input{\(name)}"))
    }
    for text in texts.values {
      for match in text.matches(of: /\\cite\{([^}]*)\}/) {
        for key in match.output.1.split(separator: ",") {
          #expect(References.allKeys.contains(String(key)))
        }
      }
    }
  }

  /// Configurations that are right but for one row in a period, compared.
  private func tables(_ periods: [(name: String, period: Int)], seeds: Int) throws
    -> [DocumentTable]
  {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for (place, (name, period)) in periods.enumerated() {
      paths += try TinyStudy.write(
        name, ["training.batch_size=\(16 << place)"], seeds: seeds, period: period, epochs: 1,
        in: folder.path)
    }
    let files = try ComparisonFiles(
      paths.map { LogSource($0) }, folder: "\(folder.path)/comparison", hasPage: false)
    let tables = DocumentTable.all(of: files.document.text)
    return ComparedTables(comparison: files.data.comparison).decorated(tables)
  }

  private func best(_ table: DocumentTable) -> [String] {
    table.rows.flatMap { row in
      zip(table.head, row.cells).filter { $0.1.isBest }
        .map { "\(row.cells[0].plain): \(InlineText($0.0).plain)" }
    }
  }

  @Test func marksTheBestOnlyWhereATestSetsItApart() throws {
    let apart = try tables([("good", 20), ("bad", 2)], seeds: 1)
    let table = try #require(apart.first { $0.name == "results-german-test" })
    #expect(best(table).contains("good-seed-1: Accuracy"))
    #expect(best(table).contains("good-seed-1: Macro F1"))
    #expect(!best(table).contains { $0.contains("Loss") || $0.hasPrefix("bad") })
    #expect(table.remarks.contains { $0.hasPrefix("An entry is bold") })
    #expect(table.remarks.contains { $0.contains("for these seeds only") })
    let text = LaTeXTable(table).text(of: "Comparison")
    #expect(text.contains("\\bfseries 9"))

    let alike = try tables([("one", 7), ("other", 8)], seeds: 1)
    let undecided = try #require(alike.first { $0.name == "results-german-test" })
    #expect(best(undecided).isEmpty)
    #expect(undecided.remarks.contains { $0.contains("here none is") })
    #expect(!LaTeXTable(undecided).text(of: "Comparison").contains("\\bfseries"))
  }

  /// Widths in points that pdfTeX measured with \settowidth in \footnotesize and \scriptsize.
  @Test(arguments: [
    ("English training (running values)", false, 123.24), ("WWW MMM Macro F1", false, 91.20),
    ("illiterate", false, 31.17), ("1,234.567", false, 34.47), ("[0.895, 0.937]", true, 46.27),
    ("[−0.00087, +0.00077]", true, 74.61),
  ])
  func widthsAreThoseOfTeX(_ text: String, _ isScript: Bool, _ expected: Double) {
    let width = LaTeXWidth.of(text, isScript ? .script : .footnote)
    #expect(abs(width - expected) <= 0.03 * expected, "\(text): \(width)")
  }

  /// A table of a first column and columns of numbers with intervals.
  private func table(numbers columns: Int, first: String) -> DocumentTable {
    let number = Evidence([]).number("−0.123 [−0.234 to +0.345]", [-0.123, -0.234, 0.345], .score)
      .formed(.estimate)
    let cell = DocumentTable.Cell(
      markdown: number.text,
      places: [
        FilledTemplate.Place(
          span: .init(value: 0, line: 1, column: 1, length: 1),
          value: .init(tag: "x", text: number.text, number: number))
      ])
    return DocumentTable(
      name: "t", headings: ["Results"], notes: [],
      head: ["Split"] + Array(repeating: "Difference", count: columns),
      isRight: [false] + Array(repeating: true, count: columns),
      rows: [
        .init(
          cells: [.init(markdown: first, places: [])] + Array(repeating: cell, count: columns),
          scope: "")
      ], context: [:])
  }

  @Test func whatDoesNotFitIsSetInPartsOfOneSize() {
    // By hand: an interval is 58 points wide, "English test" 45, the page 483.7, 8 beside each: six fit, seven do not.
    for (columns, parts) in [(6, [6]), (7, [4, 3]), (11, [6, 5]), (13, [5, 5, 3])] {
      let text = LaTeXTable(table(numbers: columns, first: "English test")).text(of: "Title")
      let found = text.matches(of: /begin\{tabular\}\{l((?:S\[[^\]]*\])*)\}/).map {
        $0.output.1.split(separator: "S[").count
      }
      #expect(found == parts, "\(text)")
      #expect(text.contains("\\caption{Results.}"))
    }
  }

  /// Long words are broken into lines that fill the page, whatever their number of letters.
  @Test func wordsAloneAreNeverSetInParts() {
    for length in 1...60 {
      let words = Array(repeating: "some words", count: length).joined(separator: " ")
      let table = DocumentTable(
        name: "t", headings: ["Results"], notes: [], head: ["Parameter", "Value", "Remark"],
        isRight: [false, false, false],
        rows: [
          .init(
            cells: ["Name", words, "a remark that is longer than narrow"].map {
              .init(markdown: $0, places: [])
            },
            scope: "")
        ], context: [:])
      let text = LaTeXTable(table).text(of: "Title")
      #expect(text.matches(of: /begin\{tabular\}\{[^@]/).count == 1, "\(text)")
      let widths = text.matches(of: /p\{([0-9]+)pt\}/).compactMap { Double($0.output.1) }
      // The name is short enough for one line.
      let name = LaTeXWidth.of("Parameter")
      #expect(widths.reduce(name) { $0 + $1 } + 3 * 8 <= LaTeXWidth.page, "\(text)")
    }
  }

  @Test func aTieAtTheTopMarksNobody() throws {
    let three = try tables([("one", 20), ("two", 20), ("bad", 2)], seeds: 1)
    let table = try #require(three.first { $0.name == "results-german-test" })
    #expect(best(table).isEmpty)
  }

  @Test func meansOverSeedsHaveTheirStandardDeviation() throws {
    let tables = try tables([("good", 20), ("bad", 3)], seeds: 3)
    let table = try #require(tables.first { $0.name == "results-german-validation" })
    let records = table.records(of: "").filter { $0.metric == "accuracy" }
    #expect(records.map(\.run) == ["good", "bad"])
    for record in records {
      #expect(record.seeds == 3 && record.deviationOver == "seeds")
      #expect(record.language == "German" && record.split == "validation")
    }
    // The document prints the accuracy's own, in points.
    let printed = table.records(of: "").filter { $0.metric == "seed_deviation" }
    #expect(printed.map(\.value) == records.map(\.deviation))
    #expect(LaTeXTable(table).text(of: "C").contains(" \\pm "))
    #expect(table.remarks.contains { $0.contains("standard deviation over the seeds") })
  }

  @Test func overwritesNothingThatIsNotItsOwn() throws {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    let export = try Export(folder.path, formats: [.csv, .latex])
    let output = "\(folder.path)/export"
    try makeFolder(output)
    try makeFolder("\(output)/tables")
    try AtomicFile.write("mine", to: "\(output)/references.bib")
    let refused = #expect(throws: RunLogError.self) { try export.write(to: output) }
    #expect(refused?.description.contains("references.bib") ?? false)
    #expect(refused?.description.contains("not from an earlier export") ?? false)
    #expect(try listFolder("\(output)/tables").isEmpty)
    try removeFile("\(output)/references.bib")
    try AtomicFile.write("mine", to: "\(output)/notes.txt")

    _ = try export.write(to: output)
    _ = try export.write(to: output)
    let table = "\(output)/tables/results.csv"
    let original = try RandomAccessFile(table).contents()
    try AtomicFile.write("changed", to: table)
    let again = #expect(throws: RunLogError.self) { try export.write(to: output) }
    #expect(again?.description.contains("was changed since it was exported") ?? false)
    #expect(try RandomAccessFile(table).contents() == Array("changed".utf8))
    _ = try export.write(to: output, force: true)
    #expect(try RandomAccessFile(table).contents() == original)
    #expect(try RandomAccessFile("\(output)/notes.txt").contents() == Array("mine".utf8))
    #expect(exists("\(output)/figures/losses.pdf"))
  }

  @Test func aStudyExportsItsComparisonToo() throws {
    let folder = try TemporaryFolder()
    for (name, size, period) in [("good", 64, 20), ("bad", 32, 3)] {
      _ = try TinyStudy.write(
        name, ["training.batch_size=\(size)"], seeds: 2, period: period, epochs: 1,
        in: "\(folder.path)/runs")
    }
    let definition = try StudyDefinition.parse(
      """
      name: s
      base: b.yaml
      seeds: [1, 2]
      configurations: {good: {}, bad: {training.batch_size: 32}}
      questions:
        - {goal: Good is better, claim: {greater: [good, bad], split: de.test}}
      """, file: "s.yaml", relativeTo: "/")
    _ = try StudyDocuments(definition, in: folder.path, hasPage: false).write(
      style: FigureStyle(dotsPerInch: 20))
    let source = try ExportSource(folder.path)
    #expect(source.warnings.isEmpty)
    let names = source.tables.map(\.name)
    #expect(Set(names).count == names.count)
    let answers = try #require(source.tables.first { $0.name == "answers" })
    let estimate = try #require(answers.records(of: "").first { $0.metric == "estimate" })
    #expect(estimate.lower != nil && estimate.upper != nil && estimate.state == .finite)
    let pairs = try #require(source.tables.first { $0.name.hasSuffix("german-test-pairs") })
    let difference = try #require(
      pairs.records(of: "").first { $0.metric == "difference_in_accuracy" })
    #expect(difference.run == "good" && difference.comparedWith == "bad")
  }
}
