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
