/// The sum of word, position and type embeddings, normalised; every token has type 0.
package struct Embeddings {
  let words: WordEmbeddings
  /// `[positions, H]`.
  let positions: Matrix
  /// The row of an example's first token; the rows before it have no gradient.
  let firstPosition: Int
  /// The most tokens of an example.
  let maximumPositions: Int
  /// The token whose embedding does not learn, as PyTorch's `padding_idx`.
  let padding: Int?
  /// `[types, H]`; `nil` if the encoder has none.
  let types: Matrix?
  let norm: LayerNorm
  let dropoutProbability: Double

  /// What backward needs.
  struct Tape {
    let wordRows: UnsafeMutablePointer<Int32>
    /// The tokens' rows in the position table, in place of their positions.
    let positions: RowKeys
    let norm: LayerNorm.Tape
  }

  init(_ parameters: ParameterStore, words: WordEmbeddings, configuration: EncoderConfiguration) {
    self.words = words
    positions = parameters.matrix(.positions)
    (firstPosition, maximumPositions) = (
      configuration.firstPosition, configuration.maximumPositions
    )
    padding = configuration.paddingToken
    types = configuration.typeVocabularySize > 0 ? parameters.matrix(.tokenTypes) : nil
    norm = LayerNorm(
      weight: parameters.matrix(.embeddingNorm(.weight)),
      bias: parameters.matrix(.embeddingNorm(.bias)), epsilon: configuration.layerNormEpsilon)
    dropoutProbability = configuration.hiddenDropout
  }

  private func dropout(_ key: DropoutKey?) -> Dropout? {
    Dropout(dropoutProbability, key, layer: 0, site: .embeddings)
  }

  /// Computes the first layer's input.
  ///
  /// - Parameters:
  ///   - tokens: the ids of the block.
  ///   - pass: the block.
  ///   - key: dropout's, or `nil` in evaluation mode.
  ///   - keepsTape: whether backward follows.
  /// - Returns: `[tokens, H]` and, if asked for, the tape, in the workspace.
  func forward(
    _ tokens: [Int32], _ pass: Pass, dropout key: DropoutKey?, keepsTape: Bool
  ) -> (y: Matrix, tape: Tape?) {
    // The kernel reads the tables' rows without looking.
    precondition(
      pass.lengths.max() ?? 0 <= maximumPositions
        && firstPosition + maximumPositions <= positions.rows,
      "an example is longer than there are positions")
    let workspace = pass.workspace
    let y = workspace.matrix(tokens.count, positions.columns)
    let tape =
      keepsTape
      ? LayerNorm.Tape(rows: y.rows, columns: y.columns, workspace) : nil
    let wordRows = UnsafeMutableRawPointer(workspace.words(tokens.count))
      .bindMemory(to: Int32.self, capacity: tokens.count)
    if !workspace.isCounting {
      for (index, token) in tokens.enumerated() { wordRows[index] = words.row(of: token) }
    }
    let keys = pass.keys(.all)
    let rows = positionRows(tokens, pass, keys)
    Kernels.embed(
      words: words.base, wordRows: wordRows, positionTable: positions, rows: rows,
      type: types?.window(rows: 0..<1), into: y)
    Kernels.residualLayerNorm(
      y, bias: nil, residual: nil, dropout: nil, rows: keys, norm: norm, into: y, tape: tape)
    if let dropout = dropout(key) { Kernels.drop(y, dropout, rows: keys, into: y) }
    return (y, tape.map { Tape(wordRows: wordRows, positions: rows, norm: $0) })
  }

  /// The tokens' rows in the position table, as keys whose positions are these.
  ///
  /// Where positions begin after the padding token's, that token takes its own row wherever it stands, and the others
  /// are counted without it, as `create_position_ids_from_input_ids` of transformers does.
  private func positionRows(_ tokens: [Int32], _ pass: Pass, _ keys: RowKeys) -> RowKeys {
    guard firstPosition > 0 else { return keys }
    let rows = pass.workspace.words(tokens.count)
    if !pass.workspace.isCounting {
      Self.positionRows(of: tokens, pass.offsets, from: firstPosition, into: rows)
    }
    return RowKeys(count: tokens.count, examples: keys.examples, positions: rows)
  }

  /// The same, for every `firstPosition`.
  ///
  /// - Parameters:
  ///   - tokens: the ids of the block.
  ///   - offsets: where its examples begin, and the last one's end.
  ///   - firstPosition: the row of an example's first token.
  ///   - rows: one for each token, overwritten.
  package static func positionRows(
    of tokens: [Int32], _ offsets: [Int], from firstPosition: Int,
    into rows: UnsafeMutablePointer<UInt32>
  ) {
    let paddingRow = firstPosition - 1
    for (start, end) in zip(offsets, offsets.dropFirst()) {
      var next = firstPosition
      for index in start..<end {
        if Int(tokens[index]) == paddingRow {
          rows[index] = UInt32(paddingRow)
        } else {
          rows[index] = UInt32(next)
          next += 1
        }
      }
    }
  }

  /// Carries a gradient from the output to the tables.
  ///
  /// - Parameters:
  ///   - dy: ∂loss/∂y, `[tokens, H]`; overwritten.
  ///   - pass: as in `forward`.
  ///   - key: as in `forward`.
  ///   - tape: from `forward`.
  ///   - gradient: overwritten.
  ///   - wordGradient: `[vocabulary, H]`, written: zero but for the words of the block.
  func backward(
    _ dy: Matrix, _ pass: Pass, dropout key: DropoutKey?, tape: Tape, into gradient: Embeddings,
    words wordGradient: Matrix
  ) {
    let keys = pass.keys(.all)
    if let dropout = dropout(key) { Kernels.drop(dy, dropout, rows: keys, into: dy) }
    norm.backward(dy, tape: tape.norm, into: gradient.norm, pass)
    if let types = gradient.types {
      pass.write(types) {
        $0.setZero()
        Kernels.columnSums(dy, into: $0.window(rows: 0..<1))
      }
    }
    pass.write(
      positions: gradient.positions, words: wordGradient, at: tape.wordRows, except: padding
    ) { (positions, words, wordRows) in
      positions.setZero()
      words.setZero()
      Kernels.embedBackward(
        dy, wordRows: wordRows, rows: tape.positions, words: words, positionTable: positions)
      if firstPosition > 0 {
        positions.window(rows: firstPosition - 1..<firstPosition).setZero()
      }
    }
  }
}

