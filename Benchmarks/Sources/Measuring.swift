internal import CKernels
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
/// nothing. The work is multiply-adds in registers, fused and as wide as the processor has them, whatever any library
/// makes of it: the most that it can do, which is the yardstick for everything else.
struct SpeedProbe {
  private let pool: WorkerPool
  private let rounds: Int

  /// - Parameter threads: at least 1.
  init(threads: Int) {
    pool = WorkerPool(threads: threads)
    // As many rounds as take about 20 ms at the best speed of a few tries.
    let rate = (0..<10).map { _ in ProductSpeed.multiplyAddsPerSecond(rounds: 100_000) }.max() ?? 1
    let perRound = Self.operations(rounds: 1)
    rounds = max(1, Int(0.02 * rate / perRound))
  }

  private static func operations(rounds: Int) -> Double {
    var sink: Float = 0
    return tg_multiply_adds(rounds, &sink)
  }

  /// GFLOP/s of all threads together, a multiply-add counting two.
  func callAsFunction() -> Double {
    let rounds = rounds
    let operations = Self.operations(rounds: 1) * Double(rounds) * Double(pool.threads)
    let elapsed = seconds {
      pool.forEach(pool.threads) { _, _ in _ = Self.operations(rounds: rounds) }
    }
    return operations / elapsed / 1e9
  }
}
