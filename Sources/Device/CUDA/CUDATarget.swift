/// What kernels are compiled for: a GPU itself, or an intermediate form that the driver compiles.
package enum CUDATarget: Equatable, Sendable {
  /// Runs on GPUs of this compute capability, such as 90 for 9.0, and later ones with the same major number. The driver may be
  /// older than NVRTC by minor versions.
  case cubin(Int)
  /// Runs on all later GPUs. The driver must be as new as NVRTC.
  case ptx(Int)

  /// Chooses the best for a GPU; `nil` if NVRTC cannot compile for it.
  ///
  /// - Parameters:
  ///   - capability: the GPU's.
  ///   - architectures: what NVRTC can compile for, in ascending order.
  package init?(for capability: CUDAVersion, of architectures: [Int]) {
    let wanted = 10 * capability.major + capability.minor
    guard let best = architectures.last(where: { $0 <= wanted }) else { return nil }
    self = best / 10 == capability.major ? .cubin(best) : .ptx(best)
  }

  /// As NVRTC takes it.
  var option: String {
    switch self {
    case .cubin(let number): "--gpu-architecture=sm_\(number)"
    case .ptx(let number): "--gpu-architecture=compute_\(number)"
    }
  }
}
