internal import Storage
internal import Yams

/// What a configuration file describes, told by its keys.
public enum ConfigurationKind: Sendable {
  case experiment, study

  /// Looks into a file; `nil` for what is no YAML, or describes neither.
  ///
  /// - Parameter path: any file.
  public init?(ofFile path: String) {
    guard isFolder(path) == false, let file = try? RandomAccessFile(path), file.size < 1 << 18,
      let bytes = try? file.contents(), let text = String(validating: bytes, as: UTF8.self),
      let members = try? StrictYAML.compose(text, file: path)?.mapping
    else { return nil }
    let keys = Set(members.keys.compactMap(\.scalar?.string))
    if keys.contains("model"), keys.contains("data") {
      self = .experiment
    } else if keys.contains("configurations") || keys.isSuperset(of: ["base", "seeds"]) {
      self = .study
    } else {
      return nil
    }
  }
}
