internal import CKernels
import TestSupport
import Testing

/// Kernels of rows: dropout, layer normalisation, embeddings.
@Suite struct RowTests {
  static let widths = [1, 8, 31, 32, 64, 100, 768, 1000]

  // MARK: Dropout

  @Test(arguments: widths)
  func dropsWhatTheCPUDrops(_ columns: Int) {
    let rows = TestRows([1, 3, 2])
    let x = random(rows.count * columns, 1)
    var dropout = TestDropout(0.3)
    var expected = x
    tg_dropout_rows(
      x, &expected, rows.count, columns, &dropout.parameters, rows.rowExamples, rows.rowPositions)
    let out = KernelMemory(room: x.count)
    run(
      "tgk_dropout_rows", groups: [rows.count, 1, 1],
      [
        .memory(KernelMemory(x)), .memory(out), .memory(KernelMemory(rows.rowExamples)),
        .memory(KernelMemory(rows.rowPositions)), .uint(rows.count), .uint(columns),
      ] + dropout.arguments)
    // A product is one operation, wherever it is computed.
    #expect(out.floats == expected)
    #expect(columns < 8 || expected.contains(0) && !expected.allSatisfy { $0 == 0 })
  }

  // MARK: Layer normalisation

  struct Parts: CustomTestStringConvertible, Sendable {
    let bias: Bool
    let residual: Bool
    let tape: Bool
    let dropout: Double?
    var testDescription: String { "\(self)" }
  }
  static let parts = [
    Parts(bias: true, residual: true, tape: true, dropout: 0.25),
    Parts(bias: true, residual: true, tape: false, dropout: nil),
    Parts(bias: false, residual: false, tape: true, dropout: nil),
  ]

  /// The CPU adds up in other lanes, so that means differ in their last bits.
  @Test(arguments: widths, parts)
  func layerNormMatchesTheCPU(_ columns: Int, _ parts: Parts) {
    let rows = TestRows([1, 5, 3])
    let (n, count) = (rows.count, rows.count * columns)
    let (x, residual, bias) = (random(count, 2), random(count, 3), random(columns, 4))
    let (gamma, beta) = (random(columns, 5), random(columns, 6))
    let epsilon: Float = 1e-5
    var dropout = TestDropout(parts.dropout)
    var (y, normalized) = (x, x)
    var deviation = [Float](repeating: 0, count: n)
    withUnsafePointer(to: &dropout.parameters) { pointer in
      tg_residual_layer_norm(
        x, parts.bias ? bias : nil, parts.residual ? residual : nil,
        parts.dropout == nil ? nil : pointer, rows.rowExamples, rows.rowPositions, gamma, beta,
        epsilon, n, columns, &y, &normalized, &deviation)
    }

    // In place, as layers use it.
    let found = KernelMemory(x)
    let (foundNormalized, foundDeviation) = (KernelMemory(room: count), KernelMemory(room: n))
    let uses = (parts.bias ? 1 : 0) + (parts.residual ? 2 : 0) + (parts.tape ? 4 : 0)
    run(
      "tgk_residual_layer_norm", groups: [n, 1, 1],
      [
        .memory(found), .memory(KernelMemory(bias)), .memory(KernelMemory(residual)),
        .memory(KernelMemory(gamma)), .memory(KernelMemory(beta)), .memory(found),
        .memory(foundNormalized), .memory(foundDeviation), .memory(KernelMemory(rows.rowExamples)),
        .memory(KernelMemory(rows.rowPositions)), .uint(n), .uint(columns), .uint(uses),
        .float(epsilon),
      ] + dropout.arguments)
    // Of a single column nothing is left but what rounds.
    guard columns > 1 else { return expectClose(found.floats, y, "y", absolute: 1e-5) }
    expectClose(found.floats, y, "y", absolute: 1e-5, relative: 1e-5)
    if parts.tape {
      expectClose(foundNormalized.floats, normalized, "normalized", absolute: 1e-5, relative: 1e-5)
      expectClose(foundDeviation.floats, deviation, "deviation", absolute: 0, relative: 2e-6)
    } else {
      #expect(foundNormalized.floats.allSatisfy { $0.isNaN }, "written without being asked for")
    }
  }

  @Test(arguments: widths, [1, 64, 70, 200])
  func layerNormBackwardMatchesTheCPU(_ columns: Int, _ rows: Int) {
    let count = rows * columns
    let (dy, normalized) = (random(count, 7), random(count, 8))
    let (deviation, gamma) = (random(rows, 9, in: 0.5...2), random(columns, 10))
    var (dz, dgamma, dbeta) = (dy, gamma, gamma)
    withPlainKernels {
      tg_layer_norm_backward(
        dy, normalized, deviation, gamma, rows, columns, &dz, &dgamma, &dbeta)
    }

    let (runs, wide) = ((rows + 63) / 64, (columns + 63) / 64)
    let (gradient, h) = (KernelMemory(dy), KernelMemory(normalized))
    let (partialGamma, partialBeta) = (
      KernelMemory(room: runs * columns), KernelMemory(room: runs * columns)
    )
    run(
      "tgk_layer_norm_sums", groups: [wide, runs, 1],
      [
        .memory(gradient), .memory(h), .memory(partialGamma), .memory(partialBeta), .uint(rows),
        .uint(columns),
      ])
    for (partial, expected) in [(partialGamma, dgamma), (partialBeta, dbeta)] {
      let sums = KernelMemory(room: columns)
      run(
        "tgk_add_runs", groups: flat,
        [.memory(partial), .memory(sums), .uint(runs), .uint(columns)])
      expectSame(sums.floats, expected, "sums")
    }
    run(
      "tgk_layer_norm_backward", groups: [rows, 1, 1],
      [
        .memory(gradient), .memory(h), .memory(KernelMemory(deviation)),
        .memory(KernelMemory(gamma)), .memory(gradient), .uint(rows), .uint(columns),
      ])
    expectClose(gradient.floats, dz, "dz", absolute: 1e-5, relative: 1e-5)
  }

