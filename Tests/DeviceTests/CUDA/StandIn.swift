import Device
import Foundation
import Testing

/// The stand-in for NVIDIA's driver, cuBLAS and NVRTC (Tests/CUDAStandIn), each instance with a state of its own: the loader
/// takes every copy of a file for another library.
final class StandIn: @unchecked Sendable {
  // Unchecked because the stand-in has a lock of its own.
  private let folder: String
  private let handle: UnsafeMutableRawPointer
  /// What `CUDADevice` loads it by.
  let libraries: CUDALibraries

  /// - Parameters:
  ///   - words: what the machine has and what goes wrong (stand_in.h, `standin_configure`).
  ///   - environment: further variables.
  ///   - leftOut: the libraries that are not there.
  /// - Throws: if it cannot be built.
  init(
    _ words: String = "", environment: [String: String] = [:], without leftOut: [String] = []
  ) throws {
    folder = try Self.makeFolder(without: leftOut)
    let file = folder + "/libcuda.so.1"
    try #require(FileManager.default.fileExists(atPath: file))
    handle = try #require(dlopen(file, RTLD_NOW | RTLD_LOCAL))
    let version = folder + "/version"
    try "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"
      .write(toFile: version, atomically: true, encoding: .utf8)
    libraries = CUDALibraries(
      environment: environment.merging([CUDALibraries.variable: folder]) { $1 },
      moduleVersionFile: version, searchesSystem: false)
    try configure(words)
  }

  deinit {
    dlclose(handle)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A folder with the stand-in under its three names, to be removed.
  static func makeFolder(without leftOut: [String] = []) throws -> String {
    let folder = NSTemporaryDirectory() + "cuda-stand-in-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try library.get().write(to: URL(fileURLWithPath: folder + "/libcuda.so.1"))
    for name in ["libcublas.so.12", "libnvrtc.so.12"] where !leftOut.contains(name) {
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/" + name, withDestinationPath: "libcuda.so.1")
    }
    return folder
  }

  private struct BuildFailure: Error, CustomStringConvertible {
    let description: String
  }

  /// The library's bytes, built once.
  private static let library = Result {
    let folder = NSTemporaryDirectory() + "cuda-stand-in-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let process = Process()
    process.executableURL =
      URL(fileURLWithPath: #filePath)
      .appendingPathComponent("../../../CUDAStandIn/build.sh").standardized
    process.arguments = [folder]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let words = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BuildFailure(description: String(decoding: words, as: UTF8.self))
    }
    return try Data(contentsOf: URL(fileURLWithPath: folder + "/libcuda.so.1"))
  }

  private func function<Function>(_ name: String, _: Function.Type) -> Function {
    guard let symbol = dlsym(handle, name) else { fatalError("the stand-in lacks \(name)") }
    return unsafeBitCast(symbol, to: Function.self)
  }

  private typealias Text = @convention(c) () -> UnsafePointer<CChar>

  func configure(_ words: String) throws {
    typealias Configure = @convention(c) (UnsafePointer<CChar>) -> Bool
    try #require(function("standin_configure", Configure.self)(words), "\(words)")
  }

  /// All calls so far.
  var record: [String] {
    String(cString: function("standin_record", Text.self)()).split(separator: "\n").map(String.init)
  }

  func forgetRecord() {
    function("standin_forget_record", (@convention(c) () -> Void).self)()
  }

  /// What was done that the real libraries forbid.
  var complaints: String { String(cString: function("standin_complaints", Text.self)()) }

  /// The number of things that were made and are still there.
  var live: Int { Int(function("standin_live", (@convention(c) () -> Int32).self)()) }

  /// Expects that everything was given back and nothing forbidden was done.
  func expectClean(_ sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(complaints == "", sourceLocation: sourceLocation)
    #expect(live == 0, "something is left", sourceLocation: sourceLocation)
  }

  /// Text that has every kernel's name, which is all that the stand-in for NVRTC looks for.
  func open(
    number: Int = 0, precision: ProductPrecision = .fp32, source: String? = nil
  ) throws -> CUDADevice {
    try CUDADevice(
      number: number, precision: precision, source: source ?? text, libraries: libraries)
  }

  /// The kernels' text.
  var text: String { String(cString: function("tgk_source", Text.self)()) }
}

extension Device {
  /// A buffer with these elements.
  func buffer(_ elements: [Float]) throws -> DeviceBuffer {
    let buffer = try allocate(bytes: 4 * elements.count)
    try elements.withUnsafeBytes { bytes in try write(bytes, to: buffer, at: 0) }
    return buffer
  }

  /// A buffer's elements.
  func elements(_ buffer: DeviceBuffer) throws -> [Float] {
    var elements = [Float](repeating: 0, count: buffer.bytes / 4)
    try elements.withUnsafeMutableBytes { bytes in
      try read(buffer, at: 0, into: bytes)
    }
    return elements
  }

  /// Launches one of the kernels that go through `count` elements.
  func launchFlat(_ kernel: String, _ count: Int, _ arguments: [KernelArgument]) throws {
    try launch(kernel, groups: ((count + 255) / 256, 1, 1), items: (64, 1, 1), arguments)
  }
}
