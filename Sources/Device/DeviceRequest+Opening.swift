internal import DeviceKernels

extension DeviceRequest {
  /// A device that was opened, or why there is none.
  package enum Opened {
    case device(any Device)
    /// The processor computes: because it was asked for (no reason), or because `auto` found nothing that works.
    case processor(reason: String?)
  }

  /// Opens the device that is meant: loads its libraries and compiles its kernels, which may take seconds.
  ///
  /// - Parameters:
  ///   - precision: of matrix products.
  ///   - note: gets a sentence before something that takes long.
  /// - Returns: the device, or that the processor is to compute.
  /// - Throws: `DeviceError` if it is not there or does not work; of `auto` never.
  package func open(
    precision: ProductPrecision = .fp32, note: (String) -> Void
  ) throws(DeviceError) -> Opened {
    switch self {
    case .cpu: return .processor(reason: nil)
    case .gpu: return .device(try Self.graphicsProcessor(precision, note))
    case .auto:
      do throws(DeviceError) {
        return .device(try Self.graphicsProcessor(precision, note))
      } catch {
        return .processor(reason: error.description)
      }
    case .opencl, .openclProcessor: return .device(try openCL(precision, note))
    case .cuda(let number):
      return .device(try Self.cuda(number, text, precision, note))
    }
  }

  /// The first graphics processor, by CUDA if that works, else another accelerator; never a processor.
  private static func graphicsProcessor(
    _ precision: ProductPrecision, _ note: (String) -> Void
  ) throws(DeviceError) -> any Device {
    var cudaProblem: DeviceError?
    do throws(DeviceError) {
      if let first = try CUDADevice.list().first {
        return try cuda(first.number, first.name, precision, note)
      }
    } catch {
      cudaProblem = error
    }
    let platforms: OpenCLPlatforms
    do throws(DeviceError) {
      platforms = try OpenCLPlatforms(OpenCLLibrary.shared.get())
    } catch {
      throw both(cudaProblem, error)
    }
    let entries = platforms.entries
    guard
      let entry = entries.first(where: \.isGraphicsProcessor)
        ?? entries.first(where: { !$0.isProcessor })
    else {
      throw both(
        cudaProblem,
        .notAvailable(
          missing: entries.isEmpty
            ? "OpenCL has no driver here"
            : "OpenCL knows no graphics processor, only \(list(entries).joined(separator: " and "))",
          advice: "Install the OpenCL driver of the graphics processor (mesa-opencl-icd, "
            + "intel-opencl-icd and nvidia-opencl-icd are some of Debian's), or use --device cpu"))
    }
    if let cudaProblem, entry.name.contains("NVIDIA") {
      note("CUDA does not work here, so OpenCL is tried. \(cudaProblem)")
    }
    try checkPrecision(precision)
    return try open(entry, platforms, note)
  }

  /// Why neither CUDA nor OpenCL has a graphics processor.
  private static func both(_ cuda: DeviceError?, _ openCL: DeviceError) -> DeviceError {
    guard let cuda else { return openCL }
    var advice = openCL.description
    if advice.hasSuffix(".") { advice.removeLast() }
    var missing = cuda.description
    if missing.hasSuffix(".") { missing.removeLast() }
    return .notAvailable(
      missing: "No graphics processor can be used. By CUDA: \(missing)",
      advice: "By OpenCL: \(advice)")
  }

  /// CLBlast has no choice of precision.
  private static func checkPrecision(_ precision: ProductPrecision) throws(DeviceError) {
    guard precision == .fp32 else {
      throw .notAvailable(
        missing:
          "Products of precision \(precision.name) are cuBLAS's, and this device is OpenCL's",
        advice: "Leave --precision out, or use --device cuda:0 with an NVIDIA GPU")
    }
  }

  private func openCL(
    _ precision: ProductPrecision, _ note: (String) -> Void
  ) throws(DeviceError) -> any Device {
    try Self.checkPrecision(precision)
    let platforms = try OpenCLPlatforms(OpenCLLibrary.shared.get())
    let entries = platforms.entries
    let entry: OpenCLPlatforms.Entry? =
      switch self {
      case .opencl(let number): entries.indices.contains(number) ? entries[number] : nil
      case .openclProcessor: entries.first(where: \.isProcessor)
      default: nil
      }
    guard let entry else {
      guard !entries.isEmpty else {
        throw .notAvailable(
          missing: "OpenCL has no driver here, so there is no device '\(text)'",
          advice: "Install one; pocl-opencl-icd is Debian's for processors")
      }
      throw .unknown(name: text, available: Self.list(entries))
    }
    return try Self.open(entry, platforms, note)
  }

  private static func cuda(
    _ number: Int, _ name: String, _ precision: ProductPrecision, _ note: (String) -> Void
  ) throws(DeviceError) -> any Device {
    note("Compiling the kernels for \(name) …")
    return try CUDADevice(
      number: number, precision: precision, source: String(cString: tgk_source()))
  }

  private static func list(_ entries: [OpenCLPlatforms.Entry]) -> [String] {
    entries.enumerated().map { "opencl:\($0) (\($1.name))" }
  }

  private static func open(
    _ entry: OpenCLPlatforms.Entry, _ platforms: OpenCLPlatforms, _ note: (String) -> Void
  ) throws(DeviceError) -> any Device {
    note("Compiling the kernels for \(entry.name) …")
    let device = try OpenCLDevice(
      entry, of: platforms.library, source: String(cString: tgk_source()))
    try device.prepareProducts()
    return device
  }
}
