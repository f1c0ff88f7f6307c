package import Device
package import RunLog

/// What a backend computes with, as environment.json records it.
package struct BackendIdentity: Equatable, Sendable {
  /// How many threads compute; changes no bit.
  package let threads: Int
  /// Version and build of what multiplies matrices, in its own words.
  package let products: String
  /// The processor whose kernels it multiplies with, and why those; `nil` on a device, which has its own.
  package let productKernel: String?
  package let productKernelReason: String?
  /// The instruction set of the element-wise kernels, or the language that they are compiled from.
  package let kernels: String
  /// The device that computes; `nil` if it is the processor.
  package let device: ComputeDevice?

  package init(
    threads: Int, products: String, productKernel: String?, productKernelReason: String?,
    kernels: String, device: ComputeDevice? = nil
  ) {
    (self.threads, self.products, self.kernels) = (threads, products, kernels)
    (self.productKernel, self.productKernelReason) = (productKernel, productKernelReason)
    self.device = device
  }

  /// Of a device.
  package init(_ device: DeviceIdentity, threads: Int) {
    self.init(
      threads: threads, products: device.products, productKernel: nil, productKernelReason: nil,
      kernels: device.interface,
      device: ComputeDevice(
        name: device.name, interface: device.interface, driver: device.driver,
        memoryBytes: device.memoryBytes))
  }

  /// What bits depend on: with the same of these, weights and data, a backend gives the same ones.
  package var bits: [String] {
    [products, kernels] + (device.map { [$0.name, $0.driver] } ?? [])
  }
}
