internal import Device
internal import DeviceKernels
internal import Model

/// The kernels, with shapes checked; what each computes is said in Sources/DeviceKernels/kernels.md.
extension DeviceWorkspace {
  private static let groupSize = tgk_group_size
  private static let run = tgk_run
  private static let tile = tgk_tile

  private func launch(
    _ kernel: String, groups: (Int, Int, Int), _ arguments: [KernelArgument]
  ) throws {
    try device?.launch(kernel, groups: groups, items: (Self.groupSize, 1, 1), arguments)
  }

  /// Over elements, in any number of groups.
  private func launch(_ kernel: String, count: Int, _ arguments: [KernelArgument]) throws {
    try launch(kernel, groups: (min(4096, (count + 255) / 256), 1, 1), arguments)
  }

  private func uint(_ number: Int) -> KernelArgument { .uint(UInt32(number)) }

  private func arguments(_ dropout: Dropout?) -> [KernelArgument] {
    guard let words = dropout?.words else {
      return [.uint(0), .uint(0), .uint(0), .uint(0), .float(1)]
    }
    return [
      .uint(words.key.0), .uint(words.key.1), .uint(words.stream), .uint(words.threshold),
      .float(words.scale),
    ]
  }

  // MARK: Elements

  func scale(_ x: DeviceMatrix, by factor: Float) throws {
    precondition(x.isContiguous)
    try launch("tgk_scale", count: x.count, [x.argument, uint(x.count), .float(factor)])
  }

  func add(_ y: DeviceMatrix, _ x: DeviceMatrix) throws {
    precondition(x.isContiguous && y.isContiguous && x.count == y.count)
    try launch("tgk_add", count: x.count, [y.argument, x.argument, uint(x.count)])
  }

  func addBias(_ x: DeviceMatrix, _ bias: DeviceMatrix) throws {
    precondition(x.isContiguous && bias.count == x.columns)
    try launch(
      "tgk_add_bias", count: x.count, [x.argument, bias.argument, uint(x.rows), uint(x.columns)])
  }

  func tanh(_ x: DeviceMatrix) throws {
    try launch("tgk_tanh", count: x.count, [x.argument, uint(x.count)])
  }

  func tanhBackward(_ d: DeviceMatrix, output: DeviceMatrix) throws {
    precondition(d.count == output.count)
    try launch(
      "tgk_tanh_backward", count: d.count, [d.argument, output.argument, uint(d.count)])
  }

  func relu(_ x: DeviceMatrix) throws {
    try launch("tgk_relu", count: x.count, [x.argument, uint(x.count)])
  }

  func reluBackward(_ d: DeviceMatrix, output: DeviceMatrix) throws {
    precondition(d.count == output.count)
    try launch(
      "tgk_relu_backward", count: d.count, [d.argument, output.argument, uint(d.count)])
  }

  func biasGELU(_ pre: DeviceMatrix, _ bias: DeviceMatrix, into out: DeviceMatrix) throws {
    precondition(pre.count == out.count && bias.count == pre.columns)
    try launch(
      "tgk_bias_gelu", count: pre.count,
      [pre.argument, out.argument, bias.argument, uint(pre.rows), uint(pre.columns)])
  }

  func gelu(_ pre: DeviceMatrix, into out: DeviceMatrix) throws {
    precondition(pre.count == out.count)
    try launch("tgk_gelu", count: pre.count, [pre.argument, out.argument, uint(pre.count)])
  }

  func geluBackward(_ d: DeviceMatrix, pre: DeviceMatrix, into out: DeviceMatrix) throws {
    precondition(d.count == pre.count && out.count == pre.count)
    try launch(
      "tgk_gelu_backward", count: pre.count,
      [d.argument, pre.argument, out.argument, uint(pre.count)])
  }

  func drop(
    _ x: DeviceMatrix, _ dropout: Dropout, rows keys: DevicePass.Keys, into out: DeviceMatrix
  ) throws {
    precondition(x.count == out.count && x.rows == keys.count && x.isContiguous)
    try launch(
      "tgk_dropout_rows", groups: (x.rows, 1, 1),
      [
        x.argument, out.argument, keys.examples.argument, keys.positions.argument, uint(x.rows),
        uint(x.columns),
      ] + arguments(dropout))
  }

  // MARK: Rows

