internal import Glibc

/// A path from the root, whatever the current folder; without `.`, `..` and doubled slashes.
///
/// Symbolic links are not resolved, and nothing needs to exist.
public func absolutePath(_ path: String) -> String {
  if path.hasPrefix("/") { return normalizedPath(path) }
  guard let buffer = getcwd(nil, 0) else { return normalizedPath(path) }
  defer { free(buffer) }
  return normalizedPath(String(cString: buffer) + "/" + path)
}

/// A path without `.`, `..` and doubled slashes.
public func normalizedPath(_ path: String) -> String {
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." {
      parts.removeLast()
    } else if part != ".." || !path.hasPrefix("/") {
      parts.append(part)
    }
  }
  return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}

/// Whether something exists under a path.
public func exists(_ path: String) -> Bool {
  access(path, F_OK) == 0
}

/// Whether a path leads to a folder.
public func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether a path is itself a symbolic link, wherever that leads.
public func isSymbolicLink(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}

/// Makes a folder and those above it; one that exists is left as it is.
///
/// - Throws: `StorageError.system` if one cannot be made.
public func makeFolder(_ path: String) throws(StorageError) {
  if isFolder(path) { return }
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
    try makeFolder(String(path[..<slash]))
  }
  guard mkdir(path, 0o755) == 0 || (errno == EEXIST && isFolder(path)) else {
    throw .system(action: "make folder", file: path, reason: systemReason())
  }
}

/// The names in a folder, sorted by their bytes; without `.` and `..`.
///
/// - Throws: `StorageError.system` if it cannot be read.
public func listFolder(_ path: String) throws(StorageError) -> [String] {
  guard let folder = opendir(path) else {
    throw .system(action: "list", file: path, reason: systemReason())
  }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
}
