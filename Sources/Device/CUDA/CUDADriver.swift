internal import CDevice

/// NVIDIA's driver, loaded and initialised. It stays loaded, since it does not take being unloaded.
final class CUDADriver: @unchecked Sendable {
  // Unchecked for the sake of C function pointers, which any thread may call.
  let functions: tg_cuda_driver
  let libraries: CUDALibraries
  /// The newest CUDA that it works with.
  let version: CUDAVersion

  /// - Throws: `DeviceError.notAvailable` with what is missing.
  init(_ libraries: CUDALibraries) throws(DeviceError) {
    var functions = tg_cuda_driver()
    _ = try libraries.load(
      "NVIDIA's driver", libraries.candidates(.driver, upTo: .oldest),
      advice: "Install NVIDIA's driver (on Debian: apt-get install nvidia-driver); "
        + "in a container, give it the GPU (docker run --gpus all)",
      into: &functions
    ) { tg_cuda_load_driver($0, &$1) }
    self.functions = functions
    self.libraries = libraries
    var number: Int32 = 0
    let versionStatus = functions.driver_version(&number)
    version = CUDAVersion(driver: Int(number))
    guard versionStatus == TG_CUDA_SUCCESS, version >= .oldest else {
      throw .notAvailable(
        missing: "NVIDIA's driver is too old: it works with CUDA \(version), and "
          + "\(CUDAVersion.oldest) or newer is needed",
        advice: "Install a newer driver")
    }
    let status = functions.`init`(0)
    guard status == TG_CUDA_SUCCESS else {
      throw Self.notInitialized(status, Self.words(status, functions))
    }
  }

  /// What to do if the driver does not start.
  private static func notInitialized(_ status: UInt32, _ words: String) -> DeviceError {
    let advice =
      switch Int(status) {
      case TG_CUDA_NO_DEVICE:
        "nvidia-smi lists what the driver sees; CUDA_VISIBLE_DEVICES may hide devices, and a container needs --gpus all"
      case TG_CUDA_SYSTEM_DRIVER_MISMATCH:
        "The driver's library and its kernel module are of different versions, as after an update; restart the machine"
      case TG_CUDA_SYSTEM_NOT_READY:
        "A service of the driver does not run (on machines with NVSwitch: nvidia-fabricmanager)"
      default:
        "nvidia-smi says more; restarting the machine or loading the module nvidia-uvm again may help"
      }
    return .notAvailable(
      missing: status == TG_CUDA_NO_DEVICE
        ? "NVIDIA's driver is installed but finds no GPU (\(words))"
        : "NVIDIA's driver does not start (\(words))",
      advice: advice)
  }

  /// An error's name and explanation, in the driver's words.
  private static func words(_ status: UInt32, _ functions: tg_cuda_driver) -> String {
    var name: UnsafePointer<CChar>?
    var text: UnsafePointer<CChar>?
    guard functions.error_name(status, &name) == TG_CUDA_SUCCESS, let name else {
      return "CUDA error \(status)"
    }
    guard functions.error_string(status, &text) == TG_CUDA_SUCCESS, let text else {
      return String(cString: name)
    }
    return "\(String(cString: name)), \(String(cString: text))"
  }

  // MARK: Statuses

  /// Turns a status into an error.
  ///
  /// - Parameters:
  ///   - status: what a function of the driver returned.
  ///   - function: its name.
  ///   - bytes: how much memory was asked for, if the function allocates.
  /// - Throws: `DeviceError.outOfMemory`, `.lost` or `.call`.
  func check(
    _ status: UInt32, _ function: String, allocating bytes: Int = unknownBytes
  ) throws(DeviceError) {
    guard status != TG_CUDA_SUCCESS else { return }
    throw error(status, function, allocating: bytes)
  }

  func error(_ status: UInt32, _ function: String, allocating bytes: Int = unknownBytes)
    -> DeviceError
  {
    let words = Self.words(status, functions)
    switch Int(status) {
    case TG_CUDA_OUT_OF_MEMORY: return .outOfMemory(bytes: bytes)
    case TG_CUDA_DEVICE_UNAVAILABLE:
      return .notAvailable(
        missing: "Another program uses the GPU alone (\(words))",
        advice:
          "Wait for it, choose another device, or let the GPU be shared (nvidia-smi -c DEFAULT)")
    // After these the context is of no use any more, and everything asked of it fails in the same way.
    case TG_CUDA_ECC_UNCORRECTABLE, TG_CUDA_NVLINK_UNCORRECTABLE,
      TG_CUDA_ILLEGAL_ADDRESS, TG_CUDA_LAUNCH_TIMEOUT,
      TG_CUDA_CONTEXT_IS_DESTROYED...TG_CUDA_ASSERT,
      TG_CUDA_HARDWARE_STACK_ERROR...TG_CUDA_LAUNCH_FAILED,
      TG_CUDA_UNKNOWN:
      return .lost("\(function): \(words)")
    default: return .call(function: function, code: words)
    }
  }

  // MARK: Devices

  /// A GPU, as the driver tells it.
  struct Facts {
    let number: Int
    let handle: Int32
    let name: String
    let capability: CUDAVersion
    let multiprocessors: Int
    let memoryBytes: Int
  }

  func devices() throws(DeviceError) -> [Facts] {
    var count: Int32 = 0
    try check(functions.device_count(&count), "cuDeviceGetCount")
    var result: [Facts] = []
    for number in 0..<Int(count) { result.append(try facts(number)) }
    return result
  }

  private func facts(_ number: Int) throws(DeviceError) -> Facts {
    var device: Int32 = 0
    try check(functions.device(&device, Int32(number)), "cuDeviceGet")
    var letters = [CChar](repeating: 0, count: 256)
    try check(functions.device_name(&letters, Int32(letters.count), device), "cuDeviceGetName")
    var bytes = 0
    try check(functions.device_memory(&bytes, device), "cuDeviceTotalMem")
    return Facts(
      number: number, handle: device, name: text(letters),
      capability: CUDAVersion(
        try attribute(TG_CUDA_COMPUTE_CAPABILITY_MAJOR, device),
        try attribute(TG_CUDA_COMPUTE_CAPABILITY_MINOR, device)),
      multiprocessors: try attribute(TG_CUDA_MULTIPROCESSOR_COUNT, device),
      memoryBytes: bytes)
  }

  private func attribute(_ attribute: Int, _ device: Int32) throws(DeviceError) -> Int {
    var value: Int32 = 0
    try check(functions.device_attribute(&value, UInt32(attribute), device), "cuDeviceGetAttribute")
    return Int(value)
  }
}

/// Said of memory that a library takes without saying how much: some.
let unknownBytes = 1_000_000
