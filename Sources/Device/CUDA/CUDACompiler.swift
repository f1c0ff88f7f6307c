internal import CDevice

/// NVRTC, which compiles the kernels for a GPU.
final class CUDACompiler: @unchecked Sendable {
  // Unchecked for the sake of C function pointers, which any thread may call.
  private let functions: tg_nvrtc
  let version: CUDAVersion
  /// Compute capabilities that it compiles for, such as 90 for 9.0, in ascending order.
  let architectures: [Int]

  /// - Throws: `DeviceError.notAvailable` if it is not there or not for this driver.
  init(for driver: CUDADriver) throws(DeviceError) {
    let libraries = driver.libraries
    var functions = tg_nvrtc()
    _ = try libraries.load(
      "NVRTC, which compiles the kernels,",
      libraries.candidates(.nvrtc, upTo: driver.version),
      advice: libraries.advice(major: driver.version.major), into: &functions
    ) { tg_cuda_load_nvrtc($0, &$1) }
    self.functions = functions
    var (major, minor, count): (Int32, Int32, Int32) = (0, 0, 0)
    try Self.check(functions.version(&major, &minor), "nvrtcVersion", functions)
    version = CUDAVersion(Int(major), Int(minor))
    try Self.check(functions.architecture_count(&count), "nvrtcGetNumSupportedArchs", functions)
    var numbers = [Int32](repeating: 0, count: max(Int(count), 1))
    try Self.check(functions.architectures(&numbers), "nvrtcGetSupportedArchs", functions)
    architectures = numbers.prefix(Int(count)).map(Int.init).sorted()
  }

  /// Compiles.
  ///
  /// Products and sums are not contracted to fused multiply-adds: kernels wait for memory, not for arithmetic, and so they round
  /// as the same text does in C. Quotients and roots are rounded correctly by default. The text has hexadecimal numbers, which
  /// are C++17; NVRTC 11 takes an earlier one by itself.
  ///
  /// - Parameters:
  ///   - source: the kernels' text.
  ///   - device: for which GPU.
  /// - Returns: an image that the driver loads.
  /// - Throws: `DeviceError.compilation` with the log; `.notAvailable` if the GPU is too old.
  func compile(_ source: String, for device: CUDADriver.Facts) throws(DeviceError) -> [CChar] {
    guard let target = CUDATarget(for: device.capability, of: architectures) else {
      throw .notAvailable(
        missing: "NVRTC \(version) does not compile for '\(device.name)' (compute capability "
          + "\(device.capability))",
        advice: "Install an older CUDA toolkit (\(CUDALibraries.variable) names its folder), or "
          + "use OpenCL")
    }
    var program: tg_nvrtc_program?
    try check(
      functions.create(&program, source, "transfergap.cu", 0, nil, nil), "nvrtcCreateProgram")
    defer { _ = functions.destroy(&program) }
    let options = [target.option, "--std=c++17", "--fmad=false"].map(\.cCopy)
    defer { for option in options { option.deallocate() } }
    let pointers = options.map { UnsafePointer<CChar>?($0) }
    let status = functions.compile(program, Int32(options.count), pointers)
    guard status == 0 else {
      throw .compilation(device: device.name, log: log(program) ?? words(status))
    }
    switch target {
    case .cubin: return try result(program, functions.cubin_size, functions.cubin, "CUBIN")
    case .ptx: return try result(program, functions.ptx_size, functions.ptx, "PTX")
    }
  }

  private func log(_ program: tg_nvrtc_program?) -> String? {
    guard let letters = try? result(program, functions.log_size, functions.log, "ProgramLog") else {
      return nil
    }
    return text(letters)
  }

  private func result(
    _ program: tg_nvrtc_program?,
    _ size: (tg_nvrtc_program?, UnsafeMutablePointer<Int>?) -> UInt32,
    _ get: (tg_nvrtc_program?, UnsafeMutablePointer<CChar>?) -> UInt32, _ name: String
  ) throws(DeviceError) -> [CChar] {
    var bytes = 0
    try check(size(program, &bytes), "nvrtcGet\(name)Size")
    var result = [CChar](repeating: 0, count: max(bytes, 1))
    try check(get(program, &result), "nvrtcGet\(name)")
    return result
  }

  private func words(_ status: UInt32) -> String { Self.words(status, functions) }

  private static func words(_ status: UInt32, _ functions: tg_nvrtc) -> String {
    functions.error_string(status).map { String(cString: $0) } ?? "error \(status)"
  }

  private func check(_ status: UInt32, _ function: String) throws(DeviceError) {
    try Self.check(status, function, functions)
  }

  private static func check(
    _ status: UInt32, _ function: String, _ functions: tg_nvrtc
  ) throws(DeviceError) {
    guard status != 0 else { return }
    throw .call(function: function, code: words(status, functions))
  }
}

extension String {
  /// A copy for C, to be deallocated.
  fileprivate var cCopy: UnsafeMutablePointer<CChar> {
    let bytes = utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    bytes.withUnsafeBufferPointer { source in
      for (index, byte) in source.enumerated() { (copy + index).initialize(to: byte) }
    }
    return copy
  }
}

/// A C string's text, up to the first zero byte.
func text(_ letters: [CChar]) -> String {
  String(decoding: letters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
