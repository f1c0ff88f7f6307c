import Foundation
import Testing

/// `report device`, as far as machines without any device can tell.
@Suite struct DeviceCommandTests {
  private func report(_ arguments: [String] = []) throws -> CommandRun {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("device-command-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try CommandRun(["device"] + arguments, in: folder)
  }

  /// What is here differs from machine to machine, but something is always said of OpenCL and of CUDA.
  @Test func lists() throws {
    let run = try report()
    #expect(run.status == 0)
    #expect(run.errors == "")
    for kind in ["cuda", "opencl"] {
      #expect(run.output.lowercased().contains(kind), "\(run.output)")
    }
  }

  @Test(arguments: [
    (["cpu"], "The device to check must be gpu, auto,"),
    (["cuda"], "not 'cuda'"), (["cuda:0", "--precision", "fp16"], "fp32 or tf32, not 'fp16'"),
  ]) func refusesWhatIsNoDevice(_ arguments: [String], _ words: String) throws {
    let run = try report(arguments)
    #expect(run.status == 64)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.output == "")
  }

  @Test func namesADeviceThatIsNotThere() throws {
    let run = try report(["opencl:4096"])
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("Error: "), "\(run.errors)")
    #expect(run.output == "")
  }
}
