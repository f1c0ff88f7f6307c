internal import CKernels

/// How wide a processor's registers are, or the ones that a kernel uses.
public enum InstructionSet: Int, Comparable, Sendable {
  /// SSE, 4 numbers at a time; processors other than x86-64 count here, too.
  case baseline = 1
  /// AVX2 with fused multiply-add, 8 numbers at a time (x86-64-v3).
  case avx2 = 3
  /// AVX-512 with the extensions F, BW, CD, DQ and VL, 16 numbers at a time (x86-64-v4).
  case avx512 = 4

  /// The best that this processor has and the system allows.
  public static let ofProcessor = InstructionSet(rawValue: Int(tg_processor_level())) ?? .baseline

  public static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.rawValue < b.rawValue }

  /// As people write it.
  package var name: String {
    switch self {
    case .baseline: "SSE"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    }
  }
}
