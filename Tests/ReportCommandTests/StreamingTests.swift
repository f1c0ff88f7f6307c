import Foundation
import Glibc
import Storage
import TestSupport
import Testing

/// A program on the other side of a pipe or a FIFO asks, gets its answer, and asks again.
@Suite struct StreamingTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let data = Fixture.path("train/data")
    try AtomicFile.write(
      """
      name: fixture
      model: {checkpoint: \(Fixture.path("train/model")), encoder_layers: 3, frozen_layers: 1}
      data:
        source: {language: en, train: \(data)/train.tsv, validation: \(data)/validation.tsv}
        max_length: 24
      training: {epochs: 1}
      """, to: "\(folder.path)/experiment.yaml")
    let run = try CommandRun(["train", "experiment.yaml", "--run-dir", "r"], in: folder.path)
    try #require(run.status == 0, "\(run.errors)")
  }

  /// A running `report` that is asked line by line.
  private struct Conversation {
    let process: Process
    private let answers = Pipe()
    private let ask: FileHandle

    /// - Parameters:
    ///   - arguments: what follows `report`.
    ///   - folder: the current folder.
    ///   - fifo: what it reads; its standard input if left out.
    /// - Throws: what Foundation throws if the command cannot be started.
    init(_ arguments: [String], in folder: String, fifo: String? = nil) throws {
      process = Process()
      process.executableURL = CommandRun.executable
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.environment = CommandRun.environment(folder)
      process.standardOutput = answers
      process.standardError = FileHandle.nullDevice
      if let fifo {
        process.standardInput = FileHandle.nullDevice
        try #require(mkfifo("\(folder)/\(fifo)", 0o600) == 0)
        // For both, so that opening does not wait for the reader.
        let descriptor = open("\(folder)/\(fifo)", O_RDWR | O_CLOEXEC)
        ask = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
      } else {
        let pipe = Pipe()
        process.standardInput = pipe
        ask = pipe.fileHandleForWriting
      }
      try process.run()
    }

    /// Writes a line and reads a line.
    ///
    /// - Returns: the answer; `nil`, with an issue, if none comes in a minute.
    func answer(to line: String) throws -> String? {
      try ask.write(contentsOf: Data((line + "\n").utf8))
      return next()
    }

    func next() -> String? {
      let descriptor = answers.fileHandleForReading.fileDescriptor
      var (bytes, byte): ([UInt8], UInt8) = ([], 0)
      while byte != 0x0A {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 60_000) > 0, read(descriptor, &byte, 1) == 1 else {
          Issue.record("no answer; so far: \(String(decoding: bytes, as: UTF8.self))")
          kill(process.processIdentifier, SIGKILL)
          return nil
        }
        bytes.append(byte)
      }
      return String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    /// Says that nothing more will come.
    ///
    /// - Returns: the exit status.
    func end() throws -> Int32 {
      try ask.close()
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  @Test(arguments: [nil, "questions"])
  func predictAnswersALineBeforeTheNextIsWritten(_ fifo: String?) throws {
    // Rounded: what is computed together differs in the last bits from what is not.
    let whole = try CommandRun(["predict", "r", "good film", "", "bad"], in: folder.path)
    let conversation = try Conversation(
      ["predict", "r"] + (fifo.map { ["--input", $0] } ?? []), in: folder.path,
      fifo: fifo)
    let answers = try ["good film", "", "bad"].map { try conversation.answer(to: $0) }
    #expect(answers == whole.output.split(separator: "\n").map(String.init))
    #expect(try conversation.end() == 0)
  }

  @Test func tokenizeAnswersALineBeforeTheNextIsWritten() throws {
    let conversation = try Conversation(["tokenize", "r/model"], in: folder.path)
    #expect(try conversation.answer(to: "")?.hasPrefix(#"{"ids":[2,3]"#) == true)
    #expect(try conversation.answer(to: "good")?.hasPrefix(#"{"ids":[2,5,3]"#) == true)
    #expect(try conversation.end() == 0)
  }

  /// As many as a pipe holds at a time, more than a piece that is computed at once.
  @Test func manyLinesComeBackInOrder() throws {
    let texts = (0..<9000).map { $0 % 3 == 0 ? "good \($0)" : "\($0)" }
    let run = try CommandRun(
      ["predict", "r"], input: Array(("\u{FEFF}" + texts.joined(separator: "\r\n")).utf8),
      in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.map { String($0.split(separator: "\t")[2]) } == texts)
  }

  @Test(arguments: ["predict", "tokenize"])
  func linesBeforeADamagedOneAreAnswered(_ command: String) throws {
    let run = try CommandRun(
      [command, "r/model"], input: Array("good\nbad\n".utf8) + [0xC3, 0x0A] + Array("good\n".utf8),
      in: folder.path)
    #expect(run.status == 1)
    #expect(
      run.errors.contains("standard input:3: is not valid UTF-8; save the file as UTF-8."),
      "\(run.errors)")
    #expect(run.output.split(separator: "\n").count == 2)
  }
}
