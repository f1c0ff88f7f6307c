internal import Dispatch
internal import Glibc
internal import Storage
internal import Train

/// Turns signals that end a process into a wish to stop, so that the state is saved first.
///
/// Ctrl-C and SIGTERM; SIGHUP, when a terminal or a connection closes; SIGXCPU and SIGUSR1, by which batch systems say
/// that the time is nearly up. A second Ctrl-C or SIGTERM ends the process at once; the others never do, since a system
/// repeats them: the kernel sends SIGXCPU every second.
final class SignalWatch {
  private var sources: [any DispatchSourceSignal] = []
  private var numbers: [Int32] = []
  /// Dispatch's handlers, which it puts in place once per process, for the next watch.
  private static let handlers = Locked<[Int32: sigaction]>([:])

  /// Listens from when it returns: a signal that comes after that is noticed, one that comes before has its usual meaning.
  ///
  /// So the signals are not set to be ignored first, which would lose those that come before Dispatch listens; it puts
  /// a handler of its own in the place of the usual one when it does.
  ///
  /// - Parameters:
  ///   - interruption: gets the wish.
  ///   - pass: hears of every signal after that.
  init(_ interruption: Interruption, pass: @escaping @Sendable () -> Void = {}) {
    let impatience = Interruption()
    let registrations = DispatchGroup()
    for number in [SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1] {
      // `nohup` starts what it runs with SIGHUP ignored, and that is to stay so.
      if number == SIGHUP, isIgnored(number) { continue }
      numbers.append(number)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: .global(qos: .userInitiated))
      source.setEventHandler {
        interruption.request()
        pass()
        // In one go, since two signals' handlers may run at once.
        if [SIGINT, SIGTERM].contains(number), impatience.request() { _exit(130) }
      }
      if var handler = Self.handlers.withLock({ $0[number] }) { sigaction(number, &handler, nil) }
      registrations.enter()
      source.setRegistrationHandler { registrations.leave() }
      source.resume()
      sources.append(source)
    }
    registrations.wait()
  }

  /// Gives the signals their usual meaning back.
  func stop() {
    let cancellations = DispatchGroup()
    for source in sources {
      cancellations.enter()
      source.setCancelHandler { cancellations.leave() }
      source.cancel()
    }
    // Whoever listens next must find that nobody does.
    cancellations.wait()
    sources = []
    for number in numbers {
      var handler = sigaction()
      sigaction(number, nil, &handler)
      Self.handlers.withLock { $0[number] = handler }
      signal(number, SIG_DFL)
    }
    numbers = []
  }
}

/// Whether this process was started with a signal ignored.
private func isIgnored(_ number: Int32) -> Bool {
  var action = sigaction()
  guard sigaction(number, nil, &action) == 0 else { return false }
  // The handler comes first; functions cannot be compared, and SIG_IGN is the number 1.
  return withUnsafeBytes(of: &action) { $0.load(as: UInt.self) == 1 }
}
