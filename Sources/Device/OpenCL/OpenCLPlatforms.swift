internal import CDevice

/// The OpenCL devices of this machine.
struct OpenCLPlatforms {
  /// One device, and what it says of itself.
  struct Entry {
    let device: UnsafeMutableRawPointer
    let platform: String
    let name: String
    let isProcessor: Bool
    let isGraphicsProcessor: Bool
    let memoryBytes: Int
    let largestBuffer: Int
    let largestGroup: Int
    let driver: String
    let version: String
    /// Whether its compiler can be asked to round quotients and square roots correctly.
    let roundsDivision: Bool
  }

  let library: OpenCLLibrary
  /// In the order of the loader's platforms; the number of a device in `opencl:<number>` is its place here.
  let entries: [Entry]

  /// - Throws: `DeviceError.notAvailable` if OpenCL or CLBlast is not there; no device is no error.
  init(_ library: OpenCLLibrary) throws(DeviceError) {
    self.library = library
    let functions = library.functions
    var entries: [Entry] = []
    for platform in try Self.platforms(functions) {
      let platformName = Self.text {
        functions.get_platform_info(platform, UInt32(TG_CL_PLATFORM_NAME), $0, $1, $2)
      }
      for device in try Self.devices(of: platform, functions) {
        func text(_ key: Int) -> String {
          Self.text { functions.get_device_info(device, UInt32(key), $0, $1, $2) }
        }
        func number<Number: FixedWidthInteger>(_ key: Int, _: Number.Type) -> Int {
          var value = Number.zero
          _ = functions.get_device_info(
            device, UInt32(key), MemoryLayout<Number>.size, &value, nil)
          return Int(clamping: value)
        }
        // A device without a compiler, or that somebody else has for himself, is none.
        guard number(TG_CL_DEVICE_AVAILABLE, UInt32.self) != 0,
          number(TG_CL_DEVICE_COMPILER_AVAILABLE, UInt32.self) != 0
        else { continue }
        let type = number(TG_CL_DEVICE_TYPE, UInt64.self)
        entries.append(
          Entry(
            device: device, platform: platformName, name: text(TG_CL_DEVICE_NAME),
            isProcessor: type & TG_CL_DEVICE_TYPE_CPU != 0,
            isGraphicsProcessor: type & TG_CL_DEVICE_TYPE_GPU != 0,
            memoryBytes: number(TG_CL_DEVICE_GLOBAL_MEM_SIZE, UInt64.self),
            largestBuffer: number(TG_CL_DEVICE_MAX_MEM_ALLOC_SIZE, UInt64.self),
            largestGroup: number(TG_CL_DEVICE_MAX_WORK_GROUP_SIZE, UInt.self),
            driver: text(TG_CL_DRIVER_VERSION), version: text(TG_CL_DEVICE_VERSION),
            roundsDivision: number(TG_CL_DEVICE_SINGLE_FP_CONFIG, UInt64.self)
              & TG_CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT != 0))
      }
    }
    self.entries = entries
  }

  private static func platforms(
    _ functions: tg_opencl
  ) throws(DeviceError) -> [UnsafeMutableRawPointer] {
    var count: UInt32 = 0
    let code = functions.get_platforms(0, nil, &count)
    if code == TG_CL_PLATFORM_NOT_FOUND || (code == TG_CL_SUCCESS && count == 0) { return [] }
    guard code == TG_CL_SUCCESS else {
      throw .call(function: "clGetPlatformIDs", code: OpenCLLibrary.name(of: code))
    }
    var platforms = [UnsafeMutableRawPointer?](repeating: nil, count: Int(count))
    _ = functions.get_platforms(count, &platforms, nil)
    return platforms.compactMap { $0 }
  }

  private static func devices(
    of platform: UnsafeMutableRawPointer, _ functions: tg_opencl
  ) throws(DeviceError) -> [UnsafeMutableRawPointer] {
    var count: UInt32 = 0
    let code = functions.get_devices(platform, tg_cl_device_type_all, 0, nil, &count)
    if code == TG_CL_DEVICE_NOT_FOUND || (code == TG_CL_SUCCESS && count == 0) { return [] }
    guard code == TG_CL_SUCCESS else {
      throw .call(function: "clGetDeviceIDs", code: OpenCLLibrary.name(of: code))
    }
    var devices = [UnsafeMutableRawPointer?](repeating: nil, count: Int(count))
    _ = functions.get_devices(platform, tg_cl_device_type_all, count, &devices, nil)
    return devices.compactMap { $0 }
  }

  /// A text that one of the information functions gives.
  static func text(
    _ ask: (Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> Int32
  ) -> String {
    var size = 0
    guard ask(0, nil, &size) == TG_CL_SUCCESS, size > 0 else { return "unknown" }
    var bytes = [UInt8](repeating: 0, count: size)
    guard ask(size, &bytes, nil) == TG_CL_SUCCESS else { return "unknown" }
    let words = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    return words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
