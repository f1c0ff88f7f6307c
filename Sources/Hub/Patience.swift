internal import Foundation

/// How often something is tried again, and how long in between.
public struct Patience {
  /// How often in a row something may fail without any progress.
  let attempts = 5
  /// The longest pause that a server may ask for, in seconds.
  let longestPause = 300.0
  /// Waits for so many seconds.
  let wait: (Double) throws -> Void
  /// The time now, for servers that say until when to wait.
  let now: () -> Date
  /// Tells the user.
  let say: (String) -> Void

  /// - Parameters:
  ///   - wait: waits for so many seconds.
  ///   - now: the time in seconds since 1970.
  ///   - say: tells the user why nothing happens.
  package init(
    wait: @escaping (Double) throws -> Void, now: @escaping () -> Double,
    say: @escaping (String) -> Void
  ) {
    (self.wait, self.say) = (wait, say)
    self.now = { Date(timeIntervalSince1970: now()) }
  }

  /// By the clock of this machine.
  ///
  /// - Parameter say: tells the user why nothing happens.
  public init(say: @escaping (String) -> Void) {
    self.init(
      wait: { Thread.sleep(forTimeInterval: $0) }, now: { Date().timeIntervalSince1970 }, say: say)
  }

  /// Tries until it works, or until there is no hope.
  ///
  /// - Parameters:
  ///   - progress: a number that grows when something was gained, after which the count begins anew.
  ///   - body: what to try.
  /// - Returns: what `body` returns.
  /// - Throws: the reason of the last `TemporaryFailure`; `HubError.tooManyRequests`; whatever else `body` throws.
  func persist<Result>(progress: () -> Int = { 0 }, _ body: () throws -> Result) throws -> Result {
    var (failures, reached) = (0, progress())
    while true {
      do {
        return try body()
      } catch let failure as TemporaryFailure {
        if progress() != reached { (failures, reached) = (0, progress()) }
        failures += 1
        guard failures < attempts else { throw failure.reason }
        let pause = failure.pause ?? Double(1 << (failures - 1))
        guard pause <= longestPause else {
          if case .status(_, let address, _) = failure.reason {
            throw HubError.tooManyRequests(address: address, seconds: pause)
          }
          throw failure.reason
        }
        if pause > 0 {
          say("\(failure.reason) Trying again in \(Int(pause.rounded(.up))) s …")
          try wait(pause)
        }
      }
    }
  }

  /// What `Retry-After` asks for, in seconds: a number or a date (RFC 9110, 10.2.3); `nil` if it asks for nothing.
  func pause(_ header: String?) -> Double? {
    guard let header = header?.trimmingCharacters(in: .whitespaces) else { return nil }
    if let seconds = Double(header), seconds >= 0 { return seconds }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return format.date(from: header).map { max(0, $0.timeIntervalSince(now())) }
  }
}
