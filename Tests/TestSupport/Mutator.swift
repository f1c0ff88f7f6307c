/// Damages inputs the same way every time: bits, bytes, pieces cut out, doubled, swapped, and numbers and
/// marks that readers stumble over.
public struct Mutator {
  private var random: SplitMix64

  public init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// What often breaks readers of text.
  private static let pieces: [[UInt8]] =
    [
      "NaN", "-1", "1e999", "99999999999999999999", "0", "null", "{", "}", "[", "]", ",", "\"",
      "\n", "\r\n",
      ";", "\t", "epoch", "step", "loss", "val_loss", "eval_de_accuracy", "log_history", ":",
      "true", "\u{0}",
      "é", "\\u0000", "-", "1e-320", "tensor(", "split,label,a,b\n",
    ].map { Array($0.utf8) } + [
      [0xFF], [0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ]

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }

  /// A damaged copy of an input, one to eight times.
  public mutating func callAsFunction(_ input: [UInt8]) -> [UInt8] {
    var bytes = input
    for _ in 0...below(8) {
      let place = below(bytes.count + 1)
      switch below(8) {
      case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
      case 1 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2: bytes.insert(contentsOf: Self.pieces[below(Self.pieces.count)], at: place)
      case 3:
        let end = min(bytes.count, place + 1 + below(20))
        bytes.replaceSubrange(place..<end, with: Self.pieces[below(Self.pieces.count)])
      case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(40)))
      case 5:
        let piece = bytes[place..<min(bytes.count, place + 1 + below(60))]
        bytes.insert(contentsOf: piece, at: below(bytes.count + 1))
      case 6 where below(8) == 0: bytes.removeSubrange(place...)
      case 7 where bytes.count > 1: bytes.swapAt(below(bytes.count), below(bytes.count))
      default: break
      }
    }
    return bytes
  }
}
