internal import COpenBLAS
internal import Model
internal import Train

/// Matrix products of a real block, done again with nothing between them: the speed that the machine
/// allows on these very shapes.
///
/// Small matrices move through memory, as a block's many examples do; large ones stay in place.
final class ProductReplay {
  /// One thread's factors and product.
  private struct Arena: @unchecked Sendable {
    // Unchecked because each thread has an arena of its own.
    let a: UnsafeMutablePointer<Float>
    let b: UnsafeMutablePointer<Float>
    let c: UnsafeMutablePointer<Float>
  }

  /// Up to this many elements a matrix counts as small: 1 MB.
  private static let small = 1 << 18
  /// The part of the arena through which small ones move: 16 MB.
  private static let path = 1 << 22

  private let products: [Workspace.Product]
  private let pool: WorkerPool
  private let arenas: [Arena]
  private let sgemm: tg_sgemm

  /// Floating-point operations of one thread's round, a multiply-add counting two.
  let operations: Double

  /// - Parameters:
  ///   - products: as a worker recorded them.
  ///   - threads: each does all of them.
  /// - Throws: `BLASError` without OpenBLAS.
  init(_ products: [Workspace.Product], threads: Int) throws {
    sgemm = try BLASLibrary.shared.get().sgemm
    self.products = products
    pool = WorkerPool(threads: threads)
    operations = products.reduce(0) { $0 + 2 * Double($1.m * $1.n * $1.k) }
    let largest = products.map { max($0.extents.a, $0.extents.b, $0.extents.c) }.max() ?? 0
    let size = largest + Self.path + Self.small
    func allocate() -> UnsafeMutablePointer<Float> {
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: size)
      memory.initialize(repeating: 0.01, count: size)
      return memory
    }
    arenas = (0..<threads).map { _ in Arena(a: allocate(), b: allocate(), c: allocate()) }
  }

  deinit {
    for arena in arenas {
      for memory in [arena.a, arena.b, arena.c] { memory.deallocate() }
    }
  }

  /// Runs every product on every thread.
  ///
  /// - Returns: seconds.
  func run() -> Double {
    let (products, arenas, sgemm) = (products, arenas, sgemm)
    return seconds {
      pool.forEach(pool.threads) { thread, _ in
        var place = 0
        func start(_ memory: UnsafeMutablePointer<Float>, _ extent: Int) -> UnsafeMutablePointer<
          Float
        > {
          guard extent <= Self.small else { return memory }
          place = (place + extent) % Self.path
          return memory + place
        }
        let arena = arenas[thread]
        for product in products {
          let extents = product.extents
          sgemm(
            Int32(TG_BLAS_ROW_MAJOR), product.aTranspose.code, product.bTranspose.code,
            Int32(product.m), Int32(product.n), Int32(product.k), 1, start(arena.a, extents.a),
            Int32(product.strides.a), start(arena.b, extents.b), Int32(product.strides.b),
            product.beta, start(arena.c, extents.c), Int32(product.strides.c))
        }
      }
    }
  }
}

extension Workspace.Product {
  /// From the first element of each matrix to behind its last.
  fileprivate var extents: (a: Int, b: Int, c: Int) {
    func extent(_ rows: Int, _ columns: Int, _ stride: Int) -> Int {
      (rows - 1) * stride + columns
    }
    return (
      aTranspose == .no ? extent(m, k, strides.a) : extent(k, m, strides.a),
      bTranspose == .no ? extent(k, n, strides.b) : extent(n, k, strides.b),
      extent(m, n, strides.c)
    )
  }
}
