import Foundation
import Storage
import TestSupport
import Testing

/// A report that is written while the run is trained: `--live`.
@Suite struct LiveTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    var experiment = FixtureExperiment(
      "epochs: 4", "batch_size: 8", "optimizer: {learning_rate: 1e-3}")
    (experiment.name, experiment.hasTest) = ("live", false)
    try AtomicFile.write(experiment.yaml, to: "\(folder.path)/experiment.yaml")
  }

  private static let reload = "http-equiv=\"refresh\""
  private static let figures = ["losses", "accuracies", "learning_rate", "ROC", "dashboard"]

  private func start(_ arguments: [String]) throws -> Process {
    try CommandRun.start(
      ["train", "experiment.yaml", "--run-dir", "r", "--live"] + arguments, in: folder.path)
  }

  private func bytes(_ name: String) -> [UInt8]? {
    try? RandomAccessFile("\(folder.path)/r/\(name)").contents()
  }

  /// Read again and again by somebody who does not wait: each file is whole whenever it is there.
  @Test func whatIsThereIsWholeAtEveryMoment() throws {
    let process = try start(["--set", "training.epochs=1000"])
    var (pages, pictures) = (Set<String>(), Set<String>())
    // As long as it takes to see several, whatever else the machine does.
    let deadline = ContinuousClock.now + .seconds(240)
    while pages.count < 4 || pictures.count < 4, process.isRunning, ContinuousClock.now < deadline {
      if let page = bytes("report.html") {
        let text = String(decoding: page, as: UTF8.self)
        #expect(text.hasPrefix("<!DOCTYPE html>") && text.hasSuffix("</html>\n"))
        if text.contains(Self.reload) { pages.insert(SHA256.hex(of: page)) }
        // The page comes last; what it shows is there.
        for name in Self.figures { #expect(bytes("\(name).png") != nil, "\(name)") }
      }
      if let text = bytes("report.md") {
        #expect(text.starts(with: Array("# ".utf8)) && text.last == 0x0A)
      }
      for name in Self.figures {
        guard let picture = bytes("\(name).png") else { continue }
        // From the signature to the chunk that ends it.
        #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(picture.suffix(8).starts(with: Array("IEND".utf8)))
        if name == "losses" { pictures.insert(SHA256.hex(of: picture)) }
      }
    }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(pages.count >= 4, "pages that reload themselves")
    #expect(pictures.count >= 4)
    #expect(try listFolder("\(folder.path)/r").allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func theLastReportIsThatOfTheFinishedRun() throws {
    #expect(
      try CommandRun(["train", "experiment.yaml", "--run-dir", "r", "--live"], in: folder.path)
        .status == 0)
    let page = String(decoding: try #require(bytes("report.html")), as: UTF8.self)
    #expect(!page.contains(Self.reload) && page.hasSuffix("</html>\n"))
    #expect(try listFolder("\(folder.path)/r").allSatisfy { !$0.hasSuffix(".tmp") })
    let before = try #require(bytes("losses.png"))
    #expect(try CommandRun(["r"], in: folder.path).status == 0)
    #expect(bytes("losses.png") == before)
  }

  /// Ctrl-C ends the training; the page must not wait for epochs that will not come.
  @Test func anInterruptedRunsPageReloadsNoMore() throws {
    let process = try start(["--set", "training.epochs=1000"])
    try wait(for: "the first page", while: { process.isRunning }) { bytes("report.html") != nil }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let page = String(decoding: try #require(bytes("report.html")), as: UTF8.self)
    #expect(!page.contains(Self.reload) && page.hasSuffix("</html>\n"))
  }

  @Test func aReportThatCannotBeDrawnStopsNoTraining() throws {
    // A folder where a figure is to be; a run may begin there, since it is empty.
    try makeFolder("\(folder.path)/r/losses.png")
    let run = try CommandRun(
      ["train", "experiment.yaml", "--run-dir", "r", "--live"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let warning = "Warning: the report of this epoch could not be written: "
    #expect(run.errors.components(separatedBy: warning).count - 1 == 4, "\(run.errors)")
    #expect(run.errors.contains("losses.png"))
    let plain = try CommandRun(["train", "experiment.yaml", "--run-dir", "plain"], in: folder.path)
    #expect(plain.status == 0)
    let weights = try ["r", "plain"].map {
      try SHA256.hex(ofFile: "\(folder.path)/\($0)/model/model.safetensors")
    }
    #expect(weights[0] == weights[1])
  }
}
