internal import CDevice

/// A GPU of NVIDIA's, reached through its driver: kernels compiled by NVRTC, products by cuBLAS.
package final class CUDADevice: Device, @unchecked Sendable {
  // Unchecked because one thread at a time uses a device (see Device).
  package let identity: DeviceIdentity
  private let context: CUDAContext
  private let staging: CUDAStaging
  private let products: CUDAProducts
  private let kernels: CUDAKernels

  /// A GPU that the driver sees, without having been opened.
  package struct Listed: Equatable, Sendable {
    /// As in `--device cuda:0`.
    package let number: Int
    package let name: String
    package let computeCapability: CUDAVersion
    package let memoryBytes: Int

    package init(
      number: Int, name: String, computeCapability: CUDAVersion, memoryBytes: Int
    ) {
      (self.number, self.name) = (number, name)
      (self.computeCapability, self.memoryBytes) = (computeCapability, memoryBytes)
    }
  }

  /// Lists the GPUs.
  ///
  /// - Parameter libraries: where the driver is looked for.
  /// - Returns: all that it sees.
  /// - Throws: `DeviceError.notAvailable` if there is no driver.
  package static func list(
    _ libraries: CUDALibraries = CUDALibraries()
  ) throws(DeviceError) -> [Listed] {
    try CUDADriver(libraries).devices().map {
      Listed(
        number: $0.number, name: $0.name, computeCapability: $0.capability,
        memoryBytes: $0.memoryBytes)
    }
  }

  /// Opens a GPU.
  ///
  /// - Parameters:
  ///   - number: in the driver's order, which CUDA_VISIBLE_DEVICES changes.
  ///   - precision: of products.
  ///   - source: the kernels' text.
  ///   - libraries: where driver and libraries are looked for.
  /// - Throws: `DeviceError` with what is missing and what to do about it.
  package init(
    number: Int = 0, precision: ProductPrecision = .fp32, source: String,
    libraries: CUDALibraries = CUDALibraries()
  ) throws(DeviceError) {
    let driver = try CUDADriver(libraries)
    let devices = try driver.devices()
    guard devices.indices.contains(number) else {
      throw .unknown(name: "cuda:\(number)", available: devices.map { "cuda:\($0.number)" })
    }
    let compiler = try CUDACompiler(for: driver)
    context = try CUDAContext(driver, devices[number])
    products = try CUDAProducts(context, precision)
    kernels = try CUDAKernels(compiler.compile(source, for: context.device), in: context)
    staging = try CUDAStaging(context)
    identity = DeviceIdentity(
      name: context.device.name, interface: "CUDA",
      driver: "NVIDIA driver" + (libraries.moduleVersion.map { " \($0)" } ?? "")
        + " (CUDA \(driver.version)), NVRTC \(compiler.version)",
      products: "cuBLAS \(products.version), \(precision.name)",
      memoryBytes: context.device.memoryBytes, isAccelerator: true)
  }

  /// How much memory is free, of how much.
  package func memory() throws(DeviceError) -> (free: Int, total: Int) {
    try context.makeCurrent()
    var (free, total) = (0, 0)
    try context.driver.check(context.driver.functions.memory_info(&free, &total), "cuMemGetInfo")
    return (free, total)
  }

  package func allocate(bytes: Int) throws(DeviceError) -> DeviceBuffer {
    try context.allocate(bytes: bytes)
  }

  package func write(
    _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int
  ) throws(DeviceError) {
    try context.makeCurrent()
    try staging.write(source, to: context.address(of: buffer, at: offset, bytes: source.count))
  }

  package func read(
    _ buffer: DeviceBuffer, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    try context.makeCurrent()
    let address = context.address(of: buffer, at: offset, bytes: target.count)
    if let pointer = target.baseAddress, !target.isEmpty {
      let driver = context.driver
      try driver.check(
        driver.functions.copy_to_host(pointer, address, target.count, context.stream),
        "cuMemcpyDtoHAsync")
    }
    try context.wait()
  }

  package func copy(
    _ source: DeviceBuffer, at sourceOffset: Int, to target: DeviceBuffer, at targetOffset: Int,
    bytes: Int
  ) throws(DeviceError) {
    guard bytes > 0 else { return }
    try context.makeCurrent()
    let driver = context.driver
    try driver.check(
      driver.functions.copy_on_device(
        context.address(of: target, at: targetOffset, bytes: bytes),
        context.address(of: source, at: sourceOffset, bytes: bytes), bytes, context.stream),
      "cuMemcpyDtoDAsync")
  }

  package func clear(_ buffer: DeviceBuffer, at offset: Int, bytes: Int) throws(DeviceError) {
    guard bytes > 0 else { return }
    try context.makeCurrent()
    let driver = context.driver
    try driver.check(
      driver.functions.set_bytes(
        context.address(of: buffer, at: offset, bytes: bytes), 0, bytes, context.stream),
      "cuMemsetD8Async")
  }

  package func launch(
    _ kernel: String, groups: (Int, Int, Int), items: (Int, Int, Int),
    _ arguments: [KernelArgument]
  ) throws(DeviceError) {
    try context.makeCurrent()
    try kernels.launch(kernel, groups: groups, items: items, arguments)
  }

  package func product(_ product: DeviceProduct) throws(DeviceError) {
    try context.makeCurrent()
    try products.product(product)
  }

  package func finish() throws(DeviceError) {
    try context.makeCurrent()
    try context.wait()
  }
}
