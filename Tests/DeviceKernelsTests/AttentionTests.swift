internal import CKernels
import TestSupport
import Testing

/// Each of attention's kernels against plain sums or the CPU's kernel; AttentionGradientTests has them together.
@Suite struct AttentionTests {
  /// Examples of one token, of a tile less and more one, and of several tiles.
  static let rows = TestRows([1, 31, 33, 70, 16])
  static let attentions = [
    TestAttention(rows: rows, heads: 3, width: 8, isFirstRow: false),
    TestAttention(rows: rows, heads: 2, width: 40, isFirstRow: false),
    TestAttention(rows: rows, heads: 3, width: 24, isFirstRow: true),
    // More heads than a tile has rows.
    TestAttention(rows: TestRows([5, 40]), heads: 33, width: 66, isFirstRow: true),
  ]

  /// Behind a row's length lies anything; were it read, it would be seen.
  private func scores(_ attention: TestAttention, _ seed: UInt64) -> [Float] {
    let values = random(attention.scoreCount, seed)
    var scores = [Float](repeating: .nan, count: values.count)
    attention.forEachScore { place, _, _, _ in scores[place] = values[place] }
    return scores
  }

  @Test(arguments: attentions.indices)
  func scoresAreProducts(_ index: Int) {
    let attention = Self.attentions[index]
    let (matrices, width) = (attention.matrices, attention.width)
    let columns = matrices * width
    let (leftStride, rightStride) = (columns + 3, columns + 5)
    // Of the first row an example's heads follow one another without a gap, being one row of a wider matrix.
    let left = random(attention.queryRows * leftStride, 1)
    let right = random(attention.rows.count * rightStride, 2)
    var expected = [Float](repeating: .nan, count: attention.scoreCount)
    attention.forEachScore { place, matrix, query, token in
      var sum = 0.0
      for k in 0..<width {
        sum +=
          Double(left[query * leftStride + matrix * width + k])
          * Double(right[token * rightStride + matrix * width + k])
      }
      expected[place] = Float(sum)
    }
    let found = KernelMemory(room: expected.count)
    attention.scores(
      KernelMemory(left), stride: leftStride, KernelMemory(right), stride: rightStride, into: found)
    expectEqualWithNaN(found.floats, expected, absolute: 2e-5)
  }

  /// Signs are those of dropout in the weights, and signs in gradients of scores.
  @Test(arguments: attentions.indices, [Float?.none, 1.25])
  func queriesAndKeysAreProducts(_ index: Int, _ factor: Float?) {
    let attention = Self.attentions[index]
    let (matrices, width) = (attention.matrices, attention.width)
    let columns = matrices * width
    let stride = columns + 3
    let scores = scores(attention, 3)
    let tokens = random(attention.rows.count * stride, 4)
    let queries = random(attention.queryRows * stride, 5)
    func weight(_ place: Int) -> Double {
      let score = Double(scores[place])
      guard let factor else { return score }
      return score < 0 ? 0 : score * Double(factor)
    }
    var ofQueries = [Double](repeating: 0, count: queries.count)
    var ofTokens = [Double](repeating: 0, count: tokens.count)
    attention.forEachScore { place, matrix, query, token in
      for k in matrix * width..<(matrix + 1) * width {
        ofQueries[query * stride + k] += weight(place) * Double(tokens[token * stride + k])
        ofTokens[token * stride + k] += weight(place) * Double(queries[query * stride + k])
      }
    }
    // The columns that belong to no head are left alone.
    func inside(_ index: Int) -> Bool { index % stride < columns }
    let memory = KernelMemory(scores)

    let found = KernelMemory(room: queries.count)
    attention.queries(
      memory, KernelMemory(tokens), stride: stride, into: found, stride: stride, factor: factor)
    expectEqualWithNaN(
      found.floats, ofQueries.indices.map { inside($0) ? Float(ofQueries[$0]) : .nan },
      absolute: 1e-4)

    let keys = KernelMemory(room: tokens.count)
    attention.keys(
      memory, KernelMemory(queries), stride: stride, into: keys, stride: stride, factor: factor)
    expectEqualWithNaN(
      keys.floats, ofTokens.indices.map { inside($0) ? Float(ofTokens[$0]) : .nan },
      absolute: 1e-4)
    attention.keys(
      memory, KernelMemory(queries), stride: stride, into: keys, stride: stride, adds: true,
      factor: factor)
    expectEqualWithNaN(
      keys.floats, ofTokens.indices.map { inside($0) ? Float(2 * ofTokens[$0]) : .nan },
      absolute: 2e-4)
  }

