internal import CKernels

/// The element-wise kernels of CKernels, with their shapes checked.
///
/// They are C so that a debug build runs them at full speed too; kernels.h says what each computes. With shapes
/// alone they check them and compute nothing.
package enum Kernels {
  // MARK: Element-wise

  /// `x[i, j] += bias[j]`.
  package static func addBias(_ x: Matrix, _ bias: Matrix) {
    checkVector(bias, x.columns)
    precondition(x.isContiguous)
    guard !x.isShapeAlone else { return }
    tg_add_bias(x.base, x.rows, x.columns, bias.base)
  }

  /// `y += x`.
  package static func add(_ y: Matrix, _ x: Matrix) {
    checkSame(x, y)
    guard !y.isShapeAlone else { return }
    tg_add(y.base, x.base, y.count)
  }

  /// `sums[j] = Σ x[i, j]` over rows.
  package static func columnSums(_ x: Matrix, into sums: Matrix) {
    checkVector(sums, x.columns)
    guard !x.isShapeAlone else { return }
    tg_column_sums(x.base, x.rows, x.columns, x.stride, sums.base)
  }

  /// `x *= factor`.
  package static func scale(_ x: Matrix, by factor: Float) {
    precondition(x.isContiguous)
    guard !x.isShapeAlone else { return }
    tg_scale(x.base, x.count, factor)
  }

  /// `x = tanh(x)`.
  package static func tanh(_ x: Matrix) {
    precondition(x.isContiguous)
    guard !x.isShapeAlone else { return }
    tg_tanh(x.base, x.count)
  }

  /// `d *= 1 − y²`, where `y = tanh(x)`.
  package static func tanhBackward(_ d: Matrix, output y: Matrix) {
    checkSame(d, y)
    guard !d.isShapeAlone else { return }
    tg_tanh_backward(d.base, y.base, d.count)
  }

  /// `x = max(x, 0)`; a NaN stays.
  package static func relu(_ x: Matrix) {
    precondition(x.isContiguous)
    guard !x.isShapeAlone else { return }
    tg_relu(x.base, x.count)
  }

  /// `d = 0` where `y ≤ 0`, where `y = relu(x)`.
  package static func reluBackward(_ d: Matrix, output y: Matrix) {
    checkSame(d, y)
    guard !d.isShapeAlone else { return }
    tg_relu_backward(d.base, y.base, d.count)
  }

  /// `y = exp(x)`.
  package static func exp(_ x: Matrix, into y: Matrix) {
    checkSame(x, y)
    guard !y.isShapeAlone else { return }
    tg_exp(x.base, y.base, x.count)
  }

  // MARK: GELU

  /// `pre += bias`, then `out = pre Φ(pre)`; `out` may be `pre`.
  package static func biasGELU(_ pre: Matrix, _ bias: Matrix, into out: Matrix) {
    checkSame(pre, out)
    checkVector(bias, pre.columns)
    guard !pre.isShapeAlone else { return }
    tg_bias_gelu(pre.base, out.base, pre.rows, pre.columns, bias.base)
  }

  /// `out = pre Φ(pre)`, with the bits that `biasGELU` gave.
  package static func gelu(_ pre: Matrix, into out: Matrix) {
    checkSame(pre, out)
    guard !pre.isShapeAlone else { return }
    tg_gelu(pre.base, out.base, pre.count)
  }

  /// `out = d (Φ(pre) + pre φ(pre))`; `out` may be `d` or `pre`.
  package static func geluBackward(_ d: Matrix, pre: Matrix, into out: Matrix) {
    checkSame(d, pre)
    checkSame(d, out)
    guard !d.isShapeAlone else { return }
    tg_gelu_backward(d.base, pre.base, out.base, d.count)
  }

  // MARK: Layer normalisation

  /// `z = residual + dropout(x + bias)`, `y = LayerNorm(z)`; `y` may be `x`.
  ///
  /// - Parameters:
  ///   - x: `[rows, columns]`.
  ///   - bias: `[columns]`, or none.
  ///   - residual: `[rows, columns]`, or none.
  ///   - dropout: what to drop of `x + bias`, or nothing.
  ///   - rows: the keys of the rows' draws.
  ///   - norm: gain and bias.
  ///   - y: `[rows, columns]`.
  ///   - tape: receives what backward needs, or nothing.
  package static func residualLayerNorm(
    _ x: Matrix, bias: Matrix?, residual: Matrix?, dropout: Dropout?, rows: RowKeys,
    norm: LayerNorm, into y: Matrix, tape: LayerNorm.Tape?
  ) {
    checkSame(x, y)
    precondition(rows.count == x.rows)
    checkVector(norm.weight, x.columns)
    checkVector(norm.bias, x.columns)
    if let bias { checkVector(bias, x.columns) }
    if let residual { checkSame(residual, x) }
    if let tape {
      checkSame(tape.normalized, x)
      checkVector(tape.inverseDeviation, x.rows)
    }
    guard !y.isShapeAlone else { return }
    withDropout(dropout) {
      tg_residual_layer_norm(
        x.base, bias?.base, residual?.base, $0, rows.examples, rows.positions, norm.weight.base,
        norm.bias.base, norm.epsilon, x.rows, x.columns, y.base, tape?.normalized.base,
        tape?.inverseDeviation.base)
    }
  }

  /// `dz` from `dy` (may be the same), and the gradients of gain and bias if wanted.
  package static func layerNormBackward(
    _ dy: Matrix, tape: LayerNorm.Tape, norm: LayerNorm, into dz: Matrix, gradient: LayerNorm?
  ) {
    checkSame(dy, dz)
    checkSame(dy, tape.normalized)
    checkVector(norm.weight, dy.columns)
    if let gradient {
      checkVector(gradient.weight, dy.columns)
      checkVector(gradient.bias, dy.columns)
    }
    guard !dz.isShapeAlone else { return }
    tg_layer_norm_backward(
      dy.base, tape.normalized.base, tape.inverseDeviation.base, norm.weight.base, dy.rows,
      dy.columns, dz.base, gradient?.weight.base, gradient?.bias.base)
  }

  // MARK: Dropout

  /// `out = x` with dropped elements 0 and the others scaled; `out` may be `x`.
  package static func drop(_ x: Matrix, _ dropout: Dropout, rows: RowKeys, into out: Matrix) {
    checkSame(x, out)
    precondition(rows.count == x.rows)
    guard !out.isShapeAlone else { return }
    withDropout(dropout) {
      tg_dropout_rows(x.base, out.base, x.rows, x.columns, $0, rows.examples, rows.positions)
    }
  }

  /// One block of Philox 4×32-10 (Salmon, Moraes, Dror, Shaw 2011).
  ///
  /// - Parameters:
  ///   - counter: four words.
  ///   - key: two words.
  /// - Returns: four words.
  package static func philox(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    precondition(counter.count == 4 && key.count == 2)
    var out = [UInt32](repeating: 0, count: 4)
    tg_philox(counter, key, &out)
    return out
  }

  /// The draws of the first `count` elements of one row.
  package static func draws(
    _ dropout: Dropout, example: UInt32, position: UInt32, head: UInt32 = 0, count: Int
  ) -> [UInt32] {
    var out = [UInt32](repeating: 0, count: (count + 31) / 32 * 32)
    withDropout(dropout) { tg_dropout_draws($0, example, position, head, count, &out) }
    return Array(out[..<count])
  }

  private static func withDropout(
    _ dropout: Dropout?, _ body: (UnsafePointer<tg_dropout>?) -> Void
  ) {
    guard let dropout else { return body(nil) }
    withUnsafePointer(to: dropout.parameters) { body($0) }
  }

  // MARK: Attention

  /// Softmax over each row of one example's scores, with dropout.
  ///
  /// - Parameters:
  ///   - scores: `[heads × queries, stride]`; the first `keys` elements of a row count, and are
  ///     replaced by probabilities. With dropout, dropped ones get their sign bit set.
  ///   - weights: `[heads × queries, stride]`, receives what remains after dropout; unused without.
  ///   - sums: `[1, heads × queries]`, receives the sum of each row's weights, or none.
  ///   - heads: attention heads.
  ///   - keys: tokens attended to.
  ///   - scale: factor of the scores, 1/√d.
  ///   - dropout: what to drop, or nothing.
  ///   - example: key of the draws.
  package static func attentionSoftmax(
    _ scores: Matrix, weights: Matrix?, sums: Matrix?, heads: Int, keys: Int, scale: Float,
    dropout: Dropout?, example: UInt32
  ) {
    precondition(scores.isContiguous && scores.columns % 16 == 0 && scores.columns >= keys)
    precondition(scores.rows % heads == 0)
    precondition(dropout == nil || weights != nil)
    if let weights { checkSame(scores, weights) }
    if let sums { checkVector(sums, scores.rows) }
    guard !scores.isShapeAlone else { return }
    withDropout(dropout) {
      tg_attention_softmax(
        scores.base, weights?.base, sums?.base, heads, scores.rows / heads, keys, scores.columns,
        scale, $0, example)
    }
  }

  /// The weights after dropout, from probabilities whose sign bit marks what was dropped.
  package static func attentionWeights(_ signed: Matrix, into weights: Matrix, dropout: Dropout?) {
    checkSame(signed, weights)
    precondition(signed.columns % 16 == 0)
    guard !weights.isShapeAlone else { return }
    tg_attention_weights(
      signed.base, weights.base, signed.count, dropout?.parameters.scale ?? 1)
  }

  /// In: `d` = ∂loss/∂weights. Out: `d` = ∂loss/∂scores.
  package static func attentionSoftmaxBackward(
    _ signed: Matrix, _ d: Matrix, keys: Int, scale: Float, dropout: Dropout?
  ) {
    checkSame(signed, d)
    precondition(signed.columns % 16 == 0 && signed.columns >= keys)
    guard !d.isShapeAlone else { return }
    tg_attention_softmax_backward(
      signed.base, d.base, d.rows, keys, d.columns, scale, dropout?.parameters.scale ?? 1)
  }

  /// `context[e, h, :] += sums[e, h] bias[h, :]`.
  ///
  /// - Parameters:
  ///   - context: `[examples, heads × width]`.
  ///   - sums: `[examples, heads]`.
  ///   - bias: `[heads × width]`.
  package static func addWeightedBias(_ context: Matrix, sums: Matrix, bias: Matrix) {
    checkVector(bias, context.columns)
    checkHeads(context, sums)
    guard !context.isShapeAlone else { return }
    tg_add_weighted_bias(
      context.base, sums.base, bias.base, sums.rows, sums.columns, bias.columns / sums.columns)
  }

  /// The transpose of `addWeightedBias`: gradients of `bias` (if wanted) and of `sums`.
  package static func weightedBiasBackward(
    _ d: Matrix, sums: Matrix, bias: Matrix, biasGradient: Matrix?, into dsums: Matrix
  ) {
    checkVector(bias, d.columns)
    checkHeads(d, sums)
    checkSame(sums, dsums)
    if let biasGradient { checkVector(biasGradient, d.columns) }
    guard !dsums.isShapeAlone else { return }
    tg_weighted_bias_backward(
      d.base, sums.base, bias.base, sums.rows, sums.columns, bias.columns / sums.columns,
      biasGradient?.base, dsums.base)
  }

  /// `x[i, j] += values[i]`.
  package static func addToRows(_ x: Matrix, _ values: Matrix) {
    checkVector(values, x.rows)
    guard !x.isShapeAlone else { return }
    tg_add_to_rows(x.base, values.base, x.rows, x.columns, x.stride)
  }

  // MARK: Embeddings

  /// `out[t] = words[wordRows[t]] + positionTable[positions[t]] + type`; without `type`, the sum of the other two.
  package static func embed(
    words: UnsafePointer<Float>, wordRows: UnsafePointer<Int32>, positionTable: Matrix,
    rows: RowKeys, type: Matrix?, into out: Matrix
  ) {
    precondition(out.isContiguous && out.rows == rows.count)
    precondition(positionTable.columns == out.columns)
    if let type { checkVector(type, out.columns) }
    guard !out.isShapeAlone else { return }
    tg_embed(
      words, wordRows, positionTable.base, rows.positions, type?.base, out.rows, out.columns,
      out.base)
  }

  /// Adds each row of `d` to the gradient of its word and its position.
  package static func embedBackward(
    _ d: Matrix, wordRows: UnsafePointer<Int32>, rows: RowKeys, words: Matrix, positionTable: Matrix
  ) {
    precondition(d.isContiguous && d.rows == rows.count)
    precondition(positionTable.columns == d.columns && words.columns == d.columns)
    guard !d.isShapeAlone else { return }
    tg_embed_backward(
      d.base, wordRows, rows.positions, d.rows, d.columns, words.base, positionTable.base)
  }

  // MARK: Checks

  private static func checkSame(_ a: Matrix, _ b: Matrix) {
    precondition(
      a.rows == b.rows && a.columns == b.columns,
      "\(a.rows) × \(a.columns) is not \(b.rows) × \(b.columns)")
    precondition(a.isContiguous && b.isContiguous)
  }

  private static func checkVector(_ a: Matrix, _ count: Int) {
    precondition(a.rows == 1 && a.columns == count, "\(a.rows) × \(a.columns) is not 1 × \(count)")
  }

  private static func checkHeads(_ context: Matrix, _ sums: Matrix) {
    precondition(context.isContiguous && sums.isContiguous)
    precondition(context.rows == sums.rows && context.columns % sums.columns == 0)
  }
}

