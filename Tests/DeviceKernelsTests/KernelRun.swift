internal import DeviceKernels
internal import Foundation
import Testing

/// What is given to a kernel under test.
enum KernelParameter {
  case memory(KernelMemory)
  case uint(Int)
  case float(Float)

  fileprivate var letter: String {
    switch self {
    case .memory: "b"
    case .uint: "u"
    case .float: "f"
    }
  }
}

/// Runs a kernel as C, its groups and their items in ascending order and then again in descending order, which must make no
/// difference in any bit, and looks at the guards of its memory. Where there is OpenCL it runs there as well, on the same memory, and what
/// it gives must be what C gave.
///
/// An order that mattered would be a race on a device: a missing barrier, or a group that reads what another writes.
func run(
  _ name: String, groups: [Int], _ parameters: [KernelParameter],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectParameters(of: name, parameters, sourceLocation)
  var seen: Set<ObjectIdentifier> = []
  let memories = parameters.compactMap { parameter -> KernelMemory? in
    guard case .memory(let memory) = parameter else { return nil }
    return seen.insert(ObjectIdentifier(memory)).inserted ? memory : nil
  }
  let before = memories.map(\.bytes)
  launch(name, groups, parameters, descending: false, sourceLocation)
  let ascending = memories.map(\.bytes)
  for (memory, bytes) in zip(memories, before) { memory.bytes = bytes }
  launch(name, groups, parameters, descending: true, sourceLocation)
  #expect(
    memories.map(\.bytes) == ascending, "\(name) depends on the order of its items",
    sourceLocation: sourceLocation)
  #expect(
    memories.allSatisfy { $0.isGuarded }, "\(name) wrote beside its memory",
    sourceLocation: sourceLocation)
  for (memory, bytes) in zip(memories, before) { memory.bytes = bytes }
  do {
    let found = try KernelDevice.launch(
      name, groups: groups, items: Int(tgk_group_size), parameters)
    for (memory, (found, expected)) in zip(memories, zip(found ?? [], ascending)) {
      expectSameNumbers(
        memory.replacing(found), memory.replacing(expected), "\(name) with OpenCL", sourceLocation)
    }
  } catch {
    Issue.record(error, "\(name) with OpenCL", sourceLocation: sourceLocation)
  }
  for (memory, bytes) in zip(memories, ascending) { memory.bytes = bytes }
}

/// Floats but for what a compiler rounds otherwise in quotients, roots and fused sums, and all else, guards included, to the bit.
private func expectSameNumbers(
  _ found: KernelMemory, _ expected: KernelMemory, _ name: String, _ sourceLocation: SourceLocation
) {
  guard expected.holdsFloats else {
    #expect(found.bytes == expected.bytes, "\(name)", sourceLocation: sourceLocation)
    return
  }
  #expect(found.isGuarded, "\(name) wrote beside its memory", sourceLocation: sourceLocation)
  let different = zip(found.floats, expected.floats).filter { found, expected in
    if found.isNaN || expected.isNaN { return !(found.isNaN && expected.isNaN) }
    return !(abs(found - expected) <= 1e-5 + 1e-5 * abs(expected)) && found != expected
  }
  #expect(
    different.isEmpty,
    "\(name): \(different.count) numbers differ, such as \(different.prefix(3))",
    sourceLocation: sourceLocation)
}

/// Fails if the kernel is not there or takes other parameters.
private func expectParameters(
  of name: String, _ parameters: [KernelParameter], _ sourceLocation: SourceLocation
) {
  let kernel = (0..<tgk_kernel_count()).lazy.map { tgk_kernel_at($0) }
    .first { String(cString: $0.name) == name }
  #expect(
    kernel.map { String(cString: $0.arguments) } == parameters.map(\.letter).joined(),
    "parameters of \(name)", sourceLocation: sourceLocation)
}

private func launch(
  _ name: String, _ groups: [Int], _ parameters: [KernelParameter], descending: Bool,
  _ sourceLocation: SourceLocation
) {
  tgk_launch_descending(descending)
  defer { tgk_launch_descending(false) }
  // Every memory once, since two parameters may share one.
  var bases: [ObjectIdentifier: UnsafeMutableRawBufferPointer] = [:]
  var memories: [KernelMemory] = []
  for case .memory(let memory) in parameters where bases[ObjectIdentifier(memory)] == nil {
    let base = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.bytes.count, alignment: 64)
    base.copyBytes(from: memory.bytes)
    bases[ObjectIdentifier(memory)] = base
    memories.append(memory)
  }
  // Parameters are at most eight bytes each; a buffer is two, its address and its offset.
  var values: [UInt64] = []
  for parameter in parameters {
    switch parameter {
    case .memory(let memory):
      let address = bases[ObjectIdentifier(memory)]?.baseAddress.map { UInt(bitPattern: $0) } ?? 0
      values += [UInt64(address), UInt64(KernelMemory.guardElements)]
    case .uint(let value): values.append(UInt64(UInt32(value)))
    case .float(let value): values.append(UInt64(value.bitPattern))
    }
  }
  let status = values.withUnsafeMutableBytes { bytes in
    var pointers = (0..<bytes.count / 8).map { index in bytes.baseAddress.map { $0 + 8 * index } }
    var (groups, items) = (groups, [tgk_group_size, 1, 1].map { Int($0) })
    return tgk_launch(name, &groups, &items, &pointers)
  }
  #expect(status == 0, "\(name) was not launched", sourceLocation: sourceLocation)
  for memory in memories {
    guard let base = bases[ObjectIdentifier(memory)] else { continue }
    memory.bytes = Array(base)
    base.deallocate()
  }
}
