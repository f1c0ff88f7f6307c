import Foundation
import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// Tables as data: every value that the document prints, at full precision, and nothing else.
@Suite struct ExportTests {
  private func source(_ tiny: TinyRun = TinyRun()) throws -> (ExportSource, TemporaryFolder) {
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    return (try ExportSource(folder.path), folder)
  }

  /// The decimal numbers that a printed text holds, with how many decimals each has.
  private func printedNumbers(_ text: String) -> [(value: Double, digits: Int)] {
    text.replacing("−", with: "-").replacing(",", with: "")
      .matches(of: /[+-]?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/).compactMap { match in
        Double(match.output.0).map { ($0, max(0, (match.output.1?.count ?? 1) - 1)) }
      }
  }

  @Test func everyValueRoundsToWhatTheReportPrints() throws {
    let (source, _) = try source()
    var compared = 0
    for table in source.tables {
      for record in table.records(of: "tiny") where record.state == .finite {
        guard ["share", "points", "score", "nats", "ratio", "count"].contains(record.unit),
          !record.metric.hasSuffix("]"), !record.printed.contains("<"),
          !record.printed.contains("e-")
        else { continue }
        let values =
          [record.value, record.lower, record.upper].compactMap { $0?.double }
          + (record.deviationOver == "bootstrap draws"
            ? [record.deviation?.double].compactMap { $0 } : [])
        let printed = printedNumbers(record.printed)
        try #require(
          printed.count == values.count, "\(table.name): \(record.metric) \(record.printed)")
        let isScaled = record.printed.contains("%") || record.unit == "points"
        for (value, (text, digits)) in zip(values, printed) {
          let half = 0.5 * pow(10, -Double(digits))
          #expect(
            abs((isScaled ? 100 : 1) * value - text) <= half * (1 + 1e-9),
            "\(table.name): \(record.metric) is \(value), printed \(record.printed)")
          compared += 1
        }
      }
    }
    // Six splits with six metrics and intervals, classes, gaps, groups, calibration.
    #expect(compared > 400)
  }

  @Test func everyNumberOfEveryTableIsExported() throws {
    let (source, folder) = try source()
    let document = source.documents[0]
    let tables = source.tables
    let lines = document.text.lines
    let rowsOfTables = lines.indices.filter { lines[$0].hasPrefix("|") }.count
    #expect(tables.reduce(0) { $0 + $1.rows.count + 2 } == rowsOfTables)
    #expect(Set(tables.map(\.name)).count == tables.count)
    for table in tables {
      let numbers = table.rows.flatMap(\.cells).flatMap(\.places).compactMap(\.value.number)
      let values = numbers.reduce(0) { $0 + max(1, $1.form == .plain ? $1.values.count : 1) }
      let records = table.records(of: "tiny").filter { $0.state != .text && !$0.unit.isEmpty }
      #expect(records.count == values, "\(table.name)")
    }
    // Numbers outside tables are the document's sentences; those in tables are in its record, too.
    let recorded = try #require(
      JSON.parse(Array(document.record.text.utf8), file: "report.json")["numbers"]?.array)
    let inTables = recorded.filter { entry in
      entry["line"]?.integer.map { lines[$0 - 1].hasPrefix("|") } ?? false
    }
    let heads = Set(
      lines.indices.dropLast().filter {
        lines[$0].hasPrefix("|") && lines[$0 + 1].hasPrefix("|-") || lines[$0].hasPrefix("|--")
      }.map { $0 + 1 })
    let inRows = inTables.filter { entry in
      entry["line"]?.integer.map { !heads.contains($0) } ?? false
    }
    let exported = tables.flatMap { $0.rows.flatMap(\.cells).flatMap(\.places) }
      .filter { $0.value.number != nil }
    #expect(exported.count == inRows.count)
    _ = folder
  }

  @Test func rowsSayWhatTheyAreOf() throws {
    let (source, _) = try source()
    let results = try #require(source.tables.first { $0.name == "results" })
    let record = try #require(
      results.records(of: "tiny").first {
        $0.language == "German" && $0.split == "test" && $0.metric == "accuracy"
      })
    let estimate = try #require(
      source.runs[0].estimates(Split("de", .test))?[.accuracy])
    #expect(record.run == "tiny")
    #expect(record.value?.double == estimate.value)
    #expect(record.lower?.double == estimate.interval?.lower)
    #expect(record.upper?.double == estimate.interval?.upper)
    #expect(record.method == "wilson-interval")
    for metric in ["loss", "macro_f1", "matthews_correlation", "auc", "calibration_error"] {
      #expect(results.records(of: "").contains { $0.language == "Spanish" && $0.metric == metric })
    }
    let gaps = try #require(source.tables.first { $0.name == "results-transfer-gap" })
    let metrics = Set(gaps.records(of: "").map(\.metric))
    for metric in [
      "transfer_gap", "relative_transfer_gap", "transfer_gap_macro_f1",
      "transfer_gap_matthews_correlation", "adjusted_p_value",
    ] {
      #expect(metrics.contains(metric), "\(metrics)")
    }
    let classes = try #require(source.tables.first { $0.name == "by-class" })
    #expect(
      Set(classes.records(of: "").map(\.label)) == ["negative", "neutral", "positive"])
  }

  /// What Wilson's interval is of is a share of a split's examples, which no table leaves unsaid.
  @Test func everyAccuracyNamesItsLanguageAndSplit() throws {
    let (source, _) = try source(averagedRun)
    var tables: Set<String> = []
    for table in source.tables {
      for record in table.records(of: "tiny") where record.method == "wilson-interval" {
        #expect(
          ["accuracy", "precision", "recall"].contains(record.metric), "\(table.name): \(record)")
        #expect(!record.language.isEmpty && !record.split.isEmpty, "\(table.name): \(record)")
        tables.insert(table.name)
      }
    }
    #expect(
      tables.isSuperset(of: [
        "results", "by-class", "which-epoch", "which-epoch-rules", "average-of-the-last-epochs",
      ]), "\(tables)")
    let rules = try #require(source.tables.first { $0.name == "which-epoch" })
    let gap = try #require(rules.records(of: "").first { $0.column == "Gap on test" })
    #expect(gap.metric == "transfer_gap" && gap.language == "German" && gap.split == "test")
  }

  private var averagedRun: TinyRun {
    var tiny = TinyRun()
    tiny.averaged = 2...3
    return tiny
  }

  @Test(arguments: [false, true]) func noTwoRecordsOfATableAreOfTheSame(_ isAveraged: Bool) throws {
    let (source, _) = try source(isAveraged ? averagedRun : TinyRun())
    for table in source.tables {
      // Rows of mistakes have the same names as far as classes go; their row in the data tells them apart.
      let keys = table.records(of: "").filter { $0.state != .text }.map {
        [$0.run, $0.comparedWith, $0.language, $0.split, $0.label, $0.row, $0.column, $0.metric]
      }
      #expect(Set(keys).count == keys.count, "\(table.name)")
    }
  }

  @Test func absentNotFiniteAndZeroAreThreeThings() throws {
    var tiny = TinyRun()
    tiny.divergedEpoch = 3
    let (source, _) = try source(tiny)
    let results = try #require(source.tables.first { $0.name == "results" })
    let records = results.records(of: "tiny")
    let loss = try #require(records.first { $0.split == "training" && $0.metric == "loss" })
    #expect(loss.state == .notFinite)
    #expect(loss.value == .string("NaN"))
    let area = try #require(records.first { $0.split == "training" && $0.metric == "auc" })
    #expect(area.state == .absent && area.value == nil && area.printed == "–")
    let csv = TidyText.csv([loss, area])
    let lines = try parsed(csv)
    let value = try #require(TidyRecord.fields.firstIndex(of: "value"))
    #expect(lines[1][value] == "NaN")
    #expect(lines[2][value] == "")
    let json = try JSON.parse(Array(TidyText.json(results, [loss, area]).utf8), file: "x")
    #expect(json["records"]?.array?[0]["value"] == .string("NaN"))
    #expect(json["records"]?.array?[1]["value"] == .null)
    // Zero is a number: a gap of the source's own accuracy at the start, for example.
    var zero = TidyRecord()
    (zero.state, zero.value) = (.finite, .number(0))
    #expect(try parsed(TidyText.csv([zero]))[1][value] == "0.0")
  }

  @Test func csvIsThatOfRFC4180AndSaysWhatJSONSays() throws {
    let (source, _) = try source()
    for table in source.tables {
      let records = table.records(of: "a, \"b\"\n")
      let lines = try parsed(TidyText.csv(records))
      #expect(lines[0] == TidyRecord.fields)
      #expect(lines.count == records.count + 1)
      let entries = try #require(
        JSON.parse(Array(TidyText.json(table, records).utf8), file: table.name)["records"]?.array)
      for (line, entry) in zip(lines.dropFirst(), entries) {
        let fields = TidyRecord.fields.map { field -> String in
          guard let value = entry[field], value != .null else { return "" }
          return value.string ?? value.text
        }
        #expect(line == fields)
      }
    }
  }

  /// Reads CSV as RFC 4180 says, and refuses anything else.
  private func parsed(_ text: String) throws -> [[String]] {
    struct NotCSV: Error {}
    var (lines, line, cell) = ([[String]](), [String](), String.UnicodeScalarView())
    let scalars = Array(text.unicodeScalars)
    var place = 0
    var isQuoted = false
    while place < scalars.count {
      let scalar = scalars[place]
      let next = place + 1 < scalars.count ? scalars[place + 1] : nil
      if isQuoted {
        if scalar == "\"", next == "\"" {
          cell.append("\"")
          place += 1
        } else if scalar == "\"" {
          isQuoted = false
          guard next == "," || next == "\r" else { throw NotCSV() }
        } else {
          cell.append(scalar)
        }
      } else if scalar == "\"" {
        guard cell.isEmpty else { throw NotCSV() }
        isQuoted = true
      } else if scalar == "," || scalar == "\r" {
        line.append(String(cell))
        cell = .init()
        if scalar == "\r" {
          guard next == "\n" else { throw NotCSV() }
          place += 1
          lines.append(line)
          line = []
        }
      } else {
        guard scalar != "\n" else { throw NotCSV() }
        cell.append(scalar)
      }
      place += 1
    }
    guard line.isEmpty, cell.isEmpty, !isQuoted else { throw NotCSV() }
    return lines
  }
}
