internal import Storage
internal import Yams

/// Parses a YAML document.
///
/// - Parameters:
///   - text: the document.
///   - file: for messages.
///   - kind: what the document should be, such as "an experiment".
/// - Returns: the document's root.
/// - Throws: `RunLogError` with file and line if it is empty or no YAML.
func composeYAML(_ text: String, file: String, kind: String) throws(RunLogError) -> Node {
  do {
    if let node = try compose(yaml: text) { return node }
  } catch {
    throw runLogError(error, file: file)
  }
  throw RunLogError(file: file, "is empty; expected \(kind) such as the README shows.")
}

/// What Yams found wrong, with the place.
func runLogError(_ error: any Error, file: String) -> RunLogError {
  switch error {
  case YamlError.scanner(_, let problem, let mark, _),
    YamlError.parser(_, let problem, let mark, _),
    YamlError.composer(_, let problem, let mark, _):
    RunLogError(file: file, line: mark.line, "not valid YAML: \(problem)")
  case YamlError.duplicatedKeysInMapping(let duplicates, let context):
    RunLogError(
      file: file, line: context.mark.line,
      "keys occur twice in the mapping that starts here: \(duplicates.joined(separator: ", "))")
  default:
    RunLogError(file: file, "not valid YAML: \(error)")
  }
}

/// The absolute folder of a file.
func absoluteFolder(of path: String) -> String {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  return absolutePath(folder.isEmpty ? "." : folder)
}

/// A path as a file of `folder` means it; absolute and built-in paths stay.
func resolvePath(_ path: String, _ folder: String) -> String {
  if path.hasPrefix("/") || path.hasPrefix(Experiment.builtinPrefix) { return path }
  return normalizedPath(folder + "/" + path)
}