  /// `out[i] = x[index[i]]`.
  func gatherRows(_ x: DeviceMatrix, at index: DeviceMatrix, into out: DeviceMatrix) throws {
    precondition(x.columns == out.columns && index.columns >= out.rows && x.isContiguous)
    try launch(
      "tgk_gather_rows", count: out.count,
      [x.argument, index.argument, out.argument, uint(out.rows), uint(out.columns)])
  }

  /// `x[index[i]] += d[i]`.
  func addToRows(_ d: DeviceMatrix, at index: DeviceMatrix, of x: DeviceMatrix) throws {
    precondition(x.columns == d.columns && index.columns >= d.rows && x.isContiguous)
    try launch(
      "tgk_add_to_rows", count: d.count,
      [d.argument, index.argument, x.argument, uint(d.rows), uint(d.columns)])
  }

  func embed(
    words: DeviceMatrix, table: DeviceMatrix, type: DeviceMatrix?, _ pass: DevicePass,
    into out: DeviceMatrix
  ) throws {
    precondition(out.rows == pass.tokens && table.columns == out.columns)
    try launch(
      "tgk_embed", count: out.count,
      [
        words.argument, pass.wordRows.argument, table.argument, pass.tableRows.argument,
        (type ?? table).argument, out.argument, uint(out.rows), uint(out.columns),
        .uint(type == nil ? 0 : 1),
      ])
  }

  /// Adds rows to those of a table, each table's row's in the order of the block.
  func addListedRows(
    _ d: DeviceMatrix, _ lists: DevicePass.Lists, to table: DeviceMatrix
  ) throws {
    precondition(d.columns == table.columns && d.isContiguous)
    try launch(
      "tgk_add_listed_rows", groups: (lists.count, 1, 1),
      [
        d.argument, lists.order.argument, lists.starts.argument, lists.targets.argument,
        table.argument, uint(d.columns),
      ])
  }

  /// Of each example the mean of its rows, then its first row.
  func pool(_ x: DeviceMatrix, _ pass: DevicePass, into out: DeviceMatrix) throws {
    precondition(x.rows == pass.tokens && out.rows == pass.count && out.columns == 2 * x.columns)
    try launch(
      "tgk_pool", groups: ((x.columns + 63) / 64, pass.count, 1),
      [x.argument, pass.offsets.argument, out.argument, uint(x.columns)])
  }

  // MARK: Sums over rows

  func columnSums(_ x: DeviceMatrix, into sums: DeviceMatrix) throws {
    precondition(sums.count == x.columns && x.rows > 0)
    let mark = mark()
    defer { release(to: mark) }
    let runs = (x.rows + Self.run - 1) / Self.run
    let partial = matrix(runs, x.columns)
    try launch(
      "tgk_column_sums", groups: ((x.columns + 63) / 64, runs, 1),
      [x.argument, partial.argument, uint(x.rows), uint(x.columns), uint(x.stride)])
    try addRuns(partial, into: sums)
  }

  private func addRuns(_ partial: DeviceMatrix, into sums: DeviceMatrix) throws {
    try launch(
      "tgk_add_runs", count: partial.columns,
      [partial.argument, sums.argument, uint(partial.rows), uint(partial.columns)])
  }

  func residualLayerNorm(
    _ x: DeviceMatrix, bias: DeviceMatrix?, residual: DeviceMatrix?, dropout: Dropout?,
    rows keys: DevicePass.Keys, norm: DeviceNorm, into y: DeviceMatrix, tape: DeviceNorm.Tape?
  ) throws {
    precondition(x.rows == keys.count && y.count == x.count && x.isContiguous && y.isContiguous)
    precondition(residual.map { $0.isContiguous && $0.count == x.count } ?? true)
    let uses =
      (bias == nil ? 0 : tgk_uses_bias) + (residual == nil ? 0 : tgk_uses_residual)
      + (tape == nil ? 0 : tgk_uses_tape)
    try launch(
      "tgk_residual_layer_norm", groups: (x.rows, 1, 1),
      [
        x.argument, (bias ?? anything).argument, (residual ?? anything).argument,
        norm.weight.argument, norm.bias.argument, y.argument,
        (tape?.normalized ?? anything).argument, (tape?.inverseDeviation ?? anything).argument,
        keys.examples.argument, keys.positions.argument, uint(x.rows), uint(x.columns),
        .uint(UInt32(uses)), .float(norm.epsilon),
      ] + arguments(dropout))
  }

