internal import Storage

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

/// A checkpoint as a file of `folder` means it: a folder if there is one, else a model of the hub if it may be its name.
///
/// A name has one slash, and stays as it is: so it can be told from a path, which is absolute afterwards.
func resolveCheckpoint(_ text: String, _ folder: String) -> String {
  let path = resolvePath(text, folder)
  return !isFolder(path) && ModelName(text) != nil ? text : path
}
