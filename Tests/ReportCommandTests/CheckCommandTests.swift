import Foundation
import Storage
import TestSupport
import Testing

/// Checks and their exit statuses as a user meets them.
@Suite struct CheckCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyRun().write(to: "\(folder.path)/r")
  }

  private func check(_ arguments: String...) throws -> CommandRun {
    try CommandRun(["check"] + arguments, in: folder.path)
  }

  @Test func exitsByWhatCounts() throws {
    let found = try check("r", "--fail-on", "few-steps")
    #expect(found.status == 3, "\(found.errors)")
    #expect(found.output.contains("few-steps") && found.output.contains("optimiser steps 6"))
    #expect(try check("r", "--fail-on", "not-finite, unstable").status == 0)
    #expect(try check("r", "--fail-on", "never").status == 0)
    let open = try check("r", "--fail-on", "below-baseline")
    #expect(open.status == 2 && open.output.contains("the run has no trained baseline"))
    #expect(try check("r", "--fail-on", "below-baseline", "--accept-untold").status == 0)
    #expect(try check("r", "--fail-on", "few-steps", "--bound", "few-steps=6").status == 0)
    let ignored = try check("r", "--fail-on", "few-steps", "--ignore", "few-steps")
    #expect(ignored.status == 0 && ignored.output.contains("[--ignore]"))
  }

  @Test(arguments: [
    (["r", "--fail-on", "few-step"], "did you mean 'few-steps'?"),
    (["r", "--fail-on", "eror"], "did you mean 'error'?"),
    (["r", "--ignore", "gab"], "did you mean 'gap'?"),
    (["r", "--ignore", "xxxxxxxxx"], "`report check --list` shows them all."),
    (["r", "--bound", "unfinished=3"], "'unfinished' has no bound"),
    (["r", "--bound", "gap"], "such as gap=15, not 'gap'"),
    (["r", "--bound", "gap=101"], "must be from 0 to 100, not '101'"),
    (["r", "--bound", "gap=nan"], "must be from 0 to 100, not 'nan'"),
    (["r", "r", "--map", "m.yaml"], "check one at a time"), ([], "Name at least one"),
    (["r", "--list"], "--list needs no run directory"),
  ])
  func wrongUsage(_ arguments: [String], _ message: String) throws {
    let run = try CommandRun(["check"] + arguments, in: folder.path)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.errors.contains(message), "\(run.errors)")
  }

  @Test func whatCannotBeReadIsAnError() throws {
    let missing = try check("nowhere")
    #expect(missing.status == 1 && missing.errors.contains("nowhere"))
    try makeFolder("\(folder.path)/s/runs")
    let empty = try check("s")
    #expect(empty.status == 1 && empty.errors.contains("holds no run"))
  }

  @Test func everyRunOfAStudy() throws {
    for seed in 1...2 { try TinyRun().write(to: "\(folder.path)/s/runs/a-seed-\(seed)") }
    let run = try check("s", "r", "--json", "--fail-on", "never")
    #expect(run.status == 0, "\(run.errors)")
    let json = try JSON.parse(Array(run.output.utf8), file: "output")
    #expect(
      json["runs"]?.array?.map { $0["run"]?.string }
        == ["s/runs/a-seed-1", "s/runs/a-seed-2", "r"])
    let first = try #require(json["runs"]?.array?.first?["checks"]?.array)
    let gap = try #require(first.first { $0["code"]?.string == "gap" })
    #expect(gap["severity"]?.string == "warning" && gap["bound"]?["value"]?.double == 10)
    let finding = try #require(gap["findings"]?.array?.first)
    #expect(finding["split"]?.string == "de.validation")
    let value = try #require(finding["values"]?.array?.first)
    #expect(value["key"]?.string == "gap" && value["interval"]?.array?.count == 2)
  }

  @Test func namesThemAll() throws {
    let run = try check("--list")
    #expect(run.status == 0)
    let codes = run.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(codes.contains("below-majority") && Set(codes).count == codes.count)
  }
}