  /// `dy` becomes ∂loss/∂z; the gradient of gain and bias is written if wanted.
  func layerNormBackward(
    _ dy: DeviceMatrix, tape: DeviceNorm.Tape, norm: DeviceNorm, into gradient: DeviceNorm?
  ) throws {
    let mark = mark()
    defer { release(to: mark) }
    if let gradient {
      let runs = (dy.rows + Self.run - 1) / Self.run
      let (gains, biases) = (matrix(runs, dy.columns), matrix(runs, dy.columns))
      try launch(
        "tgk_layer_norm_sums", groups: ((dy.columns + 63) / 64, runs, 1),
        [
          dy.argument, tape.normalized.argument, gains.argument, biases.argument, uint(dy.rows),
          uint(dy.columns),
        ])
      try addRuns(gains, into: gradient.weight)
      try addRuns(biases, into: gradient.bias)
    }
    try launch(
      "tgk_layer_norm_backward", groups: (dy.rows, 1, 1),
      [
        dy.argument, tape.normalized.argument, tape.inverseDeviation.argument,
        norm.weight.argument, dy.argument, uint(dy.rows), uint(dy.columns),
      ])
  }

  // MARK: Attention

  /// Which queries' scores are meant: those of every token, or those of first tokens, whose heads are rows.
  enum Queries {
    case all
    case first(heads: Int)
  }

  /// How many groups in the first two directions a product of attention takes, and its `queries`.
  private func shape(
    _ queries: Queries, _ pass: DevicePass, heads: Int
  ) -> (rows: Int, heads: Int, queries: Int) {
    switch queries {
    case .all: (pass.longest, heads, 0)
    case .first(let heads): (heads, 1, heads)
    }
  }

  private func tiles(_ count: Int) -> Int { (count + Self.tile - 1) / Self.tile }

  private func scores(_ queries: Queries, _ pass: DevicePass) -> DevicePass.Scores {
    switch queries {
    case .all: pass.allScores
    case .first: pass.firstScores
    }
  }

  private func countAttention(_ queries: Queries, _ pass: DevicePass, heads: Int, width: Int) {
    switch queries {
    case .all: count(multiplyAdds: heads * width * pass.pairs)
    case .first(let heads): count(multiplyAdds: heads * width * pass.tokens)
    }
  }

  /// Each query's row times each token's.
  func attendScores(
    _ left: DeviceMatrix, _ right: DeviceMatrix, into scores: DeviceMatrix, _ queries: Queries,
    heads: Int, width: Int, _ pass: DevicePass
  ) throws {
    let shape = shape(queries, pass, heads: heads)
    countAttention(queries, pass, heads: heads, width: width)
    try launch(
      "tgk_attend_scores",
      groups: (tiles(shape.rows) * tiles(pass.longest), shape.heads, pass.count),
      [
        left.argument, right.argument, scores.argument, pass.offsets.argument,
        self.scores(queries, pass).starts.argumentOfLongs, uint(left.stride), uint(right.stride),
        uint(shape.queries), uint(width), uint(pass.longest),
      ])
  }

  /// Of each query the sum of the tokens' rows, weighted by scores; by probabilities if `weights` is dropout's factor.
  func attendQueries(
    _ scores: DeviceMatrix, _ right: DeviceMatrix, into out: DeviceMatrix, weights: Float?,
    _ queries: Queries, heads: Int, width: Int, _ pass: DevicePass
  ) throws {
    let shape = shape(queries, pass, heads: heads)
    countAttention(queries, pass, heads: heads, width: width)
    try launch(
      "tgk_attend_queries", groups: (tiles(shape.rows) * tiles(width), shape.heads, pass.count),
      [
        scores.argument, right.argument, out.argument, pass.offsets.argument,
        self.scores(queries, pass).starts.argumentOfLongs, uint(right.stride), uint(out.stride),
        uint(shape.queries), uint(width), .uint(weights == nil ? 0 : 1), .float(weights ?? 1),
      ])
  }

  /// Of each token the sum of the queries' rows, weighted likewise; added to `out` or written there.
  func attendKeys(
    _ scores: DeviceMatrix, _ right: DeviceMatrix, into out: DeviceMatrix, adds: Bool = false,
    weights: Float?, _ queries: Queries, heads: Int, width: Int, _ pass: DevicePass
  ) throws {
    let shape = shape(queries, pass, heads: heads)
    countAttention(queries, pass, heads: heads, width: width)
    try launch(
      "tgk_attend_keys", groups: (tiles(pass.longest) * tiles(width), shape.heads, pass.count),
      [
        scores.argument, right.argument, out.argument, pass.offsets.argument,
        self.scores(queries, pass).starts.argumentOfLongs, uint(right.stride), uint(out.stride),
        uint(shape.queries), uint(width), .uint(adds ? 1 : 0), .uint(weights == nil ? 0 : 1),
        .float(weights ?? 1),
      ])
  }