  /// Close where there is a number, and not written where there is none.
  private func expectEqualWithNaN(
    _ found: [Float], _ expected: [Float], absolute: Float,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      found.map(\.isNaN) == expected.map(\.isNaN), "what is written", sourceLocation: sourceLocation
    )
    expectClose(
      found.map { $0.isNaN ? 0 : $0 }, expected.map { $0.isNaN ? 0 : $0 }, absolute: absolute,
      relative: 1e-5, sourceLocation: sourceLocation)
  }

  // MARK: Softmax

  /// The same draws, and so the same signs; the CPU adds up in other lanes.
  @Test(arguments: attentions.indices, [nil, 0.4])
  func softmaxMatchesTheCPU(_ index: Int, _ probability: Double?) {
    let attention = Self.attentions[index]
    let scores = scores(attention, 6).map { $0 * 3 }
    var dropout = TestDropout(probability)
    let scale: Float = 0.7
    var (expected, sums) = (
      scores, [Float](repeating: 0, count: attention.lengths.count * attention.heads)
    )
    for (example, length) in attention.lengths.enumerated() {
      let (queries, stride) = (attention.softmaxQueries(example), TestAttention.stride(length))
      let place = attention.place(example, 0, 0, 0)
      var own = Array(scores[place..<place + attention.heads * queries * stride])
      var weights = own
      var rowSums = [Float](repeating: 0, count: attention.heads * queries)
      withUnsafePointer(to: &dropout.parameters) { pointer in
        tg_attention_softmax(
          &own, &weights, &rowSums, attention.heads, queries, length, stride, scale,
          probability == nil ? nil : pointer, attention.rows.examples[example])
      }
      expected.replaceSubrange(place..<place + own.count, with: own)
      if attention.isFirstRow {
        sums.replaceSubrange(
          example * attention.heads..<(example + 1) * attention.heads, with: rowSums)
      }
    }
    let found = KernelMemory(scores)
    let foundSums = attention.isFirstRow ? KernelMemory(room: sums.count) : nil
    attention.softmax(found, sums: foundSums, scale: scale, dropout)
    var (a, b): ([Float], [Float]) = ([], [])
    attention.forEachScore { place, _, _, _ in
      a.append(found.floats[place])
      b.append(expected[place])
    }
    expectClose(a, b, "probabilities", absolute: 1e-7, relative: 2e-6)
    #expect(a.map(\.sign) == b.map(\.sign), "what is dropped")
    #expect((probability != nil) == a.contains { $0.sign == .minus })
    if let foundSums { expectClose(foundSums.floats, sums, "sums", absolute: 1e-6, relative: 2e-6) }
  }

  @Test(arguments: attentions.indices, [nil, 0.4])
  func softmaxBackwardMatchesTheCPU(_ index: Int, _ probability: Double?) {
    let attention = Self.attentions[index]
    let dropout = TestDropout(probability)
    let scale: Float = 0.7
    let probabilities = KernelMemory(scores(attention, 7))
    attention.softmax(probabilities, sums: nil, scale: 1, dropout)
    let d = scores(attention, 8)
    let addends =
      attention.isFirstRow ? random(attention.lengths.count * attention.heads, 9) : nil
    var expected = d
    for (example, length) in attention.lengths.enumerated() {
      let (queries, stride) = (attention.softmaxQueries(example), TestAttention.stride(length))
      let rows = attention.heads * queries
      let place = attention.place(example, 0, 0, 0)
      // The CPU's softmax leaves finite numbers behind a row, and its gradient counts on that.
      let own = probabilities.floats[place..<place + rows * stride].map { $0.isNaN ? 0 : $0 }
      var slopes = Array(d[place..<place + rows * stride])
      if let addends {
        tg_add_to_rows(
          &slopes, Array(addends[example * attention.heads..<(example + 1) * attention.heads]),
          rows,
          length, stride)
      }
      tg_attention_softmax_backward(
        own, &slopes, rows, length, stride, scale, dropout.parameters.scale)
      expected.replaceSubrange(place..<place + slopes.count, with: slopes)
    }
    let found = KernelMemory(d)
    attention.softmaxBackward(
      probabilities, found, addends: addends.map { KernelMemory($0) }, scale: scale, dropout)
    var (a, b): ([Float], [Float]) = ([], [])
    attention.forEachScore { place, _, _, _ in
      a.append(found.floats[place])
      b.append(expected[place])
    }
    expectClose(a, b, absolute: 1e-6, relative: 1e-5)
  }

  /// A number that is not finite must not be lost on the way.
  @Test func softmaxOfNaNIsNaN() {
    let attention = TestAttention(rows: TestRows([3]), heads: 1, width: 4, isFirstRow: false)
    var scores = [Float](repeating: 1, count: attention.scoreCount)
    scores[attention.place(0, 0, 1, 2)] = .nan
    let memory = KernelMemory(scores)
    attention.softmax(memory, sums: nil, scale: 1, TestDropout(nil))
    for query in 0..<3 {
      for token in 0..<3 {
        #expect(memory.floats[attention.place(0, 0, query, token)].isNaN == (query == 1))
      }
    }
  }

  // MARK: The value bias of the first row

  @Test(arguments: [(1, 1, 1), (5, 3, 8), (4, 12, 64), (3, 2, 17)])
  func weightedBiasIsTheCPUs(_ examples: Int, _ heads: Int, _ width: Int) {
    let count = examples * heads * width
    let (context, d) = (random(count, 1), random(count, 2))
    let (sums, bias) = (random(examples * heads, 3), random(heads * width, 4))
    var (expected, dbias, dsums) = (context, bias, sums)
    withPlainKernels {
      tg_add_weighted_bias(&expected, sums, bias, examples, heads, width)
      tg_weighted_bias_backward(d, sums, bias, examples, heads, width, &dbias, &dsums)
    }
    let shape: [KernelParameter] = [.uint(examples), .uint(heads), .uint(width)]
    let out = KernelMemory(context)
    run(
      "tgk_add_weighted_bias", groups: flat,
      [.memory(out), .memory(KernelMemory(sums)), .memory(KernelMemory(bias))] + shape)
    expectSame(out.floats, expected, "context")
    let (foundBias, foundSums) = (KernelMemory(room: bias.count), KernelMemory(room: sums.count))
    run(
      "tgk_weighted_bias_gradient", groups: flat,
      [.memory(KernelMemory(d)), .memory(KernelMemory(sums)), .memory(foundBias)] + shape)
    expectSame(foundBias.floats, dbias, "gradient of the bias")
    run(
      "tgk_weighted_bias_sums", groups: flat,
      [.memory(KernelMemory(d)), .memory(KernelMemory(bias)), .memory(foundSums)] + shape)
    expectSame(foundSums.floats, dsums, "gradient of the sums")
  }
}
