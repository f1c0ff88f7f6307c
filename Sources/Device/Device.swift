/// A processor with memory of its own that runs kernels and multiplies matrices: what a driver gives, and all that the
/// backend on a device asks for.
///
/// Everything happens in the order in which it was asked for. `launch`, `product`, `copy` and `clear` return before it is
/// done; `read` and `finish` wait. A failure of something asked for earlier may be thrown by any later call. One thread at a
/// time uses a device.
package protocol Device: AnyObject, Sendable {
  /// What computes, in names that a report can print.
  var identity: DeviceIdentity { get }

  /// Takes memory; what it holds is not defined.
  ///
  /// - Parameter bytes: at least 1.
  /// - Returns: the memory.
  /// - Throws: `DeviceError.outOfMemory`, after which the device can still be used.
  func allocate(bytes: Int) throws(DeviceError) -> DeviceBuffer

  /// Copies to the device; when it returns the source may be changed.
  ///
  /// - Parameters:
  ///   - source: the bytes.
  ///   - buffer: of this device.
  ///   - offset: in bytes.
  /// - Throws: what the driver says, of this or of something asked for before; so below.
  func write(
    _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int) throws(DeviceError)

  /// Copies from the device, after all that was asked for before; waits.
  ///
  /// - Parameters:
  ///   - buffer: of this device.
  ///   - offset: in bytes.
  ///   - target: overwritten.
  /// - Throws: what the driver says.
  func read(
    _ buffer: DeviceBuffer, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError)

  /// Copies on the device.
  ///
  /// - Parameters:
  ///   - source: of this device.
  ///   - sourceOffset: in bytes.
  ///   - target: of this device; if it is the source, the ranges do not overlap.
  ///   - targetOffset: in bytes.
  ///   - bytes: how many.
  /// - Throws: what the driver says.
  func copy(
    _ source: DeviceBuffer, at sourceOffset: Int, to target: DeviceBuffer, at targetOffset: Int,
    bytes: Int) throws(DeviceError)

  /// Sets bytes to zero.
  ///
  /// - Parameters:
  ///   - buffer: of this device.
  ///   - offset: in bytes, a multiple of 4.
  ///   - bytes: how many, a multiple of 4.
  /// - Throws: what the driver says.
  func clear(_ buffer: DeviceBuffer, at offset: Int, bytes: Int) throws(DeviceError)

  /// Runs a kernel of `DeviceKernels`.
  ///
  /// - Parameters:
  ///   - kernel: its name.
  ///   - groups: how many work-groups in each direction; if any is 0, nothing runs.
  ///   - items: of a group, in each direction.
  ///   - arguments: in the order of its parameters.
  /// - Throws: what the driver says.
  func launch(
    _ kernel: String, groups: (Int, Int, Int), items: (Int, Int, Int),
    _ arguments: [KernelArgument]) throws(DeviceError)

  /// Multiplies matrices.
  func product(_ product: DeviceProduct) throws(DeviceError)

  /// Waits for all that was asked for.
  ///
  /// - Throws: what went wrong with any of it; `DeviceError.lost` if the device is gone.
  func finish() throws(DeviceError)
}

/// Memory of a device, given back when nobody refers to it any more; drivers subclass it.
///
/// Unchecked because it is a handle: what it refers to is touched by the device alone, in the order of its calls.
open class DeviceBuffer: @unchecked Sendable {
  public let bytes: Int

  public init(bytes: Int) {
    self.bytes = bytes
  }
}

/// What is given to a kernel's parameter.
package enum KernelArgument {
  /// Two parameters: the buffer, and where in it the kernel's elements begin, in elements of the parameter's type.
  case buffer(DeviceBuffer, offset: Int)
  case uint(UInt32)
  case ulong(UInt64)
  case float(Float)
}