/// One step of AdamW on `parameters`, as `torch.optim.AdamW` does it.
///
/// `p ← p (1 − rate · decay)`, `m ← m + (1 − β₁)(g − m)`, `v ← β₂ v + (1 − β₂) g²`,
/// `p ← p − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)`; the scalars are formed in double.
///
/// - Parameters:
///   - parameters: stepped in place.
///   - gradient: of the same layout.
///   - firstMoment: m, zero before the first step.
///   - secondMoment: v, zero before the first step.
///   - range: the elements to step, of the buffer; all if `nil`.
///   - step: t, 1 at the first step.
///   - learningRate: the rate of this step.
///   - beta1: decay of the first moment.
///   - beta2: decay of the second moment.
///   - epsilon: added to the root.
///   - weightDecay: decoupled decay.
public func adamW(
  _ parameters: ParameterStore, gradient: ParameterStore, firstMoment: ParameterStore,
  secondMoment: ParameterStore, range: Range<Int>? = nil, step: Int, learningRate: Double,
  beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double
) {
  let range = range ?? 0..<parameters.count
  precondition(step >= 1 && range.lowerBound >= 0 && range.upperBound <= parameters.count)
  precondition(gradient.count == parameters.count && firstMoment.count == parameters.count)
  precondition(secondMoment.count == parameters.count)
  let factors = AdamWFactors(
    step: step, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
    weightDecay: weightDecay)
  tg_adamw(
    parameters.base + range.lowerBound, gradient.base + range.lowerBound,
    firstMoment.base + range.lowerBound, secondMoment.base + range.lowerBound, range.count,
    factors.beta2, factors.oneMinusBeta1, factors.oneMinusBeta2, factors.keep, factors.stepSize,
    factors.rootOfCorrection2, factors.epsilon)
}

/// The numbers of a step of AdamW that are the same for every element, as its kernels take them.
package struct AdamWFactors {
  package let beta2: Float
  package let oneMinusBeta1: Float
  package let oneMinusBeta2: Float
  /// What decay leaves of a parameter.
  package let keep: Float
  /// The rate, divided by what is lacking of the first moment.
  package let stepSize: Float
  package let rootOfCorrection2: Float
  package let epsilon: Float

  /// Parameters as in `adamW`.
  package init(
    step: Int, learningRate: Double, beta1: Double, beta2: Double, epsilon: Double,
    weightDecay: Double
  ) {
    let (correction1, correction2) = (1 - power(beta1, step), 1 - power(beta2, step))
    self.beta2 = Float(beta2)
    oneMinusBeta1 = Float(1 - beta1)
    oneMinusBeta2 = Float(1 - beta2)
    keep = Float(1 - learningRate * weightDecay)
    stepSize = Float(learningRate / correction1)
    rootOfCorrection2 = Float(correction2.squareRoot())
    self.epsilon = Float(epsilon)
  }
}

/// `base` to the power `exponent`, by squaring: the same bits on every platform.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
