import Chart
import Foundation
import Metrics
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// What the answer of `report few-shot` says in every case.
@Suite struct FewShotAnswerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func files(_ tiny: TinyFewShot) throws -> FewShotFiles {
    try tiny.write(in: folder.path)
    return try FewShotFiles(
      tiny.definition(in: folder.path), in: tiny.path(in: folder.path), hasPage: false)
  }

  /// The sentences on each number of texts.
  private func answers(_ tiny: TinyFewShot) throws -> [String] {
    let text = try files(tiny).markdown
    let section = try #require(text.split(separator: "## Answer\n").last)
    return section.split(separator: "\n").filter { $0.hasPrefix("- **") }.prefix(
      tiny.perClass.count
    ).map(String.init)
  }

  /// The mean over the draws of continued minus run, counted the plain way.
  private func gain(_ tiny: TinyFewShot, _ count: Int) -> Double {
    var sum = 0.0
    for draw in 1...tiny.draws {
      for row in 0..<tiny.examples {
        sum += tiny.training(.continued, count, draw, row) == .right ? 1 : 0
        sum -= tiny.run?(row) == .right ? 1 : 0
      }
    }
    return sum / Double(tiny.draws * tiny.examples)
  }

  /// Expects a sentence to state a gain, which is rounded to a tenth.
  private func expect(_ sentence: String, verb: String, _ gain: Double) throws {
    let found = try #require(
      sentence.firstMatch(
        of: try Regex(#"labelling them \*\*\#(verb) ([0-9.]+) percentage points\*\*"#)),
      "\(sentence)")
    let points = try #require(found.output[1].substring.flatMap { Double($0) })
    #expect(abs(points - 100 * gain) <= 0.0501, "\(sentence)")
  }

  // MARK: What is said of the gain

  @Test func above() throws {
    let tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    let answers = try answers(tiny)
    try expect(answers[0], verb: "brings", gain(tiny, 10))
    #expect(
      answers[0].hasPrefix("- **10 per class** (30 texts): labelling them **brings ")
        && answers[0].contains(" of accuracy (95 % interval over draws and examples +"),
      "\(answers[0])")
    #expect(
      answers[0].contains("after [correction](metrics.md#holm) for 4 tests)."), "\(answers[0])")
    #expect(
      answers[0].contains(" points better** than the labelled texts alone, with "), "\(answers[0])")
    #expect(answers[1].hasPrefix("- **50 per class** (150 texts): "))
  }

  @Test func below() throws {
    let tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .wrong))
    let answers = try answers(tiny)
    try expect(answers[0], verb: "costs", -gain(tiny, 10))
    #expect(answers[0].contains("(95 % interval over draws and examples −"), "\(answers[0])")
  }

  @Test func indistinct() throws {
    let tiny = TinyFewShot { start, count, draw, row in
      TinyFewShot.noise(start == .continued ? 1 : 2, count, draw, row) < 60 ? .right : .wrong
    }
    let answers = try answers(tiny)
    #expect(
      answers[0].contains(
        "what labelling them brings **could not be distinguished from nothing**: "), "\(answers[0])"
    )
    #expect(
      answers[0].contains(
        "Continuing from the run could not be distinguished from the labelled texts alone, with "),
      "\(answers[0])")
    for words in ["brings 0", "no difference", "equal"] { #expect(!answers[0].contains(words)) }
  }

  /// An interval that excludes zero, and a correction that leaves it open: both are said.
  @Test func onlyBeforeCorrection() throws {
    let tiny = TinyFewShot { start, count, draw, row in
      let own: TinyFewShot.Answer = row % 10 < 6 ? .right : .wrong
      // Of 160 examples, some turn right in every draw; the rest stays as it was.
      guard start == .continued, count == 10 else { return own }
      return row % 10 == 9 && row < 60 ? .right : own
    }
    let answers = try answers(tiny)
    #expect(
      answers[0].contains(
        "labelling them changes accuracy by +3.7 percentage points. The 95 % interval over draws and examples (+"
      ),
      "\(answers[0])")
    #expect(answers[0].contains("excludes zero"), "\(answers[0])")
    // Where nothing varies nothing is tested, nor counted among the tests.
    #expect(
      answers[1].contains("The difference is the same for every example, so it has no interval"),
      "\(answers[1])")
  }

  @Test func oneAndTwoDrawsSpeakOfThemselvesAlone() throws {
    for (draws, words) in [(1, "for this draw only"), (2, "for these draws only")] {
      var tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
      tiny.draws = draws
      let inner = try TemporaryFolder()
      try tiny.write(in: inner.path)
      let text = try FewShotFiles(
        tiny.definition(in: inner.path), in: tiny.path(in: inner.path), hasPage: false
      ).markdown
      #expect(text.contains("(95 % interval over examples +"), "\(text)")
      #expect(text.contains(", \(words)."), "\(text)")
      #expect(!text.contains("over draws and examples +"))
      #expect(
        text.contains("there is one draw, so how much they change the result is not known")
          == (draws == 1))
    }
  }

  @Test func withoutTheRunsPredictionsTheGainIsNotKnown() throws {
    var tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    tiny.run = nil
    let text = try files(tiny).markdown
    #expect(text.contains("How the run does without labelled German texts is not known."))
    #expect(
      text.contains(
        "what labelling them brings **is not known**, since the run has no predictions of German test after its "
          + "selected epoch"), "\(text)")
    // What the trainings alone say is said.
    #expect(text.contains("points better** than the labelled texts alone"))
    #expect(!text.contains("the run itself |"))
  }

  @Test func aRunWithoutAnswersHasNoAccuracy() throws {
    var tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    tiny.run = { _ in .none }
    let text = try files(tiny).markdown
    #expect(
      text.contains("since the run answered none of the 160 examples of German test"), "\(text)")
    #expect(text.contains("| 0 | 0 | the run itself | – | – | – | – | – |"), "\(text)")
  }

  @Test func aDrawThatDivergedIsNoAccuracyOfZero() throws {
    let usual = TinyFewShot.keeping(60, else: .right)
    let tiny = TinyFewShot { start, count, draw, row in
      start == .continued && count == 10 && draw == 3 ? .none : usual(start, count, draw, row)
    }
    let text = try files(tiny).markdown
    #expect(
      text.contains(
        "**10 per class** (30 texts): what labelling them brings **is not known**, since a training on draw 3 "
          + "answered none of the 160 examples"), "\(text)")
    #expect(text.contains("| 10 | 30 | continued from the run | 5 | – | – | – | – |"), "\(text)")
    #expect(
      text.contains(
        "- 10 per class, continued from the run, draw 3: 160 of 160, so there is no accuracy"))
    #expect(
      text.contains("**50 per class** (150 texts): labelling them **brings"), "the other stays")
    #expect(text.contains("no value with 10 per class"), "the figure says so")
  }

  @Test func singleMissingAnswersCountAsWrong() throws {
    let usual = TinyFewShot.keeping(60, else: .right)
    let tiny = TinyFewShot { start, count, draw, row in
      start == .continued && count == 10 && draw == 3 && row < 7
        ? .none : usual(start, count, draw, row)
    }
    let text = try files(tiny).markdown
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("- **10 per") })
    try expect(String(line), verb: "brings", gain(tiny, 10))
    #expect(text.contains("- 10 per class, continued from the run, draw 3: 7 of 160\n"))
  }

  @Test func fromFewExamplesNothingIsConcluded() throws {
    var tiny = TinyFewShot(training: TinyFewShot.keeping(20, else: .right))
    tiny.examples = 20
    let text = try files(tiny).markdown
    #expect(text.contains("from so few test examples **nothing is concluded**"), "\(text)")
    #expect(!text.contains("**brings") && text.contains("Nothing could be tested."))
  }

  @Test func missingTrainingsMakeItPreliminary() throws {
    var tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    tiny.missing = ["continued-10-draw-2"]
    for draw in 1...5 { tiny.missing.insert("target-alone-50-draw-\(draw)") }
    let text = try files(tiny).markdown
    #expect(text.contains("14 of 20 trainings are complete. **This answer is preliminary**"))
    #expect(text.contains("missing: continued-10-draw-2, target-alone-50-draw-1,"))
    #expect(text.contains("| 10 | 30 | continued from the run | 4 |"))
    #expect(
      text.contains(
        "How that compares with the labelled texts alone is not known, since no draw is complete on both sides"
      ))
    tiny.missing = Set(tiny.definition(in: "").trainings)
    let empty = try TemporaryFolder()
    try tiny.write(in: empty.path)
    let none = try FewShotFiles(
      tiny.definition(in: empty.path), in: tiny.path(in: empty.path), hasPage: false
    ).markdown
    #expect(none.contains("0 of 20 trainings are complete."))
    #expect(
      none.contains("is not drawn: no training on labelled examples of German has an accuracy"))
  }

  @Test func saysHowFarDrawsOverlap() throws {
    func text(_ available: Int) throws -> String {
      var tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
      tiny.available = available
      let inner = try TemporaryFolder()
      try tiny.write(in: inner.path)
      return try FewShotFiles(
        tiny.definition(in: inner.path), in: tiny.path(in: inner.path), hasPage: false
      ).markdown
    }
    #expect(!(try text(301)).contains("Other German texts than"))
    #expect(try text(300).contains("the largest draws take 150 of them and have many in common"))
    #expect(try text(150).contains("than these 150: the largest draws take all of them"))
  }

  // MARK: What does not belong together

  @Test func otherExamplesAreRefused() throws {
    var tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    try tiny.write(in: folder.path)
    tiny.examples = 150
    tiny.missing = Set(tiny.definition(in: "").trainings).subtracting(["continued-50-draw-2"])
    let path = FewShotPlan.runDirectory("continued-50-draw-2", in: tiny.path(in: folder.path)).path
    try FileManager.default.removeItem(atPath: path)
    let other = try TemporaryFolder()
    try tiny.write(in: other.path)
    try FileManager.default.copyItem(
      atPath: FewShotPlan.runDirectory("continued-50-draw-2", in: tiny.path(in: other.path)).path,
      toPath: path)
    let error = try #require(throws: RunLogError.self) {
      _ = try FewShotFiles(
        tiny.definition(in: folder.path), in: tiny.path(in: folder.path), hasPage: false)
    }
    #expect(error.file == "continued-50-draw-2", "\(error)")
    #expect(error.message.contains("was scored on other examples of de.test than the run"))
  }

  @Test func otherWeightsAreRefused() throws {
    var tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    tiny.weights = { $0 == "continued-50-draw-4" ? "33" : $0.hasPrefix("continued") ? "11" : "22" }
    let error = try #require(throws: RunLogError.self) { _ = try files(tiny) }
    #expect(
      error.file.hasSuffix("continued-50-draw-4")
        && error.message.contains("began with other weights"),
      "\(error)")
  }

  // MARK: The whole

  @Test func everyNumberIsAuditedAndTheTextIsASnapshot() throws {
    let tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    let found = try files(tiny)
    try expectSnapshot(found.markdown, "reports/few-shot.md")
    let path = tiny.path(in: folder.path)
    _ = try found.write(style: FigureStyle(dotsPerInch: 20))
    let audit = try #require(try Audit.all(in: path).first)
    #expect(audit.differences.isEmpty && audit.figures == 1, "\(audit.differences)")
    #expect(audit.numbers > 60)

    // A number in the text, and an answer of a network.
    let points = try #require(found.markdown.firstMatch(of: /brings ([0-9.]+) percentage/)).output.1
    try AtomicFile.write(
      found.markdown.replacing("brings \(points)", with: "brings 9\(points)"),
      to: "\(path)/few-shot.md")
    let changed = try #require(try Audit.all(in: path).first)
    #expect(
      changed.differences.contains { "\($0)".contains("sizes[0].gain.size") },
      "\(changed.differences)")
    try AtomicFile.write(found.markdown, to: "\(path)/few-shot.md")
    var worse = tiny
    worse.training = TinyFewShot.keeping(70, else: .right)
    worse.perClass = [10]
    worse.draws = 1
    let other = try TemporaryFolder()
    try worse.write(in: other.path)
    let name = FewShotPlan.runName(.continued, perClass: 10, draw: 1)
    let split = Split("de", .test)
    let target = FewShotPlan.runDirectory(name, in: path).predictions(epoch: 1, split)
    try removeFile(target)
    try FileManager.default.copyItem(
      atPath: FewShotPlan.runDirectory(name, in: worse.path(in: other.path))
        .predictions(epoch: 1, split), toPath: target)
    let forged = try #require(try Audit.all(in: path).first)
    #expect(
      forged.differences.contains {
        "\($0)".contains("runs/\(name)/predictions/epoch-01/de.test.safetensors")
      }, "\(forged.differences)")
  }

  @Test(arguments: [
    #""per_class": []"#, #""per_class": [0]"#, #""per_class": [5, 5]"#, #""draws": 0"#,
    #""target": "../x""#, #""run": 3"#,
  ])
  func aDamagedRecordIsADifferenceAndNoTrap(_ damage: String) throws {
    let tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    let found = try files(tiny)
    let path = tiny.path(in: folder.path)
    _ = try found.write(style: FigureStyle(dotsPerInch: 20))
    let key = try #require(damage.split(separator: ":").first)
    let line = String(
      try #require(found.json.split(separator: "\n").first { $0.hasPrefix("\"few_shot\"") }))
    let member = try #require(
      line.firstMatch(of: try Regex(#"\#(key): ?(\[[^\]]*\]|"[^"]*"|[0-9]+)"#)))
    try AtomicFile.write(
      found.json.replacing(line[member.range], with: damage), to: "\(path)/few-shot.json")
    let audit = try #require(try Audit.all(in: path).first)
    #expect(
      audit.differences.contains { "\($0)".contains("is not a record") }, "\(audit.differences)")
  }

  /// The run's own report links to the answer once it is there, and says nothing before.
  @Test func theRunsReportLinksToIt() throws {
    let tiny = TinyFewShot(training: TinyFewShot.keeping(60, else: .right))
    let found = try files(tiny)
    let run = RunDirectory("\(folder.path)/run")
    func report() throws -> String { try ReportFiles(run).document.text.text }
    #expect(!(try report()).contains("labelling a few texts"))
    _ = try found.write(style: FigureStyle(dotsPerInch: 20))
    #expect(
      try report().contains(
        "What labelling a few texts of a target language brings was [measured after the run](metrics.md#few-shot): "
          + "[German](few-shot/de/few-shot.md)."))
  }
}
