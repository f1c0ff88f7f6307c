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
  /// - Parameter note: gets a sentence before something that takes long.
  /// - Returns: the device, or that the processor is to compute.
  /// - Throws: `DeviceError` if it is not there or does not work; of `auto` never.
  package func open(note: (String) -> Void) throws(DeviceError) -> Opened {
    switch self {
    case .cpu: return .processor(reason: nil)
    case .gpu: return .device(try Self.graphicsProcessor(note))
    case .auto:
      do throws(DeviceError) {
        return .device(try Self.graphicsProcessor(note))
      } catch {
        return .processor(reason: error.description)
      }
    case .opencl, .openclProcessor: return .device(try openCL(note))
    case .cuda: return .device(try cuda(note))
    }
  }

  /// The first graphics processor, else the first other accelerator, never a processor.
  private static func graphicsProcessor(
    _ note: (String) -> Void
  ) throws(DeviceError) -> any Device {
    let platforms = try OpenCLPlatforms(OpenCLLibrary.shared.get())
    let entries = platforms.entries
    guard
      let entry = entries.first(where: \.isGraphicsProcessor)
        ?? entries.first(where: { !$0.isProcessor })
    else {
      throw .notAvailable(
        missing: "No graphics processor was found"
          + (entries.isEmpty
            ? "; OpenCL has no driver here"
            : "; OpenCL knows \(Self.list(entries).joined(separator: " and "))"),
        advice: "Install the OpenCL driver of the graphics processor, such as mesa-opencl-icd or "
          + "nvidia-opencl-icd on Debian, or use --device cpu")
    }
    return try Self.open(entry, platforms, note)
  }

  private func openCL(_ note: (String) -> Void) throws(DeviceError) -> any Device {
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

  private func cuda(_ note: (String) -> Void) throws(DeviceError) -> any Device {
    throw .unknown(name: text, available: [])
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
