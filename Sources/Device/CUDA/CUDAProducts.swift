internal import CDevice

/// cuBLAS on a GPU.
///
/// With one stream and a workspace of its own that never changes, it gives the same bits from run to run on GPUs of one kind,
/// with one version of the library (NVIDIA's manual, "Results reproducibility").
final class CUDAProducts {
  private let context: CUDAContext
  private let functions: tg_cublas
  private let handle: tg_cublas_handle
  private let workspace: DeviceBuffer
  let precision: ProductPrecision
  /// Such as "12.4.5".
  let version: String

  /// NVIDIA's recommendation for Hopper, and enough for the others.
  static let workspaceBytes = 32 << 20

  /// - Throws: `DeviceError.notAvailable` if the library is not there, or the GPU or the environment does not allow the
  ///   precision; `.outOfMemory`.
  init(_ context: CUDAContext, _ precision: ProductPrecision) throws(DeviceError) {
    let (driver, libraries) = (context.driver, context.driver.libraries)
    try libraries.checkPrecision(precision)
    let device = context.device
    if precision == .tf32, device.capability < CUDAVersion(8, 0) {
      throw .notAvailable(
        missing:
          "'\(device.name)' has no TF32 (compute capability \(device.capability), and 8.0 is "
          + "the first with it)",
        advice: "Leave --precision tf32 out")
    }
    var functions = tg_cublas()
    _ = try libraries.load(
      "cuBLAS, which multiplies matrices,",
      libraries.candidates(.cublas, upTo: driver.version),
      advice: libraries.advice(major: driver.version.major), into: &functions
    ) { tg_cuda_load_cublas($0, &$1) }
    workspace = try context.allocate(bytes: Self.workspaceBytes)
    var handle: tg_cublas_handle?
    let status = functions.create(&handle)
    guard status == TG_CUBLAS_SUCCESS, let handle else {
      throw Self.error(status, "cublasCreate", creating: true)
    }
    (self.context, self.functions, self.handle) = (context, functions, handle)
    self.precision = precision
    var number: Int32 = 0
    let versionStatus = functions.version(handle, &number)
    version = "\(number / 10000).\(number / 100 % 100).\(number % 100)"
    // `deinit` runs from here on, all members being there.
    try Self.check(versionStatus, "cublasGetVersion")
    // In this order: choosing a stream puts the library's own workspace in place.
    try Self.check(functions.set_stream(handle, context.stream), "cublasSetStream")
    try Self.check(
      functions.set_workspace(
        handle,
        UnsafeMutableRawPointer(
          bitPattern: UInt(context.address(of: workspace, at: 0, bytes: workspace.bytes))),
        workspace.bytes),
      "cublasSetWorkspace")
    let mode =
      precision == .fp32
      ? TG_CUBLAS_DEFAULT_MATH : TG_CUBLAS_TF32_TENSOR_OP_MATH
    try Self.check(functions.set_math_mode(handle, UInt32(mode)), "cublasSetMathMode")
  }

  deinit {
    context.makeCurrentIfPossible()
    _ = functions.destroy(handle)
  }

  /// Multiplies row-major matrices.
  ///
  /// cuBLAS' are column-major, in which a row-major matrix is its own transpose: Cᵀ = op(B)ᵀ op(A)ᵀ, so the factors change
  /// places and nothing is copied.
  func product(_ product: DeviceProduct) throws(DeviceError) {
    func operation(_ isTransposed: Bool) -> UInt32 {
      UInt32(isTransposed ? TG_CUBLAS_OP_T : TG_CUBLAS_OP_N)
    }
    var (alpha, beta) = (product.alpha, product.beta)
    let (aOperation, bOperation) = (
      operation(product.isATransposed), operation(product.isBTransposed)
    )
    let (m, n, k) = (Int32(product.m), Int32(product.n), Int32(product.k))
    let (a, b, c) = (product.a, product.b, product.c)
    let aPointer = pointer(
      a, product, rows: product.isATransposed ? product.k : product.m,
      columns: product.isATransposed ? product.m : product.k)
    let bPointer = pointer(
      b, product, rows: product.isBTransposed ? product.n : product.k,
      columns: product.isBTransposed ? product.k : product.n)
    let cPointer = pointer(c, product, rows: product.m, columns: product.n)
    if product.batch == 1 {
      try Self.check(
        functions.sgemm(
          handle, bOperation, aOperation, n, m, k, &alpha, bPointer, Int32(b.stride), aPointer,
          Int32(a.stride), &beta, cPointer, Int32(c.stride)), "cublasSgemm")
    } else {
      try Self.check(
        functions.sgemm_batched(
          handle, bOperation, aOperation, n, m, k, &alpha, bPointer, Int32(b.stride),
          Int64(b.batchStride), aPointer, Int32(a.stride), Int64(a.batchStride), &beta, cPointer,
          Int32(c.stride), Int64(c.batchStride), Int32(product.batch)), "cublasSgemmStridedBatched")
    }
  }

  private func pointer(
    _ operand: DeviceProduct.Operand, _ product: DeviceProduct, rows: Int, columns: Int
  ) -> UnsafeMutablePointer<Float>? {
    let end =
      operand.offset + (product.batch - 1) * operand.batchStride + (rows - 1) * operand.stride
      + columns
    precondition(operand.stride >= columns && operand.offset >= 0)
    let address = context.address(
      of: operand.buffer, at: 4 * operand.offset, bytes: 4 * (end - operand.offset))
    return UnsafeMutablePointer(bitPattern: UInt(address))
  }

  private static func check(_ status: UInt32, _ function: String) throws(DeviceError) {
    guard status != TG_CUBLAS_SUCCESS else { return }
    throw error(status, function)
  }

  /// cublasStatus_t by its names.
  private static func error(
    _ status: UInt32, _ function: String, creating: Bool = false
  ) -> DeviceError {
    let names: [UInt32: String] = [
      1: "NOT_INITIALIZED", 3: "ALLOC_FAILED", 7: "INVALID_VALUE", 8: "ARCH_MISMATCH",
      11: "MAPPING_ERROR", 13: "EXECUTION_FAILED", 14: "INTERNAL_ERROR", 15: "NOT_SUPPORTED",
      16: "LICENSE_ERROR",
    ]
    let name = names[status].map { "CUBLAS_STATUS_\($0)" } ?? "status \(status)"
    return switch Int(status) {
    case TG_CUBLAS_ALLOC_FAILED: .outOfMemory(bytes: unknownBytes)
    // Its manual gives lack of resources as the reason.
    case TG_CUBLAS_NOT_INITIALIZED where creating: .outOfMemory(bytes: unknownBytes)
    case TG_CUBLAS_EXECUTION_FAILED: .lost("\(function): \(name)")
    default: .call(function: function, code: name)
    }
  }
}
