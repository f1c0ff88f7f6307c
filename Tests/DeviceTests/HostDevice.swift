import Device
import DeviceKernels

/// This process' memory as a device: the kernels compiled as C, products by loops. What the backend on a device computes
/// is tested with it wherever there is no OpenCL.
final class HostDevice: Device, @unchecked Sendable {
  // Unchecked because one thread at a time uses a device.
  let identity: DeviceIdentity
  /// As much as may be taken at a time.
  var capacity: Int
  /// How many products to come find no memory for what they take themselves.
  var refusedProducts = 0
  private(set) var taken = 0
  private(set) var most = 0
  private(set) var written = 0
  private(set) var launches: [String: Int] = [:]

  init(name: String = "host", capacity: Int = 1 << 30) {
    self.capacity = capacity
    identity = DeviceIdentity(
      name: name, interface: "C", driver: "loops 1.0", products: "loops, FP32",
      memoryBytes: capacity, isAccelerator: true)
  }

  private final class Buffer: DeviceBuffer, @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    private let device: HostDevice

    init(bytes: Int, of device: HostDevice) {
      base = .allocate(byteCount: bytes, alignment: 64)
      // Not-a-number as a float, and a large number as a whole one, so that what is not written shows.
      base.initializeMemory(as: UInt8.self, repeating: 0xFF, count: bytes)
      self.device = device
      super.init(bytes: bytes)
    }

    deinit {
      device.taken -= bytes
      base.deallocate()
    }
  }

  func allocate(bytes: Int) throws(DeviceError) -> DeviceBuffer {
    guard taken + bytes <= capacity else { throw .outOfMemory(bytes: bytes) }
    taken += bytes
    most = max(most, taken)
    return Buffer(bytes: bytes, of: self)
  }

  private func place(_ buffer: DeviceBuffer, _ offset: Int, _ bytes: Int) -> UnsafeMutableRawPointer
  {
    guard let buffer = buffer as? Buffer, offset >= 0, offset + bytes <= buffer.bytes else {
      fatalError("beyond a buffer's end, or another device's")
    }
    return buffer.base + offset
  }

  func write(
    _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int
  ) throws(DeviceError) {
    guard let base = source.baseAddress else { return }
    written += source.count
    place(buffer, offset, source.count).copyMemory(from: base, byteCount: source.count)
  }

  func read(
    _ buffer: DeviceBuffer, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    target.baseAddress?.copyMemory(
      from: place(buffer, offset, target.count), byteCount: target.count)
  }

  func copy(
    _ source: DeviceBuffer, at sourceOffset: Int, to target: DeviceBuffer, at targetOffset: Int,
    bytes: Int
  ) throws(DeviceError) {
    place(target, targetOffset, bytes)
      .copyMemory(from: place(source, sourceOffset, bytes), byteCount: bytes)
  }

  func clear(_ buffer: DeviceBuffer, at offset: Int, bytes: Int) throws(DeviceError) {
    place(buffer, offset, bytes).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  }

  func launch(
    _ kernel: String, groups: (Int, Int, Int), items: (Int, Int, Int),
    _ arguments: [KernelArgument]
  ) throws(DeviceError) {
    guard groups.0 > 0, groups.1 > 0, groups.2 > 0 else { return }
    launches[kernel, default: 0] += 1
    // Every parameter in a word of its own, whatever its size.
    var words: [UInt64] = []
    for argument in arguments {
      switch argument {
      case .buffer(let buffer, let offset):
        words.append(UInt64(UInt(bitPattern: place(buffer, 0, 0))))
        words.append(UInt64(offset))
      case .uint(let value): words.append(UInt64(value))
      case .ulong(let value): words.append(value)
      case .float(let value): words.append(UInt64(value.bitPattern))
      }
    }
    let code = words.withUnsafeMutableBufferPointer { words in
      var places =
        words.indices.map { words.baseAddress.map { UnsafeMutableRawPointer($0) }! + 8 * $0 }
        as [UnsafeMutableRawPointer?]
      return tgk_launch(
        kernel, [groups.0, groups.1, groups.2], [items.0, items.1, items.2], &places)
    }
    guard code == 0 else { throw .call(function: "tgk_launch (\(kernel))", code: "\(code)") }
  }

  func product(_ product: DeviceProduct) throws(DeviceError) {
    guard refusedProducts == 0 else {
      refusedProducts -= 1
      throw .outOfMemory(bytes: 0)
    }
    func matrix(_ operand: DeviceProduct.Operand, _ index: Int) -> UnsafeMutablePointer<Float> {
      place(operand.buffer, 4 * (operand.offset + index * operand.batchStride), 0)
        .assumingMemoryBound(to: Float.self)
    }
    for index in 0..<product.batch {
      let (a, b, c) = (matrix(product.a, index), matrix(product.b, index), matrix(product.c, index))
      for i in 0..<product.m {
        for j in 0..<product.n {
          var sum: Float = 0
          let (aStart, aStep) =
            product.isATransposed ? (i, product.a.stride) : (i * product.a.stride, 1)
          let (bStart, bStep) =
            product.isBTransposed ? (j * product.b.stride, 1) : (j, product.b.stride)
          for k in 0..<product.k { sum += a[aStart + k * aStep] * b[bStart + k * bStep] }
          let place = i * product.c.stride + j
          c[place] = product.alpha * sum + (product.beta == 0 ? 0 : product.beta * c[place])
        }
      }
    }
  }

  func finish() throws(DeviceError) {}
}
