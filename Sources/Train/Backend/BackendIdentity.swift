/// What a backend computes with, as environment.json records it.
package struct BackendIdentity: Equatable, Sendable {
  /// How many threads compute; changes no bit.
  package let threads: Int
  /// Version and build of what multiplies matrices, in its own words.
  package let products: String
  /// The processor whose kernels it multiplies with, and why those.
  package let productKernel: String
  package let productKernelReason: String
  /// The instruction set of the element-wise kernels.
  package let kernels: String

  /// What bits depend on: with the same of these, weights and data, a backend gives the same ones.
  package var bits: [String] { [products, kernels] }
}
