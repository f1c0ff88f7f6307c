/// What one rank sends another: numbers and texts one after another, in the processor's own order of bytes.
package struct Message: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ value: Int) { appendRaw([Int64(value)]) }
  package mutating func append(_ value: Double) { appendRaw([value.bitPattern]) }
  package mutating func append(_ value: Float) { appendRaw([value.bitPattern]) }

  package mutating func append(_ text: String) {
    let text = Array(text.utf8)
    append(text.count)
    bytes += text
  }

  package mutating func append(_ values: [Int]) {
    append(values.count)
    appendRaw(values)
  }

  package mutating func append(_ values: [Float]) {
    append(values.count)
    appendRaw(values)
  }

  package mutating func append(_ results: [BlockResult?]) {
    append(results.count)
    for (number, result) in results.enumerated() {
      guard let result else { continue }
      append(number)
      append(result.lossSum)
      append(result.logits)
    }
    append(-1)
  }

  private mutating func appendRaw(_ values: [some BitwiseCopyable]) {
    values.withUnsafeBytes { bytes += $0 }
  }
}

/// Reads a message in the order in which it was written.
package struct MessageReader: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package mutating func integer() throws -> Int { Int(try raw(1, of: Int64.self)[0]) }
  package mutating func double() throws -> Double {
    Double(bitPattern: try raw(1, of: UInt64.self)[0])
  }
  package mutating func float() throws -> Float {
    Float(bitPattern: try raw(1, of: UInt32.self)[0])
  }
  package mutating func integers() throws -> [Int] { try raw(integer(), of: Int.self) }
  package mutating func floats() throws -> [Float] { try raw(integer(), of: Float.self) }
  package mutating func string() throws -> String {
    String(decoding: try raw(integer(), of: UInt8.self), as: UTF8.self)
  }

  /// Puts block results in their places, as many as were sent: none by a rank that was told to stop.
  package mutating func results(into results: inout [BlockResult?]) throws {
    let count = try integer()
    guard count == results.count || count == 0 else {
      throw MessageError("another number of blocks")
    }
    while true {
      let number = try integer()
      if number == -1 { return }
      guard results.indices.contains(number) else {
        throw MessageError("there is no block \(number)")
      }
      results[number] = BlockResult(lossSum: try double(), logits: try floats())
    }
  }

  private mutating func raw<Value: BitwiseCopyable>(_ count: Int, of: Value.Type) throws -> [Value]
  {
    let size = MemoryLayout<Value>.stride
    guard count >= 0, count <= (bytes.count - position) / size else {
      throw MessageError("it ends too early")
    }
    defer { position += count * size }
    return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count * size]))
      }
      initialized = count
    }
  }
}

/// A message is not what the sender was to send: another program speaks there.
package struct MessageError: Error, CustomStringConvertible {
  private let problem: String

  package init(_ problem: String) { self.problem = problem }

  package var description: String {
    "a message from another rank cannot be read (\(problem)); start the same program on every host."
  }
}
