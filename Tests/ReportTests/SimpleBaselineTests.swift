import Foundation
import Chart
import Metrics
import Plot
@testable import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// What a report says of the network beside a logistic regression on the checkpoint before training, in every case.
@Suite struct SimpleBaselineTests {
  /// Right answers: of both, of the network alone, of the baseline alone, of none.
  private struct Pairs {
    var both = 0
    var network = 0
    var baseline = 0
    var none = 0
    /// Whether an answer of the network, or of the baseline, is not finite.
    var networkIsSilent = false
    var baselineIsSilent = false
    var hasBaseline = true

    var count: Int { both + network + baseline + none }
  }

  /// The layers with a baseline, and how many of 100 source validation texts each labels correctly.
  private func write(
    _ pairs: [(split: String, pairs: Pairs)], layers: [(layer: Int, validation: Int)] = [(4, 60)],
    leftOut: [BaselinesRecord.LeftOut] = [], to path: String
  ) throws {
    var tiny = TinyRun()
    tiny.settings = ["data.targets.1.test=/data/es/test.tsv"]
    tiny.leftOut = TinyRun.splits.map(\.split).filter { $0.part != .train }
    try tiny.write(to: path)
    let run = RunDirectory(path)
    let log = try RunLogWriter(run.log)
    let validation = Split("en", .validation)
    try FinalSentenceTests.answers(70, of: 100).write(to: run.predictions(epoch: 3, validation))
    for (layer, correct) in layers {
      try makeFolder(run.baseline(layer: layer))
      try FinalSentenceTests.answers(correct, of: 100)
        .write(to: run.baseline(layer: layer, validation))
      for (name, pairs) in pairs {
        let split = try #require(Split(name))
        let (p, n) = (pairs.both + pairs.network, pairs.count)
        func answers(_ isRight: (Int) -> Bool, isSilent: Bool) -> Predictions {
          let labels = (0..<n).map { $0 % 3 }
          return Predictions(
            classes: 3,
            logits: labels.enumerated().flatMap { row, label in
              (0..<3).map { column -> Float in
                isSilent ? .nan : column == (isRight(row) ? label : (label + 1) % 3) ? 2 : 0
              }
            }, labels: labels, ids: Array(0..<n), mode: .evaluation)
        }
        try answers({ $0 < p }, isSilent: pairs.networkIsSilent)
          .write(to: run.predictions(epoch: 3, split))
        if !pairs.hasBaseline { continue }
        try answers(
          { $0 < pairs.both || $0 >= p && $0 < p + pairs.baseline },
          isSilent: pairs.baselineIsSilent
        ).write(to: run.baseline(layer: layer, split))
      }
      try log.append(
        .baselineFitted(
          BaselineRecord(
            layer: layer, strength: 0.01, iterations: 100, hasConverged: layer != 6,
            examples: 120, features: 192, seconds: 0.5)))
    }
    try log.append(
      .baselines(
        BaselinesRecord(
          layers: layers.map(\.layer), leftOut: leftOut, tokens: 1000, multiplyAdds: 1e9,
          seconds: 2)))
  }

  private func section(
    _ pairs: [(split: String, pairs: Pairs)], layers: [(layer: Int, validation: Int)] = [(4, 60)],
    leftOut: [BaselinesRecord.LeftOut] = []
  ) throws -> String {
    let folder = try TemporaryFolder()
    try write(pairs, layers: layers, leftOut: leftOut, to: folder.path)
    let text = try Report(results: RunResults(Run(folder.path)), figures: []).markdown()
    let start = try #require(text.range(of: "### A Simple Baseline"))
    let end = try #require(text.range(of: "## Model Specifications"))
    return String(text[start.upperBound..<end.lowerBound])
  }

  private let better = Pairs(both: 60, network: 30, baseline: 5, none: 25)
  private let worse = Pairs(both: 60, network: 5, baseline: 30, none: 25)
  private let alike = Pairs(both: 60, network: 12, baseline: 15, none: 33)

