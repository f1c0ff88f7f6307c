internal import CKernels

/// What a processor says of itself, as far as it matters for the choice of kernels.
package struct Processor: Equatable, Sendable {
  /// Such as "GenuineIntel"; empty elsewhere than on x86-64.
  package let vendor: String
  package let family: Int
  package let model: Int
  package let instructionSet: InstructionSet

  package init(vendor: String, family: Int, model: Int, instructionSet: InstructionSet) {
    (self.vendor, self.family, self.model) = (vendor, family, model)
    self.instructionSet = instructionSet
  }

  /// The one that this runs on.
  package static let current: Processor = {
    let found = tg_this_processor()
    let vendor = withUnsafeBytes(of: found.vendor) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Processor(
      vendor: vendor, family: Int(found.family), model: Int(found.model),
      instructionSet: .ofProcessor)
  }()

  /// In words, such as "GenuineIntel family 6 model 207, AVX-512".
  package var description: String {
    vendor.isEmpty
      ? "a processor other than x86-64"
      : "\(vendor) family \(family) model \(model), \(instructionSet.name)"
  }
}
