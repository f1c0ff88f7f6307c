/// What a device is, by the names that its driver gives.
package struct DeviceIdentity: Equatable, Sendable {
  /// Such as "NVIDIA H100 80GB HBM3".
  package let name: String
  /// How it is reached: "OpenCL" or "CUDA".
  package let interface: String
  /// Name and version of the driver.
  package let driver: String
  /// Name and version of what multiplies matrices, and how if there is a choice, such as "cuBLAS 12.4, FP32".
  package let products: String
  /// All of its memory.
  package let memoryBytes: Int
  /// Whether it is a graphics processor or another accelerator, not a processor that runs the program as well.
  package let isAccelerator: Bool

  package init(
    name: String, interface: String, driver: String, products: String, memoryBytes: Int,
    isAccelerator: Bool
  ) {
    (self.name, self.interface, self.driver) = (name, interface, driver)
    (self.products, self.memoryBytes, self.isAccelerator) = (products, memoryBytes, isAccelerator)
  }
}