  private func sentence(_ text: String, _ start: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix(start) }.map(String.init)
  }

  @Test func differentOutcomesOfTargetsAreToldApart() throws {
    let text = try section([("en.test", better), ("de.test", worse), ("es.test", alike)])
    let above = try #require(sentence(text, "Fine-tuning is clearly more accurate on"))
    #expect(above.contains("English test (+20.8 [") && !above.contains("German"))
    let below = try #require(sentence(text, "**The baseline is clearly more accurate**"))
    #expect(
      below.contains("German test") && below.contains("−20.8 [") && !below.contains("English"))
    let open = try #require(
      sentence(text, "The accuracies of the fine-tuned network and the baseline could not be"))
    #expect(open.contains("Spanish test (−2.5 [") && open.contains("does not make them equal"))
    #expect(!text.contains("Not compared") && !text.contains("Too few"))
    #expect(text.contains("Holm's correction](metrics.md#holm) for the 3 languages"))
    // 35 texts only one labels correctly, 30 of them the network: McNemar's p, times 3.
    let p = 3 * mcNemarPValue(onlyA: 30, onlyB: 5)
    #expect(p < 1e-4 && text.components(separatedBy: "| &lt; 0.0001 |").count == 3)
  }

  @Test func correctionMayLeaveItOpen() throws {
    // p = 0.031 alone, 0.09 after the correction for three.
    let slight = Pairs(both: 60, network: 16, baseline: 5, none: 40)
    #expect(mcNemarPValue(onlyA: 16, onlyB: 5) < 0.05)
    let text = try section([("en.test", slight), ("de.test", alike), ("es.test", alike)])
    #expect(
      sentence(text, "Left open by the correction for 3 languages")?.contains("English test")
        ?? false)
    #expect(sentence(text, "Fine-tuning is clearly more accurate") == nil)
  }

  @Test func fewExamplesSayNothing() throws {
    let few = Pairs(both: 5, network: 20, baseline: 0, none: 4)
    let text = try section([("en.test", few), ("de.test", better), ("es.test", better)])
    #expect(
      sentence(text, "Too few examples to conclude anything")?.contains(
        "English test (29 examples)")
        ?? false)
    #expect(!(sentence(text, "Fine-tuning is clearly more accurate")?.contains("English") ?? true))
  }

  @Test func absentAndSilentAreNoResults() throws {
    var silent = better
    silent.baselineIsSilent = true
    var lost = better
    lost.hasBaseline = false
    let text = try section([("en.test", better), ("de.test", silent), ("es.test", lost)])
    let line = try #require(sentence(text, "Not compared"))
    #expect(line.contains("German test, since no example has an answer of the baseline"))
    #expect(line.contains("Spanish test, since the baseline was not scored on it"))
    let row = try #require(sentence(text, "| German test"))
    #expect(row.contains("| – |"))
    #expect(text.contains("McNemar's](metrics.md#mcnemar)."))
  }

  @Test func silentNetworkIsNotCompared() throws {
    var silent = better
    silent.networkIsSilent = true
    let text = try section([("de.test", silent), ("en.test", better), ("es.test", better)])
    #expect(
      sentence(text, "Not compared")?.contains(
        "German test, since no example has an answer of the fine-tuned network") ?? false)
  }

  /// The layer is the best on source validation, though another does better on test, and the lowest of equal ones.
  /// The check of the same name says what the section says.
  @Test func theCheckSaysTheSame() throws {
    let folder = try TemporaryFolder()
    try write(
      [("en.test", better), ("de.test", worse), ("es.test", alike)], to: folder.path)
    let checks = try RunChecks(RunResults(Run(folder.path)))
    let check = try #require(checks[.belowBaseline])
    #expect(check.outcome == .found)
    #expect(check.findings.map(\.outcome) == [.notFound, .found, .cannotBeTold])
    #expect(check.findings.map { $0.values.count } == [2, 2, 2])
    #expect((check.findings[1].values.first?.estimate.value ?? 0) < 0)
    var few = better
    (few.both, few.none) = (0, 0)
    (few.network, few.baseline) = (20, 0)
    var silent = better
    silent.baselineIsSilent = true
    let other = try TemporaryFolder()
    try write([("en.test", few), ("de.test", silent), ("es.test", better)], to: other.path)
    let untold = try RunChecks(RunResults(Run(other.path)))[.belowBaseline]
    #expect(untold?.outcome == .cannotBeTold)
    #expect(
      untold?.findings.map(\.outcome) == [.cannotBeTold, .cannotBeTold, .notFound])
  }

  @Test func layerIsChosenOnSourceValidation() throws {
    let text = try section(
      [("en.test", better), ("de.test", better), ("es.test", better)],
      layers: [(4, 60), (5, 66), (6, 66)])
    #expect(text.contains("layer 5 of the checkpoint before training"))
    #expect(text.contains("highest accuracy on English validation; test had no say"))
    #expect(text.contains("| 5 * |") && text.contains("| 6 (not converged) |"))
    #expect(!text.contains("did not converge"))
    let single = try section([("en.test", better), ("de.test", better), ("es.test", better)])
    #expect(single.contains("it is the only layer that was tried") && !single.contains("| Layer |"))
  }

  /// Where validation is final the source's baseline was chosen on the very examples.
  /// As data, every accuracy is called so, whoever's it is, and says of which language and split it is.
  @Test func tablesAsDataNameMetricLanguageAndSplit() throws {
    let folder = try TemporaryFolder()
    try write(
      [("en.test", better), ("de.test", alike)], layers: [(0, 50), (4, 70)], to: folder.path)
    let tables = try ExportSource(folder.path).tables
    let layers = try #require(tables.first { $0.name == "results-a-simple-baseline-layers" })
    let cells = layers.records(of: "").filter { !["Layer", "C"].contains($0.column) }
    // Two layers on English validation and on three languages' test, one of which was not scored.
    #expect(cells.count == 8)
    for cell in cells {
      #expect(cell.metric == "accuracy" && "\(cell.language) \(cell.split)" == cell.column)
      #expect((cell.state == .absent) == (cell.language == "Spanish"))
    }
    let compared = try #require(tables.first { $0.name == "results-a-simple-baseline" })
    let german = compared.records(of: "").filter { $0.language == "German" && $0.split == "test" }
    #expect(
      german.map(\.metric) == [
        "accuracy", "accuracy", "majority_accuracy", "difference_in_accuracy", "p_value",
        "macro_f1", "macro_f1", "difference_in_macro_f1", "transfer_gap", "transfer_gap",
      ])
  }

  @Test func choosingOnTheSameExamplesIsSaid() throws {
    let text = try section([("de.validation", better), ("es.validation", worse)])
    #expect(text.contains("English validation") && text.contains("a little too high"))
    let onTest = try section([("en.test", better), ("de.test", better), ("es.test", better)])
    #expect(!onTest.contains("a little too high"))
  }

  @Test func whatIsLeftOutIsSaid() throws {
    let leftOut = [
      BaselinesRecord.LeftOut(layers: [5, 6], reason: "together they would have cost more")
    ]
    let text = try section(
      [("en.test", better), ("de.test", better), ("es.test", better)], leftOut: leftOut)
    #expect(text.contains("Left out: layers 5 and 6, since together they would have cost more."))
    let nothing = try section([], layers: [], leftOut: leftOut)
    #expect(nothing.contains("There is no baseline to compare with."))
    #expect(nothing.contains("Left out: layers 5 and 6") && !nothing.contains("| Split |"))
  }

  /// Runs from before there were baselines, and those that asked for none.
  @Test func runsWithoutHaveNoSection() throws {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    let results = try RunResults(Run(folder.path))
    #expect(results.baselines.isEmpty && results.baselinesRecord == nil)
    let text = try Report(results: results, figures: []).markdown()
    #expect(!text.contains("Simple Baseline") && !text.contains("**Baselines**"))
  }

  @Test func auditCoversEveryNumber() throws {
    let folder = try TemporaryFolder()
    try write(
      [("en.test", better), ("de.test", worse), ("es.test", alike)],
      layers: [(4, 60), (5, 66), (6, 61)], to: folder.path)
    let files = try ReportFiles(RunDirectory(folder.path))
    try files.write()
    let layers = try #require(files.rendering.figures.first { $0.name == .layers })
    #expect(
      layers.caption.contains("The highest accuracy on English validation is that of layer 5."))
    #expect(layers.figure.panels.count == 1)
    let record = try String(
      decoding: RandomAccessFile("\(folder.path)/report.json").contents(), as: UTF8.self)
    #expect(record.contains("baselines/layer-05/de.test.safetensors"))
    let text = try String(
      decoding: RandomAccessFile("\(folder.path)/report.md").contents(), as: UTF8.self)
    #expect(text.contains("| **Baselines** | 3.50 s |"))
    let path = RunDirectory(folder.path).baseline(layer: 5, Split("de", .test))
    let other = RunDirectory(folder.path).baseline(layer: 5, Split("en", .test))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: other, toPath: path)
    let audit = try Audit(RunDirectory(folder.path))
    #expect(!audit.differences.isEmpty)
  }
}
