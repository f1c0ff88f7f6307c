internal import Device
internal import Model

/// A block on its way through the layers on a device: where its examples lie, written there once.
struct DevicePass {
  /// The keys of rows: the example each belongs to and its position there.
  struct Keys {
    let count: Int
    let examples: DeviceMatrix
    let positions: DeviceMatrix
  }

  /// Where the scores of attention lie, example by example.
  struct Scores {
    /// In elements of 8 bytes, an entry more than examples.
    let starts: DeviceMatrix
    /// Of all examples, in elements.
    let count: Int
  }

  /// Tokens by the row of a table that they take, for the table's gradient.
  struct Lists {
    /// Tokens, those of one row one after another, in the order of the block.
    let order: DeviceMatrix
    /// Where the tokens of each row begin in `order`; an entry more than rows.
    let starts: DeviceMatrix
    /// The rows, each once.
    let targets: DeviceMatrix
    let count: Int
  }

  let workspace: DeviceWorkspace
  let count: Int
  let tokens: Int
  let longest: Int
  /// Multiply-adds of one head's scores over all rows, for each of its columns: the sum of squared lengths.
  let pairs: Int
  /// Where each example begins, and the last one's end; also the places of first rows.
  let offsets: DeviceMatrix
  let all: Keys
  let first: Keys
  /// The scores of every token, and those of first tokens alone.
  let allScores: Scores
  let firstScores: Scores
  /// The tokens' rows in the tables of words and of positions.
  let wordRows: DeviceMatrix
  let tableRows: DeviceMatrix
  /// Those rows with their tokens; `nil` if the embeddings' gradient is not wanted.
  let words: Lists?
  let positions: Lists?

  /// - Parameters:
  ///   - batch: the block.
  ///   - classifier: whose embeddings its tokens have; looked at only if `readsTokens`.
  ///   - workspace: reset before.
  ///   - readsTokens: whether it starts from the tokens, not from stored rows.
  ///   - learnsEmbeddings: whether the gradient of the tables is wanted.
  /// - Throws: what writing to the device throws.
  init(
    _ batch: PackedBatch, of classifier: Classifier, _ workspace: DeviceWorkspace,
    readsTokens: Bool, learnsEmbeddings: Bool = false
  ) throws {
    let configuration = classifier.configuration
    let heads = configuration.heads
    self.workspace = workspace
    (count, tokens) = (batch.count, batch.tokenCount)
    let lengths = zip(batch.offsets, batch.offsets.dropFirst()).map { $1 - $0 }
    longest = lengths.max() ?? 0
    pairs = lengths.reduce(0) { $0 + $1 * $1 }
    precondition(
      !readsTokens || longest <= configuration.maximumPositions,
      "an example of \(longest) tokens has no positions from "
        + "\(configuration.maximumPositions) on")

    // Everything in one piece, so that it is written at once.
    var words: [UInt32] = []
    var places: [(offset: Int, count: Int)] = []
    func add(_ part: some Sequence<UInt32>) -> Int {
      // What has 8 bytes must begin at a multiple of them.
      if words.count % 2 == 1 { words.append(0) }
      let start = words.count
      words.append(contentsOf: part)
      places.append((start, words.count - start))
      return places.count - 1
    }
    func longs(_ sizes: [Int]) -> (place: Int, total: Int) {
      var total = 0
      let starts =
        [0]
        + sizes.map { size in
          total += size
          return total
        }
      return (
        add(
          starts.flatMap {
            [UInt32(truncatingIfNeeded: $0), UInt32(truncatingIfNeeded: $0 >> 32)]
          }), total
      )
    }
    let offsetPlace = add(batch.offsets.map { UInt32($0) })
    let examplePlace = add(
      zip(batch.examples, lengths).flatMap { repeatElement($0, count: $1) })
    let positionPlace = add(lengths.flatMap { (0..<$0).map { UInt32($0) } })
    let firstExamplePlace = add(batch.examples)
    let firstPositionPlace = add(repeatElement(UInt32(0), count: batch.count))
    func stride(_ length: Int) -> Int { (length + 15) / 16 * 16 }
    let allStarts = longs(lengths.map { heads * $0 * stride($0) })
    let firstStarts = longs(lengths.map { heads * stride($0) })
    var (wordPlace, tablePlace) = (offsetPlace, offsetPlace)
    var lists: (words: [Int], positions: [Int])?
    if readsTokens {
      let isCounting = workspace.device == nil
      let rows =
        isCounting
        ? [UInt32](repeating: 0, count: tokens)
        : batch.tokens.map { UInt32(bitPattern: classifier.words.row(of: $0)) }
      wordPlace = add(rows)
      var table = [UInt32](repeating: 0, count: tokens)
      table.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        Embeddings.positionRows(
          of: batch.tokens, batch.offsets, from: configuration.firstPosition, into: base)
      }
      tablePlace = add(table)
      if learnsEmbeddings {
        // Rows of padding do not learn.
        let padding = configuration.paddingToken.map { UInt32($0) }
        let paddingPosition =
          configuration.firstPosition > 0 ? UInt32(configuration.firstPosition - 1) : nil
        let wordLists = Self.lists(
          // Shapes alone must count the most.
          isCounting ? (0..<UInt32(tokens)).map { $0 } : rows, except: isCounting ? nil : padding)
        let positionLists = Self.lists(
          isCounting ? (0..<UInt32(tokens)).map { $0 } : table,
          except: isCounting ? nil : paddingPosition)
        lists = (
          [add(wordLists.order), add(wordLists.starts), add(wordLists.targets)],
          [add(positionLists.order), add(positionLists.starts), add(positionLists.targets)]
        )
      }
    }
    let matrix = workspace.matrix(1, words.count)
    try workspace.write(words, to: matrix)
    func part(_ place: Int) -> DeviceMatrix {
      let (offset, count) = places[place]
      return matrix.columns(offset..<offset + count)
    }
    offsets = part(offsetPlace)
    all = Keys(count: tokens, examples: part(examplePlace), positions: part(positionPlace))
    first = Keys(
      count: count, examples: part(firstExamplePlace), positions: part(firstPositionPlace))
    allScores = Scores(starts: part(allStarts.place), count: allStarts.total)
    firstScores = Scores(starts: part(firstStarts.place), count: firstStarts.total)
    (wordRows, tableRows) = (part(wordPlace), part(tablePlace))
    func list(_ places: [Int]) -> Lists {
      let targets = part(places[2])
      return Lists(
        order: part(places[0]), starts: part(places[1]), targets: targets, count: targets.columns)
    }
    self.words = lists.map { list($0.words) }
    positions = lists.map { list($0.positions) }
  }

  /// The keys of a layer's output rows.
  func keys(_ rows: EncoderLayer.Rows) -> Keys { rows == .all ? all : first }

  /// Tokens by their rows, which come ascending.
  private static func lists(
    _ rows: [UInt32], except padding: UInt32?
  ) -> (order: [UInt32], starts: [UInt32], targets: [UInt32]) {
    let order = rows.indices.filter { rows[$0] != padding }
      .sorted { (rows[$0], $0) < (rows[$1], $1) }
    var starts: [UInt32] = []
    var targets: [UInt32] = []
    for (place, token) in order.enumerated() where targets.last != rows[token] {
      starts.append(UInt32(place))
      targets.append(rows[token])
    }
    starts.append(UInt32(order.count))
    return (order.map { UInt32($0) }, starts, targets)
  }
}
