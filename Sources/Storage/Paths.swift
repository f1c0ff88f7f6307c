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

/// The way from a folder to a file or folder, such as `../logs/metrics.csv`; `.` if they are the same.
public func relativePath(from folder: String, to path: String) -> String {
  let (start, end) = (absolutePath(folder), absolutePath(path))
  let (a, b) = (start.split(separator: "/"), end.split(separator: "/"))
  let shared = zip(a, b).prefix { $0 == $1 }.count
  let parts = Array(repeating: "..", count: a.count - shared) + b[shared...].map(String.init)
  return parts.isEmpty ? "." : parts.joined(separator: "/")
}

/// Where a path really leads: from the root, every symbolic link followed; what does not exist stays as it is named.
public func realPath(_ path: String) -> String {
  var place = path.hasPrefix("/") ? path : absolutePath(".") + "/" + path
  var rest: [Substring] = []
  while true {
    if let found = realpath(place, nil) {
      defer { free(found) }
      return normalizedPath(
        ([String(cString: found)] + rest.map(String.init)).joined(separator: "/"))
    }
    while place.count > 1, place.hasSuffix("/") { place.removeLast() }
    guard let slash = place.lastIndex(of: "/"), place.count > 1 else { return normalizedPath(path) }
    rest.insert(place[place.index(after: slash)...], at: 0)
    place = slash == place.startIndex ? "/" : String(place[..<slash])
  }
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
/// - Parameters:
///   - path: the folder.
///   - syncingName: whether its name is on the disk when the call returns.
/// - Throws: `StorageError.system` if one cannot be made.
public func makeFolder(_ path: String, syncingName: Bool = true) throws(StorageError) {
  if isFolder(path) { return }
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
    try makeFolder(String(path[..<slash]))
  }
  guard mkdir(path, 0o755) == 0 || (errno == EEXIST && isFolder(path)) else {
    throw .system(action: "make folder", file: path, reason: systemReason())
  }
  if syncingName { try syncFolder(of: path) }
}

/// Removes a file; one that is not there is no error.
///
/// - Throws: `StorageError.system` if it cannot be removed.
public func removeFile(_ path: String) throws(StorageError) {
  guard unlink(path) == 0 || errno == ENOENT else {
    throw .system(action: "remove", file: path, reason: systemReason())
  }
}

/// Removes a folder and the files in it; one that is not there is no error.
///
/// - Throws: `StorageError.system` if something cannot be removed, such as a folder in it.
public func removeFolder(_ path: String) throws(StorageError) {
  guard isFolder(path) else { return }
  for name in try listFolder(path) {
    try removeFile("\(path)/\(name)")
  }
  guard rmdir(path) == 0 || errno == ENOENT else {
    throw .system(action: "remove", file: path, reason: systemReason())
  }
}

/// Gives a file or folder another name on the same disk.
///
/// - Throws: `StorageError.system` if the system refuses.
public func rename(_ path: String, to newPath: String) throws(StorageError) {
  guard Glibc.rename(path, newPath) == 0 else {
    throw .system(action: "rename into place", file: newPath, reason: systemReason())
  }
}

/// Gives a folder whose files are synced its final name, for good.
///
/// - Throws: `StorageError.system` if the system refuses.
public func moveIntoPlace(_ path: String, to newPath: String) throws(StorageError) {
  try syncFolder(of: path + "/")
  try rename(path, to: newPath)
  try syncFolder(of: newPath)
}

/// Removes the unfinished files, `<name>.<pid>.tmp`, of processes that are gone.
///
/// - Parameter folder: where they may lie; one that is not there holds none.
public func removeLeftovers(in folder: String) {
  guard isFolder(folder), let names = try? listFolder(folder) else { return }
  for name in names where name.hasSuffix(".tmp") {
    let parts = name.split(separator: ".")
    guard parts.count >= 3, let process = Int32(parts[parts.count - 2]), process > 0,
      kill(process, 0) != 0, errno == ESRCH
    else { continue }
    unlink("\(folder)/\(name)")
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
