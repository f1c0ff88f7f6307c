import Plot
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

@Suite struct TagTests {
  @Test(arguments: [
    ("A reduced 6-layer architecture can maintain competitive performance", GoalTags.Topic.layers),
    ("Selective layer freezing improves training efficiency", .freezing),
    ("Longer training (10 epochs) compensates for reduced model capacity", .epochs),
    ("Higher learning rates work better with fewer trainable parameters", .learningRate),
    ("German profits from transfer", .transfer), ("Half the percentage is enough", .data),
  ])
  func goalsAreSortedByTheirWords(_ goal: String, _ topic: GoalTags.Topic) {
    #expect(GoalTags.Topic(goal) == topic)
  }

  /// A figure that is missing from the list, or has another's place, would vanish from reports or move in them.
  @Test func everyFigureHasItsOwnPlaceInTheReport() {
    let names = FigureName.allCases
    #expect(Set(names.map(\.rawValue)).count == names.count)
    #expect(Set(names.map(\.place)).count == names.count)
    #expect(names.allSatisfy { FigureName(rawValue: $0.rawValue) == $0 })
    #expect(FigureName(rawValue: "no_figure") == nil)
    let figures = (names.map(\.rawValue) + ["no_figure"]).map {
      ReportFigure(name: $0, title: $0, caption: "", alternativeText: "")
    }
    let places = FigurePlaces(figures.map { FigureTags($0) })
    let sections = [FigureName.Place.Section.training, .performance, .transfer, .overview]
    for section in sections {
      let expected = names.filter { $0.place.section == section }
        .sorted { $0.place.position < $1.place.position }.map(\.rawValue)
      #expect(!expected.isEmpty && places.of(section).map(\.figure.name) == expected)
    }
    #expect(places.others.map(\.figure.name) == ["no_figure"])
  }

  @Test func aGoalOnSomethingElseHasNoTopic() {
    #expect(GoalTags.Topic("Wir wollen es wissen") == nil)
    #expect(GoalTags.Topic("") == nil)
  }

  @Test(
    arguments: [(Double, Double, Int)]([
      (56.6, 67.2, 1), (18.0, 46.0, 0), (0.52, 1.1, 2), (0.0001, 30, 4), (-0.3, 30, 1), (5, 5, 3),
      (0, 30, 0), (0.61, 0.63, 3), (-.infinity, 1, 3),
    ]))
  func digitsFollowTheInterval(_ lower: Double, _ upper: Double, _ digits: Int) {
    #expect(NumberFormat.digits(lower...upper, fallback: 3) == digits)
  }

  @Test(arguments: [
    (2.9e12, "2.9 TFLOP"), (28.4e12, "28 TFLOP"), (999.4e9, "999 GFLOP"), (999.6e9, "1.0 TFLOP"),
    (12, "12 FLOP"), (0, "0 FLOP"), (3.2e21, "3200 EFLOP"), (.nan, "not a number"),
  ])
  func operations(_ count: Double, _ text: String) {
    #expect(NumberFormat.operations(count) == text)
  }

  @Test func longTextsAreCutBetweenWords() {
    #expect(shortened("short") == "short")
    let long = String(repeating: "word ", count: 40)
    #expect(shortened(long) == String(repeating: "word ", count: 23) + "word…")
    let unbroken = String(repeating: "ß", count: 300)
    #expect(shortened(unbroken) == String(unbroken.prefix(120)) + "…")
    // A character of a thousand code points is cut as well.
    let marks = "a" + String(repeating: "\u{301}", count: 1000)
    #expect(shortened(marks).unicodeScalars.count < 500)
  }

  @Test func marksCannotBeForged() throws {
    let scalars = [0xFDD0, 0xFDE1, 0xFDD1, 0x37, 0xFDD2].compactMap { Unicode.Scalar($0 as Int) }
    let forged = String(String.UnicodeScalarView(scalars))
    #expect(markdown("a\(forged)b") == "a7b")
    #expect(throws: TemplateError.self) { try Template("x\n\(forged)", file: "t") }
    // Even text that was not cleaned cannot do more than vanish.
    let endless = String(
      String.UnicodeScalarView(
        [0xFDD0].compactMap { Unicode.Scalar($0 as Int) }
          + (0..<99).compactMap { _ in Unicode.Scalar(0xFDEF as Int) }
          + [0xFDD1].compactMap { Unicode.Scalar($0 as Int) }))
    let text = Marks.read("a\(endless)b\n\n\n\(Marks.wrap("12", 3)) c\n\n")
    #expect(text.lines == ["ab", "", "12 c"])
    #expect(text.spans.filter { $0.value == 3 }.map(\.line) == [3])
  }

  /// Without stored texts, and with texts left out on request.
  @Test func textsOfExamplesAreShownOnlyWhereWanted() throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(folder.path)
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    try tiny.write(to: folder.path)
    func report(showsExamples: Bool = true) throws -> String {
      var options = ReportOptions()
      options.showsExamples = showsExamples
      return try ReportFiles(directory, options: options).markdown
    }
    #expect(try report().contains("| not stored |"))
    for (split, examples, _) in TinyRun.splits {
      try ExampleFacts.write(
        (0..<examples).map {
          ExampleFacts(
            id: $0, tokens: 5 + $0 % 7, words: 4, unknown: $0 % 11 == 0 ? 1 : 0, isTruncated: false,
            text: "Secret | <b>words</b>\n# of [example](x) \($0) \u{202E}`")
        }, to: directory.examples(split))
    }
    let shown = try report()
    #expect(shown.contains("Secret \\| &lt;b>words&lt;/b> # of \\[example\\](x) "))
    #expect(!shown.contains("not stored"))
    #expect(shown.contains("Tokens per word"))
    let hidden = try report(showsExamples: false)
    #expect(hidden.contains("| left out |") && !hidden.contains("Secret"))
  }

  @Test func everyTagIsListedWithItsValue() throws {
    let folder = try TemporaryFolder()
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    try tiny.write(to: folder.path)
    var options = ReportOptions()
    options.hasPage = true
    let files = try ReportFiles(RunDirectory(folder.path), options: options)
    let list = TagListing(.report, files: files).text
    let lines = list.split(separator: "\n").map(String.init)
    func value(_ name: String) -> String? {
      lines.firstIndex { $0.drop { $0 == " " }.hasPrefix(name + " ") }.map { lines[$0 + 1] }
    }
    #expect(value("name") == "    = tiny")
    #expect(value("is_unfinished") == "    = no")
    #expect(value("results") == "    = 6 entries")
    #expect(value("batch_size") == "      = 64")
    func count(_ tags: [TemplateTag]) -> Int { tags.reduce(0) { $0 + 1 + count($1.inner) } }
    #expect(lines.count { !$0.drop { $0 == " " }.hasPrefix("= ") } == count(Report.tags))
    #expect(!list.unicodeScalars.contains { Marks.isMark($0) })
    #expect(TagListing(.page, files: files).text.contains("= Summary · Results · "))
    #expect(!TagListing(.report).text.contains("= "))
  }
}
