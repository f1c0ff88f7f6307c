import Device
import Foundation
import TestSupport
import Testing

/// The driver of NVIDIA's GPUs on the stand-in.
@Suite struct CUDADeviceTests {
  @Test func saysWhatItIs() throws {
    let standIn = try StandIn("memory=4000000000")
    do {
      let device = try standIn.open()
      #expect(
        device.identity
          == DeviceIdentity(
            name: "Stand-in 0", interface: "CUDA",
            driver: "NVIDIA driver 550.54.15 (CUDA 12.4), NVRTC 12.4",
            products: "cuBLAS 12.4.5, FP32", memoryBytes: 4_000_000_000, isAccelerator: true))
      let memory = try device.memory()
      #expect(memory.total == 4_000_000_000)
      // cuBLAS' workspace.
      #expect(memory.free == 4_000_000_000 - 32 << 20)
    }
    standIn.expectClean()
  }

  @Test func listsTheDevices() throws {
    let standIn = try StandIn("devices=2 capability=8.6 memory=1000")
    let listed = try CUDADevice.list(standIn.libraries)
    #expect(
      listed
        == [0, 1].map {
          CUDADevice.Listed(
            number: $0, name: "Stand-in \($0)", computeCapability: CUDAVersion(8, 6),
            memoryBytes: 1000)
        })
    standIn.expectClean()
  }

  @Test func copiesWritesClearsAndReads() throws {
    let standIn = try StandIn()
    do {
      let device = try standIn.open()
      let a = try device.buffer([1, 2, 3, 4])
      let b = try device.buffer([5, 6, 7, 8])
      try device.copy(a, at: 4, to: b, at: 8, bytes: 8)
      try device.clear(b, at: 4, bytes: 4)
      try device.copy(a, at: 0, to: b, at: 0, bytes: 0)
      try device.clear(b, at: 0, bytes: 0)
      #expect(try device.elements(b) == [5, 0, 2, 3])
      try device.finish()
    }
    standIn.expectClean()
  }

  /// More than both halves of the staging memory, changed as soon as `write` returns.
  @Test func theSourceMayBeChangedAfterWriting() throws {
    let standIn = try StandIn()
    do {
      let device = try standIn.open()
      let count = 3_000_001
      var source = (0..<count).map(Float.init)
      let buffer = try device.allocate(bytes: 4 * count)
      try source.withUnsafeMutableBytes { bytes in
        try device.write(UnsafeRawBufferPointer(bytes), to: buffer, at: 0)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
      }
      let found = try device.elements(buffer)
      #expect(found.enumerated().allSatisfy { Float($0.offset) == $0.element })
    }
    standIn.expectClean()
  }

  @Test func launchesKernelsInOrder() throws {
    let standIn = try StandIn()
    do {
      let device = try standIn.open()
      let x = try device.buffer((0..<1000).map(Float.init))
      let y = try device.buffer([Float](repeating: 0, count: 1000))
      try device.launchFlat(
        "tgk_fill", 500, [.buffer(y, offset: 500), .uint(500), .float(0.5)])
      try device.launchFlat(
        "tgk_add", 1000, [.buffer(y, offset: 0), .buffer(x, offset: 0), .uint(1000)])
      try device.launchFlat("tgk_scale", 1000, [.buffer(y, offset: 0), .uint(1000), .float(2)])
      // Nothing to do.
      try device.launch(
        "tgk_scale", groups: (0, 1, 1), items: (64, 1, 1),
        [.buffer(y, offset: 0), .uint(0), .float(2)])
      #expect(
        try device.elements(y) == (0..<1000).map { 2 * (Float($0) + ($0 < 500 ? 0 : 0.5)) })
    }
    standIn.expectClean()
  }

  /// A thread pool has no thread that stays: each call may come from another, whose current context is another or none.
  @Test func anyThreadMayCall() throws {
    let standIn = try StandIn()
    for round in 0..<4 {
      let work = Work(device: try standIn.open())
      let thread = Thread {
        do {
          let buffer = try work.device?.buffer([1, Float(round)])
          work.found = try buffer.map { try work.device?.elements($0) } ?? nil
        } catch { work.error = error }
        // Given back on this thread, too.
        work.device = nil
        work.done.signal()
      }
      thread.start()
      work.done.wait()
      #expect(work.error == nil)
      #expect(work.found == [1, Float(round)])
    }
    standIn.expectClean()
  }

  private final class Work: @unchecked Sendable {
    var device: CUDADevice?
    var found: [Float]?
    var error: (any Error)?
    let done = DispatchSemaphore(value: 0)

    init(device: CUDADevice) { self.device = device }
  }

  /// What is left of a device goes with its last buffer.
  @Test func aBufferMayOutliveItsDevice() throws {
    let standIn = try StandIn()
    var buffer: DeviceBuffer?
    do { buffer = try standIn.open().allocate(bytes: 100) }
    #expect(buffer?.bytes == 100)
    #expect(standIn.live > 0)
    buffer = nil
    standIn.expectClean()
  }

  // MARK: Products

  struct ProductCase: CustomTestStringConvertible {
    var isATransposed = false
    var isBTransposed = false
    var alpha: Float = 1
    var beta: Float = 0
    var batch = 1
    var testDescription: String {
      "\(isATransposed ? "T" : "N")\(isBTransposed ? "T" : "N") \(alpha) \(beta) \(batch)"
    }
  }

  static let products: [ProductCase] =
    [false, true].flatMap { a in
      [false, true].flatMap { b in
        [
          ProductCase(isATransposed: a, isBTransposed: b),
          ProductCase(isATransposed: a, isBTransposed: b, alpha: 0.5, beta: 1, batch: 3),
        ]
      }
    }

  /// Numbers of few bits, so that every sum is exact in whatever order it is taken.
  @Test(arguments: products) func multipliesRowMajorMatrices(_ test: ProductCase) throws {
    let (m, n, k) = (3, 5, 4)
    let (aRows, aColumns) = test.isATransposed ? (k, m) : (m, k)
    let (bRows, bColumns) = test.isBTransposed ? (n, k) : (k, n)
    // Strides beyond the rows' ends, offsets, and room between the matrices of a batch.
    let (aStride, bStride, cStride) = (aColumns + 2, bColumns + 1, n + 3)
    let (aBatch, bBatch, cBatch) = (aRows * aStride + 1, bRows * bStride, m * cStride + 2)
    let a = (0..<7 + test.batch * aBatch).map { Float(($0 * 7 + 3) % 11 - 5) }
    let b = (0..<2 + test.batch * bBatch).map { Float(($0 * 5 + 1) % 13 - 6) }
    // Where beta is 0, what C holds must not count, not even a NaN.
    let c = (0..<1 + test.batch * cBatch).map { test.beta == 0 ? .nan : Float($0 % 4) }
    var expected = c
    for batch in 0..<test.batch {
      for i in 0..<m {
        for j in 0..<n {
          var sum: Float = 0
          for l in 0..<k {
            let left = a[
              7 + batch * aBatch + (test.isATransposed ? l * aStride + i : i * aStride + l)]
            let right = b[
              2 + batch * bBatch + (test.isBTransposed ? j * bStride + l : l * bStride + j)]
            sum += left * right
          }
          let at = 1 + batch * cBatch + i * cStride + j
          expected[at] = test.alpha * sum + (test.beta == 0 ? 0 : test.beta * c[at])
        }
      }
    }
    let standIn = try StandIn()
    do {
      let device = try standIn.open()
      let result = try device.buffer(c)
      try device.product(
        DeviceProduct(
          isATransposed: test.isATransposed, isBTransposed: test.isBTransposed, m: m, n: n, k: k,
          alpha: test.alpha,
          .init(try device.buffer(a), offset: 7, stride: aStride, batchStride: aBatch),
          .init(try device.buffer(b), offset: 2, stride: bStride, batchStride: bBatch),
          beta: test.beta, .init(result, offset: 1, stride: cStride, batchStride: cBatch),
          batch: test.batch))
      let found = try device.elements(result)
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
    standIn.expectClean()
  }

  /// One third has no end in binary, so that rounding it to TF32's 10 bits shows.
  @Test func tf32IsAskedForAndRounds() throws {
    func third(_ precision: ProductPrecision) throws -> (Float, StandIn) {
      let standIn = try StandIn("capability=8.0")
      let device = try standIn.open(precision: precision)
      #expect(device.identity.products == "cuBLAS 12.4.5, \(precision.name)")
      let (a, b, c) = (
        try device.buffer([1.0 / 3]), try device.buffer([1]), try device.buffer([0])
      )
      try device.product(
        DeviceProduct(
          m: 1, n: 1, k: 1, .init(a, offset: 0, stride: 1), .init(b, offset: 0, stride: 1),
          .init(c, offset: 0, stride: 1)))
      return (try device.elements(c)[0], standIn)
    }
    let (exact, standIn) = try third(.fp32)
    #expect(exact == 1.0 / 3)
    #expect(standIn.record.contains("cublasSetMathMode 0"))
    let (rounded, other) = try third(.tf32)
    #expect(rounded != 1.0 / 3)
    #expect(abs(rounded - 1.0 / 3) <= 0x1p-13)
    #expect(other.record.contains("cublasSetMathMode 3"))
    standIn.expectClean()
    other.expectClean()
  }
}
