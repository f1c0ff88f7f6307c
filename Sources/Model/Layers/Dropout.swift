internal import CKernels

/// What the draws of a training run depend on besides the place they are for.
public struct DropoutKey: Equatable, Sendable {
  public let seed: UInt64
  public let epoch: Int

  /// - Parameters:
  ///   - seed: the run's.
  ///   - epoch: 0-based; a shuffled example meets other draws in the next epoch.
  public init(seed: UInt64, epoch: Int) {
    (self.seed, self.epoch) = (seed, epoch)
  }
}

/// One dropout of the network: a probability at one site of one layer.
///
/// An element's draw depends on seed, epoch, example, layer, site, position in the example and place
/// in the row, and on nothing else, so it is the same however examples are packed and whichever thread
/// computes them, and a resumed run repeats it.
package struct Dropout {
  /// The places where encoders drop. The numbers are part of the draws' counters, so that a new place comes last.
  package enum Site: UInt32 {
    case embeddings, attentionProbabilities, attentionOutput, feedForwardOutput
    /// Before the classifier.
    case head
    /// Before the head's dense layer, in RoBERTa.
    case headInput
  }

  let parameters: tg_dropout

  /// The same one by one, for kernels elsewhere.
  package var words: (key: (UInt32, UInt32), stream: UInt32, threshold: UInt32, scale: Float) {
    (parameters.key, parameters.stream, parameters.threshold, parameters.scale)
  }

  /// A dropout, or `nil` if there is nothing to drop.
  ///
  /// - Parameters:
  ///   - probability: of dropping an element, 0 ..< 1.
  ///   - key: `nil` in evaluation mode.
  ///   - layer: 0-based; the number of layers for the head.
  ///   - site: the place in the layer.
  package init?(_ probability: Double, _ key: DropoutKey?, layer: Int, site: Site) {
    precondition(probability >= 0 && probability < 1)
    guard let key, probability > 0 else { return nil }
    // One 64-bit key out of seed and epoch, by the finaliser of SplitMix64 (Steele, Lea, Flood
    // 2014), which is a bijection, so no two epochs of a seed share one.
    var word = key.seed &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(truncatingIfNeeded: key.epoch) &+ 1)
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    word ^= word >> 31
    parameters = tg_dropout(
      key: (UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32)),
      stream: UInt32(layer) << 8 | site.rawValue,
      // A probability that rounds to 1 keeps one draw in 2³².
      threshold: UInt32(exactly: (probability * 0x1p32).rounded()) ?? .max,
      scale: Float(1 / (1 - probability)))
  }
}

/// The keys of a matrix' rows: the example each belongs to and its position there.
package struct RowKeys {
  package let count: Int
  package let examples: UnsafeMutablePointer<UInt32>
  package let positions: UnsafeMutablePointer<UInt32>

  package init(
    count: Int, examples: UnsafeMutablePointer<UInt32>, positions: UnsafeMutablePointer<UInt32>
  ) {
    (self.count, self.examples, self.positions) = (count, examples, positions)
  }
}
