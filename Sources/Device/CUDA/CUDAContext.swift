internal import CDevice

/// A GPU's primary context with the one stream that everything goes through; released when nobody refers to it any more.
///
/// All that lies in the context refers to it, so that it goes last.
final class CUDAContext: @unchecked Sendable {
  // Unchecked because a context may be used by any thread that makes it current, one at a time (see Device).
  let driver: CUDADriver
  let device: CUDADriver.Facts
  private let context: tg_cuda_context
  let stream: tg_cuda_stream

  init(_ driver: CUDADriver, _ device: CUDADriver.Facts) throws(DeviceError) {
    (self.driver, self.device) = (driver, device)
    let functions = driver.functions
    var context: tg_cuda_context?
    try driver.check(functions.context_retain(&context, device.handle), "cuDevicePrimaryCtxRetain")
    var stream: tg_cuda_stream?
    var status = functions.context_set_current(context)
    var function = "cuCtxSetCurrent"
    if status == TG_CUDA_SUCCESS {
      status = functions.stream_create(&stream, UInt32(TG_CUDA_STREAM_NON_BLOCKING))
      function = "cuStreamCreate"
    }
    guard status == TG_CUDA_SUCCESS, let context, let stream else {
      _ = functions.context_release(device.handle)
      throw driver.error(status, function)
    }
    (self.context, self.stream) = (context, stream)
  }

  deinit {
    // Nothing can be done about a failure, and after a lost device each of these fails.
    _ = driver.functions.context_set_current(context)
    _ = driver.functions.stream_wait(stream)
    _ = driver.functions.stream_destroy(stream)
    _ = driver.functions.context_release(device.handle)
  }

  /// Makes the context the calling thread's: threads of a pool come and go, and each has a current context of its own.
  func makeCurrent() throws(DeviceError) {
    try driver.check(driver.functions.context_set_current(context), "cuCtxSetCurrent")
  }

  /// For what cannot throw: giving memory back.
  func makeCurrentIfPossible() { _ = driver.functions.context_set_current(context) }

  func wait() throws(DeviceError) {
    try driver.check(driver.functions.stream_wait(stream), "cuStreamSynchronize")
  }
}

extension CUDAContext {
  private final class Buffer: DeviceBuffer, @unchecked Sendable {
    let context: CUDAContext
    let address: tg_cuda_address

    init(_ address: tg_cuda_address, bytes: Int, in context: CUDAContext) {
      (self.address, self.context) = (address, context)
      super.init(bytes: bytes)
    }

    // cuMemFree waits for what was launched before.
    deinit {
      context.makeCurrentIfPossible()
      _ = context.driver.functions.memory_free(address)
    }
  }

  /// Takes memory of the GPU.
  func allocate(bytes: Int) throws(DeviceError) -> DeviceBuffer {
    precondition(bytes > 0)
    try makeCurrent()
    var address: tg_cuda_address = 0
    try driver.check(
      driver.functions.memory_allocate(&address, bytes), "cuMemAlloc", allocating: bytes)
    return Buffer(address, bytes: bytes, in: self)
  }

  /// Where a part of a buffer lies.
  ///
  /// - Parameters:
  ///   - buffer: of this context.
  ///   - offset: in bytes.
  ///   - bytes: how many from there on; all must lie in the buffer.
  /// - Returns: the address.
  func address(of buffer: DeviceBuffer, at offset: Int, bytes: Int) -> tg_cuda_address {
    guard let buffer = buffer as? Buffer, buffer.context === self else {
      // Unreachable: whoever uses a device gets its buffers from it.
      preconditionFailure("a buffer of another device")
    }
    precondition(offset >= 0 && bytes >= 0 && offset + bytes <= buffer.bytes)
    return buffer.address + UInt64(offset)
  }
}
