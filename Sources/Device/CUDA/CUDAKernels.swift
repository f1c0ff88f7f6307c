internal import CDevice

/// The kernels, compiled and loaded into a GPU's context.
final class CUDAKernels {
  private let context: CUDAContext
  private let module: tg_cuda_module
  /// Those launched before.
  private var functions: [String: tg_cuda_function] = [:]
  /// A launch's arguments, eight bytes each.
  private var values: [UInt64] = []

  /// - Parameters:
  ///   - image: what NVRTC compiled.
  ///   - context: where to.
  /// - Throws: `DeviceError.compilation` with the driver's log.
  init(_ image: [CChar], in context: CUDAContext) throws(DeviceError) {
    self.context = context
    let driver = context.driver
    try context.makeCurrent()
    var log = [CChar](repeating: 0, count: 8 << 10)
    var module: tg_cuda_module?
    let status = log.withUnsafeMutableBufferPointer { log in
      var options = [
        UInt32(TG_CUDA_JIT_ERROR_LOG_BUFFER),
        UInt32(TG_CUDA_JIT_ERROR_LOG_BUFFER_SIZE_BYTES),
      ]
      // The driver takes a number in place of the pointer.
      var values = [
        UnsafeMutableRawPointer(log.baseAddress), UnsafeMutableRawPointer(bitPattern: log.count),
      ]
      return driver.functions.module_load(&module, image, 2, &options, &values)
    }
    guard status == TG_CUDA_SUCCESS, let module else {
      let words = text(log)
      if case .call(_, let code) = driver.error(status, "cuModuleLoadDataEx") {
        throw .compilation(
          device: context.device.name, log: words.isEmpty ? code : "\(code)\n\(words)")
      }
      throw driver.error(status, "cuModuleLoadDataEx", allocating: image.count)
    }
    self.module = module
  }

  deinit {
    context.makeCurrentIfPossible()
    _ = context.driver.functions.module_unload(module)
  }

  func launch(
    _ kernel: String, groups: (Int, Int, Int), items: (Int, Int, Int),
    _ arguments: [KernelArgument]
  ) throws(DeviceError) {
    precondition(groups.1 <= 65_535 && groups.2 <= 65_535 && groups.0 < 1 << 31)
    guard groups.0 > 0, groups.1 > 0, groups.2 > 0 else { return }
    let function = try function(kernel)
    values.removeAll(keepingCapacity: true)
    for argument in arguments {
      switch argument {
      case .buffer(let buffer, let offset):
        precondition(offset >= 0)
        values.append(context.address(of: buffer, at: 0, bytes: 0))
        values.append(UInt64(offset))
      // A number of four bytes is at the beginning of its eight, as every machine that CUDA runs on stores it.
      case .uint(let value): values.append(UInt64(value))
      case .ulong(let value): values.append(value)
      case .float(let value): values.append(UInt64(value.bitPattern))
      }
    }
    let driver = context.driver
    let status = values.withUnsafeMutableBufferPointer { values in
      // The driver copies the arguments before it returns.
      var pointers = values.indices.map { index in
        values.baseAddress.map { UnsafeMutableRawPointer($0 + index) }
      }
      return driver.functions.launch(
        function, UInt32(groups.0), UInt32(groups.1), UInt32(groups.2), UInt32(items.0),
        UInt32(items.1), UInt32(items.2), 0, context.stream, &pointers, nil)
    }
    try driver.check(status, "cuLaunchKernel of \(kernel)")
  }

  private func function(_ kernel: String) throws(DeviceError) -> tg_cuda_function {
    if let function = functions[kernel] { return function }
    var function: tg_cuda_function?
    let driver = context.driver
    try driver.check(
      driver.functions.module_function(&function, module, kernel),
      "cuModuleGetFunction of \(kernel)")
    guard let function else {
      throw .call(function: "cuModuleGetFunction", code: "no function '\(kernel)'")
    }
    functions[kernel] = function
    return function
  }
}
