internal import CDevice
internal import DeviceKernels

/// A device that does everything twice: on the device, and in this process' memory with the same kernels as compiled for the
/// processor. After each launch and each product both results are compared, and the device's is taken over, so that a
/// difference is said of what caused it and of nothing that follows.
package final class CheckedDevice: Device, @unchecked Sendable {
  // Unchecked because one thread at a time uses a device.
  package let device: any Device
  package var identity: DeviceIdentity { device.identity }
  /// What was run so far, by the kernel's name; products are called `products`.
  package private(set) var results: [String: Agreement] = [:]

  /// What products are called in `results`.
  package static let products = "matrix products"

  /// How well a kernel's results agree with the processor's.
  package struct Agreement: Sendable {
    /// How often it was launched.
    package fileprivate(set) var launches = 0
    /// The largest difference of two elements, as a share of the element and the root mean square of all that the launch
    /// wrote; infinite if one is finite and the other is not.
    package fileprivate(set) var largestDifference = 0.0
  }

  package init(_ device: any Device) { self.device = device }

  /// Names of all kernels that there are.
  package static var kernels: [String] {
    (0..<tgk_kernel_count()).map { String(cString: tgk_kernel_at($0).name) }
  }

  // MARK: Memory

  private final class Buffer: DeviceBuffer, @unchecked Sendable {
    let inner: DeviceBuffer
    let shadow: UnsafeMutableRawBufferPointer

    init(_ inner: DeviceBuffer) {
      self.inner = inner
      shadow = .allocate(byteCount: inner.bytes, alignment: 64)
      super.init(bytes: inner.bytes)
    }

    deinit { shadow.deallocate() }

    /// The contents as floats, whatever they are.
    var floats: UnsafeMutablePointer<Float>? {
      shadow.baseAddress?.assumingMemoryBound(to: Float.self)
    }

    var copy: [Float] { Array(UnsafeBufferPointer(start: floats, count: bytes / 4)) }
  }

  private func own(_ buffer: DeviceBuffer) -> Buffer {
    guard let buffer = buffer as? Buffer else {
      // Unreachable: whoever uses a device gets its buffers from it.
      preconditionFailure("a buffer of another device")
    }
    return buffer
  }

  /// Takes the device's contents over.
  private func refresh(_ buffer: Buffer) throws(DeviceError) {
    try device.read(buffer.inner, at: 0, into: buffer.shadow)
  }

  package func allocate(bytes: Int) throws(DeviceError) -> DeviceBuffer {
    let buffer = Buffer(try device.allocate(bytes: bytes))
    try refresh(buffer)
    return buffer
  }

  package func write(
    _ source: UnsafeRawBufferPointer, to buffer: DeviceBuffer, at offset: Int
  ) throws(DeviceError) {
    let buffer = own(buffer)
    try device.write(source, to: buffer.inner, at: offset)
    try refresh(buffer)
  }

  package func read(
    _ buffer: DeviceBuffer, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    try device.read(own(buffer).inner, at: offset, into: target)
  }

  package func copy(
    _ source: DeviceBuffer, at sourceOffset: Int, to target: DeviceBuffer, at targetOffset: Int,
    bytes: Int
  ) throws(DeviceError) {
    let target = own(target)
    try device.copy(
      own(source).inner, at: sourceOffset, to: target.inner, at: targetOffset, bytes: bytes)
    try refresh(target)
  }

  package func clear(_ buffer: DeviceBuffer, at offset: Int, bytes: Int) throws(DeviceError) {
    let buffer = own(buffer)
    try device.clear(buffer.inner, at: offset, bytes: bytes)
    try refresh(buffer)
  }

  package func finish() throws(DeviceError) { try device.finish() }

  // MARK: Computing

  package func launch(
    _ kernel: String, groups: (Int, Int, Int), items: (Int, Int, Int),
    _ arguments: [KernelArgument]
  ) throws(DeviceError) {
    guard groups.0 > 0, groups.1 > 0, groups.2 > 0 else { return }
    var words: [UInt64] = []
    var inner: [KernelArgument] = []
    var buffers: [Buffer] = []
    for argument in arguments {
      switch argument {
      case .buffer(let buffer, let offset):
        let buffer = own(buffer)
        words.append(UInt64(UInt(bitPattern: buffer.shadow.baseAddress)))
        words.append(UInt64(offset))
        inner.append(.buffer(buffer.inner, offset: offset))
        if !buffers.contains(where: { $0 === buffer }) { buffers.append(buffer) }
      case .uint(let value):
        words.append(UInt64(value))
        inner.append(argument)
      case .ulong(let value):
        words.append(value)
        inner.append(argument)
      case .float(let value):
        words.append(UInt64(value.bitPattern))
        inner.append(argument)
      }
    }
    try compare(kernel, buffers) { () throws(DeviceError) in
      try device.launch(kernel, groups: groups, items: items, inner)
      let code = words.withUnsafeMutableBufferPointer { words in
        var places = words.indices.map { index in
          words.baseAddress.map { UnsafeMutableRawPointer($0 + index) }
        }
        return tgk_launch(
          kernel, [groups.0, groups.1, groups.2], [items.0, items.1, items.2], &places)
      }
      guard code == 0 else { throw .call(function: "tgk_launch (\(kernel))", code: "\(code)") }
    }
  }

  package func product(_ product: DeviceProduct) throws(DeviceError) {
    func inner(_ operand: DeviceProduct.Operand) -> DeviceProduct.Operand {
      .init(
        own(operand.buffer).inner, offset: operand.offset, stride: operand.stride,
        batchStride: operand.batchStride)
    }
    try compare(Self.products, [own(product.c.buffer)]) { () throws(DeviceError) in
      try device.product(
        DeviceProduct(
          isATransposed: product.isATransposed, isBTransposed: product.isBTransposed, m: product.m,
          n: product.n, k: product.k, alpha: product.alpha, inner(product.a), inner(product.b),
          beta: product.beta, inner(product.c), batch: product.batch))
      multiply(product)
    }
  }

  private func multiply(_ product: DeviceProduct) {
    func matrix(_ operand: DeviceProduct.Operand, _ index: Int) -> UnsafeMutablePointer<Float>? {
      own(operand.buffer).floats.map { $0 + operand.offset + index * operand.batchStride }
    }
    for index in 0..<product.batch {
      tg_reference_product(
        product.isATransposed ? 1 : 0, product.isBTransposed ? 1 : 0, product.m, product.n,
        product.k, product.alpha, matrix(product.a, index), product.a.stride,
        matrix(product.b, index), product.b.stride, product.beta, matrix(product.c, index),
        product.c.stride)
    }
  }

  /// Runs something on both sides and compares what it did to the buffers; kernels change nothing but floats.
  private func compare(
    _ name: String, _ buffers: [Buffer], _ body: () throws(DeviceError) -> Void
  ) throws(DeviceError) {
    let before = buffers.map(\.copy)
    try body()
    var agreement = results[name] ?? Agreement()
    agreement.launches += 1
    for (buffer, before) in zip(buffers, before) {
      let expected = buffer.copy
      try refresh(buffer)
      agreement.largestDifference = max(
        agreement.largestDifference,
        tg_largest_difference(before, expected, buffer.floats, expected.count))
    }
    results[name] = agreement
  }
}
