/// An entry of a TensorBoard event file.
///
/// The field numbers are those of TensorFlow's event.proto, summary.proto and tensor.proto:
/// https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto
enum EventRecord: Equatable {
  /// The first entry of a file, such as `brain.Event:2`.
  case fileVersion(String)
  /// A start: whatever was written for this step and later ones counts no more.
  case start(step: Int64)
  /// Values after a step.
  case scalars(step: Int64, [(tag: String, value: Double)])
  /// Pictures, graphs, texts and the like.
  case other

  static func == (a: EventRecord, b: EventRecord) -> Bool {
    switch (a, b) {
    case (.fileVersion(let a), .fileVersion(let b)): a == b
    case (.start(let a), .start(let b)): a == b
    case (.scalars(let a, let x), .scalars(let b, let y)):
      a == b && x.elementsEqual(y) { $0.tag == $1.tag && $0.value == $1.value }
    case (.other, .other): true
    default: false
    }
  }

  // MARK: Reading

  /// Reads an entry; `nil` if the bytes are no message.
  ///
  /// - Parameters:
  ///   - bytes: an Event message.
  ///   - plugins: the plugin of each tag, which stands only beside a tag's first value.
  init?(_ bytes: ArraySlice<UInt8>, plugins: inout [String: String]) {
    guard let event = WireMessage(bytes) else { return nil }
    let step = event.integer(2) ?? 0
    if let version = event.text(3) {
      self = .fileVersion(version)
    } else if let log = event.message(7) {
      self = log.integer(1) == 1 ? .start(step: step) : .other
    } else if let summary = event.message(5) {
      var scalars: [(String, Double)] = []
      for bytes in summary.bytes(1) {
        guard let value = WireMessage(bytes), let tag = value.text(1) else { continue }
        if let plugin = value.message(9)?.message(1)?.text(1) { plugins[tag] = plugin }
        if let simple = value.float(2) {
          scalars.append((tag, Double(simple)))
        } else if plugins[tag] == "scalars", let tensor = value.message(8),
          let number = Self.scalar(tensor)
        {
          scalars.append((tag, number))
        }
      }
      self = scalars.isEmpty ? .other : .scalars(step: step, scalars)
    } else {
      self = .other
    }
  }

  /// When an entry was written, in seconds since 1970; `nil` if it does not say.
  static func time(_ bytes: ArraySlice<UInt8>) -> Double? {
    guard let event = WireMessage(bytes) else { return nil }
    for case (1, .fixed64(let bits)) in event.fields { return Double(bitPattern: bits) }
    return nil
  }

  /// The only element of a TensorProto; `nil` for more than one and for types that are no numbers.
  private static func scalar(_ tensor: WireMessage) -> Double? {
    // A shape of dimensions that are all 1, or none.
    for dimension in tensor.message(2)?.bytes(2) ?? [] {
      guard WireMessage(dimension)?.integer(1) == 1 else { return nil }
    }
    guard let type = tensor.integer(1) else { return nil }
    if let content = tensor.bytes(4).last, !content.isEmpty {
      return number(type, content.reversed().reduce(0) { $0 << 8 | UInt64($1) }, content.count)
    }
    // Typed fields, packed or not; a missing one stands for zero.
    let field: [Int64: Int] = [1: 5, 2: 6, 3: 7, 9: 10, 14: 13, 19: 13]
    guard let number = field[type] else { return nil }
    for (found, value) in tensor.fields.reversed() where found == number {
      switch value {
      case .fixed32(let bits) where type == 1: return Double(Float(bitPattern: bits))
      case .fixed64(let bits) where type == 2: return Double(bitPattern: bits)
      case .varint(let bits): return integer(type, bits)
      case .bytes(let packed):
        if type == 1 || type == 2 {
          return self.number(
            type, packed.reversed().reduce(0) { $0 << 8 | UInt64($1) }, packed.count)
        }
        var bits: UInt64 = 0
        for (index, byte) in packed.enumerated() {
          guard index < 10 else { return nil }
          if index < 9 || byte <= 1 { bits |= UInt64(byte & 0x7F) << UInt64(7 * index) }
        }
        return packed.isEmpty ? 0 : integer(type, bits)
      default: return nil
      }
    }
    return 0
  }

  /// An element of `tensor_content`: DT_FLOAT 1, DOUBLE 2, INT32 3, INT64 9, BFLOAT16 14, HALF 19.
  private static func number(_ type: Int64, _ bits: UInt64, _ count: Int) -> Double? {
    switch (type, count) {
    case (1, 4): Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case (2, 8): Double(bitPattern: bits)
    case (3, 4): Double(Int32(truncatingIfNeeded: bits))
    case (9, 8): Double(Int64(bitPattern: bits))
    case (14, 2), (19, 2): integer(type, bits)
    default: nil
    }
  }

  /// A varint as what its type says; halves are kept as their bits.
  private static func integer(_ type: Int64, _ bits: UInt64) -> Double? {
    switch type {
    case 3: Double(Int32(truncatingIfNeeded: bits))
    case 9: Double(Int64(bitPattern: bits))
    case 14: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits & 0xFFFF) << 16))
    case 19: half(UInt16(truncatingIfNeeded: bits))
    default: nil
    }
  }

  /// IEEE 754 binary16, which Swift has on some processors only.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF) / 1024)
    let size =
      switch exponent {
      case 0: fraction * 0x1p-14
      case 31: fraction == 0 ? Double.infinity : .nan
      default: (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return bits >> 15 == 1 ? -size : size
  }

  // MARK: Writing

  /// The entry as an Event message; the time is in seconds since 1970.
  func bytes(wallTime: Double) -> [UInt8] {
    var event = WireWriter()
    event.double(1, wallTime)
    switch self {
    case .fileVersion(let version): event.text(3, version)
    case .start(let step):
      event.integer(2, step)
      event.message(7) { $0.integer(1, 1) }
    case .scalars(let step, let scalars):
      event.integer(2, step)
      event.message(5) { summary in
        for (tag, value) in scalars {
          summary.message(1) { entry in
            entry.text(1, tag)
            entry.float(2, Float(value))
          }
        }
      }
    case .other: break
    }
    return event.bytes
  }
}
