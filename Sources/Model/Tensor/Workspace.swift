/// The memory in which one thread computes, and its count of multiply-adds.
///
/// Matrices are handed out one after another and given back together, by going back to a mark. A block
/// that needs more than there is gets further chunks; `reset` joins them, so that from the second block
/// on nothing is allocated.
package final class Workspace {
  /// A place to go back to.
  package struct Mark {
    fileprivate let chunk: Int
    fileprivate let used: Int
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

  /// 64 bytes, a cache line and the widest register.
  private static let alignment = 16
  /// The smallest chunk, in elements: 4 MB.
  private static let smallestChunk = 1 << 20

  package init() {}

  deinit {
    for chunk in chunks { chunk.deallocate() }
  }

  /// The memory held, in bytes.
  package var byteCount: Int { chunks.reduce(0) { $0 + 4 * $1.count } }

  /// A matrix whose elements are whatever was there before.
  package func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(base: take(rows * columns), rows: rows, columns: columns)
  }

  /// 32-bit words with undefined content.
  func words(_ count: Int) -> UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(take(count)).bindMemory(to: UInt32.self, capacity: count)
  }

  /// The place reached.
  package func mark() -> Mark { Mark(chunk: chunk, used: used) }

  /// Gives back everything handed out since `mark`.
  package func release(to mark: Mark) {
    (chunk, used) = (mark.chunk, mark.used)
  }

  /// Gives back everything.
  package func reset() {
    if chunks.count > 1 {
      let total = chunks.reduce(0) { $0 + $1.count }
      for chunk in chunks { chunk.deallocate() }
      chunks = [Self.allocate(total)]
    }
    (chunk, used) = (0, 0)
  }

  private func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let size = (max(count, 1) + Self.alignment - 1) / Self.alignment * Self.alignment
    while chunk < chunks.count, used + size > chunks[chunk].count {
      (chunk, used) = (chunk + 1, 0)
    }
    if chunk == chunks.count {
      chunks.append(Self.allocate(max(size, Self.smallestChunk)))
    }
    guard let start = chunks[chunk].baseAddress else {
      preconditionFailure("a chunk is never empty")
    }
    defer { used += size }
    return start + used
  }

  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * count, alignment: 64)
    return bytes.bindMemory(to: Float.self)
  }
}
