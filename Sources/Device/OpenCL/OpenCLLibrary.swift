internal import CDevice

/// The OpenCL loader and CLBlast, loaded when they are first asked for.
///
/// Unchecked for the sake of C function pointers, which any thread may call.
struct OpenCLLibrary: @unchecked Sendable {
  let functions: tg_opencl
  let products: tg_clblast

  /// As Debian's packages name them.
  static let loader = (file: "libOpenCL.so.1", package: "ocl-icd-libopencl1")
  static let blas = (file: "libclblast.so.1", package: "libclblast1")

  /// Those of this process.
  static let shared = Result<OpenCLLibrary, DeviceError> { () throws(DeviceError) in
    try OpenCLLibrary(loader: loader.file, blas: blas.file)
  }

  /// - Parameters:
  ///   - loader: the library of OpenCL, as `dlopen` takes it.
  ///   - blas: CLBlast, likewise.
  /// - Throws: `DeviceError.notAvailable` for what cannot be loaded.
  init(loader: String, blas: String) throws(DeviceError) {
    var functions = tg_opencl()
    if let problem = tg_opencl_load(loader, &functions) {
      throw .notAvailable(
        missing:
          "OpenCL's loader cannot be loaded from \(loader): \(String(cString: problem))",
        advice: "On Debian it is in the package \(Self.loader.package): apt-get install "
          + "\(Self.loader.package), and the OpenCL driver of the graphics processor")
    }
    var products = tg_clblast()
    if let problem = tg_clblast_load(blas, &products) {
      throw .notAvailable(
        missing: "CLBlast, which multiplies matrices, cannot be loaded from \(blas): "
          + String(cString: problem),
        advice: "On Debian it is in the package \(Self.blas.package): apt-get install "
          + Self.blas.package)
    }
    (self.functions, self.products) = (functions, products)
  }

  /// What an error's number is called in the specification or in clblast_c.h.
  static func name(of code: Int32) -> String {
    let name: String? =
      switch code {
      case -1: "CL_DEVICE_NOT_FOUND"
      case -2: "CL_DEVICE_NOT_AVAILABLE"
      case -3: "CL_COMPILER_NOT_AVAILABLE"
      case -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE"
      case -5: "CL_OUT_OF_RESOURCES"
      case -6: "CL_OUT_OF_HOST_MEMORY"
      case -11: "CL_BUILD_PROGRAM_FAILURE"
      case -30: "CL_INVALID_VALUE"
      case -36: "CL_INVALID_COMMAND_QUEUE"
      case -38: "CL_INVALID_MEM_OBJECT"
      case -46: "CL_INVALID_KERNEL_NAME"
      case -48: "CL_INVALID_KERNEL"
      case -49: "CL_INVALID_ARG_INDEX"
      case -51: "CL_INVALID_ARG_SIZE"
      case -52: "CL_INVALID_KERNEL_ARGS"
      case -54: "CL_INVALID_WORK_GROUP_SIZE"
      case -55: "CL_INVALID_WORK_ITEM_SIZE"
      case -61: "CL_INVALID_BUFFER_SIZE"
      case -63: "CL_INVALID_GLOBAL_WORK_SIZE"
      case -1001: "CL_PLATFORM_NOT_FOUND_KHR"
      case -1017: "CLBlastInvalidMatrixA"
      case -1016: "CLBlastInvalidMatrixB"
      case -1015: "CLBlastInvalidMatrixC"
      case -2044: "CLBlastInsufficientMemoryTemp"
      case -2045: "CLBlastInvalidBatchCount"
      default: nil
      }
    return name.map { "\($0) (\(code))" } ?? "error \(code)"
  }
}
