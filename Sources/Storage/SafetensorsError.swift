/// Why a safetensors file cannot give what is asked of it.
public enum SafetensorsError: Error, Equatable {
  /// The file is not laid out as the format demands; `reason` says where and how.
  case malformed(file: String, reason: String)
  case missingTensor(String, file: String, nearest: String?)
  case shape(of: String, file: String, expected: [Int], found: [Int])
  case elementType(of: String, file: String, expected: String, found: String)
}

extension SafetensorsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformed(let file, let reason):
      "\(file) is not a usable safetensors file: \(reason). Fetch or make it again."
    case .missingTensor(let name, let file, let nearest):
      "\(file) has no tensor '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ".")
    case .shape(let name, let file, let expected, let found):
      "'\(name)' in \(file) has shape \(found); expected \(expected)."
    case .elementType(let name, let file, let expected, let found):
      "'\(name)' in \(file) holds \(found); expected \(expected)."
    }
  }
}
