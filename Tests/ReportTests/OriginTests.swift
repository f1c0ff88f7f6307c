import Foundation
import Results
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// That every number names the files that it is from: of each tag, and by changing what is logged.
@Suite struct OriginTests {
  // MARK: Every tag

  /// Every number that some template could print, whether the built-in one does or not.
  private func expectOrigins(
    _ source: some TagSource, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let collector = ValueCollector()
    _ = source.values(collector)
    let numbers = collector.values.filter { $0.number != nil }
    #expect(numbers.count > 20, sourceLocation: sourceLocation)
    for value in numbers
    where value.number?.origins.isEmpty == true
      && value.number?.values.isEmpty == false
    {
      Issue.record("\(value.tag) has no origin: \(value.text)", sourceLocation: sourceLocation)
    }
  }

  private func data(_ path: String) throws -> ReportData {
    try ReportData(
      RunResults(Run(path)), figures: [], absentFigures: [], options: ReportOptions())
  }

  @Test func everyNumberOfAReportHasAnOrigin() throws {
    let folder = try TemporaryFolder()
    var tiny = TinyRun()
    (tiny.plannedEpochs, tiny.divergedEpoch) = (10, 2)
    tiny.settings = ["select=best_source_validation", "training.gradient_clipping=1"]
    try tiny.write(to: folder.path)
    let log = try RandomAccessFile("\(folder.path)/log.jsonl").contents()
    try AtomicFile.write(log + Array(#"{"record":"st"#.utf8), to: "\(folder.path)/log.jsonl")
    let report = try data(folder.path)
    expectOrigins(report)
    let collector = ValueCollector()
    _ = report.values(collector)
    for list in ["goals", "warnings", "non_finite"] {
      #expect(collector.values.contains { $0.tag == "\(list)[0].text" }, "\(list) is empty")
    }
    let goals = collector.values.filter {
      $0.tag.hasPrefix("goals[") && $0.tag.hasSuffix(".number")
    }
    #expect(
      goals.map { $0.number?.origins.map { Origin.words($0.json) } } == [
        ["experiment.yaml, goals[0]"], ["experiment.yaml, goals[1]"],
      ])
  }

  @Test(arguments: ["huggingface-checkpoints", "tensorboard-x", "huggingface-steps"])
  func everyNumberOfAReportOfAnotherProgramsLogHasAnOrigin(_ name: String) throws {
    expectOrigins(try data(Fixture.path("imports/\(name)")))
  }

  @Test func everyNumberOfAStudyHasAnOrigin() throws {
    let folder = try TemporaryFolder()
    let good = try TinyStudy.write(
      "good", seeds: 2, period: 7, epochs: 1, in: "\(folder.path)/runs")
    try TinyStudy.appendPrefix(good[0], .stored)
    _ = try TinyStudy.write("bad", seeds: 1, period: 4, epochs: 1, in: "\(folder.path)/runs")
    let documents = try StudyDocuments(
      StudyDefinition.parse(
        """
        name: s
        base: b.yaml
        seeds: [1, 2]
        configurations: {good: {}, bad: {}}
        questions:
          - {goal: Good is better, claim: {greater: [good, bad], split: de.test}}
          - {goal: It costs less, claim: {less: [good, bad], metric: seconds_per_epoch}}
        """, file: "q.yaml", relativeTo: "/"), in: folder.path, hasPage: false)
    expectOrigins(documents.study.data)
    expectOrigins(try #require(documents.comparison).data)
  }

  // MARK: Every logged value

  /// A run and what its report says.
  private final class Subject {
    let folder: TemporaryFolder
    let directory: RunDirectory
    private let record: RecordedReport
    private let before: [String: PrintedNumber]
    /// How many changes moved a number.
    private(set) var moving = 0
    private(set) var changes = 0

    init(hasPredictions: Bool) throws {
      folder = try TemporaryFolder()
      directory = RunDirectory(folder.path)
      var run = ThreeTargetRun()
      (run.epochs, run.trainingExamples) = (2, 20)
      (run.validationExamples, run.testExamples) = (12, 15)
      try run.write(to: folder.path)
      if !hasPredictions {
        try FileManager.default.removeItem(atPath: "\(folder.path)/predictions")
      }
      record = try RecordedReport(
        Array(ReportFiles(RunDirectory(folder.path)).json.utf8))
      before = try Self.numbers(folder.path)
    }

    private static func numbers(_ path: String) throws -> [String: PrintedNumber] {
      let collector = ValueCollector()
      _ = try ReportData(
        RunResults(Run(path)), figures: [], absentFigures: [], options: ReportOptions()
      ).values(collector)
      return collector.values.reduce(into: [:]) { numbers, value in
        if let number = value.number { numbers[value.tag] = number }
      }
    }

    /// Puts other contents in the place of a file's, looks, and puts the file back.
    ///
    /// - Parameters:
    ///   - file: relative to the run.
    ///   - place: what was changed, for messages.
    ///   - change: writes the file anew.
    /// - Throws: what writing and reading throw.
    func change(_ file: String, _ place: String, _ change: (String) throws -> Void) throws {
      let path = "\(folder.path)/\(file)"
      let contents = try RandomAccessFile(path).contents()
      try change(path)
      defer { try? AtomicFile.write(contents, to: path) }
      changes += 1
      // The audit notices.
      let differences = record.differences(inputs: try InputFiles(directory))
      #expect(differences.map(\.file) == [file], "\(place): \(differences)")
      let after: [String: PrintedNumber]
      do {
        after = try Self.numbers(folder.path)
      } catch {
        // What cannot be read any more is named as well.
        #expect("\(error)".contains(file), "\(place): \(error)")
        return
      }
      var hasMoved = false
      for (tag, number) in after {
        // Lists of the gaps that are alike in sign repeat what stands under `gaps`, now here, now there.
        // So do lists of what checks found and could not tell.
        if ["behind[", "ahead[", "undecided[", "unsure[", "checks.found[", "checks.ignored["]
          .contains(where: { tag.contains($0) })
        {
          continue
        }
        guard let old = before[tag], old.values != number.values else { continue }
        hasMoved = true
        let files = Set((old.origins + number.origins).map(\.file))
        #expect(
          files.contains(file),
          "\(place): \(tag) moved from \(old.text) to \(number.text), from \(files)")
      }
      if hasMoved { moving += 1 }
    }

    func contents(_ file: String) throws -> String {
      String(decoding: try RandomAccessFile("\(folder.path)/\(file)").contents(), as: UTF8.self)
    }
  }

  /// Each number in a JSON value, a little other.
  private func variations(_ json: JSON, _ place: String = "") -> [(place: String, json: JSON)] {
    switch json {
    case .object(let object):
      return object.members.flatMap { key, value in
        variations(value, "\(place).\(key)").map { changed in
          var object = object
          object[key] = changed.json
          return (changed.place, JSON.object(object))
        }
      }
    case .array(let array):
      return array.enumerated().flatMap { index, value in
        variations(value, "\(place)[\(index)]").map { changed in
          var array = array
          array[index] = changed.json
          return (changed.place, JSON.array(array))
        }
      }
    case .integer(let value): return [(place, .integer(value + 1))]
    case .number(let value): return [(place, .number(value * 1.01 + 1e-6))]
    default: return []
    }
  }

  /// Every number on every line of a file of JSON Lines.
  private func changeLines(_ file: String, first: Int = .max, _ subject: Subject) throws {
    let lines = try subject.contents(file).split(separator: "\n").map(String.init)
    for (index, line) in lines.enumerated().prefix(first) {
      let json = try JSON.parse(Array(line.utf8), file: file)
      for variation in variations(json) {
        var changed = lines
        changed[index] = variation.json.text
        try subject.change(file, "\(file):\(index + 1)\(variation.place)") {
          try AtomicFile.write(changed.joined(separator: "\n") + "\n", to: $0)
        }
      }
    }
  }

  @Test(arguments: [true, false])
  func whatFollowsFromALineOfTheLogNamesIt(_ hasPredictions: Bool) throws {
    let subject = try Subject(hasPredictions: hasPredictions)
    try changeLines("log.jsonl", subject)
    #expect(
      subject.changes > 150 && subject.moving > (hasPredictions ? 30 : 60), "\(subject.moving)")
  }

