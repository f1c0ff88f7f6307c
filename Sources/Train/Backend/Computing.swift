internal import Device
internal import Model
internal import RunLog

/// What networks are computed on: the processor, or a device that was opened.
public struct Computing: Sendable {
  /// `nil` is the processor.
  let device: (any Device)?

  /// The processor.
  public static let processor = Computing(device: nil)

  init(device: (any Device)?) { self.device = device }

  /// What `--device` may say.
  public static let forms = DeviceRequest.forms

  /// Whether that is one of the forms.
  public static func accepts(_ text: String) -> Bool { DeviceRequest(text) != nil }

  /// What `--precision` may say.
  public static let precisions = ProductPrecision.allCases.map(\.rawValue)

  /// Opens what a user asks for.
  ///
  /// - Parameters:
  ///   - text: one of the forms.
  ///   - precision: of matrix products, one of `precisions`.
  ///   - note: gets a sentence before something that takes long, or when `auto` finds no device that works.
  /// - Throws: an error that says what is missing and what to do.
  public init(_ text: String, precision: String = "fp32", note: (String) -> Void) throws {
    guard let request = DeviceRequest(text), let precision = ProductPrecision(rawValue: precision)
    else {
      // Unreachable: options are checked when they are parsed.
      preconditionFailure("there is no device '\(text)' or precision '\(precision)'")
    }
    switch try request.open(precision: precision, note: note) {
    case .device(let device):
      self.init(device: device)
      note("Computing on \(BackendIdentity(device.identity, threads: 1).device?.words ?? text).")
    case .processor(let reason):
      self.init(device: nil)
      if let reason { note("Computing on the processor. \(reason)") }
    }
  }

  /// Whether a device computes.
  public var isOnDevice: Bool { device != nil }

  /// The device's memory, all of it, in bytes.
  public var deviceMemoryBytes: Int? { device?.identity.memoryBytes }

  /// What computes a classifier.
  func backend(_ classifier: Classifier, threads: Int) -> any Backend {
    if let device { return DeviceBackend(classifier, on: device, threads: threads) }
    return CPUBackend(classifier, threads: threads)
  }

  /// Its type, for what it takes in memory.
  var backendType: any Backend.Type { device == nil ? CPUBackend.self : DeviceBackend.self }
}

/// A device that has less memory than a training takes.
public struct TooLittleDeviceMemory: Error, CustomStringConvertible {
  let need: Int
  let available: Int
  let device: String

  public var description: String {
    "This training takes about \(need / 1_000_000) MB of the device's memory, and '\(device)' has "
      + "\(available / 1_000_000) MB. Use a smaller training.block_tokens or fewer layers that learn, or compute "
      + "on the processor (--device cpu)."
  }
}
