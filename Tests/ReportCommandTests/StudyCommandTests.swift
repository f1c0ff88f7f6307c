import Foundation
import Storage
import TestSupport
import Testing

/// `report study` and `report compare` as a user meets them, on Tests/Fixtures/train.
@Suite struct StudyCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let experiment = FixtureExperiment(
      "epochs: 1", "batch_size: 8", "optimizer: {learning_rate: 1e-3}", "schedule: {eta_min: 0}")
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/base.yaml")
    try AtomicFile.write(
      """
      name: s
      base: base.yaml
      seeds: [1, 2, 3]
      configurations: {one: {}, two: {training.epochs: 2}}
      questions:
        - goal: More is more
          claim: {greater: [two, one], metric: accuracy, split: de.test}
        - goal: Less is cheaper
          claim: {less: [one, two], metric: seconds_per_epoch}
        - goal: Less is enough
          claim: {not_less: [one, two], metric: macro_f1, split: de.test, margin: 0.9}
        - goal: The gap stays
          claim: {equivalent: [one, two], metric: transfer_gap, split: de.validation, margin: 0.5}
      """, to: "\(folder.path)/study.yaml")
  }

  private func report(_ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments, in: folder.path)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(path)", encoding: .utf8)
  }

  @Test func trainsAnswersAndReuses() throws {
    let first = try report("study", "study.yaml", "--html", "--threads", "1")
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == "studies/s/study.md\nstudies/s/study.html\n")
    let answer = try text("studies/s/study.md")
    #expect(
      answer.contains("6 of 6 runs are complete: 2 configurations with the seeds 1, 2 and 3."))
    for goal in [
      "### 1. More is more", "### 2. Less is cheaper", "### 3. Less is enough",
      "### 4. The gap stays",
    ] {
      #expect(answer.contains(goal))
    }
    #expect(
      answer.contains(
        "Claim: the macro F1 of one on German test is higher than that of two, or lower by less than 0.9."
      ))
    #expect(
      answer.contains(
        "A one-sided test of the null hypothesis that this difference is −0.9 or less gives p &lt; 0.0001"
      ))
    #expect(
      answer.contains("Two one-sided tests of the null"))
    // What differs in the number of epochs alone shares the frozen layers' output.
    let sharing = try #require(
      answer.split(separator: "\n").first { $0.contains("between them") })
    #expect(sharing.contains("Here 6 runs keep 1 output between them: "), "\(sharing)")
    #expect(answer.contains("| 1 | one and two | 6 | one-seed-1 |"))
    #expect(answer.contains("\n## What Was Not Tested\n"))
    // The gap's claim needs the source, too.
    #expect(answer.contains("of German validation and the 17 examples of English validation, and"))
    #expect(!answer.contains("No question is about English"))
    #expect(answer.contains("No question is about Matthews correlation or loss."))
    #expect(answer.contains("one run at a time") || answer.contains("Operations are compared"))
    #expect(!answer.contains("these seeds only"), "three seeds speak of others")
    for file in ["goal-1.png", "comparison.md", "metrics.md", "final_metrics.png", "gaps.png"] {
      #expect(exists("\(folder.path)/studies/s/\(file)"), "\(file)")
    }
    // Again nothing is trained, and the same bytes come out.
    let again = try report("study", "study.yaml", "--html")
    #expect(again.status == 0 && again.errors.contains("two-seed-3: complete already."))
    #expect(try text("studies/s/study.md") == answer)
    let collected = try report("study", "study.yaml", "--collect")
    #expect(
      collected.status == 0 && collected.errors.contains("study.html belongs to an earlier answer"))
    #expect(try text("studies/s/study.md") == answer)
    #expect(
      try report("audit", "studies/s").output.contains("study.html: does not belong to this report")
    )
    #expect(try report("study", "study.yaml", "--collect", "--html").status == 0)

    // Every number can be worked out again, and one that was changed is found.
    let audit = try report("audit", "studies/s")
    #expect(audit.status == 0, "\(audit.output) \(audit.errors)")
    let lines = audit.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.hasSuffix(" figures agree.") })
    let tokens = try #require(sharing.firstMatch(of: /[0-9,]+ tokens/)).output
    try AtomicFile.write(
      answer.replacing(tokens, with: "1\(tokens)"), to: "\(folder.path)/studies/s/study.md")
    let wrong = try report("audit", "studies/s")
    #expect(wrong.status == 1)
    #expect(
      wrong.output.hasPrefix("study.md:") && wrong.output.contains("(sharing.tokens from "),
      "\(wrong.output)")
    #expect(try report("audit", "studies/s/").output == wrong.output)
    try AtomicFile.write(answer, to: "\(folder.path)/studies/s/study.md")

    // Templates of one's own can be written from what the tags hold here.
    let tags = try report("template", "--list", "study.yaml")
    #expect(tags.status == 0, "\(tags.errors)")
    #expect(
      tags.output.contains("= More is more · Less is cheaper · Less is enough · The gap stays"))
    #expect(tags.output.contains("= Study s: all configurations compared"))

    // A run of the study is a run like any other.
    let runs = ["one-seed-1", "one-seed-2", "two-seed-1"].map { "studies/s/runs/\($0)" }
    let compared = try CommandRun(["compare"] + runs + ["--output", "c"], in: folder.path)
    #expect(compared.status == 0, "\(compared.errors)")
    let comparedTags = try CommandRun(["template", "--list"] + runs, in: folder.path)
    #expect(comparedTags.output.contains("= Comparison: one; two"), "\(comparedTags.errors)")
    let comparison = try text("c/comparison.md")
    #expect(comparison.contains("| one | 2 | 1 and 2 | 1 |"), "\(comparison)")
    #expect(comparison.contains("| training.epochs | 1 | 2 |"))
    #expect(try report("audit", "c").output.hasPrefix("comparison.md: "))
  }

  @Test func commandsOfABatchSystemComeToTheSame() throws {
    let listed = try report("study", "study.yaml", "--list-commands", "--threads", "1")
    let commands = listed.output.split(separator: "\n").map(String.init)
    #expect(commands.count == 6)
    #expect(commands.first == "report study study.yaml --only one-seed-1 --threads 1")
    let more = try report("study", "study.yaml", "--list-commands", "--ignore-memory")
    #expect(more.output.hasPrefix("report study study.yaml --only one-seed-1 --ignore-memory\n"))
    let device = try report("study", "study.yaml", "--list-commands", "--device", "opencl:0")
    #expect(
      device.output.hasPrefix("report study study.yaml --only one-seed-1 --device opencl:0\n"))
    for command in commands.dropLast() {
      let arguments = command.split(separator: " ").dropFirst().map(String.init)
      #expect(try CommandRun(arguments, in: folder.path).status == 0, "\(command)")
    }
    let early = try report("study", "study.yaml", "--collect")
    #expect(early.status == 0, "\(early.errors)")
    #expect(
      try text("studies/s/study.md").contains(
        "**This answer is preliminary**; missing: two-seed-3."))
    // A command may be repeated at will.
    #expect(try report("study", "study.yaml", "--only", "one-seed-1").status == 0)
    let dry = try report("study", "study.yaml", "--dry-run")
    #expect(dry.output.contains("one: all 3 runs are complete"), "\(dry.output)")
    #expect(dry.output.contains("two: 1 of 3 runs to train"), "\(dry.output)")
    #expect(dry.output.contains("[repeated_file]\n"), "\(dry.output)")
  }

  /// What an estimate leaves behind is not counted as the next run's need, which is the first one's.
  @Test(.unless(sanitizers: ["address", "thread"])) func memoryIsThatOfARunOfItsOwn() throws {
    try AtomicFile.write(
      """
      name: m
      base: builtin:demo
      settings: {data.percentage: 10}
      configurations:
        one: {}
        large: {model.encoder_layers: 12, model.frozen_layers: 0}
        longer: {training.epochs: 4}
      """, to: "\(folder.path)/memory.yaml")
    let dry = try report("study", "memory.yaml", "--dry-run", "--threads", "4")
    let needs = dry.output.matches(of: /and (\d+) MB of memory/).compactMap { Int($0.output.1) }
    try #require(needs.count == 3, "\(dry.output) \(dry.errors)")
    #expect(abs(needs[0] - needs[2]) <= 2 && needs[1] > needs[0], "\(needs)")
  }

  /// Runs side by side begin at once and need the same output of the frozen layers.
  @Test func sideBySideEachPrefixIsComputedOnce() throws {
    let run = try report("study", "study.yaml", "--jobs", "3", "--threads", "3")
    #expect(run.status == 0, "\(run.errors)")
    var sources: [String: [String]] = [:]
    for name in try listFolder("\(folder.path)/studies/s/runs") {
      for line in try text("studies/s/runs/\(name)/log.jsonl").split(separator: "\n")
      where line.contains("\"record\":\"prefix\"") {
        let json = try JSON.parse(Array(line.utf8), file: name)
        let key = try #require(json["key"]?.string)
        sources[key, default: []].append(try #require(json["source"]?.string))
      }
    }
    // The German files are one, so a run finds the second of them in its own store.
    #expect(sources.values.map(\.count).sorted() == [6, 6, 12])
    for found in sources.values { #expect(found.count { $0 == "computed" } == 1, "\(found)") }
    #expect(try text("studies/s/study.md").contains("## Shared Work"))
  }

  @Test func aRunThatFailsIsNamed() throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/studies/s/runs", withIntermediateDirectories: true)
    try AtomicFile.write("in the way", to: "\(folder.path)/studies/s/runs/two-seed-2")
    let run = try report("study", "study.yaml", "--jobs", "2")
    #expect(run.status == 1)
    #expect(run.errors.contains("1 of 6 runs failed, this one with exit status 1"), "\(run.errors)")
    #expect(run.errors.contains("studies/s/messages/two-seed-2.txt"), "\(run.errors)")
    #expect(try text("studies/s/study.md").contains("missing: two-seed-2."))
    let typo = try report("study", "study.yaml", "--only", "two-seed-4")
    #expect(typo.status == 1 && typo.errors.contains("did you mean 'two-seed-"))
  }

  @Test func oneRunComparesWithNothing() throws {
    #expect(try report("compare", "a").status == 64)
    let missing = try report("compare", "a", "b")
    #expect(missing.status == 1 && missing.errors.contains("a: there is no such file or folder"))
  }
}
