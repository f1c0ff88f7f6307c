/// Pieces with their scores, and the most probable way to spell a word with them (Kudo 2018).
///
/// Scores are added in double precision from left to right, and of equal sums the one that was found first stays: thousands of
/// pieces share a score, so that both decide ids.
struct UnigramModel: Sendable {
  let pieces: Vocabulary
  /// The logarithm of each piece's probability, by id.
  let scores: [Double]
  let unknownID: Int32
  /// What a character costs that no piece spells alone.
  let unknownScore: Double

  /// - Parameters:
  ///   - pieces: any.
  ///   - scores: one for each piece, finite.
  ///   - unknownID: in `0..<pieces.count`.
  init(pieces: Vocabulary, scores: [Double], unknownID: Int32) {
    precondition(scores.count == pieces.count, "every piece has a score")
    precondition((0..<Int32(pieces.count)).contains(unknownID), "the unknown token is a piece")
    (self.pieces, self.scores, self.unknownID) = (pieces, scores, unknownID)
    // 10 is the reference's penalty, and SentencePiece's.
    unknownScore = (scores.min() ?? 0) - 10
  }

  /// What a worker needs to spell one word after another.
  struct Scratch: ~Copyable {
    /// The best way to spell the word up to a byte.
    struct Step {
      var score: Double
      /// Of the last piece, in bytes; 0 if no way is known yet.
      var length: Int32
      /// Of the last piece.
      var id: Int32
    }

    fileprivate var steps: UnsafeMutablePointer<Step>
    private var capacity = 256
    /// The ids of a word, the last one first.
    fileprivate var reversed: [Int32] = []

    init() { steps = .allocate(capacity: capacity) }

    deinit { steps.deallocate() }

    fileprivate mutating func reserve(_ count: Int) {
      guard count > capacity else { return }
      steps.deallocate()
      capacity = max(2 * capacity, count)
      steps = .allocate(capacity: capacity)
    }
  }

  /// The model while `withSpeller` runs. It holds no references: threads that count them together would wait for each other.
  struct Speller {
    fileprivate let cursor: VocabularyTrie.Cursor
    fileprivate let scores: UnsafeBufferPointer<Double>
    fileprivate let unknownID: Int32
    fileprivate let unknownScore: Double
  }

  /// Calls a function with a speller.
  @inline(__always)
  func withSpeller<Result>(_ body: (Speller) -> Result) -> Result {
    pieces.trie.withCursor { cursor in
      scores.withUnsafeBufferPointer { scores in
        body(
          Speller(
            cursor: cursor, scores: scores, unknownID: unknownID, unknownScore: unknownScore))
      }
    }
  }
}

extension UnigramModel.Speller {
  /// Spells a word.
  ///
  /// - Parameters:
  ///   - word: valid UTF-8, not empty.
  ///   - scratch: the worker's own.
  ///   - ids: gets the ids; characters in a row that no piece spells give one.
  func spell(
    _ word: UnsafeBufferPointer<UInt8>, _ scratch: inout UnigramModel.Scratch,
    appendingTo ids: inout [Int32]
  ) {
    scratch.reserve(word.count + 1)
    let steps = scratch.steps
    for index in 0...word.count { steps[index] = .init(score: 0, length: 0, id: 0) }
    findBest(word, steps)
    scratch.reversed.removeAll(keepingCapacity: true)
    var end = word.count
    while end > 0 {
      let step = steps[end]
      let stepEnd = end
      end -= Int(step.length)
      guard step.id == unknownID else {
        scratch.reversed.append(step.id)
        continue
      }
      var isRun = false
      while end > 0, steps[end].id == unknownID {
        end -= Int(steps[end].length)
        isRun = true
      }
      // The reference looks the run up once more, as a whole.
      let known = isRun ? cursor.id(of: word[end..<stepEnd]) : nil
      scratch.reversed.append(known ?? unknownID)
    }
    ids.append(contentsOf: scratch.reversed.reversed())
  }

  /// Finds the best way to every place where a character ends.
  @inline(__always)
  private func findBest(
    _ word: UnsafeBufferPointer<UInt8>,
    _ steps: UnsafeMutablePointer<UnigramModel.Scratch.Step>
  ) {
    @inline(__always)
    func offer(_ score: Double, _ id: Int32, from start: Int, to end: Int) {
      if steps[end].length == 0 || score > steps[end].score {
        steps[end] = .init(score: score, length: Int32(truncatingIfNeeded: end - start), id: id)
      }
    }
    var start = 0
    while start < word.count {
      let byte = word[start]
      let character = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      let soFar = steps[start].score
      var isSpelt = false
      var node = cursor.root
      var end = start
      while end < word.count, let next = cursor.child(of: node, by: word[end]) {
        node = next
        end += 1
        guard let id = node.id else { continue }
        offer(scores[Int(id)] + soFar, id, from: start, to: end)
        if end - start == character { isSpelt = true }
      }
      if !isSpelt { offer(unknownScore + soFar, unknownID, from: start, to: start + character) }
      start += character
    }
  }
}
