internal import Device
internal import Foundation
internal import Storage

/// The OpenCL device that is a processor (PoCL), where one is installed: on it kernels under test run as OpenCL C, too.
enum KernelDevice {
  /// Whether there must be one, as in CI.
  static let isRequired = ProcessInfo.processInfo.environment["TRANSFERGAP_REQUIRE_OPENCL"] != nil

  /// Opened once, since compiling takes seconds; one thread at a time may use it.
  private static let device: Locked<(any Device)?> = {
    do {
      guard case .device(let device) = try DeviceRequest.openclProcessor.open(note: { _ in })
      else { return Locked(nil) }
      return Locked(device)
    } catch {
      print("Kernels are not tested with OpenCL here: \(error)")
      return Locked(nil)
    }
  }()

  static var isHere: Bool { device.withLock { $0 != nil } }

  /// Runs a kernel on the device.
  ///
  /// - Returns: what its memories hold afterwards, in the order in which they first occur; `nil` if there is no device.
  static func launch(
    _ name: String, groups: [Int], items: Int, _ parameters: [KernelParameter]
  ) throws -> [[UInt8]]? {
    try device.withLock { device in
      guard let device else { return nil }
      var buffers: [ObjectIdentifier: DeviceBuffer] = [:]
      var order: [DeviceBuffer] = []
      var arguments: [KernelArgument] = []
      for parameter in parameters {
        switch parameter {
        case .memory(let memory):
          let key = ObjectIdentifier(memory)
          let buffer = try buffers[key] ?? device.allocate(bytes: memory.bytes.count)
          if buffers[key] == nil {
            try memory.bytes.withUnsafeBytes { try device.write($0, to: buffer, at: 0) }
            buffers[key] = buffer
            order.append(buffer)
          }
          arguments.append(.buffer(buffer, offset: KernelMemory.guardElements))
        case .uint(let value): arguments.append(.uint(UInt32(value)))
        case .float(let value): arguments.append(.float(value))
        }
      }
      try device.launch(
        name, groups: (groups[0], groups[1], groups[2]), items: (items, 1, 1), arguments)
      return try order.map { buffer in
        var bytes = [UInt8](repeating: 0, count: buffer.bytes)
        try bytes.withUnsafeMutableBytes { try device.read(buffer, at: 0, into: $0) }
        return bytes
      }
    }
  }
}
