/// Which device a user asks for, as `--device` takes it.
package enum DeviceRequest: Equatable, Sendable {
  /// The processor, without any device.
  case cpu
  /// A graphics processor, else another accelerator; without one it is an error.
  case gpu
  /// The same if there is one that works, else the processor.
  case auto
  /// The OpenCL device of a number, whatever kind it is of.
  case opencl(Int)
  /// The first OpenCL device that is a processor, such as PoCL's.
  case openclProcessor
  /// The CUDA device of a number.
  case cuda(Int)

  /// What may be said, for help and errors.
  package static let forms = "cpu, gpu, auto, opencl:<number>, opencl:cpu or cuda:<number>"

  /// `nil` of what is none of `forms`.
  ///
  /// - Parameter text: as `--device` has it.
  package init?(_ text: String) {
    switch text {
    case "cpu": self = .cpu
    case "gpu": self = .gpu
    case "auto": self = .auto
    case "opencl:cpu": self = .openclProcessor
    default:
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].allSatisfy({ $0.isASCII && $0.isNumber }),
        let number = Int(parts[1])
      else { return nil }
      switch parts[0] {
      case "opencl": self = .opencl(number)
      case "cuda": self = .cuda(number)
      default: return nil
      }
    }
  }

  /// As `--device` has it.
  package var text: String {
    switch self {
    case .cpu: "cpu"
    case .gpu: "gpu"
    case .auto: "auto"
    case .opencl(let number): "opencl:\(number)"
    case .openclProcessor: "opencl:cpu"
    case .cuda(let number): "cuda:\(number)"
    }
  }
}
