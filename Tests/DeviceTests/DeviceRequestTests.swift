import Testing

@testable import Device

/// What `--device` takes, and what is said where it is not there.
@Suite struct DeviceRequestTests {
  @Test func forms() {
    for (text, request) in [
      ("cpu", .cpu), ("gpu", .gpu), ("auto", .auto), ("opencl:0", .opencl(0)),
      ("opencl:12", .opencl(12)), ("opencl:cpu", .openclProcessor), ("cuda:1", .cuda(1)),
    ] as [(String, DeviceRequest)] {
      #expect(DeviceRequest(text) == request && request.text == text)
    }
    for text in [
      "", "CPU", "opencl", "opencl:", "opencl:-1", "opencl:+1", "opencl:1:2", "cuda:x", "metal:0",
      "opencl:99999999999999999999", "opencl:٣",
    ] {
      #expect(DeviceRequest(text) == nil, "\(text)")
    }
  }

  /// A missing library is named with the file, the system's words and Debian's package.
  @Test func missingLibraries() {
    let error = #expect(throws: DeviceError.self) {
      _ = try OpenCLLibrary(loader: "libNoOpenCL.so.9", blas: OpenCLLibrary.blas.file)
    }
    let words = error.map { "\($0)" } ?? ""
    #expect(words.contains("libNoOpenCL.so.9") && words.contains("ocl-icd-libopencl1"))
    // A library that is there and is not OpenCL.
    let other = #expect(throws: DeviceError.self) {
      _ = try OpenCLLibrary(loader: "libc.so.6", blas: OpenCLLibrary.blas.file)
    }
    #expect(other.map { "\($0)" }?.contains("it lacks clGetPlatformIDs") == true)
  }

  @Test(.enabled(if: TestedDevice.hasOpenCL, "OpenCL is not installed"))
  func missingProducts() {
    let error = #expect(throws: DeviceError.self) {
      _ = try OpenCLLibrary(loader: OpenCLLibrary.loader.file, blas: "libNoCLBlast.so.9")
    }
    #expect(error.map { "\($0)" }?.contains("libclblast1") == true)
  }

  @Test(.enabled(if: TestedDevice.hasOpenCL, "OpenCL is not installed"))
  func anUnknownNumberNamesThoseThatAreThere() {
    let error = #expect(throws: DeviceError.self) {
      _ = try DeviceRequest.opencl(987).open(note: { _ in })
    }
    let words = error.map { "\($0)" } ?? ""
    #expect(words.contains("There is no device 'opencl:987'") && words.contains("opencl:0 ("))
  }

  /// CLBlast has 32-bit floats alone.
  @Test(.enabled(if: TestedDevice.hasOpenCL, "OpenCL is not installed"))
  func precisionOfOpenCL() {
    #expect(throws: DeviceError.self) {
      _ = try DeviceRequest.openclProcessor.open(precision: .tf32, note: { _ in })
    }
  }

  @Test func theProcessorNeedsNothing() throws {
    guard case .processor(nil) = try DeviceRequest.cpu.open(note: { _ in }) else {
      Issue.record("a device was opened")
      return
    }
  }
}
