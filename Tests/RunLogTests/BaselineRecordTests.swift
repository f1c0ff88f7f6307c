import RunLog
import Storage
import TestSupport
import Testing

/// The configuration's `baselines`, and what a run records of them.
@Suite struct BaselineRecordTests {
  private func parse(_ lines: String...) throws -> Experiment {
    try Experiment.parse(
      (FixtureExperiment().yaml.split(separator: "\n").map(String.init) + lines)
        .joined(separator: "\n"), file: "a.yaml", relativeTo: "/")
  }

  @Test func layersAreReadStrictly() throws {
    #expect(try parse().baselines.layers == .auto)
    for layers in BaselineLayers.allCases {
      let experiment = try parse("baselines: {layers: \(layers.rawValue)}")
      #expect(experiment.baselines.layers == layers)
      #expect(
        try Experiment.parse(experiment.yaml, file: "b.yaml", relativeTo: "/") == experiment)
    }
    for (line, found) in [
      ("baselines: {layers: some}", "expected one of auto, none, unfrozen, kept, all, found"),
      ("baselines: {layer: all}", "unknown key"), ("baselines: all", "expected"),
      ("baselines: {layers: 4}", "expected"),
    ] {
      let error = #expect(throws: RunLogError.self, "\(line)") { try parse(line) }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains("a.yaml:") && text.contains(found), "\(text)")
    }
  }

  /// They are compared with the network and change nothing of it, so runs with and without are one configuration.
  @Test func baselinesDoNotChangeTheNetwork() throws {
    let differences = try parse("baselines: {layers: all}").differences(from: parse())
    #expect(differences.map(\.key) == ["baselines.layers"])
    #expect(differences.allSatisfy { !$0.changesWhatIsComputed })
  }

  @Test func recordsAreReadAsTheyWereWritten() throws {
    let records: [LogRecord] = [
      .baselineFitted(
        BaselineRecord(
          layer: 4, strength: 1e-5, iterations: 77, hasConverged: false, examples: 29,
          features: 32, seconds: 0.25)),
      .baselines(
        BaselinesRecord(
          layers: [0, 4], leftOut: [.init(layers: [5, 6], reason: "they are dear")], tokens: 99,
          multiplyAdds: 1e12, seconds: 3)),
    ]
    for record in records {
      #expect(try LogRecord(record.json, file: "log.jsonl", line: 1) == record)
    }
    for text in [
      #"{"record":"baselines","layers":[-1],"left_out":[],"tokens":1,"multiply_adds":1,"seconds":1}"#,
      #"{"record":"baselines","layers":[],"left_out":[{"layers":[9000],"reason":""}],"tokens":1,"multiply_adds":1,"seconds":1}"#,
      #"{"record":"baseline_fitted","layer":1001,"strength":1,"iterations":1,"converged":true,"examples":1,"features":1,"seconds":1}"#,
    ] {
      let json = try JSON.parse(Array(text.utf8), file: "log.jsonl")
      let error = #expect(throws: RunLogError.self) {
        try LogRecord(json, file: "log.jsonl", line: 3)
      }
      #expect(error.map { "\($0)".contains("from 0 to 1000") } ?? false)
    }
  }
}
