internal import CKernels
import Testing

/// Attention on packed examples, and the launches of its kernels as kernels.md describes them: for all rows, or for the first row
/// of each example, whose heads are the rows of one matrix.
struct TestAttention {
  let rows: TestRows
  let heads: Int
  /// Of a head in the products: H / heads for all rows, H for the first row.
  let width: Int
  let isFirstRow: Bool

  var lengths: [Int] { rows.lengths }
  var longest: Int { lengths.max() ?? 0 }
  /// Matrices of an example, and their rows, as the products see them.
  var matrices: Int { isFirstRow ? 1 : heads }
  func queries(_ example: Int) -> Int { isFirstRow ? heads : lengths[example] }
  var mostQueries: Int { isFirstRow ? heads : longest }
  /// The same as the softmaxes see them.
  func softmaxQueries(_ example: Int) -> Int { isFirstRow ? 1 : lengths[example] }

  /// Rows of a matrix that has the query rows of all examples, and where an example's begin.
  var queryRows: Int { isFirstRow ? heads * lengths.count : rows.count }
  func firstQuery(_ example: Int) -> Int {
    isFirstRow ? heads * example : Int(rows.offsets[example])
  }

  static func stride(_ length: Int) -> Int { (length + 15) / 16 * 16 }

  var starts: [UInt64] {
    lengths.indices.reduce(into: [0]) {
      $0.append($0[$1] + UInt64(matrices * queries($1) * Self.stride(lengths[$1])))
    }
  }
  var scoreCount: Int { Int(starts.last ?? 0) }

  /// The place of a score.
  func place(_ example: Int, _ matrix: Int, _ query: Int, _ token: Int) -> Int {
    Int(starts[example])
      + (matrix * queries(example) + query) * Self.stride(lengths[example]) + token
  }

  /// Every score's place, with the rows that it is of in a matrix of queries and in one of tokens.
  func forEachScore(
    _ body: (_ place: Int, _ matrix: Int, _ queryRow: Int, _ tokenRow: Int) -> Void
  ) {
    for example in lengths.indices {
      for matrix in 0..<matrices {
        for query in 0..<queries(example) {
          for token in 0..<lengths[example] {
            body(
              place(example, matrix, query, token), matrix, firstQuery(example) + query,
              Int(rows.offsets[example]) + token)
          }
        }
      }
    }
  }

  // MARK: Launches

  private var offsets: KernelParameter { .memory(KernelMemory(rows.offsets)) }
  private var startsOfScores: KernelParameter { .memory(KernelMemory(starts)) }
  private var queriesArgument: KernelParameter { .uint(isFirstRow ? heads : 0) }
  private func tiles(_ count: Int) -> Int { (count + 31) / 32 }

  func scores(
    _ left: KernelMemory, stride leftStride: Int, _ right: KernelMemory, stride rightStride: Int,
    into scores: KernelMemory
  ) {
    run(
      "tgk_attend_scores",
      groups: [tiles(mostQueries) * tiles(longest), matrices, lengths.count],
      [
        .memory(left), .memory(right), .memory(scores), offsets, startsOfScores, .uint(leftStride),
        .uint(rightStride), queriesArgument, .uint(width), .uint(longest),
      ])
  }

  /// `factor` is that of the weights from probabilities, or `nil` for scores as they are.
  func queries(
    _ scores: KernelMemory, _ right: KernelMemory, stride rightStride: Int, into out: KernelMemory,
    stride outStride: Int, factor: Float?
  ) {
    run(
      "tgk_attend_queries", groups: [tiles(mostQueries) * tiles(width), matrices, lengths.count],
      [
        .memory(scores), .memory(right), .memory(out), offsets, startsOfScores, .uint(rightStride),
        .uint(outStride), queriesArgument, .uint(width), .uint(factor == nil ? 0 : 1),
        .float(factor ?? .nan),
      ])
  }

  func keys(
    _ scores: KernelMemory, _ right: KernelMemory, stride rightStride: Int, into out: KernelMemory,
    stride outStride: Int, adds: Bool = false, factor: Float?
  ) {
    run(
      "tgk_attend_keys", groups: [tiles(longest) * tiles(width), matrices, lengths.count],
      [
        .memory(scores), .memory(right), .memory(out), offsets, startsOfScores, .uint(rightStride),
        .uint(outStride), queriesArgument, .uint(width), .uint(adds ? 1 : 0),
        .uint(factor == nil ? 0 : 1), .float(factor ?? .nan),
      ])
  }

  private var softmaxGroups: [Int] { [isFirstRow ? 1 : longest, heads, lengths.count] }
  private var softmaxQueries: KernelParameter { .uint(isFirstRow ? 1 : 0) }

  /// `sums`, `[examples, heads]`, are of the first row alone.
  func softmax(_ scores: KernelMemory, sums: KernelMemory?, scale: Float, _ dropout: TestDropout) {
    run(
      "tgk_attention_softmax", groups: softmaxGroups,
      [
        .memory(scores), offsets, startsOfScores, .memory(KernelMemory(rows.examples)),
        .memory(sums ?? KernelMemory(room: 1)), softmaxQueries, .uint(sums == nil ? 0 : 1),
        .float(scale),
      ] + dropout.arguments)
  }

  func softmaxBackward(
    _ probabilities: KernelMemory, _ d: KernelMemory, addends: KernelMemory?, scale: Float,
    _ dropout: TestDropout
  ) {
    run(
      "tgk_attention_softmax_backward", groups: softmaxGroups,
      [
        .memory(probabilities), .memory(d), .memory(addends ?? KernelMemory(room: 1)), offsets,
        startsOfScores, softmaxQueries, .uint(addends == nil ? 0 : 1), .float(scale),
        .float(dropout.parameters.scale),
      ])
  }
}
