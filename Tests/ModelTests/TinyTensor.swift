import Storage
import TestSupport

@testable import Model

/// A tensor of a tiny model under a name, possibly in another type.
struct TinyTensor {
  var name: String
  var type = SafetensorsReader.ElementType.f32
  var shape: [Int]
  var elements: [Float]
}

extension TinyModel {
  /// Those of the fixture, by name.
  static func tensors(_ family: Family = .bert) throws -> [TinyTensor] {
    let file = try Fixture.tensors(family.fixture("tiny/model.safetensors"))
    return try file.entries.keys.sorted().map {
      TinyTensor(name: $0, shape: try file.entry($0).shape, elements: try file.floats($0))
    }
  }

  static func write(_ tensors: [TinyTensor], to path: String) throws {
    var writer = try SafetensorsWriter(
      path, tensors: tensors.map { .init($0.name, $0.type, shape: $0.shape) })
    for tensor in tensors {
      switch tensor.type {
      case .f16:
        let halves = tensor.elements.map { Float16($0).bitPattern }
        try halves.withUnsafeBytes { try writer.write(tensor.name, $0) }
      case .bf16:
        let halves = tensor.elements.map { UInt16($0.bitPattern >> 16) }
        try halves.withUnsafeBytes { try writer.write(tensor.name, $0) }
      case .i64: try writer.write(tensor.name, tensor.elements.map { Int($0) })
      default: try writer.write(tensor.name, tensor.elements)
      }
    }
    try writer.commit()
  }

  /// A directory with a tiny model's configuration, changed, and tensors, changed.
  static func directory(
    _ family: Family = .bert, _ members: JSONObject = [:], without: [String] = [],
    _ change: (inout [TinyTensor]) -> Void = { _ in }
  ) throws -> TemporaryFolder {
    let folder = try copy(family, replacing: members)
    if !without.isEmpty {
      var object = JSONObject()
      let whole = try JSON.read("\(folder.path)/config.json").object ?? [:]
      for (key, value) in whole.members where !without.contains(key) { object[key] = value }
      try AtomicFile.write(JSON.object(object).text, to: "\(folder.path)/config.json")
    }
    var tensors = try tensors(family)
    change(&tensors)
    try write(tensors, to: "\(folder.path)/model.safetensors")
    return folder
  }
}