  @Test func whatFollowsFromPredictionsNamesThem() throws {
    let subject = try Subject(hasPredictions: true)
    for epoch in 1...2 {
      let folder = "predictions/epoch-0\(epoch)"
      for name in try listFolder("\(subject.folder.path)/\(folder)") {
        let file = "\(folder)/\(name)"
        let path = "\(subject.folder.path)/\(file)"
        let predictions = try Predictions.read(path, classes: 3)
        var (logits, labels) = (predictions.logits, predictions.labels)
        logits[1] += 9
        labels[2] = (labels[2] + 1) % 3
        for (what, changed) in [
          ("a logit", (logits, predictions.labels)), ("a label", (predictions.logits, labels)),
        ] {
          try subject.change(file, "\(what) in \(file)") {
            try Predictions(
              classes: 3, logits: changed.0, labels: changed.1, ids: predictions.ids,
              mode: predictions.mode
            ).write(to: $0)
          }
        }
      }
    }
    #expect(subject.changes == 2 * 2 * 9 && subject.moving >= 2 * 9, "\(subject.moving)")
  }

  @Test func whatFollowsFromExamplesNamesThem() throws {
    let subject = try Subject(hasPredictions: true)
    for name in try listFolder("\(subject.folder.path)/examples") {
      try changeLines("examples/\(name)", first: 2, subject)
    }
    #expect(subject.changes == 9 * 2 * 4 && subject.moving > 9, "\(subject.moving)")
  }

  @Test func whatFollowsFromTheConfigurationNamesIt() throws {
    let subject = try Subject(hasPredictions: true)
    let file = "experiment.yaml"
    let lines = try subject.contents(file).split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      var variations = line.matches(of: /-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?/).map { match in
        let value = Double(match.output.0) ?? 0
        let other =
          value == value.rounded() && !match.output.0.contains("e")
          ? "\(Int(value) + 1)" : "\(value * 1.5)"
        return line.replacingCharacters(in: match.range, with: other)
      }
      for (word, other) in [("true", "false"), ("false", "true")] where line.hasSuffix(": \(word)")
      {
        variations.append(line.dropLast(word.count) + other)
      }
      for variation in variations {
        var changed = lines.map(String.init)
        changed[index] = variation
        try subject.change(file, "\(file):\(index + 1): \(variation)") {
          try AtomicFile.write(changed.joined(separator: "\n"), to: $0)
        }
      }
    }
    #expect(subject.changes > 20 && subject.moving > 10, "\(subject.changes), \(subject.moving)")
  }

  @Test func whatFollowsFromTheEnvironmentNamesIt() throws {
    let subject = try Subject(hasPredictions: true)
    let file = "environment.json"
    for variation in variations(try JSON.parse(Array(subject.contents(file).utf8), file: file)) {
      try subject.change(file, "\(file)\(variation.place)") {
        try AtomicFile.write(variation.json.prettyText, to: $0)
      }
    }
    #expect(subject.changes >= 2 && subject.moving >= 2)
  }
}
