internal import Foundation
internal import Model
internal import Storage
internal import Train

/// Seconds of a clock that never goes back.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = now()
  try body()
  return now() - start
}

/// Pages of fresh memory that this process has touched so far.
func pageFaults() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_minflt
}

/// Prints a result on a line of its own, at once.
func report(_ result: JSONObject) {
  FileHandle.standardOutput.write(Data((JSON.object(result).text + "\n").utf8))
}

/// The lines of a text file.
func lines(of path: String) throws -> [String] {
  let text = String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self)
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  if lines.last == "" { lines.removeLast() }
  return lines
}

/// How fast the processors are right now, on all threads at once.
///
/// Virtual processors may share a physical core for seconds; a repetition between two slow probes says
/// nothing. The work is the exponential of numbers in the first-level cache: fused multiply-adds.
struct SpeedProbe {
  private static let count = 1024
  private let pool: WorkerPool
  private let rounds: Int

  /// - Parameter threads: at least 1.
  init(threads: Int) {
    pool = WorkerPool(threads: threads)
    // As many rounds as take about 20 ms at the best speed of a few tries.
    let best = (0..<10).map { _ in seconds { Self.work(rounds: 1000) } }.min() ?? 1
    rounds = Int(0.02 / best * 1000)
  }

  private static func work(rounds: Int) {
    let workspace = Workspace()
    let (x, y) = (workspace.matrix(1, count), workspace.matrix(1, count))
    for index in 0..<count { x.base[index] = -Float(index) / Float(count) }
    for _ in 0..<rounds { Kernels.exp(x, into: y) }
  }

  /// Exponentials a second and thread, in 10⁹.
  func callAsFunction() -> Double {
    let rounds = rounds
    let elapsed = seconds { pool.forEach(pool.threads) { _, _ in Self.work(rounds: rounds) } }
    return Double(rounds * Self.count) / elapsed / 1e9
  }
}
