import Foundation
import Storage
import TestSupport
import Testing

@testable import RunLog

@Suite struct RunLogFileTests {
  static let step = StepRecord(
    epoch: 1, step: 2, learningRate: 5e-5, loss: 0.1 + 0.2, examples: 64, gradientNorm: .infinity,
    seconds: 0.125)

  /// One record of each kind.
  static let records: [LogRecord] = [
    .runStarted(
      RunStarted(
        time: "2026-01-02T03:04:05Z", checkpointName: "tiny", checkpointLayers: 12, hiddenSize: 96,
        attentionHeads: 4, intermediateSize: 384, vocabularySize: 4000, parameters: 1_284_003,
        trainableParameters: 232_995, notes: ["line\none", ""], stepsPerEpoch: 2,
        splits: [
          RunStarted.SplitFacts(
            split: Split("en", .train), examples: 3, available: 6, tokens: 30, truncated: 1,
            classCounts: [1, 0, 2])
        ])),
    .prefix(
      PrefixRecord(
        split: Split("en", .train), key: "00ff", source: .stored, examples: 3, tokens: 30,
        multiplyAdds: 0, seconds: 0.25)),
    .prefix(
      PrefixRecord(
        split: Split("de", .test), key: "", source: .computed, examples: 0, tokens: 0,
        multiplyAdds: 1e18, seconds: 1e-9)),
    .step(step),
    .evaluation(
      EvaluationRecord(
        epoch: 1, split: Split("zh-Hant", .validation), examples: 7, loss: -0.0,
        accuracy: 3.0 / 7, seconds: 1e-9)),
    .epoch(
      EpochRecord(
        epoch: 1, loss: 1 / 3, accuracy: 1, learningRate: 5e-5, examples: 3, tokens: 30,
        seconds: 2, multiplyAdds: 1.5e15)),
    .averageEvaluation(
      AverageEvaluationRecord(
        epochs: 1...2, split: Split("de", .test), examples: 7, loss: .infinity, accuracy: 2.0 / 7,
        seconds: 1e-9)),
    .average(AverageRecord(epochs: 1...2, seconds: 0.5)),
    .checkpoint(epoch: 1, step: 2, path: "checkpoints/epoch-01"),
    .nonFinite(
      NonFiniteRecord(
        epoch: 2, step: 3, loss: .infinity, gradientNorm: 2.5, action: .skipStep)),
    .interrupted(epoch: 2, step: 3), .resumed(epoch: 1, step: 2),
    .resumed(epoch: 2, step: 3, line: 11, notes: ["a note", ""]),
    .runFinished(
      RunFinished(
        time: "2026-01-02T03:05:00Z", selectedEpoch: 1, seconds: 55.5, peakMemoryBytes: 1 << 40,
        prefixSeconds: 0)),
    .runFinished(
      RunFinished(
        time: "2026-01-02T03:05:00Z", selected: .average(1...2), seconds: 55.5,
        peakMemoryBytes: 1 << 40, prefixSeconds: 0)),
  ]

  private func write(_ text: String, to folder: TemporaryFolder) throws -> String {
    let path = folder.path + "/log.jsonl"
    try AtomicFile.write(text, to: path)
    return path
  }

