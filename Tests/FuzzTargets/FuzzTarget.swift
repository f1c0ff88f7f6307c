internal import Foundation
internal import Storage

/// A reader of files from outside, to be fed with any bytes.
///
/// What must hold, whatever the bytes: `read` returns or throws an error that names the file; it does not
/// trap, takes at most ten seconds and at most four times the input and 100 MB of memory.
public struct FuzzTarget: Sendable {
  /// As `make fuzz TARGET=…` names it; also its folder of seeds.
  public let name: String
  /// The file of words for libFuzzer in Tests/Fuzz/Dictionaries, without the extension.
  public let dictionary: String?
  /// Reads an input that lies at the path of its first argument, its bytes being the second.
  let body: @Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void
  /// The input's name, where readers look at it.
  let fileName: String
  /// Small inputs that are right, from which the fuzzer starts.
  public let seeds: @Sendable () throws -> [[UInt8]]

  /// - Parameters:
  ///   - name: one word.
  ///   - fileName: what the input's file is called, since readers look at extensions.
  ///   - dictionary: a file of words that the format has.
  ///   - seeds: inputs that are right.
  ///   - body: reads the file at a path; its bytes are given as well.
  public init(
    _ name: String, fileName: String = "input", dictionary: String? = nil,
    seeds: @escaping @Sendable () throws -> [[UInt8]],
    body: @escaping @Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void
  ) {
    (self.name, self.fileName, self.dictionary) = (name, fileName, dictionary)
    (self.seeds, self.body) = (seeds, body)
  }

  /// Every reader. Add a line for a new one.
  public static var all: [FuzzTarget] {
    storageTargets + modelTargets + experimentTargets + dataTargets + runTargets + reportTargets
      + importTargets + figureTargets
  }

  /// Reads one input.
  ///
  /// - Parameter bytes: anything.
  /// - Returns: what the reader says against it, or `nil` if it takes it.
  @discardableResult
  public func callAsFunction(_ bytes: [UInt8]) -> String? {
    let path = "\(Self.folder)/\(fileName)"
    do {
      try write(bytes, to: path)
    } catch {
      preconditionFailure("the fuzzer cannot write its own input: \(error)")
    }
    do {
      try body(path, bytes)
      return nil
    } catch {
      let message = "\(error)"
      // The promise of every error: it names the file. A finding, so it must stop the fuzzer.
      demand(
        message.contains(fileName) || message.contains(Self.folder),
        "an error names the file, but here: \(message)")
      return message
    }
  }

  /// A folder of this thread's own, since tests feed several targets at once; in memory where the system has such a
  /// place.
  static var folder: String {
    let key = "transfergap-fuzz"
    if let folder = Thread.current.threadDictionary[key] as? String { return folder }
    let folder = "\(processFolder)/\(UUID().uuidString)"
    do {
      try makeFolder(processFolder)
      try makeFolder(folder)
    } catch {
      preconditionFailure("\(error)")
    }
    Thread.current.threadDictionary[key] = folder
    return folder
  }

  private static var processFolder: String {
    "\(isFolder("/dev/shm") ? "/dev/shm" : NSTemporaryDirectory())/transfergap-fuzz-\(getpid())"
  }

  /// Removes what this process wrote.
  public static func removeFolder() {
    try? FileManager.default.removeItem(atPath: processFolder)
  }
}

/// Writes a file at once and without syncing, as a fuzzer does thousands of times a second.
func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  defer { close(descriptor) }
  guard descriptor >= 0,
    bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count
  else {
    throw .system(action: "write", file: path, reason: String(cString: strerror(errno)))
  }
}

/// The bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A promise of a reader; breaking it stops the fuzzer, as a crash does.
func demand(
  _ condition: @autoclosure () throws -> Bool, _ promise: String = "what was read is off",
  file: StaticString = #fileID, line: UInt = #line
) rethrows {
  guard try condition() else { fatalError("broken promise: \(promise)", file: file, line: line) }
}
