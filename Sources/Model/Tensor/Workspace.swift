internal import COpenBLAS
internal import Glibc

/// The memory in which one thread computes, and its count of multiply-adds.
///
/// Matrices are handed out one after another and given back together, by going back to a mark. A block
/// that needs more than there is gets further chunks; `reset` replaces them by one of the size that was
/// needed at most, so that from the second block on nothing is allocated. One that only counts hands out shapes.
package final class Workspace {
  /// A place to go back to.
  package struct Mark {
    fileprivate let chunk: Int
    fileprivate let used: Int
    fileprivate let live: Int
  }

  /// The shape of a matrix product `[m, k] × [k, n]`, and how its three matrices lie in memory.
  package struct Product: Sendable {
    package let m: Int
    package let n: Int
    package let k: Int
    package let aTranspose: Transpose
    package let bTranspose: Transpose
    package let beta: Float
    /// From the start of one row to the next, of the left factor, the right factor and the product.
    package let strides: (a: Int, b: Int, c: Int)
  }

  /// Multiply-adds done in matrix products since the start.
  package internal(set) var multiplyAdds = 0
  /// What `gemm` is asked for, if somebody wants to know.
  package var products: [Product]?
  private var chunks: [UnsafeMutableBufferPointer<Float>] = []
  private var chunk = 0
  private var used = 0
  /// Elements handed out and not given back, now and at most.
  private var live = 0
  private var mostLive = 0
  /// What everything handed out points to, if nothing but its size counts.
  private var nowhere: UnsafeMutablePointer<Float>?

  /// 64 bytes, a cache line and the widest register.
  private static let alignment = 16
  /// The smallest chunk, in elements: 4 MB.
  private static let smallestChunk = 1 << 20

  /// The matrix product of single-precision numbers, loaded with OpenBLAS; `nil` if nothing is computed.
  let sgemm: tg_sgemm?

  /// - Precondition: `Engine.load` was called.
  package init() {
    sgemm = Engine.library.sgemm
  }

  /// Makes one that hands out shapes alone and counts what they would take.
  ///
  /// - Parameter nowhere: an address that nobody reads or writes.
  init(counting nowhere: UnsafeMutablePointer<Float>) {
    (sgemm, self.nowhere) = (nil, nowhere)
  }

  deinit {
    for chunk in chunks { Self.deallocate(chunk) }
  }

  /// The memory held, in bytes.
  package var byteCount: Int { chunks.reduce(0) { $0 + 4 * $1.count } }

  /// The most that was handed out at a time, in bytes.
  package var mostBytes: Int { 4 * mostLive }

  /// Whether it hands out shapes alone.
  var isCounting: Bool { nowhere != nil }

  /// Counts `mostBytes` from here on.
  func countAnew() { mostLive = live }

  /// What a request for some elements takes, in elements.
  static func size(_ count: Int) -> Int { (max(count, 1) + alignment - 1) / alignment * alignment }

  /// A matrix whose elements are whatever was there before.
  package func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(
      base: take(rows * columns), rows: rows, columns: columns, isShapeAlone: isCounting)
  }

  /// 32-bit words with undefined content.
  func words(_ count: Int) -> UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(take(count)).bindMemory(to: UInt32.self, capacity: count)
  }

  /// The place reached.
  package func mark() -> Mark { Mark(chunk: chunk, used: used, live: live) }

  /// Gives back everything handed out since `mark`.
  package func release(to mark: Mark) {
    (chunk, used, live) = (mark.chunk, mark.used, mark.live)
  }

  /// Gives back everything.
  package func reset() {
    if chunks.count > 1 {
      for chunk in chunks { Self.deallocate(chunk) }
      // A little more, so that a block slightly larger than all before needs no new chunk.
      chunks = [Self.allocate(mostLive + mostLive / 32)]
    }
    (chunk, used, live) = (0, 0, 0)
  }

  private func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let size = Self.size(count)
    live += size
    mostLive = max(mostLive, live)
    if let nowhere { return nowhere }
    while chunk < chunks.count, used + size > chunks[chunk].count {
      (chunk, used) = (chunk + 1, 0)
    }
    if chunk == chunks.count {
      chunks.append(Self.allocate(max(size, Self.smallestChunk)))
    }
    guard let start = chunks[chunk].baseAddress else {
      // Unreachable: its size is at least that of the smallest chunk.
      preconditionFailure("a chunk is never empty")
    }
    defer { used += size }
    return start + used
  }

  /// Memory straight from the system, which gets it back at once when it is no longer needed; an
  /// allocator would keep what lies between others.
  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    let address = mmap(
      nil, 4 * count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else {
      // Unreachable: Linux grants the address space; what it lacks, it kills for.
      preconditionFailure("there is no memory for \(4 * count) bytes of intermediate results")
    }
    // Fewer, larger pages where the system has them; without, nothing is lost.
    madvise(address, 4 * count, Int32(MADV_HUGEPAGE))
    return UnsafeMutableBufferPointer(
      start: address.bindMemory(to: Float.self, capacity: count), count: count)
  }

  private static func deallocate(_ chunk: UnsafeMutableBufferPointer<Float>) {
    munmap(chunk.baseAddress, 4 * chunk.count)
  }
}
