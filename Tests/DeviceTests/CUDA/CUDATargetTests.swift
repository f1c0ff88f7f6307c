import Device
import Foundation
import Testing

/// What NVRTC is asked to compile for, and which files are tried.
@Suite struct CUDATargetTests {
  @Test(arguments: [
    // Its own architecture, else an earlier one with the same major number.
    (CUDAVersion(9, 0), [75, 80, 86, 89, 90], CUDATarget.cubin(90)),
    (CUDAVersion(8, 9), [75, 80, 86], .cubin(86)),
    (CUDAVersion(8, 0), [75, 80, 86, 89, 90], .cubin(80)),
    // A GPU newer than NVRTC.
    (CUDAVersion(10, 0), [75, 80, 86, 89, 90], .ptx(90)),
    (CUDAVersion(12, 1), [75, 90, 100, 120], .cubin(120)),
    // One that NVRTC has given up.
    (CUDAVersion(7, 0), [75, 80, 86, 89, 90], nil),
    (CUDAVersion(7, 0), [], nil),
  ]) func target(_ capability: CUDAVersion, _ known: [Int], _ expected: CUDATarget?) {
    #expect(CUDATarget(for: capability, of: known) == expected)
  }

  @Test func versions() {
    #expect(CUDAVersion(driver: 12_040) == CUDAVersion(12, 4))
    #expect("\(CUDAVersion(driver: 11_080))" == "11.8")
    #expect(CUDAVersion(9, 10) > CUDAVersion(9, 9))
  }

  /// Python's packages have a folder per library or one for all; the first folder wins, then the newer version.
  @Test func foldersThatAreLookedThrough() throws {
    let folder = try StandIn.makeFolder()
    let python = folder + "/nvidia/cublas/lib"
    try FileManager.default.createDirectory(atPath: python, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data().write(to: URL(fileURLWithPath: python + "/libcublas.so.11"))
    let libraries = CUDALibraries(
      environment: [CUDALibraries.variable: "\(folder)/nvidia:\(folder)"], searchesSystem: false)
    #expect(
      libraries.candidates(.cublas, upTo: CUDAVersion(12, 9))
        == [python + "/libcublas.so.11", folder + "/libcublas.so.12"])
    let anywhere = CUDALibraries(environment: [:])
    #expect(
      anywhere.candidates(.nvrtc, upTo: CUDAVersion(13, 0)).prefix(3)
        == ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"])
    #expect(
      anywhere.candidates(.cublas, upTo: CUDAVersion(11, 8)).first == "libcublas.so.11")
    #expect(anywhere.candidates(.driver, upTo: CUDAVersion(13, 0)).first == "libcuda.so.1")
  }

  @Test func theModulesVersion() throws {
    let standIn = try StandIn()
    #expect(standIn.libraries.moduleVersion == "550.54.15")
    let none = CUDALibraries(environment: [:], moduleVersionFile: "/nowhere")
    #expect(none.moduleVersion == nil)
  }
}
