internal import CDevice

/// A device by OpenCL, with products by CLBlast.
///
/// Unchecked because its state (kernels that were looked up) is touched by one thread at a time, as `Device` asks.
package final class OpenCLDevice: Device, @unchecked Sendable {
  package let identity: DeviceIdentity
  let functions: tg_opencl
  private let products: tg_clblast
  private let context: UnsafeMutableRawPointer
  private let queue: UnsafeMutableRawPointer
  private let program: UnsafeMutableRawPointer
  private let largestBuffer: Int
  private var kernels: [String: UnsafeMutableRawPointer] = [:]

  /// - Parameters:
  ///   - entry: which device.
  ///   - library: that found it.
  ///   - source: the kernels, as OpenCL C.
  /// - Throws: `DeviceError`, with the compiler's words if it does not take the kernels.
  init(
    _ entry: OpenCLPlatforms.Entry, of library: OpenCLLibrary, source: String
  ) throws(DeviceError) {
    let functions = library.functions
    (self.functions, products) = (functions, library.products)
    largestBuffer = entry.largestBuffer
    identity = DeviceIdentity(
      name: entry.name, interface: "OpenCL",
      driver: "\(entry.platform) \(entry.driver), \(entry.version)",
      // The library has no function that tells its version; its file's name has the interface's.
      products: "CLBlast (\(OpenCLLibrary.blas.file)), FP32", memoryBytes: entry.memoryBytes,
      isAccelerator: !entry.isProcessor)
    var code: Int32 = 0
    var device: UnsafeMutableRawPointer? = entry.device
    guard let context = functions.create_context(nil, 1, &device, nil, nil, &code) else {
      throw .call(function: "clCreateContext", code: OpenCLLibrary.name(of: code))
    }
    guard let queue = functions.create_queue(context, entry.device, 0, &code) else {
      _ = functions.release_context(context)
      throw .call(function: "clCreateCommandQueue", code: OpenCLLibrary.name(of: code))
    }
    do throws(DeviceError) {
      program = try Self.build(source, for: entry, in: context, functions)
    } catch {
      _ = functions.release_queue(queue)
      _ = functions.release_context(context)
      throw error
    }
    (self.context, self.queue) = (context, queue)
  }

  deinit {
    _ = functions.finish(queue)
    for kernel in kernels.values { _ = functions.release_kernel(kernel) }
    _ = functions.release_program(program)
    _ = functions.release_queue(queue)
    _ = functions.release_context(context)
  }

  private static func build(
    _ source: String, for entry: OpenCLPlatforms.Entry, in context: UnsafeMutableRawPointer,
    _ functions: tg_opencl
  ) throws(DeviceError) -> UnsafeMutableRawPointer {
    var code: Int32 = 0
    let program = source.withCString { text in
      var text: UnsafePointer<CChar>? = text
      return functions.create_program(context, 1, &text, nil, &code)
    }
    guard let program else {
      throw .call(function: "clCreateProgramWithSource", code: OpenCLLibrary.name(of: code))
    }
    // Nothing that trades exactness for speed.
    var options = "-cl-std=CL1.2"
    if entry.roundsDivision { options += " -cl-fp32-correctly-rounded-divide-sqrt" }
    var device: UnsafeMutableRawPointer? = entry.device
    code = functions.build_program(program, 1, &device, options, nil, nil)
    guard code == TG_CL_SUCCESS else {
      var size = 0
      _ = functions.get_build_info(
        program, entry.device, UInt32(TG_CL_PROGRAM_BUILD_LOG), 0, nil, &size)
      var log = [UInt8](repeating: 0, count: size)
      _ = functions.get_build_info(
        program, entry.device, UInt32(TG_CL_PROGRAM_BUILD_LOG), size, &log, nil)
      _ = functions.release_program(program)
      throw .compilation(
        device: entry.name,
        log: "\(OpenCLLibrary.name(of: code))\n"
          + String(decoding: log.prefix { $0 != 0 }, as: UTF8.self))
    }
    return program
  }

  // MARK: Memory

  private final class Buffer: DeviceBuffer, @unchecked Sendable {
    let object: UnsafeMutableRawPointer
    /// Keeps the context alive as long as its memory.
    private let device: OpenCLDevice

    init(_ object: UnsafeMutableRawPointer, bytes: Int, of device: OpenCLDevice) {
      (self.object, self.device) = (object, device)
      super.init(bytes: bytes)
    }

    // The queue holds on to it until the commands that use it are done.
    deinit { _ = device.functions.release_buffer(object) }
  }

  package func allocate(bytes: Int) throws(DeviceError) -> DeviceBuffer {
    precondition(bytes > 0)
    guard bytes <= largestBuffer else { throw .outOfMemory(bytes: bytes) }
    var code: Int32 = 0
    guard
      let object = functions.create_buffer(
        context, UInt64(TG_CL_MEM_READ_WRITE), bytes, nil, &code)
    else { throw failure("clCreateBuffer", code, bytes: bytes) }
    let buffer = Buffer(object, bytes: bytes, of: self)
    // Many drivers give memory only when it is first touched; one that has none must say so here.
    var zero: UInt8 = 0
    code = functions.enqueue_write(queue, object, 1, bytes - 1, 1, &zero, 0, nil, nil)
    guard code == TG_CL_SUCCESS else { throw failure("clCreateBuffer", code, bytes: bytes) }
    return buffer
  }

  package func write(
    _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int
  ) throws(DeviceError) {
    guard let base = source.baseAddress, !source.isEmpty else { return }
    check(buffer, offset, source.count)
    try call(
      "clEnqueueWriteBuffer",
      functions.enqueue_write(
        queue, object(buffer), 1, offset, source.count, base, 0, nil, nil))
  }

  package func read(
    _ buffer: DeviceBuffer, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    guard let base = target.baseAddress, !target.isEmpty else { return }
    check(buffer, offset, target.count)
    try wait(
      "clEnqueueReadBuffer",
      functions.enqueue_read(
        queue, object(buffer), 1, offset, target.count, base, 0, nil, nil))
  }

  package func copy(
    _ source: DeviceBuffer, at sourceOffset: Int, to target: DeviceBuffer, at targetOffset: Int,
    bytes: Int
  ) throws(DeviceError) {
    guard bytes > 0 else { return }
    check(source, sourceOffset, bytes)
    check(target, targetOffset, bytes)
    try call(
      "clEnqueueCopyBuffer",
      functions.enqueue_copy(
        queue, object(source), object(target), sourceOffset, targetOffset, bytes, 0, nil, nil))
  }

  package func clear(_ buffer: DeviceBuffer, at offset: Int, bytes: Int) throws(DeviceError) {
    guard bytes > 0 else { return }
    precondition(offset % 4 == 0 && bytes % 4 == 0)
    check(buffer, offset, bytes)
    var zero: UInt32 = 0
    try call(
      "clEnqueueFillBuffer",
      functions.enqueue_fill(queue, object(buffer), &zero, 4, offset, bytes, 0, nil, nil))
  }

  private func object(_ buffer: DeviceBuffer) -> UnsafeMutableRawPointer {
    guard let buffer = buffer as? Buffer else {
      // Unreachable: a backend asks one device for all its memory.
      preconditionFailure("memory of another device")
    }
    return buffer.object
  }

  private func check(_ buffer: DeviceBuffer, _ offset: Int, _ bytes: Int) {
    precondition(offset >= 0 && offset + bytes <= buffer.bytes, "beyond a buffer's end")
  }

  // MARK: Computing

  package func launch(
    _ kernel: String, groups: (Int, Int, Int), items: (Int, Int, Int),
    _ arguments: [KernelArgument]
  ) throws(DeviceError) {
    guard groups.0 > 0, groups.1 > 0, groups.2 > 0 else { return }
    let object = try self.kernel(kernel)
    var index: UInt32 = 0
    func set<Value>(_ value: Value) throws(DeviceError) {
      let code = withUnsafeBytes(of: value) {
        functions.set_argument(object, index, $0.count, $0.baseAddress)
      }
      try call("clSetKernelArg (\(kernel), \(index))", code)
      index += 1
    }
    for argument in arguments {
      switch argument {
      case .buffer(let buffer, let offset):
        try set(UnsafeMutableRawPointer?.some(self.object(buffer)))
        try set(UInt64(offset))
      case .uint(let value): try set(value)
      case .ulong(let value): try set(value)
      case .float(let value): try set(value)
      }
    }
    let all = [groups.0 * items.0, groups.1 * items.1, groups.2 * items.2]
    let ofGroup = [items.0, items.1, items.2]
    try call(
      "clEnqueueNDRangeKernel (\(kernel))",
      functions.enqueue_kernel(queue, object, 3, nil, all, ofGroup, 0, nil, nil))
  }

  private func kernel(_ name: String) throws(DeviceError) -> UnsafeMutableRawPointer {
    if let kernel = kernels[name] { return kernel }
    var code: Int32 = 0
    guard let kernel = functions.create_kernel(program, name, &code) else {
      throw .call(function: "clCreateKernel (\(name))", code: OpenCLLibrary.name(of: code))
    }
    kernels[name] = kernel
    return kernel
  }

  package func product(_ product: DeviceProduct) throws(DeviceError) {
    func transposed(_ isTransposed: Bool) -> Int32 {
      Int32(isTransposed ? TG_CLBLAST_TRANSPOSE : TG_CLBLAST_NO_TRANSPOSE)
    }
    let (a, b, c) = (product.a, product.b, product.c)
    var queue: UnsafeMutableRawPointer? = self.queue
    if product.batch == 1 {
      try call(
        "CLBlastSgemm",
        products.sgemm(
          Int32(TG_CLBLAST_ROW_MAJOR), transposed(product.isATransposed),
          transposed(product.isBTransposed), product.m, product.n, product.k, product.alpha,
          object(a.buffer), a.offset, a.stride, object(b.buffer), b.offset, b.stride, product.beta,
          object(c.buffer), c.offset, c.stride, &queue, nil))
    } else {
      try call(
        "CLBlastSgemmStridedBatched",
        products.sgemm_strided_batched(
          Int32(TG_CLBLAST_ROW_MAJOR), transposed(product.isATransposed),
          transposed(product.isBTransposed), product.m, product.n, product.k, product.alpha,
          object(a.buffer), a.offset, a.stride, a.batchStride, object(b.buffer), b.offset, b.stride,
          b.batchStride, product.beta, object(c.buffer), c.offset, c.stride, c.batchStride,
          product.batch, &queue, nil))
    }
  }

  package func finish() throws(DeviceError) { try wait("clFinish", functions.finish(queue)) }

  // MARK: Errors

  private func call(_ function: String, _ code: Int32) throws(DeviceError) {
    guard code == TG_CL_SUCCESS else { throw failure(function, code, bytes: 0) }
  }

  /// A call that waits for what was asked for before: a driver tells then, as the lack of some resource, that a
  /// kernel was ended.
  private func wait(_ function: String, _ code: Int32) throws(DeviceError) {
    if code == TG_CL_OUT_OF_RESOURCES || code == TG_CL_DEVICE_NOT_AVAILABLE {
      throw .lost("\(function): \(OpenCLLibrary.name(of: code))")
    }
    try call(function, code)
  }

  private func failure(_ function: String, _ code: Int32, bytes: Int) -> DeviceError {
    switch Int(code) {
    case TG_CL_MEM_OBJECT_ALLOCATION_FAILURE, TG_CL_OUT_OF_RESOURCES, TG_CL_OUT_OF_HOST_MEMORY,
      TG_CL_INVALID_BUFFER_SIZE:
      .outOfMemory(bytes: bytes)
    case TG_CL_DEVICE_NOT_AVAILABLE:
      .lost("\(function): \(OpenCLLibrary.name(of: code))")
    default: .call(function: function, code: OpenCLLibrary.name(of: code))
    }
  }
}
