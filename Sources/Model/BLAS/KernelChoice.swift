/// Whose kernels OpenBLAS is to compute with, decided from what the processor has and what the library took.
///
/// OpenBLAS goes by the processor's model number, and of one that its list lacks it may take the kernels of 2004: version
/// 0.3.21, Debian 12's, does so for Intel's models from 0xB0 on, such as Emerald Rapids, Raptor Lake and Lunar Lake, and
/// is then five times slower (OpenBLAS issue 4267, mended in 0.3.25). Here only instruction sets count, so
/// that no list of models is needed.
package enum KernelChoice: Equatable {
  /// What it took stays, for the reason given.
  case keep(reason: String)
  /// It is loaded again with these kernels, for the reason given.
  case load(kernel: String, reason: String)

  /// Decides after the library was loaded a first time.
  ///
  /// - Parameters:
  ///   - processor: what it runs on.
  ///   - taken: the kernels that OpenBLAS took, by its own name for them.
  ///   - wish: the user's OPENBLAS_CORETYPE, which is respected, or `nil`.
  package init(on processor: Processor, taken: String, wish: String?) {
    if let wish {
      self = .keep(
        reason: wish.lowercased() == taken.lowercased()
          ? "OPENBLAS_CORETYPE asks for it"
          : "OPENBLAS_CORETYPE is '\(wish)', which OpenBLAS turned into this")
    } else if let set = Self.instructionSet(of: taken), set < processor.instructionSet,
      let better = Self.kernel(for: processor.instructionSet)
    {
      self = .load(
        kernel: better,
        reason: "OpenBLAS took \(taken) (\(set.name)), which wastes this processor "
          + "(\(processor.description))")
    } else {
      self = .keep(reason: "OpenBLAS chose it")
    }
  }

  /// The kernels to ask for where the processor has an instruction set; `nil` where any will do.
  ///
  /// OpenBLAS takes a name at its word and does not look at the processor; both are in every build with dynamic
  /// choice.
  static func kernel(for set: InstructionSet) -> String? {
    switch set {
    case .baseline: nil
    case .avx2: "Haswell"
    case .avx512: "SkylakeX"
    }
  }

  /// What the kernels of a name compute with, or `nil` of a name that is not known, which is left alone.
  package static func instructionSet(of kernel: String) -> InstructionSet? {
    switch kernel.lowercased() {
    case "skylakex", "cooperlake", "sapphirerapids": .avx512
    case "haswell", "zen", "excavator": .avx2
    case "unknown", "generic", "katmai", "coppermine", "northwood", "prescott", "banias", "atom",
      "core2", "penryn", "dunnington", "nehalem", "athlon", "opteron", "opteron_sse3", "barcelona",
      "nano", "sandybridge", "bobcat", "bulldozer", "piledriver", "steamroller":
      .baseline
    default: nil
    }
  }
}
