internal import CDevice
internal import Glibc

/// Memory of this process that the GPU reads by itself: what is written to the GPU goes through it, so that the caller may go on
/// and change the source while the copy waits its turn.
///
/// Two halves are filled in turn; a half is filled again once the GPU has read it.
final class CUDAStaging {
  private let context: CUDAContext
  private var halves: [Half] = []
  private var next = 0

  /// Of a half. Larger ones were no faster on PCIe where others measured it, and a block's rows have about this size.
  static let halfBytes = 4 << 20

  private struct Half {
    let pointer: UnsafeMutableRawPointer
    let event: tg_cuda_event
    var isInUse = false
  }

  init(_ context: CUDAContext) throws(DeviceError) {
    self.context = context
    let driver = context.driver
    for _ in 0..<2 {
      var pointer: UnsafeMutableRawPointer?
      try driver.check(
        driver.functions.host_allocate(&pointer, Self.halfBytes, 0), "cuMemHostAlloc",
        allocating: Self.halfBytes)
      var event: tg_cuda_event?
      let status = driver.functions.event_create(
        &event, UInt32(TG_CUDA_EVENT_DISABLE_TIMING))
      guard status == TG_CUDA_SUCCESS, let pointer, let event else {
        _ = driver.functions.host_free(pointer)
        throw driver.error(status, "cuEventCreate")
      }
      halves.append(Half(pointer: pointer, event: event))
    }
  }

  deinit {
    context.makeCurrentIfPossible()
    for half in halves {
      if half.isInUse { _ = context.driver.functions.event_wait(half.event) }
      _ = context.driver.functions.event_destroy(half.event)
      _ = context.driver.functions.host_free(half.pointer)
    }
  }

  /// Copies to an address of the GPU, in the order of the stream.
  func write(
    _ source: UnsafeRawBufferPointer, to address: tg_cuda_address
  ) throws(DeviceError) {
    let driver = context.driver
    var done = 0
    while done < source.count {
      let part = UnsafeRawBufferPointer(
        rebasing: source[done..<min(done + Self.halfBytes, source.count)])
      let half = halves[next]
      if half.isInUse {
        try driver.check(driver.functions.event_wait(half.event), "cuEventSynchronize")
        halves[next].isInUse = false
      }
      UnsafeMutableRawBufferPointer(start: half.pointer, count: part.count).copyMemory(from: part)
      try driver.check(
        driver.functions.copy_to_device(
          address + UInt64(done), half.pointer, part.count, context.stream), "cuMemcpyHtoDAsync")
      try driver.check(driver.functions.event_record(half.event, context.stream), "cuEventRecord")
      halves[next].isInUse = true
      next = 1 - next
      done += part.count
    }
  }
}
