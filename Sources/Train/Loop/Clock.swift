internal import Glibc
internal import Storage

/// Times and the process's memory, as the log records them.
enum Clock {
  /// Seconds of a clock that never goes back.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The date and time in UTC, ISO 8601.
  static var timestamp: String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The largest resident set that the program has had, in bytes.
  ///
  /// VmHWM of proc_pid_status(5): what `getrusage` tells outlives exec(2), so it may be the peak of
  /// whoever started the program.
  static var peakMemoryBytes: Int {
    let line = (readText("/proc/self/status", limit: 1 << 14) ?? "").split(separator: "\n")
      .first { $0.hasPrefix("VmHWM:") }
    if let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
      return kibibytes * 1024
    }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
