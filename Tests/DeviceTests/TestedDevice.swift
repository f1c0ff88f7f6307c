import Device
import Foundation
import TestSupport
import Testing

/// The suites that compute on devices, one test after another: there is one OpenCL device, for one thread at a time.
@Suite(.serialized) enum OnDevices {}

/// A device that a test runs on.
enum TestedDevice: String, CaseIterable, CustomTestStringConvertible, Sendable {
  /// The kernels as C, on every machine.
  case host
  /// The driver of NVIDIA's GPUs on the stand-in for its libraries, on every machine.
  case cuda
  /// OpenCL's device that is a processor (PoCL), where one is installed.
  case opencl

  var testDescription: String { rawValue }

  /// Those that are here. Where TRANSFERGAP_REQUIRE_OPENCL is set, as in CI, OpenCL must be.
  static let here: [TestedDevice] = {
    if ProcessInfo.processInfo.environment["TRANSFERGAP_REQUIRE_OPENCL"] != nil { return allCases }
    return hasOpenCL ? allCases : [.host, .cuda]
  }()

  static let hasOpenCL = shared != nil

  /// Opened once, since compiling takes seconds.
  private static let shared: (any Device)? = {
    do {
      guard case .device(let device) = try DeviceRequest.openclProcessor.open(note: { _ in })
      else { return nil }
      return device
    } catch {
      print("Tests of OpenCL do not run here: \(error)")
      return nil
    }
  }()

  private static let standIn = Result { try StandIn() }

  func open() throws -> any Device {
    switch self {
    case .host: return HostDevice()
    case .cuda:
      let standIn = try Self.standIn.get()
      // Of the tests before this one, too.
      try #require(standIn.complaints == "")
      return try standIn.open()
    case .opencl: return try #require(Self.shared, "OpenCL is required and does not work here")
    }
  }
}
