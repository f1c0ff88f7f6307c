import Testing

@testable import Device

extension OnDevices {
  /// The driver of OpenCL devices by itself, where one is installed.
  @Suite(.enabled(if: TestedDevice.hasOpenCL, "OpenCL is not installed"))
  struct OpenCLDeviceTests {
    private func device() throws -> any Device { try TestedDevice.opencl.open() }

    private func buffer(_ numbers: [Float], on device: any Device) throws -> DeviceBuffer {
      let buffer = try device.allocate(bytes: 4 * numbers.count)
      try numbers.withUnsafeBytes { try device.write($0, to: buffer, at: 0) }
      return buffer
    }

    private func read(_ buffer: DeviceBuffer, on device: any Device) throws -> [Float] {
      var numbers = [Float](repeating: 0, count: buffer.bytes / 4)
      try numbers.withUnsafeMutableBytes { try device.read(buffer, at: 0, into: $0) }
      return numbers
    }

    @Test func copiesAndClears() throws {
      let device = try device()
      let a = try buffer([1, 2, 3, 4], on: device)
      let b = try buffer([5, 6, 7, 8], on: device)
      try device.copy(a, at: 4, to: b, at: 8, bytes: 8)
      try device.clear(a, at: 4, bytes: 8)
      try device.finish()
      #expect(try read(a, on: device) == [1, 0, 0, 4])
      #expect(try read(b, on: device) == [5, 6, 2, 3])
    }

    /// All ways of transposing, with offsets, strides and batches, beside loops; what is not to be written stays.
    @Test(arguments: [(5, 7, 3), (1, 1, 1), (40, 24, 72), (130, 70, 66), (3, 260, 300)])
    func products(_ m: Int, _ n: Int, _ k: Int) throws {
      let (device, host) = (try device(), HostDevice())
      for (isA, isB, beta, batch) in [
        (false, false, 0, 1), (true, false, 1, 1), (false, true, 0, 3), (true, true, 0.5, 2),
      ] as [(Bool, Bool, Float, Int)] {
        func numbers(_ rows: Int, _ columns: Int, _ seed: Int) -> (
          numbers: [Float], stride: Int, batch: Int
        ) {
          let (stride, each) = (columns + 5, rows * (columns + 5) + 9)
          return (
            (0..<2 + batch * each).map { Float(($0 * 37 + seed) % 101) / 101 - 0.5 }, stride, each
          )
        }
        let (a, b, c) = (
          isA ? numbers(k, m, 1) : numbers(m, k, 1), isB ? numbers(n, k, 2) : numbers(k, n, 2),
          numbers(m, n, 3)
        )
        func compute(_ device: any Device) throws -> [Float] {
          let target = try buffer(beta == 0 ? c.numbers.map { _ in .nan } : c.numbers, on: device)
          try device.product(
            DeviceProduct(
              isATransposed: isA, isBTransposed: isB, m: m, n: n, k: k, alpha: 0.75,
              .init(
                try buffer(a.numbers, on: device), offset: 2, stride: a.stride, batchStride: a.batch
              ),
              .init(
                try buffer(b.numbers, on: device), offset: 1, stride: b.stride, batchStride: b.batch
              ),
              beta: beta,
              .init(target, offset: 2, stride: c.stride, batchStride: c.batch), batch: batch))
          return try read(target, on: device)
        }
        let (found, expected) = (try compute(device), try compute(host))
        #expect(found.map(\.bitPattern) == (try compute(device)).map(\.bitPattern))
        for (x, y) in zip(found, expected) {
          #expect(x.isNaN == y.isNaN && (x.isNaN || abs(x - y) <= 1e-5), "\(isA) \(isB) \(beta)")
        }
      }
    }

    @Test func moreThanThereIs() throws {
      let device = try device()
      #expect(throws: DeviceError.self) { try device.allocate(bytes: 1 << 50) }
      #expect(try read(buffer([1], on: device), on: device) == [1])
    }

    @Test func aKernelThatIsNotThere() throws {
      let device = try device()
      let error = #expect(throws: DeviceError.self) {
        try device.launch("tgk_no_such", groups: (1, 1, 1), items: (64, 1, 1), [])
      }
      #expect(
        error
          == .call(function: "clCreateKernel (tgk_no_such)", code: "CL_INVALID_KERNEL_NAME (-46)"))
    }

    /// The compiler's own words, with the device's name.
    @Test func sourceThatIsWrong() throws {
      let platforms = try OpenCLPlatforms(OpenCLLibrary.shared.get())
      let entry = try #require(platforms.entries.first { $0.isProcessor })
      let error = #expect(throws: DeviceError.self) {
        _ = try OpenCLDevice(
          entry, of: platforms.library, source: "kernel void f(global float *x) { y[0] = 1; }")
      }
      guard case .compilation(let device, let log) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(device == entry.name && log.contains("CL_BUILD_PROGRAM_FAILURE"))
    }
  }
}
