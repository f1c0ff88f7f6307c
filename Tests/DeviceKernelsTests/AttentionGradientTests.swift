internal import CKernels
import TestSupport
import Testing

internal import Foundation

/// All of attention as layers launch it, against the same in double on plain arrays, whose gradient is taken by finite differences.
@Suite struct AttentionGradientTests {
  static let rows = TestRows([1, 5, 34])
  let scale: Float = 0.35

  /// In double: the context of every query, `[queryRows, matrices × width]`, from queries, keys and values; `kept` is of each score
  /// what dropout makes of a weight of 1.
  private func context(
    _ attention: TestAttention, _ q: [Double], _ k: [Double], _ v: [Double], kept: [Double]
  ) -> [Double] {
    let (width, columns) = (attention.width, attention.matrices * attention.width)
    var scores = [Double](repeating: 0, count: attention.scoreCount)
    var totals: [Int: Double] = [:]
    func key(_ matrix: Int, _ query: Int) -> Int { query * attention.matrices + matrix }
    attention.forEachScore { place, matrix, query, token in
      var sum = 0.0
      for c in matrix * width..<(matrix + 1) * width {
        sum += q[query * columns + c] * k[token * columns + c]
      }
      scores[place] = exp(sum * Double(scale))
      totals[key(matrix, query), default: 0] += scores[place]
    }
    var out = [Double](repeating: 0, count: attention.queryRows * columns)
    attention.forEachScore { place, matrix, query, token in
      let weight = scores[place] / (totals[key(matrix, query)] ?? .nan) * kept[place]
      for c in matrix * width..<(matrix + 1) * width {
        out[query * columns + c] += weight * v[token * columns + c]
      }
    }
    return out
  }

  /// What dropout makes of weights of 1, from the CPU's draws.
  private func kept(_ attention: TestAttention, _ dropout: TestDropout) -> [Double] {
    var kept = [Double](repeating: 1, count: attention.scoreCount)
    guard dropout.parameters.threshold > 0 else { return kept }
    for (example, length) in attention.lengths.enumerated() {
      for matrix in 0..<attention.matrices {
        for query in 0..<attention.queries(example) {
          let (head, position) = attention.isFirstRow ? (query, 0) : (matrix, query)
          var draws = [UInt32](repeating: 0, count: (length + 31) / 32 * 32)
          var parameters = dropout.parameters
          tg_dropout_draws(
            &parameters, attention.rows.examples[example], UInt32(position), UInt32(head), length,
            &draws)
          for token in 0..<length {
            kept[attention.place(example, matrix, query, token)] =
              draws[token] < parameters.threshold ? 0 : Double(parameters.scale)
          }
        }
      }
    }
    return kept
  }

