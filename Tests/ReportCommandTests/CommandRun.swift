import Foundation

/// The outcome of running the built `report` as a user would.
struct CommandRun {
  let status: Int32
  let output: String
  let errors: String

  /// Runs the command to its end.
  ///
  /// - Parameters:
  ///   - arguments: what follows `report`.
  ///   - input: bytes for standard input.
  ///   - executable: another program to run instead of `report`.
  ///   - folder: the current folder.
  ///   - environment: variables beside those of this process.
  /// - Throws: what Foundation throws if the command cannot be started.
  init(
    _ arguments: [String], input: [UInt8] = [], executable: String? = nil, in folder: String,
    environment: [String: String] = [:]
  ) throws {
    let process = Process()
    process.executableURL = executable.map { URL(fileURLWithPath: $0) } ?? Self.executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = Self.environment(folder).merging(environment) { $1 }
    let (stdin, stdout, stderr) = (Pipe(), "\(folder)/.stdout", "\(folder)/.stderr")
    // Files instead of pipes, so that no amount of output can block.
    for path in [stdout, stderr] { try Data().write(to: URL(fileURLWithPath: path)) }
    process.standardInput = stdin
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: stdout))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: stderr))
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input))
    try stdin.fileHandleForWriting.close()
    process.waitUntilExit()
    status = process.terminationStatus
    output = String(decoding: try Data(contentsOf: URL(fileURLWithPath: stdout)), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: stderr)), as: UTF8.self)
  }

  /// Starts the command and goes on; what it says is thrown away.
  ///
  /// - Parameters:
  ///   - arguments: what follows `report`.
  ///   - executable: another program to run instead of `report`.
  ///   - folder: the current folder.
  /// - Returns: the process, running.
  /// - Throws: what Foundation throws if the command cannot be started.
  static func start(
    _ arguments: [String], executable: String? = nil, in folder: String
  ) throws -> Process {
    let process = Process()
    process.executableURL = executable.map { URL(fileURLWithPath: $0) } ?? Self.executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment(folder)
    (process.standardError, process.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    return process
  }

  /// This process's environment with a cache folder of the test's own.
  static func environment(_ folder: String) -> [String: String] {
    ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": "\(folder)/.cache"]) { $1 }
  }

  /// The executable lies beside the test bundle.
  static var executable: URL {
    let path = CommandLine.arguments[0]
    let bundle = URL(fileURLWithPath: path).deletingLastPathComponent()
    return bundle.appendingPathComponent("report")
  }
}
