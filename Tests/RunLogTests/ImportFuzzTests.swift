@testable import RunLog
import Storage
import TestSupport
import Testing

/// Readers of logs take damaged inputs or refuse them with an error that names the file. `make fuzz` does
/// the same for minutes, led by what is reached.
@Suite struct ImportFuzzTests {
  @Test(arguments: [
    "huggingface-old/trainer_state.json", "keras-sparse-history/history.json",
    "lightning/lightning_logs/version_10/metrics.csv", "keras-sparse/log.csv",
    "tensorboard-restart/events.out.tfevents.1700000001.host.1.0",
  ])
  func damagedLogs(_ name: String) throws {
    let bytes = try RandomAccessFile(Fixture.path("imports/\(name)")).contents()
    var mutate = Mutator(seed: 5)
    var (read, refused) = (0, 0)
    for _ in 0..<300 {
      do {
        let log = try ImportedLog.parse(mutate(bytes), file: "input")
        #expect(!log.positions.isEmpty && log.positions.indices.contains(log.selectedRow))
        for values in log.rows.values.flatMap(\.values) {
          #expect(values.count == log.positions.count)
        }
        read += 1
      } catch {
        #expect("\(error)".contains("input"), "\(error)")
        refused += 1
      }
    }
    // Damage that is always or never noticed would test one path only.
    #expect(refused > 0 && (read > 0 || name.contains("tfevents")))
  }

  /// The same for the examples of all readers, which are small, so that most damage strikes a header.
  @Test(arguments: LogReader.all.map(\.name))
  func damagedExamples(_ name: String) throws {
    let (file, text) = try #require(LogReader.all.first { $0.name == name }).example
    var mutate = Mutator(seed: 7)
    for _ in 0..<300 {
      do {
        let log = try ImportedLog.parse(mutate(Array(text.utf8)), file: file)
        #expect(!log.positions.isEmpty && log.positions.indices.contains(log.selectedRow))
        #expect(log.rows.values.flatMap(\.values).allSatisfy { $0.count == log.positions.count })
      } catch {
        #expect("\(error)".contains(file), "\(error)")
      }
    }
  }

  /// Damage behind the checks of the frames.
  @Test func damagedEvents() throws {
    let name = "imports/tensorboard-torch/events.out.tfevents.1700000000.host.1.0"
    var records: [[UInt8]] = []
    _ = try RecordFile.forEach(
      RandomAccessFile(Fixture.path(name)).contents(), file: name
    ) { record throws(RunLogError) in records.append(Array(record)) }
    var mutate = Mutator(seed: 6)
    var read = 0
    for round in 0..<300 {
      let damaged = mutate(records[1 + round % (records.count - 1)])
      let file = [records[0], records[1], damaged].flatMap { RecordFile.frame($0) }
      do {
        _ = try ImportedLog.parse(file, file: "input")
        read += 1
      } catch {
        #expect("\(error)".contains("input"), "\(error)")
      }
    }
    #expect(read > 0)
  }
}
