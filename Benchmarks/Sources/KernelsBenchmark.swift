internal import ArgumentParser
internal import Foundation
internal import Model
internal import Storage
internal import Train

/// Measures the element-wise kernels against the memory's bandwidth in the same run.
struct KernelsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Measure the element-wise kernels against the memory's bandwidth.",
    discussion: """
      Every kernel runs on all threads at once, each on memory of its own: once on matrices of \
      --rows rows, far beyond the caches, once on matrices that fit a second-level cache of 1 MB. \
      Bytes are those that the kernel must read and write.
      """)

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Rows of the large matrices.")
  var rows = 8192

  @Option(help: "Repetitions, of which the median counts.")
  var repetitions = 5

  func run() throws {
    let pool = WorkerPool(threads: threads)
    let large = (0..<threads).map { _ in KernelWork(rows: rows) }
    let small = (0..<threads).map { _ in KernelWork(rows: 32) }
    for name in KernelWork.Name.allCases {
      let memory = rate(name, large, pool, rounds: 1)
      let cache = rate(name, small, pool, rounds: max(1, rows / 32))
      report([
        "name": .string("kernel"), "kernel": .string(name.rawValue), "threads": .integer(threads),
        "memory_gb_per_second": .number(memory), "cache_gb_per_second": .number(cache),
      ])
    }
  }

  /// GB/s of all threads together.
  private func rate(
    _ name: KernelWork.Name, _ works: [KernelWork], _ pool: WorkerPool, rounds: Int
  ) -> Double {
    for work in works { work.fill() }
    let bytes = works.reduce(0) { $0 + $1.bytes(name) } * rounds
    nonisolated(unsafe) let works = works
    let rates = (0...repetitions).map { _ in
      let elapsed = seconds {
        pool.forEach(works.count) { item, _ in
          for _ in 0..<rounds { works[item].run(name) }
        }
      }
      return Double(bytes) / elapsed / 1e9
    }
    // The first touches fresh memory.
    return rates.dropFirst().sorted()[repetitions / 2]
  }
}

/// One thread's matrices of H = 768 columns, and what is done to them.
private final class KernelWork {
  enum Name: String, CaseIterable {
    case triad, add, gelu, geluBackward = "gelu_backward", layerNorm = "layer_norm"
    case layerNormBackward = "layer_norm_backward", softmax, softmaxBackward = "softmax_backward"
    case dropout, adamW = "adamw"
  }

  private static let columns = 768
  private static let heads = 12
  /// The tweets' mean length; rows of scores are padded to 32.
  private static let keys = 26
  private static let paddedKeys = 32

  private let workspace = Workspace()
  private let a: Matrix
  private let b: Matrix
  private let c: Matrix
  private let bias: Matrix
  private let tape: LayerNorm.Tape
  private let norm: LayerNorm
  private let gradient: LayerNorm
  private let keys: RowKeys
  private let dropout: Dropout
  private let stores: [ParameterStore]
  private var step = 0

  init(rows: Int) {
    let H = Self.columns
    (a, b, c) = (workspace.matrix(rows, H), workspace.matrix(rows, H), workspace.matrix(rows, H))
    bias = workspace.matrix(1, H)
    tape = LayerNorm.Tape(rows: rows, columns: H, workspace)
    norm = LayerNorm(
      weight: workspace.matrix(1, H), bias: workspace.matrix(1, H), epsilon: 1e-12)
    let pass = Pass(
      PackedBatch(
        (0..<rows / 32).map { _ in [Int32](repeating: 1, count: 32) },
        examples: (0..<UInt32(rows / 32)).map { $0 }), workspace)
    keys = pass.keys(.all)
    guard
      let dropout = Dropout(
        0.1, DropoutKey(seed: 1, epoch: 1), layer: 1, site: .attentionOutput)
    else { preconditionFailure("a tenth is not nothing") }
    self.dropout = dropout
    stores = (0..<4).map { _ in
      ParameterStore(zeros: [ParameterEntry(.words, "weight", [rows / 2, H])])
    }
    gradient = LayerNorm(
      weight: workspace.matrix(1, H), bias: workspace.matrix(1, H), epsilon: 1e-12)
  }

  /// Fills the matrices with numbers that stay ordinary however often a kernel is repeated in place:
  /// at 3/4 the slope of GELU is 1.
  func fill() {
    var random = FastRandom()
    for (matrix, value) in [
      (a, Float(0.75)), (b, 0), (c, 1), (bias, 0), (norm.weight, 1), (norm.bias, 0),
    ] {
      for index in 0..<matrix.rows * matrix.columns {
        matrix.base[index] = value + 1e-3 * random.next()
      }
    }
  }

  /// Bytes read and written by a run.
  func bytes(_ name: Name) -> Int {
    let matrix = 4 * a.rows * a.columns
    return switch name {
    case .triad, .add, .geluBackward: 3 * matrix
    // In: the product; out: with its bias, and the activation.
    case .gelu: 3 * matrix
    // In: product and residual; out: the layer's output and the normalised rows.
    case .layerNorm: 4 * matrix
    case .layerNormBackward: 3 * matrix
    // Padding is read and written like the rest. In: scores; out: probabilities and weights.
    case .softmax: 3 * scoreCount * 4
    case .softmaxBackward: 3 * scoreCount * 4
    case .dropout: 2 * matrix
    // In: parameters, gradient, two moments; out: all but the gradient.
    case .adamW: 7 * 4 * stores[0].count
    }
  }

  /// Examples whose scores fill a matrix.
  private var examples: Int {
    max(1, a.rows * a.columns / (Self.heads * Self.keys * Self.paddedKeys))
  }
  private var scoreCount: Int { examples * Self.heads * Self.keys * Self.paddedKeys }

  private func scores(_ matrix: Matrix, _ example: Int) -> Matrix {
    let size = Self.heads * Self.keys * Self.paddedKeys
    return Matrix(
      base: matrix.base + example * size, rows: Self.heads * Self.keys, columns: Self.paddedKeys)
  }

  /// Does it once.
  func run(_ name: Name) {
    switch name {
    case .triad:
      let (x, y, z) = (a.base, b.base, c.base)
      for index in 0..<a.rows * a.columns { x[index] = y[index] + 0.5 * z[index] }
    case .add: Kernels.add(a, b)
    case .gelu: Kernels.biasGELU(a, bias, into: b)
    case .geluBackward: Kernels.geluBackward(c, pre: a, into: c)
    case .layerNorm:
      Kernels.residualLayerNorm(
        a, bias: bias, residual: b, dropout: dropout, rows: keys, norm: norm, into: c, tape: tape)
    case .layerNormBackward:
      Kernels.layerNormBackward(c, tape: tape, norm: norm, into: c, gradient: gradient)
    case .softmax:
      for example in 0..<examples {
        Kernels.attentionSoftmax(
          scores(a, example), weights: scores(b, example), sums: nil, heads: Self.heads,
          keys: Self.keys, scale: 0.125, dropout: dropout, example: UInt32(example))
      }
    case .softmaxBackward:
      for example in 0..<examples {
        Kernels.attentionSoftmaxBackward(
          scores(a, example), scores(b, example), keys: Self.keys, scale: 0.125, dropout: dropout)
      }
    case .dropout: Kernels.drop(a, dropout, rows: keys, into: b)
    case .adamW:
      step += 1
      adamW(
        stores[0], gradient: stores[1], firstMoment: stores[2], secondMoment: stores[3],
        step: step, learningRate: 1e-4, weightDecay: 0.01)
    }
  }
}