  /// d sum(context * weights) / d x at some elements of x, by central differences.
  private func slopes(
    _ x: [Double], at places: [Int], _ weights: [Double], _ context: ([Double]) -> [Double]
  ) -> [Double] {
    let step = 1e-5
    return places.map { place in
      func moved(_ sign: Double) -> Double {
        var moved = x
        moved[place] += sign * step
        return zip(context(moved), weights).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return (moved(1) - moved(-1)) / (2 * step)
    }
  }

  @Test(arguments: [nil, 0.3])
  func allRows(_ probability: Double?) {
    let attention = TestAttention(rows: Self.rows, heads: 2, width: 5, isFirstRow: false)
    let (n, columns) = (attention.rows.count, 10)
    let dropout = TestDropout(probability)
    let factor = dropout.parameters.scale
    let (q, k, v) = (random(n * columns, 1), random(n * columns, 2), random(n * columns, 3))
    let dContext = random(n * columns, 4)
    let (query, key, value) = (KernelMemory(q), KernelMemory(k), KernelMemory(v))
    let p = KernelMemory(room: attention.scoreCount)
    attention.scores(query, stride: columns, key, stride: columns, into: p)
    attention.softmax(p, sums: nil, scale: scale, dropout)
    let out = KernelMemory(room: n * columns)
    attention.queries(p, value, stride: columns, into: out, stride: columns, factor: factor)

    let kept = kept(attention, dropout)
    func doubles(_ x: [Float]) -> [Double] { x.map { Double($0) } }
    let expected = context(attention, doubles(q), doubles(k), doubles(v), kept: kept)
    expectClose(doubles(out.floats), expected, "context", absolute: 2e-6, relative: 2e-6)

    let gradient = KernelMemory(dContext)
    let d = KernelMemory(room: attention.scoreCount)
    attention.scores(gradient, stride: columns, value, stride: columns, into: d)
    attention.softmaxBackward(p, d, addends: nil, scale: scale, dropout)
    let (dq, dk, dv) = (
      KernelMemory(room: q.count), KernelMemory(room: k.count), KernelMemory(room: v.count)
    )
    attention.queries(d, key, stride: columns, into: dq, stride: columns, factor: nil)
    attention.keys(d, query, stride: columns, into: dk, stride: columns, factor: nil)
    attention.keys(p, gradient, stride: columns, into: dv, stride: columns, factor: factor)
    // The example of one token, and some of the others.
    let places = [0, 9] + stride(from: 13, to: n * columns, by: 29)
    for (name, x, dx, context) in [
      ("dq", q, dq, { self.context(attention, $0, doubles(k), doubles(v), kept: kept) }),
      ("dk", k, dk, { self.context(attention, doubles(q), $0, doubles(v), kept: kept) }),
      ("dv", v, dv, { self.context(attention, doubles(q), doubles(k), $0, kept: kept) }),
    ] {
      let expected = slopes(doubles(x), at: places, doubles(dContext), context)
      expectClose(
        places.map { Double(dx.floats[$0]) }, expected, name, absolute: 5e-6, relative: 1e-5)
    }
  }

  /// Tokens are keys and values at once; the sums carry the value bias.
  @Test(arguments: [nil, 0.3])
  func firstRow(_ probability: Double?) {
    let attention = TestAttention(rows: Self.rows, heads: 3, width: 6, isFirstRow: true)
    let (examples, heads, columns) = (Self.rows.lengths.count, 3, 6)
    let dropout = TestDropout(probability)
    let factor = dropout.parameters.scale
    let (keyed, x) = (random(examples * heads * columns, 1), random(Self.rows.count * columns, 2))
    let (dAttended, dSums) = (random(keyed.count, 3), random(examples * heads, 4))
    let (u, tokens) = (KernelMemory(keyed), KernelMemory(x))
    let p = KernelMemory(room: attention.scoreCount)
    attention.scores(u, stride: columns, tokens, stride: columns, into: p)
    let sums = KernelMemory(room: examples * heads)
    attention.softmax(p, sums: sums, scale: scale, dropout)
    let attended = KernelMemory(room: keyed.count)
    attention.queries(p, tokens, stride: columns, into: attended, stride: columns, factor: factor)

    let kept = kept(attention, dropout)
    func doubles(_ x: [Float]) -> [Double] { x.map { Double($0) } }
    // A column of ones among the values gives the sums.
    func attendedAndSums(_ u: [Double], _ x: [Double]) -> [Double] {
      let attended = context(attention, u, x, x, kept: kept)
      let ones = [Double](repeating: 1, count: x.count)
      let sums = context(attention, u, x, ones, kept: kept)
      return attended + (0..<examples * heads).map { sums[$0 * columns] }
    }
    let expected = attendedAndSums(doubles(keyed), doubles(x))
    expectClose(
      doubles(attended.floats + sums.floats), expected, "attended", absolute: 2e-6, relative: 2e-6)

    let (gradient, d) = (KernelMemory(dAttended), KernelMemory(room: attention.scoreCount))
    attention.scores(gradient, stride: columns, tokens, stride: columns, into: d)
    attention.softmaxBackward(p, d, addends: KernelMemory(dSums), scale: scale, dropout)
    let (du, dx) = (KernelMemory(room: keyed.count), KernelMemory(room: x.count))
    attention.queries(d, tokens, stride: columns, into: du, stride: columns, factor: nil)
    attention.keys(p, gradient, stride: columns, into: dx, stride: columns, factor: factor)
    attention.keys(d, u, stride: columns, into: dx, stride: columns, adds: true, factor: nil)
    let weights = doubles(dAttended + dSums)
    for (name, y, dy, context) in [
      ("du", keyed, du, { attendedAndSums($0, doubles(x)) }),
      ("dx", x, dx, { attendedAndSums(doubles(keyed), $0) }),
    ] {
      let places = [0, 5] + stride(from: 7, to: y.count, by: 11)
      let expected = slopes(doubles(y), at: places, weights, context)
      expectClose(
        places.map { Double(dy.floats[$0]) }, expected, name, absolute: 5e-6, relative: 1e-5)
    }
  }
}