  /// Scores become probabilities, negative where dropped; of first rows the sums of their weights are written.
  func attentionSoftmax(
    _ scores: DeviceMatrix, sums: DeviceMatrix?, heads: Int, scale: Float, dropout: Dropout?,
    _ pass: DevicePass
  ) throws {
    let starts = (sums == nil ? pass.allScores : pass.firstScores).starts
    try launch(
      "tgk_attention_softmax", groups: (sums == nil ? pass.longest : 1, heads, pass.count),
      [
        scores.argument, pass.offsets.argument, starts.argumentOfLongs,
        pass.first.examples.argument, (sums ?? anything).argument, .uint(sums == nil ? 0 : 1),
        .uint(sums == nil ? 0 : 1), .float(scale),
      ] + arguments(dropout))
  }

  /// Gradients of weights become those of scores; of first rows `addends` are added to the former.
  func attentionSoftmaxBackward(
    _ probabilities: DeviceMatrix, _ d: DeviceMatrix, addends: DeviceMatrix?, heads: Int,
    scale: Float, dropout: Dropout?, _ pass: DevicePass
  ) throws {
    let starts = (addends == nil ? pass.allScores : pass.firstScores).starts
    try launch(
      "tgk_attention_softmax_backward",
      groups: (addends == nil ? pass.longest : 1, heads, pass.count),
      [
        probabilities.argument, d.argument, (addends ?? anything).argument, pass.offsets.argument,
        starts.argumentOfLongs, .uint(addends == nil ? 0 : 1), .uint(addends == nil ? 0 : 1),
        .float(scale), .float(dropout?.words.scale ?? 1),
      ])
  }

  func addWeightedBias(
    _ context: DeviceMatrix, sums: DeviceMatrix, bias: DeviceMatrix
  ) throws {
    let (heads, width) = (sums.columns, context.columns / sums.columns)
    try launch(
      "tgk_add_weighted_bias", count: context.count,
      [
        context.argument, sums.argument, bias.argument, uint(context.rows), uint(heads),
        uint(width),
      ])
  }

  func weightedBiasGradient(
    _ d: DeviceMatrix, sums: DeviceMatrix, into biasGradient: DeviceMatrix
  ) throws {
    let (heads, width) = (sums.columns, d.columns / sums.columns)
    try launch(
      "tgk_weighted_bias_gradient", count: biasGradient.count,
      [d.argument, sums.argument, biasGradient.argument, uint(d.rows), uint(heads), uint(width)])
  }

  func weightedBiasSums(
    _ d: DeviceMatrix, bias: DeviceMatrix, into sums: DeviceMatrix
  ) throws {
    let (heads, width) = (sums.columns, d.columns / sums.columns)
    try launch(
      "tgk_weighted_bias_sums", count: sums.count,
      [d.argument, bias.argument, sums.argument, uint(d.rows), uint(heads), uint(width)])
  }

  // MARK: The optimiser

  func adamW(
    _ p: DeviceMatrix, gradient: DeviceMatrix, firstMoment: DeviceMatrix,
    secondMoment: DeviceMatrix, _ factors: AdamWFactors
  ) throws {
    try launch(
      "tgk_adamw", count: p.count,
      [
        p.argument, gradient.argument, firstMoment.argument, secondMoment.argument, uint(p.count),
        .float(factors.beta2), .float(factors.oneMinusBeta1), .float(factors.oneMinusBeta2),
        .float(factors.keep), .float(factors.stepSize), .float(factors.rootOfCorrection2),
        .float(factors.epsilon),
      ])
  }

  /// The largest magnitude of each part; not a number where one of its elements is none.
  func largest(_ x: DeviceMatrix, into parts: DeviceMatrix) throws {
    try launch(
      "tgk_largest", groups: (parts.count, 1, 1), [x.argument, parts.argument, uint(x.count)])
  }

  /// The sum of squares of `factor x` of each part, as a pair of numbers to be added.
  func sumOfSquares(_ x: DeviceMatrix, factor: Float, into parts: DeviceMatrix) throws {
    precondition(parts.columns == 2)
    try launch(
      "tgk_sum_of_squares", groups: (parts.rows, 1, 1),
      [x.argument, parts.argument, uint(x.count), .float(factor)])
  }
}
