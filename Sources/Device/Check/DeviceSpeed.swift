/// How fast a device does what a training does much of.
package struct DeviceSpeed: Sendable {
  /// Of products of a block's size, in 10⁹ floating-point operations per second, a multiply-add counting two.
  package let products: Double
  /// Of a kernel that reads and writes, in 10⁹ bytes per second, both counted.
  package let memory: Double
  /// To the device and back, in 10⁹ bytes per second.
  package let toDevice: Double
  package let fromDevice: Double
  /// What a launch costs beside what it computes, in 10⁻⁶ s.
  package let launch: Double

  /// The shape of the feed-forward's products of a block of multilingual BERT.
  package static let shape = (m: 2048, n: 3072, k: 768)

  /// Measures, each the best of several.
  ///
  /// - Parameter device: nobody else uses it; takes about 150 MB of it.
  /// - Throws: `DeviceError`.
  package init(of device: any Device) throws(DeviceError) {
    let (m, n, k) = Self.shape
    let (a, b, c) = (
      try device.allocate(bytes: 4 * m * k), try device.allocate(bytes: 4 * n * k),
      try device.allocate(bytes: 4 * m * n)
    )
    for buffer in [a, b, c] { try device.clear(buffer, at: 0, bytes: buffer.bytes) }
    let product = DeviceProduct(
      isBTransposed: true, m: m, n: n, k: k, .init(a, offset: 0, stride: k),
      .init(b, offset: 0, stride: k), .init(c, offset: 0, stride: n))
    products =
      2e-9 * Double(m * n * k)
      / (try Self.seconds(device) { () throws(DeviceError) in try device.product(product) })

    let count = 1 << 24
    let large = try device.allocate(bytes: 4 * count)
    try device.clear(large, at: 0, bytes: large.bytes)
    let scale: [KernelArgument] = [.buffer(large, offset: 0), .uint(UInt32(count)), .float(1)]
    memory =
      8e-9 * Double(count)
      / (try Self.seconds(device) { () throws(DeviceError) in
        try device.launch("tgk_scale", groups: (4096, 1, 1), items: (64, 1, 1), scale)
      })

    let host = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * count, alignment: 64)
    defer { host.deallocate() }
    host.initializeMemory(as: UInt8.self, repeating: 0)
    toDevice =
      4e-9 * Double(count)
      / (try Self.seconds(device) { () throws(DeviceError) in
        try device.write(UnsafeRawBufferPointer(host), to: large, at: 0)
      })
    fromDevice =
      4e-9 * Double(count)
      / (try Self.seconds(device) { () throws(DeviceError) in
        try device.read(large, at: 0, into: host)
      })

    let small: [KernelArgument] = [.buffer(c, offset: 0), .uint(1), .float(1)]
    let launches = 200
    launch =
      1e6 / Double(launches)
      * (try Self.seconds(device) { () throws(DeviceError) in
        for _ in 0..<launches {
          try device.launch("tgk_scale", groups: (1, 1, 1), items: (64, 1, 1), small)
        }
      })
  }

  /// The best of four after one that is not counted, each until the device is done.
  private static func seconds(
    _ device: any Device, _ body: () throws(DeviceError) -> Void
  ) throws(DeviceError) -> Double {
    try body()
    try device.finish()
    var best = Double.infinity
    for _ in 0..<4 {
      let start = ContinuousClock.now
      try body()
      try device.finish()
      let took = (ContinuousClock.now - start).components
      best = min(best, Double(took.seconds) + 1e-18 * Double(took.attoseconds))
    }
    return best
  }
}
