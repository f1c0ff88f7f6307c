import Device
import TestSupport
import Testing

@testable import Train

extension OnDevices {
  /// `report device`: that a device which computes something else is found out, by the kernel's name.
  @Suite struct DeviceCheckTests {
    @Test(arguments: TestedDevice.here) func agrees(_ device: TestedDevice) throws {
      let check = try DeviceCheck(of: device.open(), precision: .fp32)
      #expect(check.agrees, "\(check.findings.filter { !$0.agrees })")
      #expect(check.findings.contains { $0.name == CheckedDevice.products && $0.launches > 100 })
      // Everything that a training launches.
      #expect(check.unused == ["tgk_copy", "tgk_cross_entropy", "tgk_fill"])
    }

    /// A device that does one thing wrong.
    private final class WrongDevice: Device, @unchecked Sendable {
      // Unchecked because one thread at a time uses a device.
      let inner: any Device
      let kernel: String
      var identity: DeviceIdentity { inner.identity }

      init(_ kernel: String) throws {
        self.kernel = kernel
        inner = try TestedDevice.cuda.open()
      }

      func allocate(bytes: Int) throws(DeviceError) -> DeviceBuffer {
        try inner.allocate(bytes: bytes)
      }
      func write(
        _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int
      ) throws(DeviceError) { try inner.write(source, to: buffer, at: offset) }
      func read(
        _ buffer: DeviceBuffer, at offset: Int, into target: UnsafeMutableRawBufferPointer
      ) throws(DeviceError) { try inner.read(buffer, at: offset, into: target) }
      func copy(
        _ source: DeviceBuffer, at sourceOffset: Int, to target: DeviceBuffer, at targetOffset: Int,
        bytes: Int
      ) throws(DeviceError) {
        try inner.copy(source, at: sourceOffset, to: target, at: targetOffset, bytes: bytes)
      }
      func clear(_ buffer: DeviceBuffer, at offset: Int, bytes: Int) throws(DeviceError) {
        try inner.clear(buffer, at: offset, bytes: bytes)
      }
      func launch(
        _ kernel: String, groups: (Int, Int, Int), items: (Int, Int, Int),
        _ arguments: [KernelArgument]
      ) throws(DeviceError) {
        // Only the first group in each direction, as a compiler with a fault in its indices might do.
        try inner.launch(
          kernel, groups: kernel == self.kernel ? (1, 1, 1) : groups, items: items, arguments)
      }
      func product(_ product: DeviceProduct) throws(DeviceError) {
        guard kernel == CheckedDevice.products else { return try inner.product(product) }
        try inner.product(
          DeviceProduct(
            isATransposed: product.isATransposed, isBTransposed: product.isBTransposed,
            m: product.m,
            n: product.n, k: product.k, alpha: product.alpha * 1.0001, product.a, product.b,
            beta: product.beta, product.c, batch: product.batch))
      }
      func finish() throws(DeviceError) { try inner.finish() }
    }

    @Test(arguments: [
      "tgk_attention_softmax", "tgk_pool",
      CheckedDevice.products,
    ]) func findsWhatDiffers(_ kernel: String) throws {
      let check = try DeviceCheck(of: try WrongDevice(kernel), precision: .fp32)
      #expect(check.findings.filter { !$0.agrees }.map(\.name) == [kernel])
      #expect(!check.agrees)
      // TF32 is as far off as that, and more.
      if kernel == CheckedDevice.products {
        #expect(try DeviceCheck(of: try WrongDevice(kernel), precision: .tf32).agrees)
      }
    }

    @Test func listsWhatIsThereAndWhatIsMissing() throws {
      let standIn = try StandIn("devices=2 capability=8.6 memory=8000000000")
      let list = DeviceList(standIn.libraries)
      #expect(
        list.entries.prefix(2).map(\.words)
          == [
            "Stand-in 0, CUDA, compute capability 8.6", "Stand-in 1, CUDA, compute capability 8.6",
          ])
      #expect(list.entries.prefix(2).map(\.request) == ["cuda:0", "cuda:1"])
      #expect(!list.problems.contains { $0.hasPrefix("CUDA") })
      let without = DeviceList(CUDALibraries(environment: [:], searchesSystem: false))
      #expect(!without.entries.contains { $0.request.hasPrefix("cuda") })
      #expect(without.problems.contains { $0.hasPrefix("CUDA: NVIDIA's driver cannot be loaded") })
    }
  }
}
