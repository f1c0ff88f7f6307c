import Foundation
import Glibc
import Testing

@testable import ReportCommand

/// Progress on terminals of any width.
@Suite struct ProgressTests {
  private let line = ProgressLine(
    share: 0.4267, stage: "epoch 3, evaluating de.validation", rate: "12345 tokens/s",
    rest: "1 h 20 min left")

  @Test func theLineFitsAnyWidth() {
    for columns in 1...200 {
      let text = line.text(columns: columns)
      #expect(text.count <= columns - 1, "\(columns): \(text)")
      if columns > 22 {
        #expect(text.contains("42 %") && text.contains("1 h 20 min left"), "\(columns)")
      }
    }
    #expect(
      line.text(columns: 120)
        == "██████████░░░░░░░░░░░░░░ 42 %  epoch 3, evaluating de.validation  12345 tokens/s  1 h 20 min left"
    )
    #expect(
      line.text(columns: 80)
        == "█████░░░░░░░ 42 %  epoch 3, evaluating de.validation  1 h 20 min left")
    #expect(line.text(columns: 60) == "42 %  epoch 3, evaluating de.validation  1 h 20 min left")
    #expect(line.text(columns: 40) == "42 %  1 h 20 min left")
    #expect(line.text(columns: 1) == "")
    for share in [0, 0.999, 1, 1.5, -1] {
      let other = ProgressLine(share: share, stage: "", rate: "", rest: "")
      #expect(other.text(columns: 200).filter { "█░".contains($0) }.count == 24, "\(share)")
    }
  }

  // MARK: A pseudo-terminal

  /// Both ends of a pseudo-terminal: what is written into one is read from the other.
  private final class PseudoTerminal {
    let screen: Int32
    let program: Int32

    init() throws {
      screen = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      // What unlockpt(3) and ptsname(3) do, which Swift does not import.
      var (lock, number): (Int32, UInt32) = (0, 0)
      try #require(screen >= 0 && ioctl(screen, 0x4004_5431, &lock) == 0)
      try #require(ioctl(screen, 0x8004_5430, &number) == 0)
      program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
      try #require(program >= 0)
    }

    deinit {
      close(screen)
      close(program)
    }

    func setSize(columns: Int) {
      var size = winsize(
        ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
      #expect(ioctl(program, UInt(TIOCSWINSZ), &size) == 0)
    }

    /// What was written up to a mark that the test writes last.
    func read(untilAfter mark: String) throws -> String {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !String(decoding: bytes, as: UTF8.self).contains(mark) {
        let count = Glibc.read(screen, &buffer, buffer.count)
        try #require(count > 0, "the terminal ended before '\(mark)'")
        bytes += buffer[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// What a screen shows of text with carriage returns, line feeds and the three sequences that are used.
  private func rows(_ output: String, columns: Int) -> [String] {
    var screen: [[Character]] = [[]]
    var (row, column) = (0, 0)
    var rest = Substring(output)
    while let character = rest.popFirst() {
      if character == "\u{1B}" {
        let sequence = rest.prefix(2)
        rest = rest.dropFirst(2)
        switch sequence {
        case "[A": row = max(0, row - 1)
        case "[K": screen[row] = Array(screen[row].prefix(column))
        case "[J":
          screen[row] = Array(screen[row].prefix(column))
          screen.removeLast(screen.count - row - 1)
        default: Issue.record("an unknown sequence: \(sequence)")
        }
        continue
      }
      // A carriage return and a line feed are one character to Swift.
      if character == "\r\n" || character == "\n" {
        (row, column) = (row + 1, 0)
      } else if character == "\r" {
        column = 0
      } else {
        if column == columns { (row, column) = (row + 1, 0) }
        while screen.count <= row { screen.append([]) }
        while screen[row].count <= column { screen[row].append(" ") }
        screen[row][column] = character
        column += 1
      }
      while screen.count <= row { screen.append([]) }
    }
    return screen.map { String($0) }
  }

  @Test(arguments: [20, 40, 60, 80, 132])
  func updatesLeaveNothingBehind(_ columns: Int) throws {
    let pseudo = try PseudoTerminal()
    pseudo.setSize(columns: columns)
    let terminal = Terminal(pseudo.program, environment: ["COLUMNS": "500"])
    #expect(terminal.columns == columns)
    for step in 0..<40 {
      terminal.show(
        ProgressLine(
          share: Double(step) / 40, stage: line.stage, rate: line.rate,
          rest: step % 2 == 0 ? line.rest : "3 s left"))
    }
    terminal.say("done.")
    #expect(try rows(pseudo.read(untilAfter: "done.\r\n"), columns: columns) == ["done.", ""])
  }

  @Test func theTerminalsWidthIsAskedForAgain() throws {
    let pseudo = try PseudoTerminal()
    pseudo.setSize(columns: 120)
    let terminal = Terminal(pseudo.program, environment: [:])
    terminal.show(line)
    pseudo.setSize(columns: 60)
    let watch = ResizeWatch(terminal)
    defer { withExtendedLifetime(watch) {} }
    // Whoever changes a window's size sends this to the programs in it.
    #expect(kill(getpid(), SIGWINCH) == 0)
    // The terminal has broken the line of the wide window in two, and both rows are emptied.
    let redrawn = "\r\u{1B}[A\u{1B}[J42 %  epoch 3, evaluating de.validation  1 h 20 min left"
    #expect(try pseudo.read(untilAfter: redrawn).hasSuffix(redrawn))
  }

  @Test func withoutAWidthTheEnvironmentCounts() throws {
    let pseudo = try PseudoTerminal()
    pseudo.setSize(columns: 0)
    #expect(Terminal(pseudo.program, environment: ["COLUMNS": "47"]).columns == 47)
    for value in ["", "0", "-3", "wide"] {
      #expect(Terminal(pseudo.program, environment: ["COLUMNS": value]).columns == 80)
    }
    #expect(Terminal(pseudo.program, environment: [:]).columns == 80)
  }
}
