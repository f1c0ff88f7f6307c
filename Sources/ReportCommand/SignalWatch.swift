internal import Dispatch
internal import Glibc
internal import Train

/// Turns Ctrl-C and SIGTERM into a wish to stop; a second Ctrl-C ends the process at once.
final class SignalWatch {
  private var sources: [any DispatchSourceSignal] = []

  init(_ interruption: Interruption) {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: .global(qos: .userInitiated))
      source.setEventHandler {
        // In one go, since two signals' handlers may run at once.
        if interruption.request() { _exit(130) }
      }
      source.resume()
      sources.append(source)
    }
  }

  /// Gives the signals their usual meaning back.
  func stop() {
    for source in sources { source.cancel() }
    sources = []
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
