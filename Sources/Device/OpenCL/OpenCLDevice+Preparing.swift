extension OpenCLDevice {
  /// Has CLBlast compile what multiplies matrices, which it does with the first product of each kind and which takes seconds:
  /// small and large ones, and several at once.
  ///
  /// - Throws: `DeviceError` if it does not work here.
  func prepareProducts() throws(DeviceError) {
    let size = 512
    let buffer = try allocate(bytes: 3 * size * size * 4)
    try clear(buffer, at: 0, bytes: buffer.bytes)
    func operand(_ matrix: Int, _ size: Int) -> DeviceProduct.Operand {
      DeviceProduct.Operand(
        buffer, offset: matrix * 512 * 512, stride: size, batchStride: size * size)
    }
    for (size, batch) in [(512, 1), (8, 1), (8, 2)] {
      try product(
        DeviceProduct(
          m: size, n: size, k: size, operand(0, size), operand(1, size), operand(2, size),
          batch: batch))
    }
    try finish()
  }
}
