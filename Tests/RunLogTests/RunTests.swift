import RunLog
import Storage
import TestSupport
import Testing

@Suite struct RunTests {
  @Test func readsADirectoryOfOurOwn() throws {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    let run = try Run(folder.path + "/")
    #expect(run.directory.path == folder.path)
    #expect(run.experiment == (try TinyRun().experiment()))
    #expect(run.environment?.threads == 2 && run.history?.epochs == 3)
    #expect(run.warnings.isEmpty)
    #expect(try run.splits(.epoch(1)) == TinyRun.splits.map(\.split).sorted { "\($0)" < "\($1)" })
    #expect(try run.splits(.epoch(4)).isEmpty)
    #expect(try run.predictions(epoch: 4, Split("en", .test), classes: 3) == nil)
    #expect(try run.examples(Split("en", .test)) == nil)
  }

  @Test func readsAFolderWithAHistoryOnly() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(
      #"{"train_losses": [1], "comment": "x"}"#, to: folder.path + "/training_history.json")
    let run = try Run(folder.path)
    #expect(run.experiment == nil && run.records.isEmpty && run.history == nil)
    #expect(run.imported?.positions == [1])
    #expect(run.warnings.count == 1 && run.warnings[0].contains("'comment'"))
  }

  @Test func whatIsNoRunIsAnError() throws {
    let folder = try TemporaryFolder()
    let empty = try #require(throws: RunLogError.self) { _ = try Run(folder.path) }
    #expect(empty.message.contains("holds neither a TransferGap run (log.jsonl) nor another log"))
    let missing = try #require(throws: RunLogError.self) { _ = try Run(folder.path + "/x") }
    #expect(missing.message.contains("no such file or folder"))
    try AtomicFile.write("", to: folder.path + "/file")
    let file = try #require(throws: RunLogError.self) { _ = try Run(folder.path + "/file") }
    #expect(file.message.contains("is an empty file; expected a training log"))
    // A log without its configuration cannot be understood.
    try AtomicFile.write("", to: folder.path + "/log.jsonl")
    #expect(throws: StorageError.self) { try Run(folder.path) }
  }

  @Test func aMissingEnvironmentIsAWarning() throws {
    let folder = try TemporaryFolder()
    var tiny = TinyRun()
    tiny.isComplete = false
    try tiny.write(to: folder.path)
    #expect(try Run(folder.path).warnings.contains { $0.contains("environment.json is missing") })
  }

  // MARK: Predictions, examples, environment

  @Test func predictionsReadBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/p.safetensors"
    let predictions = Predictions(
      classes: 2, logits: [0.1, -3e38, .leastNonzeroMagnitude, 7, 0, 0], labels: [1, 0, 1],
      ids: [5, 2, 9],
      mode: .running)
    try predictions.write(to: path)
    #expect(try Predictions.read(path, classes: 2) == predictions)
    #expect(predictions.count == 3 && Array(predictions.row(1)) == [.leastNonzeroMagnitude, 7])
    // A label beyond the classes, and logits of another number of classes.
    #expect(throws: SafetensorsError.self) { try Predictions.read(path, classes: 3) }
    try Predictions(classes: 2, logits: [0, 0], labels: [2], ids: [0], mode: .evaluation)
      .write(to: path)
    let error = try #require(throws: RunLogError.self) {
      _ = try Predictions.read(path, classes: 2)
    }
    #expect(error.message == "label 2 of row 0 is not one of the 2 classes")
  }

  @Test func nonFiniteLogitsReadBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/p.safetensors"
    try Predictions(
      classes: 2, logits: [.nan, .infinity], labels: [0], ids: [0], mode: .evaluation
    ).write(to: path)
    let read = try Predictions.read(path, classes: 2)
    #expect(read.logits[0].isNaN && read.logits[1] == .infinity)
  }

  @Test func examplesReadBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/e.jsonl"
    let examples = [
      ExampleFacts(
        id: 0, tokens: 12, words: 7, unknown: 0, isTruncated: false,
        text: "two\nlines \u{2028} \"q\" 😀"),
      ExampleFacts(id: 7, tokens: 2, words: 0, unknown: 0, isTruncated: false, text: ""),
      ExampleFacts(id: 8, tokens: 128, words: 300, unknown: 3, isTruncated: true, text: nil),
    ]
    try ExampleFacts.write(examples, to: path)
    #expect(try ExampleFacts.read(path) == examples)
    #expect(try RandomAccessFile(path).contents().count { $0 == 0x0A } == 3)
    try AtomicFile.write("{\"id\":0}\n", to: path)
    let error = try #require(throws: RunLogError.self) { _ = try ExampleFacts.read(path) }
    #expect(error.line == 1 && error.message.contains("'tokens' is missing"))
  }

  @Test func environmentReadsBack() throws {
    let folder = try TemporaryFolder()
    let environment = RunEnvironment(
      version: "1", commit: nil, operatingSystem: "Linux", cpu: "Ü", threads: 1, blas: "b",
      kernels: "k", seed: .max, hashes: [("b", "1"), ("a", "2")])
    let path = folder.path + "/environment.json"
    try AtomicFile.write(environment.json.prettyText, to: path)
    #expect(try RunEnvironment.read(path) == environment)
    try AtomicFile.write("{\"sha256\": {\"a\": 1}}", to: path)
    #expect(throws: RunLogError.self) { try RunEnvironment.read(path) }
  }

  // MARK: Names

  @Test func splitsHaveNames() {
    #expect(Split("de.validation") == Split("de", .validation))
    #expect("\(Split("zh-Hant", .test))" == "zh-Hant.test")
    for name in ["de", "de.dev", ".test", "d/e.test", "de.test.tmp", "d_e.test", ""] {
      #expect(Split(name) == nil, "\(name)")
    }
    #expect(isLanguageCode("x-1") && !isLanguageCode("ü") && !isLanguageCode("a@"))
    #expect(!isLanguageCode(String(repeating: "a", count: 36)))
    #expect(languageName("de") == "German" && languageName("tlh") == "tlh")
  }

  @Test func epochFoldersSortByNumber() {
    #expect(RunDirectory.name(3) == "epoch-03" && RunDirectory.name(112) == "epoch-112")
    #expect(
      RunDirectory("/r//").predictions(epoch: 12, Split("en", .test))
        == "/r/predictions/epoch-12/en.test.safetensors")
  }
}
