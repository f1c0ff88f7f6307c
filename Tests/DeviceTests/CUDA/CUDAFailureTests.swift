import Device
import Foundation
import TestSupport
import Testing

/// Everything that can go wrong on the way to a GPU and on it.
@Suite struct CUDAFailureTests {
  /// What opening a device on a stand-in throws, in words.
  private func message(_ standIn: StandIn, number: Int = 0, precision: ProductPrecision = .fp32)
    -> String
  {
    do {
      _ = try standIn.open(number: number, precision: precision)
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  // MARK: What is missing

  @Test func withoutADriver() {
    let libraries = CUDALibraries(
      environment: [CUDALibraries.variable: "/nowhere"], searchesSystem: false)
    #expect(
      throws: DeviceError.notAvailable(
        missing: "NVIDIA's driver cannot be loaded (no such file in /nowhere)",
        advice:
          "Install NVIDIA's driver (on Debian: apt-get install nvidia-driver); in a container, "
          + "give it the GPU (docker run --gpus all)")
    ) { try CUDADevice.list(libraries) }
  }

  /// Some other library has its name.
  @Test func withAnotherLibraryInItsPlace() throws {
    let folder = NSTemporaryDirectory() + "no-driver-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try #require(dlopen("libm.so.6", RTLD_NOW) != nil)
    let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
    let bytes = try #require(try handle.readToEnd())
    let maps = String(decoding: bytes, as: UTF8.self)
    let line = try #require(maps.split(separator: "\n").first { $0.hasSuffix("/libm.so.6") })
    let other = try #require(line.split(separator: " ").last)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/libcuda.so.1", withDestinationPath: String(other))
    let libraries = CUDALibraries(
      environment: [CUDALibraries.variable: folder], searchesSystem: false)
    let error = #expect(throws: DeviceError.self) { try CUDADevice.list(libraries) }
    #expect(
      "\(try #require(error))".hasPrefix(
        "NVIDIA's driver cannot be loaded (\(folder)/libcuda.so.1: it lacks the function cuInit). ")
    )
  }

  @Test(arguments: [
    (
      "driver=10020",
      "NVIDIA's driver is too old: it works with CUDA 10.2, and 11.0 or newer is needed. Install a newer driver."
    ),
    (
      "devices=0",
      "NVIDIA's driver is installed but finds no GPU (CUDA_ERROR_NO_DEVICE, no CUDA-capable device is detected). "
        + "nvidia-smi lists what the driver sees; CUDA_VISIBLE_DEVICES may hide devices, and a container needs --gpus all."
    ),
    (
      "fail=cuInit:1:803",
      "NVIDIA's driver does not start (CUDA_ERROR_SYSTEM_DRIVER_MISMATCH). The driver's library and its kernel "
        + "module are of different versions, as after an update; restart the machine."
    ),
    (
      "fail=cuInit:1:999",
      "NVIDIA's driver does not start (CUDA error 999). nvidia-smi says more; restarting the machine or loading "
        + "the module nvidia-uvm again may help."
    ),
    (
      "fail=cuDevicePrimaryCtxRetain:1:46",
      "Another program uses the GPU alone (CUDA_ERROR_DEVICE_UNAVAILABLE). Wait for it, choose another device, "
        + "or let the GPU be shared (nvidia-smi -c DEFAULT)."
    ),
    (
      "capability=5.2",
      "NVRTC 12.4 does not compile for 'Stand-in 0' (compute capability 5.2). Install an older CUDA toolkit "
        + "(TRANSFERGAP_CUDA_LIBRARIES names its folder), or use OpenCL."
    ),
    // No architecture of its own, so that the driver has to compile, which is older than NVRTC.
    (
      "capability=10.0 driver=12020",
      "The kernels do not compile for 'Stand-in 0'; its compiler says:\n"
        + "CUDA_ERROR_UNSUPPORTED_PTX_VERSION\nptxas fatal: unsupported PTX version"
    ),
  ]) func opening(_ words: String, _ expected: String) throws {
    let standIn = try StandIn(words)
    #expect(message(standIn) == expected)
    standIn.expectClean()
  }

  @Test func aNumberThatIsNotThere() throws {
    let standIn = try StandIn("devices=2")
    #expect(message(standIn, number: 2) == "There is no device 'cuda:2'. Found: cuda:0, cuda:1.")
    standIn.expectClean()
  }

