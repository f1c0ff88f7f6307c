internal import Glibc
internal import Model
internal import RunLog
internal import Storage

/// Whether the memory that a training or a scoring still needs is there.
struct MemoryCheck {
  /// A bound on what the process may still take.
  struct Bound: Equatable {
    let bytes: Int
    /// What sets it, such as "the system's free memory".
    let name: String
    /// Whether it limits address space, used or not.
    var isOfAddresses = false
  }

  let need: MemoryNeed

  /// Compares the need with what there is.
  ///
  /// - Parameter bounds: by default those of this process.
  /// - Throws: `TooLittleMemory` if a bound is below the need.
  func check(against bounds: [Bound] = Self.bounds()) throws {
    func needed(_ bound: Bound) -> Int {
      need.additional + (bound.isOfAddresses ? need.reserved : 0)
    }
    guard let tightest = bounds.min(by: { $0.bytes - needed($0) < $1.bytes - needed($1) }),
      tightest.bytes < needed(tightest)
    else { return }
    throw TooLittleMemory(
      need: needed(tightest), available: tightest.bytes, bound: tightest.name,
      isOfReading: need.step == .beforeReading, isOfTraining: need.isOfTraining)
  }

  // MARK: What there is

  /// Every bound that this system tells.
  static func bounds() -> [Bound] {
    var result: [Bound] = []
    if let text = readText("/proc/meminfo", limit: 1 << 14), let free = freeMemory(text) {
      // Ranks on one host start at the same time and need about the same.
      let ranks = RankTeam.launchedHere
      result.append(
        Bound(
          bytes: free / ranks,
          name: "the system's free memory" + (ranks > 1 ? ", shared by \(ranks) ranks," : "")))
    }
    result += controlGroupBounds(readText("/proc/self/cgroup", limit: 1 << 14) ?? "") {
      readText($0, limit: 1 << 14)
    }
    // Pages of address space and of data, fields 1 and 6 of proc_pid_statm(5).
    let pages = (readText("/proc/self/statm", limit: 256) ?? "").split(separator: " ")
      .map { Int($0) ?? 0 }
    for (resource, field, name) in [
      (RLIMIT_AS, 0, "the address space limit (ulimit -v)"),
      (RLIMIT_DATA, 5, "the data size limit (ulimit -d)"),
    ] {
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
        limit.rlim_cur < rlim_t(Int.max), pages.indices.contains(field)
      else { continue }
      let used = pages[field] * sysconf(Int32(_SC_PAGESIZE))
      result.append(
        Bound(bytes: max(0, Int(limit.rlim_cur) - used), name: name, isOfAddresses: true))
    }
    return result
  }

  /// What a /proc/meminfo says is available, swap included.
  static func freeMemory(_ text: String) -> Int? {
    func kibibytes(_ key: String) -> Int? {
      text.split(separator: "\n").first { $0.hasPrefix(key + ":") }?
        .split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    return kibibytes("MemAvailable").map { ($0 + (kibibytes("SwapFree") ?? 0)) * 1024 }
  }

  /// The bounds of the control groups that a process is in (version 2: its own and those above it).
  ///
  /// - Parameters:
  ///   - membership: the text of /proc/self/cgroup.
  ///   - read: gives a file's text, or `nil`.
  /// - Returns: one for each group that has a limit.
  static func controlGroupBounds(_ membership: String, read: (String) -> String?) -> [Bound] {
    func number(_ path: String) -> Int? {
      read(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
    }
    var result: [Bound] = []
    func add(_ folder: String, limit: String, usage: String, cache: String) {
      guard let most = number("\(folder)/\(limit)"), let used = number("\(folder)/\(usage)") else {
        return
      }
      // Cached files count as used, but give way.
      let cached =
        (read("\(folder)/memory.stat") ?? "").split(separator: "\n")
        .first { $0.hasPrefix(cache + " ") }?.split(separator: " ").last.flatMap { Int($0) } ?? 0
      let (rest, _) = most.subtractingReportingOverflow(used - cached)
      result.append(Bound(bytes: max(0, rest), name: "the memory limit of the container or group"))
    }
    for line in membership.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[0] == "0" {
        var folder = String(parts[2])
        while true {
          add(
            "/sys/fs/cgroup" + (folder == "/" ? "" : folder), limit: "memory.max",
            usage: "memory.current", cache: "inactive_file")
          guard let slash = folder.lastIndex(of: "/"), folder != "/" else { break }
          folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
      } else if parts[1].split(separator: ",").contains("memory") {
        // In a container the group's own path is the root of the mount.
        for folder in ["/sys/fs/cgroup/memory" + parts[2], "/sys/fs/cgroup/memory"] {
          add(
            folder, limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
            cache: "total_inactive_file")
        }
      }
    }
    return result
  }
}

/// A training, or scoring with its model, would not fit into memory.
public struct TooLittleMemory: Error, CustomStringConvertible {
  public let need: Int
  public let available: Int
  public let bound: String

  /// Whether not even data and weights could be read.
  public let isOfReading: Bool
  /// Whether it is about a training, not about scoring with a finished model.
  public let isOfTraining: Bool

  /// Throws if not even data and weights could be read: for an estimate of a training that need not fit.
  @Sendable public static func refuseReading(_ error: TooLittleMemory) throws {
    if error.isOfReading { throw error }
  }

  /// What is lacking, without a full stop.
  public var shortage: String {
    func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
    let need = megabytes(need)
    let task =
      switch (isOfTraining, isOfReading) {
      case (true, true):
        "reading data and weights and training need at least about \(need) of memory"
      case (true, false): "training needs about \(need) of memory beyond its data"
      case (false, true):
        "reading texts and model and scoring need at least about \(need) of memory"
      case (false, false):
        "scoring needs about \(need) of memory beyond what has been read"
      }
    return "\(task), but \(bound) leaves \(megabytes(available))"
  }

  public var description: String {
    guard isOfTraining else {
      return "\(shortage). Use fewer --threads or allow more memory."
    }
    return "\(shortage). Use fewer --threads, "
      + (isOfReading ? "fewer layers, smaller data files" : "a smaller training.block_tokens")
      + " or more frozen layers; nothing was written. If the estimate is wrong, --ignore-memory "
      + "trains anyway."
  }
}
