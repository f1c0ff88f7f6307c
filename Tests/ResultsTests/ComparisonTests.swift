import Foundation
import Metrics
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// Several runs compared, on generated run directories.
@Suite struct RunComparisonTests {
  private let english = Split("en", .validation)
  private let german = Split("de", .validation)

  /// Writes a run whose settings differ from TinyRun's, and reads its results.
  private func run(
    _ name: String, _ settings: [String] = [], in folder: TemporaryFolder,
    change: (RunDirectory) throws -> Void = { _ in }
  ) throws -> RunResults {
    var tiny = TinyRun()
    tiny.settings = ["name=\(name)"] + settings
    let path = "\(folder.path)/\(name)"
    try tiny.write(to: path)
    try change(RunDirectory(path))
    return try RunResults(Run(path))
  }

  /// Makes the answers to a split those of a network that is right on some rows.
  private func answer(
    _ split: Split, _ count: Int, in directory: RunDirectory, isRight: (Int) -> Bool
  ) throws {
    try Predictions(
      classes: 3,
      logits: (0..<count).flatMap { row in
        (0..<3).map { ($0 == row % 3) == isRight(row) ? Float(2) : Float($0) / 10 }
      },
      labels: (0..<count).map { $0 % 3 }, ids: Array(0..<count), mode: .evaluation
    ).write(to: directory.predictions(epoch: 3, split))
  }

  // MARK: Grouping

  @Test func configurationsOfOneNameAreToldApartByWhatDiffers() throws {
    let folder = try TemporaryFolder()
    var count = 0
    func compared(_ others: [String]...) throws -> RunComparison {
      count += 1
      return try RunComparison(
        ([["name=e"]] + others.map { ["name=e"] + $0 }).enumerated().map {
          try run("\(count)-\($0.offset)", $0.element, in: folder)
        })
    }
    let pair = try compared(["training.epochs=4"])
    #expect(pair.groups.map(\.name) == ["epochs 3", "epochs 4"])
    #expect(pair.title == "Comparison of e: epochs 3; epochs 4")
    let three = try compared(["training.epochs=4"], ["name=f", "training.epochs=5"])
    #expect(three.groups.map(\.name) == ["e, epochs 3", "e, epochs 4", "f"])
    #expect(three.commonName == nil && three.title.hasPrefix("Comparison: e, epochs 3; e"))
    let far = try compared([
      "training.epochs=4", "training.batch_size=7", "training.optimizer.learning_rate=1e-3",
    ])
    #expect(far.groups.map(\.name) == ["e (1)", "e (2)"], "three keys are too many for a name")
  }

  @Test func runsThatDifferInTheSeedAreOneConfiguration() throws {
    let folder = try TemporaryFolder()
    let runs = try [
      run("a-2", ["training.seed=2"], in: folder), run("b", ["training.epochs=4"], in: folder),
      run("a-1", ["training.seed=1", "note=another remark"], in: folder),
    ]
    let found = try RunComparison(runs)
    #expect(found.groups.map(\.seeds) == [[1, 2], [42]])
    #expect(found.groups.map(\.name) == ["a", "b"])
    #expect(found.groups[0].runs.map(\.name) == ["a-1", "a-2"])
    #expect(found.configurations.rows.map(\.key) == ["training.epochs"])
    #expect(found.configurations.rows[0].values == ["3", "4"])
    #expect(found.warnings.isEmpty, "\(found.warnings)")
  }

  @Test func aRepeatedSeedIsLeftOutAndSaid() throws {
    let folder = try TemporaryFolder()
    let found = try RunComparison(
      [run("a", in: folder), run("again", in: folder)])
    #expect(found.groups.count == 1 && found.groups[0].runs.count == 1)
    #expect(found.warnings.count == 1 && found.warnings[0].contains("is left out"))
    #expect(found.splits.allSatisfy { $0.pairs.isEmpty })
  }

