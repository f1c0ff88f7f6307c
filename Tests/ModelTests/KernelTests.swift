import Model
import Storage
import TestSupport
import Testing

internal import Foundation

/// The C kernels against plain Swift in double, for every instruction set that this processor has.
@Suite struct KernelTests {
  static let clones = ["baseline", "x86-64-v3", "x86-64-v4"]
  let space = Workspace()

  private func matrix(_ rows: Int, _ columns: Int, _ elements: [Float]) -> Matrix {
    precondition(elements.count == rows * columns)
    let m = space.matrix(rows, columns)
    for (index, element) in elements.enumerated() { m.base[index] = element }
    return m
  }

  private func vector(_ elements: [Float]) -> Matrix { matrix(1, elements.count, elements) }

  private func random(_ count: Int, _ seed: UInt64, in range: ClosedRange<Float> = -2...2)
    -> [Float]
  {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in .random(in: range, using: &generator) }
  }

  private func doubles(_ elements: [Float]) -> [Double] { elements.map { Double($0) } }

  private func keys(_ rows: Int) -> RowKeys {
    let batch = PackedBatch(
      tokens: [Int32](repeating: 0, count: rows), offsets: [0, rows], examples: [3])
    return Pass(batch, space).keys(.all)
  }

  // MARK: Functions of one number

  /// The largest distance from a double-precision reference, in units in the last place of it.
  private func worstUlp(_ found: [Float], _ expected: [Double]) -> Double {
    zip(found, expected).reduce(0) {
      max($0, abs(Double($1.0) - $1.1) / Double(Float($1.1).magnitude.ulp))
    }
  }

  @Test(arguments: clones)
  func exponentialIsWithinTwoUlp(_ clone: String) {
    _ = Engine.withKernelClone(clone) {
      let x = (0...100_000).map { Float(-87.3 + Double($0) * 0.00175) }
      let y = space.matrix(1, x.count)
      Kernels.exp(vector(x), into: y)
      #expect(worstUlp(y.elements, doubles(x).map { exp($0) }) < 2)
      let special = space.matrix(1, 4)
      Kernels.exp(vector([-.infinity, -100, 0, .nan]), into: special)
      #expect(Array(special.elements[..<3]) == [0, 0, 1])
      #expect(special.elements[3].isNaN)
    }
  }

  @Test(arguments: clones)
  func hyperbolicTangentIsWithinTwoUlp(_ clone: String) {
    _ = Engine.withKernelClone(clone) {
      let x = (0...100_001).map { Float(-10 + Double($0) * 0.0002) }.filter { $0 != 0 }
      let y = vector(x)
      Kernels.tanh(y)
      #expect(worstUlp(y.elements, doubles(x).map { tanh($0) }) < 2.5)
    }
  }

  /// `max(x, 0)` and its slope, 0 at 0, in whole vectors and what is left; a NaN stays one, so that a training that
  /// has come to one notices.
  @Test(arguments: clones)
  func reluIsTheLargerOfXAndZero(_ clone: String) {
    _ = Engine.withKernelClone(clone) {
      let x = (0..<37).map { Float($0 - 18) / 4 }
      let y = vector(x)
      Kernels.relu(y)
      #expect(y.elements == x.map { max($0, 0) })
      let d = vector([Float](repeating: 3, count: x.count))
      Kernels.reluBackward(d, output: y)
      #expect(d.elements == x.map { $0 > 0 ? 3 : 0 })
      let broken = vector([.nan, -1])
      Kernels.relu(broken)
      #expect(broken.elements[0].isNaN && broken.elements[1] == 0)
    }
  }

  /// PyTorch's GELU in float64; kernels/gelu.h states the error. Steep as it is, the slope also carries
  /// half a unit of `pre` itself, which is up to 14.
  @Test(arguments: clones)
  func geluMatchesPyTorch(_ clone: String) throws {
    let expected = try Fixture.tensors("model/gelu.safetensors")
    let x = try expected.floats("x")
    let (y, slope) = (try expected.doubles("y"), try expected.doubles("slope"))
    _ = Engine.withKernelClone(clone) {
      let pre = matrix(1, x.count, x.map { $0 - 0.5 })
      let out = space.matrix(1, x.count)
      // x − ½ + ½ rounds; what the kernel kept is what counts.
      Kernels.biasGELU(pre, vector([Float](repeating: 0.5, count: x.count)), into: out)
      let moved = zip(pre.elements, x).map { Double($0 - $1) }
      let d = vector([Float](repeating: 2, count: x.count))
      Kernels.geluBackward(d, pre: pre, into: d)
      for index in x.indices {
        let size = Double(max(1, abs(x[index])))
        let exact = y[index] + slope[index] * moved[index]
        #expect(abs(Double(out.elements[index]) - exact) < 2.2e-7 * size, "x = \(x[index])")
        #expect(
          abs(Double(d.elements[index]) - 2 * slope[index]) < 8e-7, "slope at \(x[index])")
      }
    }
  }

  // MARK: Rows

  @Test(arguments: clones, [1, 15, 16, 24, 300])
  func layerNormMatchesReference(_ clone: String, _ columns: Int) {
    _ = Engine.withKernelClone(clone) {
      let rows = 70
      let (x, residual, dy) = (
        random(rows * columns, 1), random(rows * columns, 2), random(rows * columns, 3)
      )
      let (bias, gamma, beta) = (random(columns, 4), random(columns, 5), random(columns, 6))
      let norm = LayerNorm(weight: vector(gamma), bias: vector(beta), epsilon: 1e-3)
      let gradient = LayerNorm(
        weight: space.matrix(1, columns), bias: space.matrix(1, columns), epsilon: 0)
      let tape = LayerNorm.Tape(rows: rows, columns: columns, space)
      let y = matrix(rows, columns, x)
      Kernels.residualLayerNorm(
        y, bias: vector(bias), residual: matrix(rows, columns, residual), dropout: nil,
        rows: keys(rows), norm: norm, into: y, tape: tape)
      let dz = matrix(rows, columns, dy)
      Kernels.layerNormBackward(dz, tape: tape, norm: norm, into: dz, gradient: gradient)

      var (wantY, wantDz): ([Double], [Double]) = ([], [])
      var dGamma = [Double](repeating: 0, count: columns)
      var dBeta = dGamma
      for row in 0..<rows {
        let z = (0..<columns).map {
          Double(x[row * columns + $0]) + Double(bias[$0]) + Double(residual[row * columns + $0])
        }
        let mean = z.reduce(0, +) / Double(columns)
        let variance = z.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
        let inverse = 1 / (variance + 1e-3).squareRoot()
        let h = z.map { ($0 - mean) * inverse }
        let g = (0..<columns).map { Double(dy[row * columns + $0]) * Double(gamma[$0]) }
        let meanG = g.reduce(0, +) / Double(columns)
        let meanGH = zip(g, h).reduce(0) { $0 + $1.0 * $1.1 } / Double(columns)
        for j in 0..<columns {
          wantY.append(h[j] * Double(gamma[j]) + Double(beta[j]))
          wantDz.append((g[j] - meanG - h[j] * meanGH) * inverse)
          dGamma[j] += Double(dy[row * columns + j]) * h[j]
          dBeta[j] += Double(dy[row * columns + j])
        }
      }
      // Elements up to 8; sums of 70 products. With one column z − mean is 0 and 1/√ε is 32.
      expectClose(doubles(y.elements), wantY, "y", absolute: 4e-6)
      expectClose(doubles(dz.elements), wantDz, "dz", absolute: 2e-5)
      expectClose(doubles(gradient.weight.elements), dGamma, "dγ", absolute: 2e-5)
      expectClose(doubles(gradient.bias.elements), dBeta, "dβ", absolute: 2e-5)
    }
  }

  @Test(arguments: clones, [1, 3, 16, 21, 128])
  func attentionSoftmaxMatchesReference(_ clone: String, _ keys: Int) throws {
    let heads = 2
    let queries = 3
    let width = (keys + 15) / 16 * 16
    let dropout = try #require(
      Dropout(0.4, DropoutKey(seed: 1, epoch: 0), layer: 2, site: .attentionProbabilities))
    _ = Engine.withKernelClone(clone) {
      for dropout in [nil, dropout] {
        // What lies behind the keys is scratch, and must not be looked at.
        let x = random(heads * queries * width, 7, in: -9...9).enumerated()
          .map { $0.offset % width < keys ? $0.element : .nan }
        let d = random(heads * queries * width, 8)
        let scores = matrix(heads * queries, width, x)
        let weights = space.matrix(heads * queries, width)
        let sums = space.matrix(1, heads * queries)
        Kernels.attentionSoftmax(
          scores, weights: weights, sums: sums, heads: heads, keys: keys, scale: 0.7,
          dropout: dropout, example: 5)
        let again = space.matrix(heads * queries, width)
        Kernels.attentionWeights(scores, into: again, dropout: dropout)
        let ds = matrix(heads * queries, width, d)
        Kernels.attentionSoftmaxBackward(scores, ds, keys: keys, scale: 0.7, dropout: dropout)
        for row in 0..<heads * queries {
          let range = row * width..<row * width + keys
          let s = range.map { 0.7 * Double(x[$0]) }
          let powers = s.map { exp($0 - (s.max() ?? 0)) }
          let p = powers.map { $0 / powers.reduce(0, +) }
          let factor: [Double] =
            dropout.map {
              Kernels.draws(
                $0, example: 5, position: UInt32(row % queries), head: UInt32(row / queries),
                count: keys
              ).map { $0 < UInt32(0.4 * 0x1p32) ? 0 : 1 / 0.6 }
            } ?? [Double](repeating: 1, count: keys)
          let a = zip(p, factor).map { $0 * $1 }
          let dp = zip(range, factor).map { Double(d[$0]) * $1 }
          let inner = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
          let wanted = zip(p, dp).map { 0.7 * $0 * ($1 - inner) }
          let probabilities = Array(scores.elements[range])
          expectClose(doubles(probabilities).map { abs($0) }, p, "p", absolute: 3e-7)
          expectClose(
            doubles(Array((dropout == nil ? scores : weights).elements[range])), a, "a",
            absolute: 4e-7)
          expectClose(
            doubles(Array(again.elements[range])), a, "weights again", absolute: 4e-7)
          expectClose([Double(sums.elements[row])], [a.reduce(0, +)], "Σ a", absolute: 1e-6)
          expectClose(doubles(Array(ds.elements[range])), wanted, "ds", absolute: 1e-6)
        }
      }
    }
  }

  @Test(arguments: clones)
  func sumsMatchReference(_ clone: String) {
    _ = Engine.withKernelClone(clone) {
      let (rows, columns) = (333, 261)
      let x = random(rows * columns, 9)
      let sums = space.matrix(1, columns - 1)
      Kernels.columnSums(
        Matrix(
          base: matrix(rows, columns, x).base + 1, rows: rows, columns: columns - 1,
          stride: columns), into: sums)
      let wanted = (1..<columns).map { j in
        (0..<rows).reduce(0.0) { $0 + Double(x[$1 * columns + j]) }
      }
      // 333 terms of size 2 in runs of 64.
      expectClose(doubles(sums.elements), wanted, "column sums", absolute: 3e-5)
      let store = ParameterStore(zeros: [ParameterEntry(.words, "x", [x.count])])
      store["x"] = x
      let squares = doubles(x).reduce(0) { $0 + $1 * $1 }
      expectClose([store.squaredNorm()], [squares], "squares", absolute: 0, relative: 1e-12)
    }
  }

  @Test func weightedBiasMatchesReference() {
    let (examples, heads, width) = (3, 2, 21)
    let (c, sums) = (random(examples * heads * width, 1), random(examples * heads, 2))
    let bias = random(heads * width, 3)
    let context = matrix(examples, heads * width, c)
    let weights = matrix(examples, heads, sums)
    Kernels.addWeightedBias(context, sums: weights, bias: vector(bias))
    let (dBias, dSums) = (space.matrix(1, heads * width), space.matrix(examples, heads))
    Kernels.weightedBiasBackward(
      matrix(examples, heads * width, c), sums: weights, bias: vector(bias),
      biasGradient: dBias, into: dSums)
    var wantedBias = [Double](repeating: 0, count: heads * width)
    for e in 0..<examples {
      for h in 0..<heads {
        var dot = 0.0
        for k in 0..<width {
          let (at, j) = ((e * heads + h) * width + k, h * width + k)
          let sum = Double(sums[e * heads + h])
          #expect(
            abs(Double(context.elements[at]) - (Double(c[at]) + sum * Double(bias[j]))) < 1e-6)
          wantedBias[j] += sum * Double(c[at])
          dot += Double(c[at]) * Double(bias[j])
        }
        #expect(abs(Double(dSums.elements[e * heads + h]) - dot) < 1e-5)
      }
    }
    expectClose(doubles(dBias.elements), wantedBias, "db", absolute: 3e-6)
  }

  @Test(arguments: clones)
  func adamWMatchesReference(_ clone: String) {
    _ = Engine.withKernelClone(clone) {
      let count = 37
      let stores = (0..<4).map { _ in ParameterStore(zeros: [ParameterEntry(.words, "x", [count])])
      }
      let start = random(count, 1)
      stores[0]["x"] = start
      var p = doubles(start)
      var (m, v) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      for step in 1...7 {
        let g = random(count, UInt64(10 + step))
        stores[1]["x"] = g
        adamW(
          stores[0], gradient: stores[1], firstMoment: stores[2], secondMoment: stores[3],
          step: step, learningRate: 0.01, weightDecay: 0.1)
        for i in 0..<count {
          p[i] *= 1 - 0.01 * 0.1
          m[i] = 0.9 * m[i] + 0.1 * Double(g[i])
          v[i] = 0.999 * v[i] + 0.001 * Double(g[i]) * Double(g[i])
          let denominator = (v[i] / (1 - pow(0.999, Double(step)))).squareRoot() + 1e-8
          p[i] -= 0.01 / (1 - pow(0.9, Double(step))) * m[i] / denominator
        }
      }
      // 7 roundings of numbers up to 2.
      expectClose(doubles(stores[0]["x"]), p, "parameters", absolute: 1e-6)
    }
  }

  /// Fused multiply-add is all that tells instruction sets apart, since lanes are written out: the
  /// two that have it give the same bits.
  @Test(arguments: TinyModel.Family.allCases)
  func wideInstructionSetsAgreeToTheBit(_ family: TinyModel.Family) throws {
    let folder = try TinyModel.withDropout(0.1, family)
    let setting = TinyModel.cases[2].of(family)
    let (batch, labels) = try TinyModel.batch(family)
    func bits(_ clone: String) throws -> [UInt32]? {
      try Engine.withKernelClone(clone) {
        let classifier = try Classifier.load(
          directory: folder.path, fineTuning: setting.fineTuning
        ).classifier
        let gradient = classifier.makeGradient()
        _ = Worker(classifier).gradient(
          of: batch, labels: labels, scale: 1, dropout: DropoutKey(seed: 3, epoch: 1),
          into: gradient)
        return gradient.withElements { $0.map(\.bitPattern) }
      }
    }
    guard let v3 = try bits("x86-64-v3"), let v4 = try bits("x86-64-v4") else { return }
    #expect(v3 == v4)
  }
}