  @Test func withoutCuBLASOrNVRTC() throws {
    let withoutCuBLAS = try StandIn(without: ["libcublas.so.12"])
    #expect(
      message(withoutCuBLAS).hasPrefix(
        "cuBLAS, which multiplies matrices, cannot be loaded (no such file in "))
    withoutCuBLAS.expectClean()
    let withoutNVRTC = try StandIn(without: ["libnvrtc.so.12"])
    let message = message(withoutNVRTC)
    #expect(
      message.hasPrefix("NVRTC, which compiles the kernels, cannot be loaded (no such file in "))
    #expect(
      message.hasSuffix(
        "Install NVIDIA's CUDA toolkit 12, or the Python packages nvidia-cublas-cu12 nvidia-cuda-nvrtc-cu12, and "
          + "let TRANSFERGAP_CUDA_LIBRARIES name the folder, such as …/site-packages/nvidia."))
    withoutNVRTC.expectClean()
    // Those of CUDA 12 are of no use to a driver for 11.
    let old = try StandIn("driver=11080")
    #expect(self.message(old).contains("nvidia-cublas-cu11 nvidia-cuda-nvrtc-cu11"))
    old.expectClean()
  }

  @Test func kernelsThatDoNotCompile() throws {
    let standIn = try StandIn()
    #expect(
      throws: DeviceError.compilation(
        device: "Stand-in 0", log: "transfergap.cu: error: #error on purpose")
    ) { try standIn.open(source: "#error on purpose") }
    standIn.expectClean()
  }

  @Test func aKernelThatIsNotThere() throws {
    let standIn = try StandIn()
    do {
      let device = try standIn.open()
      #expect(
        throws: DeviceError.call(
          function: "cuModuleGetFunction of tgk_nothing", code: "CUDA_ERROR_NOT_FOUND")
      ) { try device.launchFlat("tgk_nothing", 1, []) }
    }
    standIn.expectClean()
  }

  // MARK: Precision

  @Test func tf32NeedsAGPUThatHasIt() throws {
    let standIn = try StandIn("capability=7.5")
    #expect(
      message(standIn, precision: .tf32)
        == "'Stand-in 0' has no TF32 (compute capability 7.5, and 8.0 is the first with it). "
        + "Leave --precision tf32 out.")
    #expect(message(standIn) == "nothing was thrown")
    standIn.expectClean()
  }

  @Test(arguments: [
    ("NVIDIA_TF32_OVERRIDE", "1", ProductPrecision.fp32, true),
    ("NVIDIA_TF32_OVERRIDE", "0", .fp32, false),
    ("NVIDIA_TF32_OVERRIDE", "1", .tf32, false),
    ("NVIDIA_TF32_OVERRIDE", "0", .tf32, true),
    ("CUBLAS_EMULATE_SINGLE_PRECISION", "1", .fp32, true),
    ("CUBLAS_EMULATE_SINGLE_PRECISION", "0", .fp32, false),
  ]) func variablesThatStandAgainstThePrecision(
    _ variable: String, _ value: String, _ precision: ProductPrecision, _ isConflict: Bool
  ) throws {
    let standIn = try StandIn(environment: [variable: value])
    #expect(
      message(standIn, precision: precision)
        == (isConflict
          ? "The environment variable \(variable)=\(value) keeps cuBLAS from multiplying in "
            + "\(precision.name). Unset it, or choose another --precision."
          : "nothing was thrown"))
    standIn.expectClean()
  }

  // MARK: Every call

  /// Lets each call on the way to an open device and through some work fail in turn: an error comes, nothing is left and
  /// nothing forbidden is done.
  @Test func everyCallMayFail() throws {
    /// Returns the calls until the device is given up; nobody can do anything about a failure of those that follow.
    @discardableResult func work(_ standIn: StandIn) throws -> [String] {
      let device = try standIn.open()
      let x = try device.buffer([1, 2, 3])
      let y = try device.buffer([0, 0, 0])
      try device.copy(x, at: 0, to: y, at: 0, bytes: 12)
      try device.clear(x, at: 0, bytes: 4)
      try device.launchFlat("tgk_scale", 3, [.buffer(y, offset: 0), .uint(3), .float(2)])
      try device.product(
        DeviceProduct(
          m: 1, n: 1, k: 2, .init(x, offset: 0, stride: 2), .init(y, offset: 0, stride: 1),
          .init(x, offset: 2, stride: 1)))
      try device.product(
        DeviceProduct(
          m: 1, n: 1, k: 1, .init(y, offset: 0, stride: 1, batchStride: 1),
          .init(y, offset: 0, stride: 1, batchStride: 1),
          .init(x, offset: 0, stride: 1, batchStride: 1), batch: 2))
      _ = try device.elements(x)
      _ = try device.memory()
      try device.finish()
      return withExtendedLifetime((device, x, y)) { standIn.record }
    }
    let standIn = try StandIn()
    let calls = try work(standIn)
    standIn.expectClean()
    var counts: [String: Int] = [:]
    for line in calls {
      let function = String(line.prefix { $0 != " " })
      // Whether a program of NVRTC is given back is of no consequence.
      guard function != "nvrtcDestroyProgram" else { continue }
      counts[function, default: 0] += 1
      let status = function.hasPrefix("cublas") ? 3 : function.hasPrefix("nvrtc") ? 11 : 2
      let failing = try StandIn("fail=\(function):\(counts[function, default: 0]):\(status)")
      #expect(throws: DeviceError.self, "\(function) \(counts[function, default: 0])") {
        try work(failing)
      }
      failing.expectClean()
    }
    #expect(counts.count >= 30)
  }

  @Test func outOfMemoryLeavesTheDeviceUsable() throws {
    let standIn = try StandIn("memory=50000000")
    do {
      let device = try standIn.open()
      let error = #expect(throws: DeviceError.outOfMemory(bytes: 20_000_000)) {
        try device.allocate(bytes: 20_000_000)
      }
      #expect(
        "\(try #require(error))"
          == "The device has no room for 20 MB more. Use a smaller block_tokens, end other programs that use the "
          + "device, or use --device cpu.")
      #expect(try device.elements(device.buffer([1, 2])) == [1, 2])
    }
    standIn.expectClean()
  }

  // MARK: A lost device

  /// A kernel goes wrong when it runs, long after it was asked for; from then on everything fails.
  @Test(arguments: [
    (719, "CUDA_ERROR_LAUNCH_FAILED, unspecified launch failure"),
    (214, "CUDA_ERROR_ECC_UNCORRECTABLE"),
  ])
  func aLostDevice(_ status: Int, _ words: String) throws {
    let standIn = try StandIn()
    do {
      let device = try standIn.open()
      let x = try device.buffer([1, 2, 3])
      try standIn.configure("fail=execution:2:\(status)")
      try device.launchFlat("tgk_scale", 3, [.buffer(x, offset: 0), .uint(3), .float(2)])
      let error = #expect(throws: DeviceError.lost("cuStreamSynchronize: \(words)")) {
        try device.finish()
      }
      #expect("\(try #require(error))".contains("the run can be resumed"))
      #expect(throws: DeviceError.self) { try device.elements(x) }
      #expect(throws: DeviceError.self) { try device.allocate(bytes: 4) }
      #expect(throws: DeviceError.self) {
        try device.launchFlat("tgk_scale", 3, [.buffer(x, offset: 0), .uint(3), .float(2)])
      }
    }
    standIn.expectClean()
    // A new one works, as after the program was started again.
    do {
      let device = try standIn.open()
      #expect(try device.elements(device.buffer([4])) == [4])
    }
    standIn.expectClean()
  }

  /// A wrong count takes a kernel beyond its buffer, which the stand-in notices as a GPU does.
  @Test func aKernelThatGoesBeyondItsMemory() throws {
    let standIn = try StandIn()
    do {
      let device = try standIn.open()
      let x = try device.buffer([Float](repeating: 1, count: 1024))
      try device.launchFlat(
        "tgk_scale", 100_000, [.buffer(x, offset: 0), .uint(100_000), .float(2)])
      #expect(
        throws: DeviceError.lost(
          "cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS, an illegal memory access was encountered"
        )
      ) { try device.finish() }
    }
    #expect(standIn.complaints == "tgk_scale touches memory that is not there\n")
    #expect(standIn.live == 0)
  }
}
