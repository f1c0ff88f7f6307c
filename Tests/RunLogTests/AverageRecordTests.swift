import RunLog
import Storage
import TestSupport
import Testing

/// What a log says of averaged weights, and what a damaged or malicious one must not do.
@Suite struct AverageRecordTests {
  private func failure(_ line: String) throws -> String {
    let error = try #require(throws: RunLogError.self) {
      try LogRecord(JSON.parse(Array(line.utf8), file: "log"), file: "log", line: 7)
    }
    return "\(error)"
  }

  /// A range that begins after its end would be a trap.
  @Test(arguments: [(0, 3), (4, 3), (1, 100_001), (1, Int.max)])
  func epochsThatCannotBeAreRefused(_ first: Int, _ last: Int) throws {
    let epochs = #""first_epoch":\#(first),"last_epoch":\#(last)"#
    for line in [
      #"{"record":"average",\#(epochs),"seconds":1}"#,
      #"{"record":"average_evaluation",\#(epochs),"split":"de.test","examples":1,"loss":1,"accuracy":1,"seconds":1}"#,
      #"{"record":"run_finished","time":"","selected_average":{\#(epochs)},"seconds":1,"peak_memory_bytes":1,"prefix_seconds":0}"#,
    ] {
      let message = try failure(line)
      #expect(message.hasPrefix("log:7: 'first_epoch' and 'last_epoch' must be epochs from 1 to"))
      #expect(message.contains("found \(first) and \(last)"), "\(message)")
    }
  }

  @Test func aMissingEpochIsNamed() throws {
    #expect(
      try failure(#"{"record":"average","first_epoch":1,"seconds":1}"#).contains(
        "the key 'last_epoch' is missing"))
    #expect(
      try failure(
        #"{"record":"run_finished","time":"","selected_average":3,"seconds":1,"peak_memory_bytes":1,"prefix_seconds":0}"#
      ).contains("expected an object"))
  }

  @Test func predictionsLieBesideTheEpochs() throws {
    let folder = try TemporaryFolder()
    var tiny = TinyRun()
    tiny.averaged = 2...3
    try tiny.write(to: folder.path)
    let run = try Run(folder.path)
    let german = Split("de", .test)
    #expect(
      run.directory.predictions(.average(2...3), german)
        == "\(folder.path)/predictions/average/de.test.safetensors")
    #expect(
      run.directory.predictions(.epoch(3), german) == run.directory.predictions(epoch: 3, german))
    #expect(
      try run.splits(.average(2...3)).map(\.description) == [
        "de.test", "de.validation", "en.test", "en.validation", "es.validation",
      ])
    #expect(try run.predictions(.average(2...3), german, classes: 3)?.count == 160)
    #expect(try run.predictions(.average(2...3), Split("en", .train), classes: 3) == nil)
  }
}