  /// Absent in older logs, empty where nothing was found.
  @Test func warningsReadBack() throws {
    let found = [
      InputWarning(
        kind: .sharedTexts, count: 3, place: "en.test", text: "\"3\" texts", isIntended: true),
      InputWarning(kind: .fewSteps, count: 0, place: "", text: "", isIntended: false),
    ]
    for warnings in [nil, [], found] {
      let record = LogRecord.runStarted(
        RunStarted(
          time: "", checkpointName: "", checkpointLayers: 1, hiddenSize: 1, attentionHeads: 1,
          intermediateSize: 1, vocabularySize: 1, parameters: 1, trainableParameters: 1, notes: [],
          stepsPerEpoch: 1, splits: [], warnings: warnings))
      #expect(try LogRecord(record.json, file: "log.jsonl", line: 1) == record)
      #expect(record.json.text.contains("warnings") == (warnings != nil))
    }
    let text =
      try #require(Self.records.first).json.text.dropLast()
      + #", "warnings": [{"kind": "new_kind", "count": 1, "place": "", "text": "", "intended": false}]}"#
    let error = try #require(throws: RunLogError.self) {
      _ = try LogRecord(JSON.parse(Array(text.utf8), file: "log.jsonl"), file: "log.jsonl", line: 1)
    }
    #expect("\(error)".hasPrefix("log.jsonl:1: unknown kind of warning 'new_kind'"), "\(error)")
  }

  /// Logs that do not say are from before there was any other.
  @Test func architectureReadsBackAndIsBERTInOlderLogs() throws {
    var started = RunStarted(
      time: "", checkpointName: "", architecture: "XLM-R", checkpointLayers: 1, hiddenSize: 1,
      attentionHeads: 1, intermediateSize: 1, vocabularySize: 1, parameters: 1,
      trainableParameters: 1, notes: [], stepsPerEpoch: 1, splits: [])
    let json = LogRecord.runStarted(started).json
    #expect(try LogRecord(json, file: "log.jsonl", line: 1) == .runStarted(started))
    let older = json.text.replacing(#""architecture":"XLM-R","#, with: "")
    started.architecture = "BERT"
    #expect(
      try LogRecord(JSON.parse(Array(older.utf8), file: "log.jsonl"), file: "log.jsonl", line: 1)
        == .runStarted(started))
    let wrong = json.text.replacing(#""XLM-R""#, with: "3")
    #expect(throws: RunLogError.self) {
      try LogRecord(JSON.parse(Array(wrong.utf8), file: "log.jsonl"), file: "log.jsonl", line: 1)
    }
  }

  @Test func whatWasLookedForReadsBack() throws {
    let started = RunStarted(
      time: "", checkpointName: "", checkpointLayers: 1, hiddenSize: 1, attentionHeads: 1,
      intermediateSize: 1, vocabularySize: 1, parameters: 1, trainableParameters: 1, notes: [],
      stepsPerEpoch: 1, splits: [], warnings: [], lookedFor: [.sharedTexts, .sharedValidationTexts])
    let json = LogRecord.runStarted(started).json
    #expect(try LogRecord(json, file: "log.jsonl", line: 1) == .runStarted(started))
    let wrong = json.text.replacing(#""shared_texts""#, with: #""shared_words""#)
    #expect(throws: RunLogError.self) {
      try LogRecord(JSON.parse(Array(wrong.utf8), file: "log.jsonl"), file: "log.jsonl", line: 1)
    }
  }

  @Test func recordsReadBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log.jsonl"
    let log = try RunLogWriter(path)
    for record in Self.records { try log.append(record) }
    let contents = try RunLogContents.read(path)
    #expect(contents.records == Self.records && contents.warning == nil)
  }

  @Test func nonFiniteNumbersReadBackAndAreStrictJSON() throws {
    let record = LogRecord.epoch(
      EpochRecord(
        epoch: 1, loss: .nan, accuracy: 0.5, learningRate: -.infinity, examples: 1, tokens: 1,
        seconds: .infinity, multiplyAdds: 0))
    #expect(record.json.text.contains("\"loss\":\"NaN\""))
    let read = try LogRecord(
      JSON.parse(Array(record.json.text.utf8), file: "f"), file: "f", line: 1)
    guard case .epoch(let epoch) = read else {
      Issue.record("not an epoch")
      return
    }
    #expect(epoch.loss.isNaN && epoch.learningRate == -.infinity && epoch.seconds == .infinity)
  }

  @Test func aTornLastLineIsReported() throws {
    let folder = try TemporaryFolder()
    let whole = Self.records.map(\.json.text).joined(separator: "\n") + "\n"
    let path = try write(whole + #"{"record":"step","epo"#, to: folder)
    let contents = try RunLogContents.read(path)
    #expect(contents.records == Self.records)
    #expect(
      contents.warning?.hasPrefix("\(path):\(Self.records.count + 1): the last line is torn")
        == true)
  }

  /// Wherever the last line was cut, the records before it are there.
  @Test func everyTearIsTolerated() throws {
    let folder = try TemporaryFolder()
    let first = Self.records[1].json.text + "\n"
    let last = Array(Self.records[0].json.text.utf8)
    for length in stride(from: 1, to: last.count, by: 7) {
      let path = folder.path + "/log.jsonl"
      try AtomicFile.write(Array(first.utf8) + last[..<length], to: path)
      let contents = try RunLogContents.read(path)
      #expect(contents.records == [Self.records[1]] && contents.warning != nil)
    }
  }

  @Test func aLastLineThatLacksOnlyItsLineFeedIsARecord() throws {
    let folder = try TemporaryFolder()
    let path = try write(Self.records[1].json.text, to: folder)
    let contents = try RunLogContents.read(path)
    #expect(contents.records == [Self.records[1]] && contents.warning == nil)
  }

  @Test func aBadLineInTheMiddleIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try write("\(Self.records[1].json.text)\n{\"record\":\n{}\n", to: folder)
    let error = try #require(throws: JSONError.self) { _ = try RunLogContents.read(path) }
    #expect(error.line == 2 && error.file == path)
  }

  @Test(arguments: [
    (#"{"record":"step"}"#, "the key 'epoch' is missing"),
    (#"{"record":"leap","epoch":1}"#, "unknown record 'leap'"),
    (#"{"epoch":1}"#, "the key 'record' is missing"), ("[]", "expected an object, found an array"),
    (#"{"record":"interrupted","epoch":-1,"step":2}"#, "'epoch' must be a whole number"),
    (#"{"record":"interrupted","epoch":1.5,"step":2}"#, "not a number"),
    (#"{"record":"checkpoint","epoch":1,"step":2,"path":3}"#, "'path' must be a string"),
    (
      #"{"record":"evaluation","epoch":1,"split":"en.dev","examples":1,"loss":1,"accuracy":1}"#,
      "'split' must be a split such as 'en.validation'"
    ),
  ])
  func refusesRecords(_ line: String, _ part: String) throws {
    let folder = try TemporaryFolder()
    let path = try write("\(Self.records[1].json.text)\n\(line)\n", to: folder)
    let error = try #require(throws: RunLogError.self) { _ = try RunLogContents.read(path) }
    #expect(error.line == 2 && error.file == path, "\(error)")
    #expect(error.message.contains(part), "\(error)")
  }

  @Test func anEmptyLogHasNoRecords() throws {
    let folder = try TemporaryFolder()
    #expect(try RunLogContents.read(write("", to: folder)).records.isEmpty)
  }

  // MARK: Appending after a tear

  @Test func appendingCutsATornLineOff() throws {
    let folder = try TemporaryFolder()
    let path = try write(Self.records[1].json.text + "\n" + #"{"record":"ep"#, to: folder)
    try RunLogWriter(path).append(.resumed(epoch: 1, step: 2))
    let contents = try RunLogContents.read(path)
    #expect(contents.records == [Self.records[1], .resumed(epoch: 1, step: 2)])
    #expect(contents.warning == nil)
  }

  @Test func appendingCompletesALineThatLacksItsLineFeed() throws {
    let folder = try TemporaryFolder()
    let path = try write(Self.records[1].json.text, to: folder)
    try RunLogWriter(path).append(.resumed(epoch: 1, step: 2))
    #expect(
      try RunLogContents.read(path).records == [Self.records[1], .resumed(epoch: 1, step: 2)])
  }

  // MARK: Resumed runs

  private func step(_ number: Int) -> LogRecord {
    .step(
      StepRecord(
        epoch: 1, step: number, learningRate: 1, loss: 1, examples: 1, gradientNorm: 1, seconds: 1))
  }

  @Test func aResumedRecordTakesBackWhatWasLost() throws {
    let folder = try TemporaryFolder()
    let log = try RunLogWriter(folder.path + "/log.jsonl")
    let interrupted = LogRecord.interrupted(epoch: 1, step: 3)
    let resumed = [2, 1].map { LogRecord.resumed(epoch: 1, step: $0, line: $0, notes: []) }
    for record in [step(1), step(2), step(3), interrupted, resumed[0], step(3), step(4)] {
      try log.append(record)
    }
    let first = try RunLogContents.read(folder.path + "/log.jsonl")
    #expect(first.records == [step(1), step(2), interrupted, resumed[0], step(3), step(4)])
    // Further back than before: interruptions stay.
    for record in [resumed[1], step(2)] { try log.append(record) }
    let second = try RunLogContents.read(folder.path + "/log.jsonl")
    #expect(second.records == [step(1), interrupted, resumed[0], resumed[1], step(2)])
  }

  @Test func whatIsTakenBackNeedNotBeValid() throws {
    let folder = try TemporaryFolder()
    let resumed = LogRecord.resumed(epoch: 1, step: 1, line: 1, notes: [])
    let lines = [step(1).json.text, "{\"rec", "", resumed.json.text, step(2).json.text]
    let path = try write(lines.joined(separator: "\n") + "\n", to: folder)
    #expect(try RunLogContents.read(path).records == [step(1), resumed, step(2)])
    let kept = try write(
      lines.joined(separator: "\n").replacing("\"line\":1", with: "\"line\":2"), to: folder)
    #expect(throws: JSONError.self) { try RunLogContents.read(kept) }
    // A line that is not before the record.
    let later = try write(lines[3] + "\n", to: folder)
    #expect(throws: RunLogError.self) { try RunLogContents.read(later) }
  }

  /// What counts when every `resumed` record takes back at once what stands behind its line.
  private func plainly(_ lines: [LogRecord?]) -> [LogRecord]? {
    var kept: [(line: Int, record: LogRecord?)] = []
    for (index, record) in lines.enumerated() {
      if case .resumed(_, _, let last?, _) = record {
        kept.removeAll { entry in
          guard entry.line > last else { return false }
          switch entry.record {
          case .interrupted, .resumed: return false
          default: return true
          }
        }
      }
      kept.append((index + 1, record))
    }
    // A line that is no record and was not taken back is an error.
    return kept.contains { $0.record == nil } ? nil : kept.compactMap(\.record)
  }

  /// However interruptions follow each other, what is left out at the end is what each would have taken back, and reading
  /// on gives what reading anew gives, wherever the log had ended.
  @Test(arguments: 0..<60) func whatIsTakenBackIsSoInAnyOrder(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var lines: [LogRecord?] = []
    for number in 1...24 {
      switch random.next() % 8 {
      case 0: lines.append(nil)
      case 1: lines.append(.interrupted(epoch: 1, step: number))
      case 2 where number > 1, 3 where number > 1:
        let line = 1 + Int(random.next() % UInt64(number - 1))
        lines.append(.resumed(epoch: 1, step: number, line: line, notes: []))
      case 4: lines.append(.resumed(epoch: 1, step: number))
      default: lines.append(step(number))
      }
    }
    // The last takes back most of what is broken.
    lines.append(.resumed(epoch: 1, step: 1, line: Int(1 + seed % 3), notes: []))
    let texts = lines.map { ($0?.json.text ?? "{\"rec") + "\n" }
    let bytes = Array(texts.joined().utf8)
    let found = try? RunLogContents.parse(bytes, file: "log.jsonl")
    #expect(found?.records == plainly(lines))
    for count in 1..<texts.count {
      let part = Array(texts[..<count].joined().utf8)
      guard let earlier = try? RunLogContents.parse(part, file: "log.jsonl") else { continue }
      let later = try? RunLogContents.parse(bytes, file: "log.jsonl", after: earlier)
      #expect(later?.records == found?.records && later?.lines == found?.lines)
      #expect(later?.sha256 == found?.sha256 && later?.unannouncedEnds == found?.unannouncedEnds)
      if let later { #expect(later.newLines == lines.count - count) }
    }
  }

  /// Another log than the one that was read is read from its beginning.
  @Test func readsOnOnlyWhereTheBeginningIsTheSame() throws {
    let text = [step(1), step(2)].map { $0.json.text + "\n" }.joined()
    let earlier = try RunLogContents.parse(Array(text.utf8), file: "f")
    let other = Array((text.replacing("\"step\":1", with: "\"step\":9") + text).utf8)
    let found = try RunLogContents.parse(other, file: "f", after: earlier)
    #expect(found.records == [step(9), step(2), step(1), step(2)] && found.newLines == 4)
    // One that was taken back as a whole.
    let shorter = Array((step(3).json.text + "\n").utf8)
    #expect(try RunLogContents.parse(shorter, file: "f", after: earlier).records == [step(3)])
  }

  @Test func aChangedDigitIsSeen() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log.jsonl"
    let log = try RunLogWriter(path)
    for number in 1...4 {
      try log.append(step(number))
      if number % 2 == 0 {
        try log.append(
          .checkpoint(
            epoch: 1, step: number, path: "checkpoints/x", logSHA256: log.extent.sha256))
      }
    }
    #expect(try RunLogContents.read(path).warning == nil)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try AtomicFile.write(text.replacing("\"step\":3", with: "\"step\":7"), to: path)
    let warning = try RunLogContents.read(path).warning
    #expect(warning?.hasPrefix("\(path): lines 4 to 5 are not as they were written") == true)
  }
}
