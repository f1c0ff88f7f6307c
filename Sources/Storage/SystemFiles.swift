internal import Glibc

/// The path of the running executable, or `nil` if the system does not tell.
public func executablePath() -> String? {
  var buffer = [CChar](repeating: 0, count: 4096)
  let length = readlink("/proc/self/exe", &buffer, buffer.count)
  guard length > 0, length < buffer.count else { return nil }
  return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Reads a small text file that may have no size, such as those under /proc.
///
/// - Parameters:
///   - path: the file.
///   - limit: the most bytes to read.
/// - Returns: its text, ill-formed UTF-8 repaired; `nil` if it cannot be read.
public func readText(_ path: String, limit: Int) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  // Room grows with what is there: the system does not tell the size of its own files.
  var bytes = [UInt8](repeating: 0, count: min(limit, 4096))
  var done = 0
  while done < limit {
    if done == bytes.count {
      bytes.append(contentsOf: repeatElement(0, count: min(limit - done, done)))
    }
    let count = bytes.withUnsafeMutableBytes { buffer in
      read(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
    }
    guard count >= 0 else { return nil }
    if count == 0 { break }
    done += count
  }
  return String(decoding: bytes[..<done], as: UTF8.self)
}
