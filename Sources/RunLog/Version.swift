internal import Glibc
internal import Storage

/// Which TransferGap this is.
public enum Version {
  /// Semantic version.
  public static let current = "0.1.0"

  /// The commit that the running executable was built from, if the checkout around it tells.
  ///
  /// SwiftPM has no way to put it into the binary. But the checkout that holds the build folder logs
  /// when its HEAD last moved; if that was before the executable was written, HEAD is the commit it
  /// was built from (changes that were not committed aside).
  public static func commit() -> String? {
    guard let executable = executablePath() else { return nil }
    var status = stat()
    guard stat(executable, &status) == 0 else { return nil }
    var folder = executable
    while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = String(folder[..<slash])
      guard let log = readText("\(folder)/.git/logs/HEAD", limit: 1 << 24) else { continue }
      // A line: old hash, new hash, name, <address>, seconds, time zone, tab, message.
      guard let line = log.split(separator: "\n").last?.split(separator: "\t").first else {
        return nil
      }
      let words = line.split(separator: " ")
      guard words.count >= 4, let moved = Int(words[words.count - 2]),
        moved <= Int(status.st_mtim.tv_sec), words[1].count >= 40
      else { return nil }
      return String(words[1])
    }
    return nil
  }
}
