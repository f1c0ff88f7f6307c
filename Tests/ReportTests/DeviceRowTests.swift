import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// What a report says of what computed the run.
@Suite struct DeviceRowTests {
  private static let device = ComputeDevice(
    name: "Imaginary GPU | 80GB", interface: "CUDA", driver: "NVIDIA driver 550.54, NVRTC 12.4",
    memoryBytes: 80_000_000_000)

  private func change(_ run: RunDirectory, _ change: (inout RunEnvironment) -> Void) throws {
    var environment = try RunEnvironment.read(run.environment)
    change(&environment)
    try AtomicFile.write(environment.json.prettyText, to: run.environment)
  }

  private func lines(_ change: (inout RunEnvironment) -> Void) throws -> [String] {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    try self.change(RunDirectory(folder.path), change)
    let report = try Report(results: RunResults(Run(folder.path)), figures: ReportTests.figures)
    return try report.markdown().split(separator: "\n").map(String.init)
  }

  @Test func theProcessor() throws {
    let lines = try lines { _ in }
    #expect(
      lines.contains(
        "| **Device** | CPU (Imaginary CPU @ 3 GHz; 2 threads; OpenBLAS 0.3.21 Haswell) |"))
    #expect(!lines.contains { $0.contains("--device") })
  }

  @Test func aDevice() throws {
    let lines = try lines {
      $0.device = Self.device
      $0.blas = "cuBLAS 12.4, FP32"
      $0.kernels = "CUDA"
    }
    let row = try #require(lines.first { $0.hasPrefix("| **Device** |") })
    #expect(
      row == #"| **Device** | Imaginary GPU \| 80GB (CUDA, NVIDIA driver 550.54, NVRTC 12.4); "#
        + "cuBLAS 12.4, FP32; beside a CPU (Imaginary CPU @ 3 GHz; 2 threads) |")
    #expect(
      lines.contains {
        $0.contains("repeats the run (with `--device` on the same device and driver), and")
      })
  }

  /// environment.json gives back what it was given, and names what it lacks.
  @Test func environmentReadsBack() throws {
    let folder = try TemporaryFolder()
    try TinyRun().write(to: folder.path)
    let run = RunDirectory(folder.path)
    #expect(try RunEnvironment.read(run.environment).device == nil)
    try change(run) { $0.device = Self.device }
    #expect(try RunEnvironment.read(run.environment).device == Self.device)
    let text = String(decoding: try RandomAccessFile(run.environment).contents(), as: UTF8.self)
    try AtomicFile.write(
      text.replacing("\"driver\"", with: "\"pilot\""), to: run.environment)
    let error = #expect(throws: RunLogError.self) { try RunEnvironment.read(run.environment) }
    #expect("\(try #require(error))".contains("'driver' is missing"))
  }

  /// A comparison says that runs were computed on different devices.
  @Test func comparedOnDifferentDevices() throws {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for (index, name) in ["a", "b"].enumerated() {
      let path = "\(folder.path)/\(name)"
      var tiny = TinyRun()
      // Two runs with one seed would be taken for the same.
      tiny.settings = ["training.seed=\(index + 1)"]
      try tiny.write(to: path)
      if index == 1 { try change(RunDirectory(path)) { $0.device = Self.device } }
      paths.append(path)
    }
    let comparison = try RunComparison(paths.map { try RunResults(Run($0)) })
    #expect(
      comparison.warnings.contains {
        $0.hasPrefix("What computes the network differs: the processor in a; Imaginary GPU")
      }, "\(comparison.warnings)")
  }
}