/// The rows of the word embeddings that are in memory.
///
/// Frozen, they are only those that occur, out of a matrix of 325 MB for multilingual BERT. Rows can be
/// added between blocks, not while a worker runs; that is the proof behind `@unchecked`.
package final class WordEmbeddings: @unchecked Sendable {
  package private(set) var base: UnsafeMutablePointer<Float>
  private let columns: Int
  /// The row of each token id, −1 if it is not in memory.
  private var rows: [Int32]
  /// How many are in memory, from `base` on.
  package private(set) var rowCount: Int
  private var capacity: Int
  private let owner: ParameterStore?

  /// Makes an empty selection.
  ///
  /// - Parameters:
  ///   - vocabularySize: number of token ids.
  ///   - columns: H.
  init(vocabularySize: Int, columns: Int) {
    (self.columns, rows) = (columns, [Int32](repeating: -1, count: vocabularySize))
    (rowCount, capacity, owner) = (0, 64, nil)
    base = .allocate(capacity: 64 * columns)
  }

  /// Uses the whole matrix of a store, where it is trained.
  init(_ parameters: ParameterStore) {
    let matrix = parameters.matrix(.words)
    (columns, base, owner) = (matrix.columns, matrix.base, parameters)
    rows = (0..<Int32(matrix.rows)).map { $0 }
    (rowCount, capacity) = (matrix.rows, matrix.rows)
  }

  deinit {
    if owner == nil { base.deallocate() }
  }

  /// Whether a token's row is in memory; the id must be in the vocabulary.
  func contains(_ token: Int32) -> Bool { rows[Int(token)] >= 0 }

  /// Where a token's row is.
  package func row(of token: Int32) -> Int32 {
    precondition(
      token >= 0 && Int(token) < rows.count, "token \(token) is not in the vocabulary")
    let row = rows[Int(token)]
    precondition(row >= 0, "the embedding of token \(token) was not loaded")
    return row
  }

  /// Gives back the memory of all rows.
  ///
  /// - Returns: the tokens whose rows were there, ascending.
  func removeAll() -> [Int32] {
    precondition(owner == nil, "trained embeddings cannot be read again")
    let tokens = rows.indices.filter { rows[$0] >= 0 }.map { Int32($0) }
    for token in tokens { rows[Int(token)] = -1 }
    base.deallocate()
    (rowCount, capacity) = (0, 64)
    base = .allocate(capacity: 64 * columns)
    return tokens
  }

  /// Makes room for `count` more rows: just that at first, since a training reads all of its rows at once, and
  /// doubling later, since prediction adds a few again and again.
  func reserve(_ count: Int) {
    guard rowCount + count > capacity else { return }
    precondition(owner == nil)
    capacity = max(rowCount == 0 ? 0 : 2 * capacity, rowCount + count)
    let larger = UnsafeMutablePointer<Float>.allocate(capacity: capacity * columns)
    larger.update(from: base, count: rowCount * columns)
    base.deallocate()
    base = larger
  }

  /// Adds the rows of `tokens`, none of which is there yet.
  func append(_ elements: [Float], for tokens: Range<Int32>) {
    precondition(owner == nil && elements.count == tokens.count * columns)
    reserve(tokens.count)
    elements.withUnsafeBufferPointer {
      guard let start = $0.baseAddress else { return }
      (base + rowCount * columns).update(from: start, count: $0.count)
    }
    for token in tokens {
      precondition(rows[Int(token)] < 0)
      rows[Int(token)] = Int32(rowCount)
      rowCount += 1
    }
  }
}
