internal import Dispatch
internal import Foundation
internal import Storage

/// A line at the bottom of a terminal that is written over again and again.
///
/// Safe to use from several threads: the terminal's width may change while a line is written.
final class Terminal: Sendable {
  private struct State {
    /// What stands there; `nil` for nothing.
    var line: ProgressLine?
    /// How many columns its text takes.
    var length = 0
  }
  private let descriptor: Int32
  private let columnsOfEnvironment: Int?
  private let state = Locked(State())

  /// - Parameters:
  ///   - descriptor: of an open terminal.
  ///   - environment: of which `COLUMNS` counts where the terminal does not know its width.
  init(
    _ descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.descriptor = descriptor
    columnsOfEnvironment = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// How wide the terminal is now; 80 if nobody knows.
  var columns: Int {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return columnsOfEnvironment ?? 80
  }

  /// Writes a line in the place of the one before.
  func show(_ line: ProgressLine) {
    state.withLock { state in
      state.line = line
      draw(&state)
    }
  }

  /// Takes the line away.
  func clear() {
    state.withLock { state in
      guard state.line != nil else { return }
      write(erasing(state.length, columns))
      state = State()
    }
  }

  /// Writes the line again, in the terminal's new width.
  func redraw() { state.withLock { draw(&$0) } }

  /// Writes text that stays, above the line.
  func say(_ text: String) {
    clear()
    write(text + "\n")
  }

  private func draw(_ state: inout State) {
    guard let line = state.line else { return }
    let columns = columns
    let text = line.text(columns: columns)
    write(erasing(state.length, columns) + text)
    state.length = text.count
  }

  /// What goes back to the start of a line and empties all rows that it takes up: a terminal that became narrower has
  /// broken it.
  private func erasing(_ length: Int, _ columns: Int) -> String {
    let rows = max(1, (length + columns - 1) / columns)
    return "\r" + String(repeating: "\u{1B}[A", count: rows - 1)
      + (rows > 1 ? "\u{1B}[J" : "\u{1B}[K")
  }

  /// What the terminal does not take is no reason to stop.
  private func write(_ text: String) {
    try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
      .write(contentsOf: Data(text.utf8))
  }
}

/// Has a terminal's line written again whenever its window changes its size.
final class ResizeWatch {
  private let source: any DispatchSourceSignal

  init(_ terminal: Terminal) {
    source = DispatchSource.makeSignalSource(
      signal: SIGWINCH, queue: .global(qos: .userInitiated))
    source.setEventHandler { terminal.redraw() }
    // A signal that comes before the source listens would be lost.
    let isListening = DispatchSemaphore(value: 0)
    source.setRegistrationHandler { isListening.signal() }
    source.resume()
    isListening.wait()
  }

  deinit { source.cancel() }
}
