internal import Storage

/// A device that computes in the processor's place, as environment.json names it.
public struct ComputeDevice: Equatable, Sendable {
  /// By its own name.
  public let name: String
  /// How it is reached: "OpenCL" or "CUDA".
  public let interface: String
  /// Name and version of its driver.
  public let driver: String
  public let memoryBytes: Int

  public init(name: String, interface: String, driver: String, memoryBytes: Int) {
    (self.name, self.interface, self.driver) = (name, interface, driver)
    self.memoryBytes = memoryBytes
  }

  /// - Parameters:
  ///   - json: the value of `device`.
  ///   - file: what errors call it.
  /// - Throws: `RunLogError` naming a missing or ill-typed key.
  init(_ json: JSON, file: String) throws {
    let fields = try Fields(json, file: file, line: nil)
    name = try fields.string("name")
    interface = try fields.string("interface")
    driver = try fields.string("driver")
    memoryBytes = try fields.integer("memory_bytes")
  }

  var json: JSON {
    .object([
      "name": .string(name), "interface": .string(interface), "driver": .string(driver),
      "memory_bytes": .integer(memoryBytes),
    ])
  }

  /// Such as "NVIDIA L4 (CUDA, driver 550.54)".
  public var words: String { "\(name) (\(interface), \(driver))" }
}