  @Test func differencesAreNamedByTheirKeys() throws {
    let folder = try TemporaryFolder()
    let runs = try [
      run("a", in: folder),
      run(
        "b",
        [
          "training.optimizer.learning_rate=1e-4", "data.targets.0.quoting=none",
          "model.frozen_layers=2",
        ], in: folder),
    ]
    let rows = try RunComparison(runs).configurations.rows
    #expect(
      rows.map(\.key) == [
        "model.frozen_layers", "data.targets.0.quoting", "training.optimizer.learning_rate",
      ])
    #expect(rows[0].values == ["4", "2"] && rows[2].values == ["5e-05", "0.0001"])
  }

  @Test func oneRunComparesWithNothing() throws {
    let folder = try TemporaryFolder()
    let run = try run("a", in: folder)
    #expect(throws: RunLogError.self) { try RunComparison([run]) }
  }

  // MARK: Warnings

  @Test func otherDataWeightsAndEnvironmentAreWarnedOf() throws {
    let folder = try TemporaryFolder()
    func change(_ directory: RunDirectory) throws {
      var environment = try RunEnvironment.read(directory.environment)
      environment.kernels = "baseline"
      environment.hashes[0].sha256 = String(repeating: "ff", count: 32)
      try AtomicFile.write(environment.json.prettyText, to: directory.environment)
    }
    let found = try RunComparison(
      [run("a", in: folder), run("b", ["training.seed=7"], in: folder, change: change)])
    #expect(found.groups.count == 2, "other data are another configuration")
    #expect(found.warnings.count == 2, "\(found.warnings)")
    #expect(found.warnings[0].contains("data/en.train") && found.warnings[0].contains("ffff"))
    #expect(found.warnings[1].contains("kernels differs: x86-64-v3 in"))
  }

  @Test func otherExamplesAreNotCompared() throws {
    let folder = try TemporaryFolder()
    let found = try RunComparison(
      [
        run("a", in: folder),
        run("b", ["training.epochs=4"], in: folder) { directory in
          try answer(german, 90, in: directory) { _ in true }
        },
      ])
    let split = try #require(found.splits.first { $0.split == german })
    #expect(split.pairs.isEmpty && split.rows.count == 2)
    #expect(
      found.warnings.contains { $0.contains("do not hold the same examples of de.validation") })
    #expect(!found.gaps.contains { $0.target == "de" && $0.part == .validation })
  }

  // MARK: Numbers

  @Test func singleRunsArePairedByExample() throws {
    let folder = try TemporaryFolder()
    let a = try run("a", in: folder) { directory in
      try answer(german, 180, in: directory) { $0 % 4 != 0 }
      try answer(english, 200, in: directory) { $0 % 5 != 0 }
    }
    let b = try run("b", ["training.epochs=4"], in: folder) { directory in
      try answer(german, 180, in: directory) { $0 % 3 != 0 }
      try answer(english, 200, in: directory) { $0 % 5 != 0 }
    }
    let found = try RunComparison([a, b])
    let pair = try #require(found.splits.first { $0.split == german }?.pairs.first)
    // Right: a 135, b 120; of 180 rows 30 are wrong for a alone, 45 for b alone.
    #expect(pair.isMcNemar && pair.pValue == mcNemarPValue(onlyA: 45, onlyB: 30))
    expectClose(
      [pair.contrasts[.accuracy]?.value ?? .nan], [15.0 / 180], "difference", absolute: 1e-15)
    #expect(pair.onlyA == (0..<180).filter { $0 % 4 != 0 && $0 % 3 == 0 })
    #expect(pair.onlyB == (0..<180).filter { $0 % 4 == 0 && $0 % 3 != 0 })
    #expect(pair.adjustedPValue >= pair.pValue)
    #expect(try #require(pair.equivalence).pValue > 0.05)
    let same = try #require(found.splits.first { $0.split == english }?.pairs.first)
    #expect(
      same.pValue == 1 && same.contrasts[.accuracy]?.estimate.interval == nil && same.onlyA.isEmpty)
    #expect(same.equivalence?.pValue == 0)
    let gap = try #require(found.gaps.first { $0.target == "de" && $0.part == .validation })
    let (accuracy, macroF1) = try (
      #require(gap.metrics[.accuracy]), #require(gap.metrics[.macroF1])
    )
    expectClose(
      [accuracy.a.value, accuracy.b.value, accuracy.difference.value],
      [0.8 - 0.75, 0.8 - 2.0 / 3, -15.0 / 180], "gaps", absolute: 1e-14)
    // A single run's gap is the one of its own report, to the last bit of its interval.
    for (run, gaps) in [(a, (accuracy.a, macroF1.a)), (b, (accuracy.b, macroF1.b))] {
      let own = try #require(run.selectedGap(to: run.targets[0], .validation)?.difference?.absolute)
      #expect(gaps.0 == own && own.interval != nil)
      #expect(gaps.1 == run.selectedGap(in: .macroF1, to: run.targets[0], .validation))
    }
    // And every difference is the one that a study's claim is judged by.
    let sides = [(weight: 1.0, group: found.groups[0]), (weight: -1.0, group: found.groups[1])]
    for (metric, difference) in [
      (ContrastedMetric.transferGap(target: "de", .validation), accuracy.difference),
      (.transferGap(target: "de", .validation, of: .macroF1), macroF1.difference),
      (.split(.accuracy, german), try #require(pair.contrasts[.accuracy]).estimate),
      (.split(.macroF1, german), try #require(pair.contrasts[.macroF1]).estimate),
    ] {
      let claimed = contrast(metric, of: sides)
      #expect(claimed?.estimate == difference && difference.interval != nil, "\(metric)")
    }
    let margin = try #require(
      contrast(.split(.accuracy, german), of: sides)?.equivalence(margin: 0.01))
    #expect(pair.equivalence == margin)
    #expect(found.groups[0].gap(.accuracy, to: "fr", .test) == nil)
  }

  /// Over several seeds a gap is that of the two-level bootstrap, and without predictions a number alone.
  @Test func gapsOfSeveralSeedsAreTheirMean() throws {
    let folder = try TemporaryFolder()
    let runs = try (1...3).map { seed in
      try run("a-\(seed)", ["training.seed=\(seed)"], in: folder) { directory in
        try answer(german, 180, in: directory) { ($0 + seed) % 4 != 0 && $0 % 17 != seed }
        try answer(english, 200, in: directory) { $0 % 5 != 0 }
      }
    }
    let group = RunGroup(name: "a", runs: runs)
    for metric in [Metric.accuracy, .macroF1] {
      let gap = try #require(group.gap(metric, to: "de", .validation))
      #expect(gap.method == .twoLevelBootstrap && gap.interval != nil)
      let single = runs.map { RunGroup(name: "a", runs: [$0]).gap(metric, to: "de", .validation) }
      expectClose(
        [gap.value], [single.reduce(0) { $0 + ($1?.value ?? .nan) } / 3], "mean", absolute: 1e-14)
    }
    #expect(group.gap(.accuracy, to: "fr", .test) == nil)
  }

  /// Rows may lie in another order in another run.
  @Test func examplesAreMatchedByRow() throws {
    let folder = try TemporaryFolder()
    let a = try run("a", in: folder)
    let b = try run("b", ["training.epochs=4"], in: folder) { directory in
      let path = directory.predictions(epoch: 3, german)
      let old = try Predictions.read(path, classes: 3)
      let order = old.ids.indices.reversed()
      try Predictions(
        classes: 3, logits: order.flatMap { Array(old.row($0)) },
        labels: order.map { old.labels[$0] }, ids: order.map { old.ids[$0] }, mode: .evaluation
      ).write(to: path)
    }
    let found = try RunComparison([a, b])
    for split in found.splits {
      let pair = try #require(split.pairs.first)
      #expect(pair.onlyA.isEmpty && pair.onlyB.isEmpty && pair.contrasts[.macroF1]?.value == 0)
    }
  }

  /// Two seeds that are always right and one that seldom is: `value ± t s` would end far above 100 %.
  @Test func intervalsOverSeedsEndWhereTheMetricDoes() throws {
    let folder = try TemporaryFolder()
    let found = try RunComparison(
      (1...3).map { seed in
        try run("a-\(seed)", ["training.seed=\(seed)"], in: folder) {
          try answer(german, 180, in: $0) { seed < 3 || $0 % 4 == 0 }
        }
      })
    let row = try #require(found.splits.first { $0.split == german }?.rows.first)
    for metric in [Metric.accuracy, .macroF1] {
      let estimate = try #require(row.estimates[metric])
      let interval = try #require(estimate.interval)
      #expect(estimate.value < 0.8 && interval.upper == 1 && interval.lower >= 0)
    }
    #expect(row.estimates[.loss]?.interval?.lower == 0)
  }

  @Test func seedsAreComparedOnTwoLevels() throws {
    let folder = try TemporaryFolder()
    func group(_ name: String, _ settings: [String], _ period: Int) throws -> [RunResults] {
      try (1...3).map { seed in
        try run("\(name)-\(seed)", settings + ["training.seed=\(seed)"], in: folder) {
          try answer(german, 180, in: $0) { ($0 + seed) % period != 0 && $0 % 17 != seed }
        }
      }
    }
    let found = try RunComparison(
      group("a", [], 6) + group("b", ["training.epochs=4"], 3))
    #expect(found.groups.map(\.seeds) == [[1, 2, 3], [1, 2, 3]])
    let split = try #require(found.splits.first { $0.split == german })
    let row = split.rows[0]
    let accuracy = try #require(row.metrics[.accuracy])
    let outcomes = (1...3).map { seed in
      Double((0..<180).count { ($0 + seed) % 6 != 0 && $0 % 17 != seed }) / 180
    }
    #expect(accuracy.values == outcomes)
    #expect(row.variance?.seeds == 3 && row.variance?.examples == 180)
    #expect(row.estimates[.accuracy]?.method == .twoLevelBootstrap)
    let pair = try #require(split.pairs.first)
    let contrast = try #require(pair.contrasts[.accuracy])
    #expect(!pair.isMcNemar && contrast.seeds == 3 && !contrast.isForTheseSeedsOnly)
    expectClose([pair.pValue], [contrast.pValue], "p", absolute: 0)
    #expect(contrast.value > 0 && pair.pValue < 0.05)
    #expect(found.groups[0].summary { $0.finished?.seconds }?.values == [21.25, 21.25, 21.25])
  }

  // MARK: Contrasts for a study's claims

  @Test func claimsAreJudgedOnGroups() throws {
    let folder = try TemporaryFolder()
    func group(_ name: String, _ settings: [String], slowness: Double, _ period: Int) throws
      -> [RunResults]
    {
      try (1...3).map { seed in
        var tiny = TinyRun()
        tiny.settings = ["name=\(name)", "training.seed=\(seed)"] + settings
        tiny.slowness = slowness + Double(seed) / 100
        let path = "\(folder.path)/\(name)-\(seed)"
        try tiny.write(to: path)
        try answer(german, 180, in: RunDirectory(path)) { ($0 + seed) % period != 0 }
        try answer(english, 200, in: RunDirectory(path)) { $0 % 5 != 0 }
        return try RunResults(Run(path))
      }
    }
    let groups = try RunComparison(
      group("a", [], slowness: 1, 6) + group("b", ["training.epochs=4"], slowness: 2, 3)
    ).groups
    let sides = [(weight: 1.0, group: groups[0]), (weight: -1.0, group: groups[1])]
    let accuracy = try #require(contrast(.split(.accuracy, german), of: sides))
    expectClose([accuracy.value], [5.0 / 6 - 2.0 / 3], "accuracy", absolute: 1e-14)
    let gap = try #require(contrast(.transferGap(target: "de", .validation), of: sides))
    expectClose([gap.value], [-accuracy.value], "gap", absolute: 1e-14)
    let loss = try #require(contrast(.split(.loss, german), of: sides))
    let losses = groups.map { $0.summary { $0.selected[german]?.loss }?.mean.value ?? .nan }
    expectClose([loss.value], [losses[0] - losses[1]], "loss", absolute: 1e-12)
    #expect(groups.areOfOneEnvironment)
    let seconds = try #require(contrast(.secondsPerEpoch, of: sides))
    expectClose([seconds.value], [-1.75], "seconds", absolute: 1e-12)
    let operations = try #require(contrast(.operationsPerEpoch, of: sides))
    #expect(operations.value == 0 && ContrastedMetric.operationsPerEpoch.isCounted)
    let judged = judge([
      (.greater(margin: 0), accuracy, false), (.less(margin: 0), seconds, false),
      (.equivalent(margin: 1), operations, true), (.less(margin: 0), operations, true),
    ])
    #expect(judged.map(\.verdict) == [.supported, .supported, .supported, .notSupported])
    // A difference of differences of a group with itself is nothing.
    let nothing = try #require(
      contrast(
        .split(.accuracy, german),
        of: [(1, groups[0]), (-1, groups[1]), (-1, groups[0]), (1, groups[1])]))
    expectClose([nothing.value, nothing.standardError], [0, 0], "nothing", absolute: 1e-12)
    #expect(contrast(.split(.accuracy, Split("fr", .test)), of: sides) == nil)
    #expect(contrast(.transferGap(target: "fr", .test), of: sides) == nil)
  }

  // MARK: Shared work

  @Test func whatWasTakenFromTheStoreIsAddedUp() throws {
    let folder = try TemporaryFolder()
    func run(_ name: String, _ settings: [String], _ records: [PrefixRecord]) throws -> RunResults {
      try self.run(name, settings, in: folder) { directory in
        let old = try RunLogContents.read(directory.log).records
        try removeFile(directory.log)
        let log = try RunLogWriter(directory.log)
        try log.append(old[0])
        for record in records { try log.append(.prefix(record)) }
        for record in old.dropFirst() { try log.append(record) }
      }
    }
    func record(_ key: String, _ source: PrefixRecord.Source, tokens: Int) -> PrefixRecord {
      PrefixRecord(
        split: english, key: key, source: source, examples: 1, tokens: tokens,
        multiplyAdds: source == .computed ? Double(10 * tokens) : 0, seconds: 0.5)
    }
    let groups = try [
      RunGroup(
        name: "base",
        runs: [
          run(
            "base-1", ["training.seed=1"],
            [record("k", .computed, tokens: 30), record("l", .stored, tokens: 5)]),
          run(
            "base-2", ["training.seed=2"],
            [record("k", .stored, tokens: 30), record("l", .stored, tokens: 5)]),
        ]),
      RunGroup(name: "open", runs: [run("open-1", ["model.frozen_layers=0"], [])]),
      RunGroup(
        name: "long",
        runs: [
          run(
            "long-1", ["training.epochs=4"],
            [record("k", .stored, tokens: 30), record("l", .computed, tokens: 5)])
        ]),
      RunGroup(
        name: "deep",
        runs: [run("deep-1", ["model.frozen_layers=5"], [record("d", .stored, tokens: 30)])]),
    ]
    let found = SharedPrefixes(groups)
    #expect(found.runs == 4 && found.without == ["open"] && found.shares.count == 2)
    let shared = found.shares[0]
    #expect(
      shared.configurations == ["base", "long"] && shared.computedBy == ["base-1", "long-1"])
    #expect(shared.runs == 3 && shared.frozenLayers == 4)
    #expect(shared.computedTokens == 35 && shared.savedTokens == 5 + 35 + 30)
    #expect(shared.computedOperations == 700 && shared.savedOperations == 2 * 10 * 70)
    #expect(shared.computedSeconds == 1)
    // Nobody here computed it, so nobody says what that took.
    let deep = found.shares[1]
    #expect(deep.computedBy.isEmpty && deep.runs == 1 && deep.savedTokens == 30)
    #expect(deep.savedOperations == nil)
  }

  @Test func timesOfSeveralMachinesAreNotCompared() throws {
    let folder = try TemporaryFolder()
    let runs = try [
      run("a", in: folder),
      run("b", ["training.epochs=4"], in: folder) { directory in
        var environment = try RunEnvironment.read(directory.environment)
        environment.cpu = "Another CPU"
        try AtomicFile.write(environment.json.prettyText, to: directory.environment)
      },
    ]
    let found = try RunComparison(runs)
    #expect(!found.groups.areOfOneEnvironment && Array(found.groups.prefix(1)).areOfOneEnvironment)
    #expect(found.warnings.contains { $0.hasPrefix("The processor differs") })
  }

  @Test func logsFromElsewhereGoAsFarAsTheirData() throws {
    let folder = try TemporaryFolder()
    for (name, accuracy) in [("one", 0.7), ("two", 0.8)] {
      try makeFolder("\(folder.path)/\(name)")
      try AtomicFile.write(
        "{\"english_val_accuracies\": [\(accuracy)]}",
        to: "\(folder.path)/\(name)/training_history.json")
    }
    let runs = try ["one", "two"].map { try RunResults(Run("\(folder.path)/\($0)")) }
    let found = try RunComparison(runs)
    #expect(found.groups.map(\.name) == ["one", "two"], "told apart by their folders")
    #expect(found.configurations.rows.isEmpty && found.splits.count == 1 && found.gaps.isEmpty)
    #expect(found.splits[0].rows.compactMap { $0.metrics[.accuracy]?.mean.value } == [0.7, 0.8])
    #expect(found.splits[0].pairs.isEmpty && found.warnings.count == 4)
    #expect(
      found.warnings.count { $0.contains("has no predictions of individual examples") } == 2,
      "\(found.warnings)")
  }

  private static let logs = [
    "huggingface-steps", "huggingface-old", "huggingface-array", "huggingface-no-evaluation",
    "keras-csv/training.log", "keras-sparse/log.csv", "keras-history/history.json", "lightning",
    "lightning-two-sets", "tensorboard-torch", "tensorboard-keras", "tensorboard-huggingface",
  ]

  /// What other programs log is compared with a run of ours: what either knows stands in the table, nothing
  /// is tested, and it is said why.
  @Test(arguments: logs) func logsOfOtherPrograms(_ log: String) throws {
    let folder = try TemporaryFolder()
    let foreign = try RunResults(Run(Fixture.path("imports/\(log)")))
    let found = try RunComparison([foreign, run("ours", in: folder)])
    #expect(found.groups.count == 2 && found.splits.allSatisfy { $0.pairs.isEmpty })
    #expect(found.gaps.isEmpty)
    #expect(
      found.warnings.contains {
        $0.contains("\(found.groups[0].name) has no predictions of individual examples")
      }, "\(found.warnings)")
    for (split, result) in foreign.selected where split.part != .train {
      let row = found.splits.first { $0.split == split }?.rows.first { $0.group == 0 }
      if !result.accuracy.isNaN {
        #expect(row?.metrics[.accuracy]?.mean.value == result.accuracy, "\(split)")
      }
      #expect(row?.estimates.isEmpty ?? true)
    }
  }

  /// With tables of predictions beside them, logs of other programs are paired by example as ours are.
  @Test func logsOfOtherProgramsWithPredictionsArePaired() throws {
    let folder = try TemporaryFolder()
    let original = Fixture.path("imports/huggingface-checkpoints")
    let paths = try ["one", "two"].map { name in
      let path = "\(folder.path)/\(name)"
      try FileManager.default.copyItem(atPath: original, toPath: path)
      return path
    }
    // The second has the answers to every third example turned round.
    let table = try String(contentsOfFile: "\(paths[1])/predictions.csv", encoding: .utf8)
    let lines = table.split(whereSeparator: \.isNewline).map(String.init)
    let header = lines[0].split(separator: ",")
    let columns = header.indices.filter {
      header[$0] != "split" && header[$0] != "label" && header[$0] != "id"
    }
    let changed =
      [lines[0]]
      + lines.dropFirst().enumerated().map { row, line in
        var cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if row % 3 == 0 {
          let turned = columns.map { cells[$0] }.reversed()
          for (column, cell) in zip(columns, turned) { cells[column] = cell }
        }
        return cells.joined(separator: ",")
      }
    try AtomicFile.write(changed.joined(separator: "\n") + "\n", to: "\(paths[1])/predictions.csv")
    let runs = try paths.map { try RunResults(Run($0)) }
    let found = try RunComparison(runs)
    #expect(found.groups.map(\.name) == ["one", "two"])
    let pairs = found.splits.flatMap(\.pairs)
    #expect(!pairs.isEmpty && pairs.allSatisfy(\.isMcNemar))
    #expect(pairs.contains { !$0.onlyA.isEmpty || !$0.onlyB.isEmpty })
    for split in found.splits where !split.pairs.isEmpty {
      let hits = runs.map { run -> [Bool] in
        guard let found = run.predictions[split.split] else { return [] }
        return found.labels.indices.map { predictedClass(found.row($0)) == found.labels[$0] }
      }
      let onlyOne = zip(hits[0], hits[1]).count { $0 && !$1 }
      let onlyTwo = zip(hits[0], hits[1]).count { !$0 && $1 }
      #expect(split.pairs[0].pValue == mcNemarPValue(onlyA: onlyOne, onlyB: onlyTwo))
    }
    #expect(!found.warnings.contains { $0.contains("no predictions") })
  }
}