  // MARK: Embeddings

  @Test(arguments: [true, false])
  func embedsAsTheCPU(_ hasTypes: Bool) {
    let (columns, vocabulary) = (33, 9)
    let rows = TestRows([1, 6, 4])
    let words = (0..<rows.count).map { Int32($0 * 5 % vocabulary) }
    let (table, positions, type) = (
      random(vocabulary * columns, 1), random(6 * columns, 2), random(columns, 3)
    )
    var expected = [Float](repeating: 0, count: rows.count * columns)
    tg_embed(
      table, words, positions, rows.rowPositions, hasTypes ? type : nil, rows.count, columns,
      &expected)
    let out = KernelMemory(room: expected.count)
    run(
      "tgk_embed", groups: flat,
      [
        .memory(KernelMemory(table)), .memory(KernelMemory(words)),
        .memory(KernelMemory(positions)), .memory(KernelMemory(rows.rowPositions)),
        .memory(KernelMemory(type)), .memory(out), .uint(rows.count), .uint(columns),
        .uint(hasTypes ? 1 : 0),
      ])
    #expect(out.floats == expected)
  }

  /// In the order of the tokens, so that the bits are the CPU's.
  @Test(arguments: [1, 33, 200])
  func addsTheRowsOfEachWord(_ columns: Int) {
    let vocabulary = 9
    let words: [Int32] = [4, 1, 4, 4, 8, 1, 0, 4]
    let d = random(words.count * columns, 4)
    var expected = [Float](repeating: 0, count: vocabulary * columns)
    var ignored = expected
    tg_embed_backward(
      d, words, words.map { UInt32($0) }, words.count, columns, &expected, &ignored)
    // What the host gives: tokens sorted by word, and where each word's begin.
    let targets = Set(words).sorted()
    let lists = targets.map { word in words.indices.filter { words[$0] == word } }
    let starts = lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let out = KernelMemory([Float](repeating: 0, count: expected.count))
    run(
      "tgk_add_listed_rows", groups: [targets.count, 1, 1],
      [
        .memory(KernelMemory(d)), .memory(KernelMemory(lists.joined().map { UInt32($0) })),
        .memory(KernelMemory(starts.map { UInt32($0) })),
        .memory(KernelMemory(targets.map { UInt32($0) })), .memory(out), .uint(columns),
      ])
    #expect(out.floats == expected)
  }

  // MARK: Rows of examples

  @Test(arguments: [1, 40, 100])
  func takesAndAddsFirstRows(_ columns: Int) {
    let rows = TestRows([1, 4, 2])
    let x = random(rows.count * columns, 5)
    let first = rows.offsets.dropLast().flatMap { row in
      x[Int(row) * columns..<(Int(row) + 1) * columns]
    }
    let (memory, offsets) = (KernelMemory(x), KernelMemory(rows.offsets))
    let out = KernelMemory(room: first.count)
    run(
      "tgk_gather_rows", groups: flat,
      [.memory(memory), .memory(offsets), .memory(out), .uint(3), .uint(columns)])
    #expect(out.floats == first)
    run(
      "tgk_add_to_rows", groups: flat,
      [.memory(out), .memory(offsets), .memory(memory), .uint(3), .uint(columns)])
    let isFirst = Set(rows.offsets.dropLast().map { Int($0) })
    #expect(
      memory.floats
        == x.enumerated().map {
          isFirst.contains($0.offset / columns) ? $0.element * 2 : $0.element
        })
  }

  /// The CPU's means: column sums in runs, times one over the length.
  @Test(arguments: [1, 40, 100])
  func poolsExamples(_ columns: Int) {
    let rows = TestRows([1, 130, 2])
    let x = random(rows.count * columns, 6)
    var expected: [Float] = []
    for (example, length) in rows.lengths.enumerated() {
      let start = Int(rows.offsets[example]) * columns
      let own = Array(x[start..<start + length * columns])
      var sums = [Float](repeating: 0, count: columns)
      withPlainKernels { tg_column_sums(own, length, columns, columns, &sums) }
      tg_scale(&sums, columns, 1 / Float(length))
      expected += sums + own[..<columns]
    }
    let out = KernelMemory(room: expected.count)
    run(
      "tgk_pool", groups: [(columns + 63) / 64, 3, 1],
      [
        .memory(KernelMemory(x)), .memory(KernelMemory(rows.offsets)), .memory(out),
        .uint(columns),
      ])
    #expect(out.floats == expected)
  }
}
