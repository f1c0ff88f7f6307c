import Chart
import Foundation
import Metrics
import Plot
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// What study.md and the figures of several runs say, on generated run directories.
@Suite struct StudyAnswerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs of one configuration that are right on German test but for one row in `period`, on validation in
  /// some more.
  private func group(
    _ name: String, _ settings: [String], seeds: Int, period: Int, agreeAtFirst: Bool = false
  ) throws -> RunGroup {
    let runs = try TinyStudy.write(
      name, settings, seeds: seeds, period: period, agreeAtFirst: agreeAtFirst, in: folder.path
    ).map { try RunResults(Run($0)) }
    return RunGroup(name: name, runs: runs)
  }

  /// A band begins as a point where all seeds agree, and does not leave out that epoch.
  @Test func seedsThatAgreeHaveABandWithoutWidth() throws {
    let comparison = RunComparison(
      [try group("good", [], seeds: 3, period: 7, agreeAtFirst: true)])
    let entry = try #require(
      ComparisonFigures(comparison, of: "").entries.first { $0.file == "learning_curves.png" })
    let band = try #require(
      entry.outcome.get().figure.panels.flatMap(\.marks).compactMap { $0 as? Band }.first)
    #expect(band.slices.map(\.x) == [1, 2, 3])
    #expect(band.slices[0].low == 50 && band.slices[0].high == 50)
    #expect(band.slices[1].low < band.slices[1].high)
  }

  private func study(_ claims: String..., groups: [RunGroup]) throws -> String {
    let definition = try StudyDefinition.parse(
      """
      name: s
      base: b.yaml
      seeds: [1, 2, 3]
      configurations: {good: {}, bad: {training.epochs: 4}}
      questions:
      \(claims.map { "  - {goal: g, claim: \($0)}" }.joined(separator: "\n"))
      """, file: "study.yaml", relativeTo: "/")
    return try StudyFiles(
      StudyAnswers(definition, groups), comparison: RunComparison(groups),
      missing: [], folder: folder.path, inputs: InputFiles([], in: folder.path), hasPage: false
    ).markdown
  }

  @Test func unlikeSidesAreToldApartByWhichIsBetter() throws {
    let groups = [
      try group("good", [], seeds: 3, period: 12),
      try group("bad", ["training.epochs=4"], seeds: 3, period: 2),
    ]
    let text = try study(
      "{equivalent: [good, bad], metric: accuracy, split: de.test, margin: 0.01}",
      "{equivalent: [bad, good], metric: accuracy, split: de.test, margin: 0.01}",
      "{equivalent: [good, bad], metric: loss, split: de.test, margin: 0.01}",
      "{not_less: [good, bad], metric: accuracy, split: de.test, margin: 0.01}",
      "{not_greater: [bad, good], metric: loss, split: de.test, margin: 0.01}", groups: groups)
    let unlike = "The two are not alike: the whole interval lies beyond the margin, and "
    let answers = text.split(separator: "### ").dropFirst().map(String.init)
    #expect(
      answers[0].contains("**Not supported**") && answers[0].contains(unlike + "good is the better")
    )
    #expect(answers[1].contains(unlike + "bad is the worse of the two."))
    #expect(answers[2].contains(unlike + "good is the better of the two."))
    #expect(
      answers[3].contains("**Supported**. Claim: the accuracy of good on German test is higher"))
    #expect(
      answers[4].contains("**Not supported**")
        && answers[4].contains("The whole interval lies outside what is claimed."))
    #expect(!text.contains("for these seeds only") && !text.contains("against the contrary"))
  }

  /// With two seeds, bands span what was seen and the share of the seeds is not estimated.
  @Test(arguments: [1, 2, 3])
  func everyFigureHasItsBands(_ seeds: Int) throws {
    let groups = [
      try group("good", [], seeds: seeds, period: 7),
      try group("bad", ["training.epochs=4"], seeds: seeds, period: 5),
    ]
    let comparison = RunComparison(groups)
    let entries = ComparisonFigures(comparison, of: "").entries
    let figures = Dictionary(
      uniqueKeysWithValues: try entries.map { ($0.file, try $0.outcome.get().figure) })
    let curves = try #require(figures["learning_curves.png"])
    let bands = curves.panels.flatMap(\.marks).compactMap { $0 as? Band }
    #expect(bands.count == (seeds == 1 ? 0 : 2))
    for slice in bands.flatMap(\.slices) where slice.low.isFinite {
      #expect(slice.low >= 0 && slice.high <= 100 && slice.low <= slice.high)
    }
    switch seeds {
    case 1: #expect(!curves.subtitle.contains("seed"))
    case 2: #expect(curves.subtitle.contains("bands from the lowest to the highest seed"))
    default: #expect(curves.subtitle.contains("bands their 95 % intervals over seeds"))
    }
    if seeds == 2 {
      for (group, band) in zip(groups, bands) {
        let split = Split("de", .validation)
        let series = group.runs.compactMap { $0.byEpoch[split]?.map { 100 * $0.accuracy } }
        #expect(band.slices.map(\.low) == zip(series[0], series[1]).map { min($0, $1) })
        #expect(band.slices.map(\.high) == zip(series[0], series[1]).map { max($0, $1) })
      }
    }
    // Whiskers: one a configuration in each panel.
    for file in ["final_metrics.png", "gaps.png", "cost.png"] {
      let figure = try #require(figures[file])
      for panel in figure.panels {
        let whiskers = panel.marks.compactMap { $0 as? Whiskers }.flatMap(\.whiskers)
        #expect(whiskers.count == 2, "\(file)")
      }
      #expect(
        figure.subtitle.contains(
          seeds < 3 ? "95 % intervals over examples" : "95 % intervals over seeds and examples"))
    }
    #expect(figures["cost.png"]?.panels.count == 2, "parameters and time")
    let text = try ComparisonFiles(
      comparison, runs: [], folder: folder.path, inputs: InputFiles([], in: folder.path),
      hasPage: false
    ).markdown
    #expect(text.contains("Two seeds say little") == (seeds == 2))
  }

  /// On macro F1's own scale, without percentage points, and with the interval of the comparison beside it.
  @Test func gapsInMacroF1AreClaimedLikeThoseInAccuracy() throws {
    let groups = [
      try group("good", [], seeds: 1, period: 12),
      try group("bad", ["training.epochs=4"], seeds: 1, period: 2),
    ]
    let text = try study(
      "{less: [good, bad], metric: transfer_gap_macro_f1, split: de.test}",
      "{less: [good, bad], metric: transfer_gap_macro_f1, split: de.test, margin: 0.9}",
      "{less: [good, bad], metric: loss, split: de.test}", groups: groups)
    let answers = text.split(separator: "### ").dropFirst().map(String.init)
    #expect(
      answers[0].contains(
        "**Supported**, for these seeds only. Claim: the transfer gap in macro F1 of good on German test is lower than that of bad."
      ), "\(answers[0])")
    #expect(answers[1].contains("**Not supported**") && answers[1].contains("by more than 0.9."))
    let start = try #require(
      answers[0].range(of: "Estimate: transfer gap in macro F1 of good minus"))
    let estimate = answers[0][start.lowerBound...].prefix { $0 != "\n" }
    #expect(!estimate.contains("points") && text.contains("No question is about accuracy, "))
    #expect(
      text.contains("the transfer gap in accuracy")
        && !text.contains("and the transfer gap in macro"))
    // The comparison beside it gives the very digits.
    let comparison = try ComparisonFiles(
      RunComparison(groups), runs: [], folder: folder.path,
      inputs: InputFiles([], in: folder.path), hasPage: false
    ).markdown
    let row = try #require(
      comparison.split(separator: "\n").first {
        $0.hasPrefix("| German | test | macro F1 | good | ")
      })
    let cell = try #require(
      row.split(separator: "|").last.map { $0.trimmingCharacters(in: .whitespaces) })
    let numbers = cell.split { " []".contains($0) }.map(String.init)
    #expect(numbers.count == 4 && numbers[2] == "to", "\(cell)")
    #expect(
      estimate.contains(
        "is \(numbers[0]) (95 % interval over examples \(numbers[1]) to \(numbers[3]))."),
      "\(estimate)")
  }

  /// What a run's own report says of its gap stands in a comparison, digit by digit.
  @Test func aGapIsTheSameInReportAndComparison() throws {
    let groups = [
      try group("good", [], seeds: 1, period: 7),
      try group("bad", ["training.epochs=4"], seeds: 1, period: 3),
    ]
    let comparison = RunComparison(groups)
    let text = try ComparisonFiles(
      comparison, runs: [], folder: folder.path, inputs: InputFiles([], in: folder.path),
      hasPage: false
    ).markdown
    var found = 0
    for group in groups {
      let report = try Report(results: group.runs[0], figures: []).markdown()
      for part in ["validation", "test"] {
        let row = try #require(
          report.split(separator: "\n").first { $0.hasPrefix("| German | \(part) | ") })
        let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        for (metric, gap) in [("accuracy", cells[2]), ("macro F1", cells[7])] {
          #expect(gap.hasSuffix("]"), "\(gap)")
          let line = try #require(
            text.split(separator: "\n").first {
              $0.hasPrefix("| German | \(part) | \(metric) | good | ")
            })
          #expect(line.contains("| \(group.name) | \(gap) |"), "\(gap) in \(line)")
          found += 1
        }
      }
    }
    #expect(found == 8)
    // And the figure's whiskers are its ends.
    let entry = try #require(
      ComparisonFigures(comparison, of: "").entries.first { $0.file == "gaps.png" })
    let whiskers = try entry.outcome.get().figure.panels.flatMap(\.marks)
      .compactMap { $0 as? Whiskers }.flatMap(\.whiskers)
    let run = groups[0].runs[0]
    let own = try #require(
      run.selectedGap(to: run.targets[0], run.finalSplit.part)?.difference?.absolute.interval)
    let drawn = 100 * own.lower...100 * own.upper
    #expect(whiskers.map(\.interval).contains(drawn), "\(whiskers)")
  }

  /// Every value that the built-in templates of comparisons and studies print is a tag with a value here.
  /// All final numbers in figures are of one part, which titles and captions name: that of a study's claims, otherwise
  /// the one that every language has. Spanish has no test split.
  @Test(arguments: [Part.test, .validation, nil])
  func figuresShowOnePart(_ claimed: Part?) throws {
    let comparison = RunComparison([
      try group("good", [], seeds: 2, period: 12),
      try group("bad", ["training.epochs=4"], seeds: 2, period: 4),
    ])
    let entries = ComparisonFigures(
      comparison, of: "", claimed: claimed.map { [Split("de", $0)] } ?? []
    ).entries
    func figure(_ name: String) throws -> ComparisonFigure {
      try #require(entries.first { $0.file == "\(name).png" }).outcome.get()
    }
    let (part, other) = claimed == .test ? ("test", "validation") : ("validation", "test")
    let gaps = try figure("gaps")
    #expect(gaps.title == "Transfer gap on \(part) by configuration")
    #expect(gaps.caption.hasPrefix("On \(part) the gap to German: good "), "\(gaps.caption)")
    let setApart = "Set apart for lack of test results: Spanish."
    #expect(
      gaps.figure.panels.map(\.title)
        == ["German", claimed == .test ? "Spanish (validation)" : "Spanish"])
    #expect(gaps.caption.contains("On validation the gap to Spanish: "), "\(gaps.caption)")
    #expect(gaps.caption.hasSuffix(setApart) == (claimed == .test), "\(gaps.caption)")
    #expect(gaps.figure.note.contains(setApart) == (claimed == .test), "\(gaps.figure.note)")
    let metrics = try figure("final_metrics")
    #expect(metrics.title == "Final metrics on \(part)")
    #expect(metrics.figure.panels.allSatisfy { $0.title.hasSuffix(part) })
    for figure in [metrics, try figure("cost")] {
      #expect(figure.caption.contains("on German \(part)"), "\(figure.caption)")
      #expect(!figure.caption.contains(other), "\(figure.caption)")
    }
    #expect(try figure("cost").title.hasPrefix("Accuracy on German \(part) against "))
    // Epochs are watched on validation, which is named, too.
    #expect(try figure("learning_curves").title == "Learning curves on German validation")
  }

  @Test func valuesAreListed() throws {
    let groups = [
      try group("good", [], seeds: 2, period: 7),
      try group("bad", ["training.epochs=4"], seeds: 2, period: 3),
    ]
    let comparison = try ComparisonFiles(
      RunComparison(groups), runs: [], folder: folder.path,
      inputs: InputFiles([], in: folder.path), hasPage: false)
    let listing = TagListing(.comparison, comparison: comparison).text
    #expect(listing.contains("= Comparison: good; bad") && listing.contains("= good · bad"))
    #expect(!TagListing(.study, comparison: comparison).text.contains("="))
  }

  /// A setting is a number only where it is one, and is written as its author would.
  @Test(
    arguments: [
      ("0.0012000000000000001", "1.2e-3", 0.0012000000000000001), ("6", "6", 6),
      ("1e-05", "1e-5", 1e-5), ("cosine_annealing", "cosine_annealing", nil), ("nan", "nan", nil),
      ("inf", "inf", nil), (nil, "–", nil),
    ] as [(String?, String, Double?)])
  func settingsReadAsTheyWereMeant(_ setting: String?, _ text: String, _ value: Double?) {
    let cell = CellTags(setting, from: Evidence([]))
    #expect((cell.number?.text ?? cell.text) == text)
    #expect(cell.number?.values.first?.double == value)
  }
}
