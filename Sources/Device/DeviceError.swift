/// Why a device cannot be used, or not any more.
package enum DeviceError: Error, Equatable, Sendable {
  /// There is none: what is missing, and what to do about it, each a sentence without a full stop.
  case notAvailable(missing: String, advice: String)
  /// The name given for a device is none, or none that is here; those that are.
  case unknown(name: String, available: [String])
  /// It has no room for so much; 0 if that is not known, as of what libraries take for themselves.
  case outOfMemory(bytes: Int)
  /// It does not take the kernels; what its compiler says.
  case compilation(device: String, log: String)
  /// It is gone, or its state with all that was on it; the driver's words.
  case lost(String)
  /// A driver's or a library's function failed; its name and the error's name or number.
  case call(function: String, code: String)
}

extension DeviceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAvailable(let missing, let advice): "\(missing). \(advice)."
    case .unknown(let name, let available):
      "There is no device '\(name)'. "
        + (available.isEmpty
          ? "No OpenCL or CUDA device was found; --device cpu computes on the processor."
          : "Found: \(available.joined(separator: ", ")).")
    case .outOfMemory(let bytes):
      "The device has no room for "
        + (bytes > 0 ? "\((bytes + 999_999) / 1_000_000) MB more" : "what it is asked to do")
        + ". Use a smaller "
        + "block_tokens, end other programs that use the device, or use --device cpu."
    case .compilation(let device, let log):
      "The kernels do not compile for '\(device)'; its compiler says:\n\(log)"
    case .lost(let words):
      "The device stopped working (\(words)). What was saved is not harmed: the run can be resumed on it from "
        + "its last checkpoint."
    case .call(let function, let code):
      "\(function) failed with \(code). The device's driver or library does not do what it should; "
        + "--device cpu computes on the processor."
    }
  }
}
