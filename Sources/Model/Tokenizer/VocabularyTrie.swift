/// The vocabulary as a double-array trie over UTF-8 bytes (Aoe 1989), which finds all entries that start at a place in one
/// step per byte: the longest of them for WordPiece, each of them for Unigram.
///
/// A node's child by byte `b` is the unit at `base ^ b`, if that unit's label is `b`. No two nodes share
/// a base, so a label is proof enough of the parent; unused units have label 0, a byte that no text
/// contains after clean-up.
struct VocabularyTrie: Sendable {
  /// One node: the id of the entry that ends here plus 1, or 0, in bits 0–31; `base` in bits 32–55;
  /// `label` in bits 56–63.
  private var units: [UInt64]

  /// A place in the trie.
  struct Node: Sendable {
    fileprivate let unit: UInt64

    /// The id of the entry that ends here.
    var id: Int32? {
      let value = UInt32(truncatingIfNeeded: unit)
      return value == 0 ? nil : Int32(bitPattern: value &- 1)
    }
  }

  private static let blockSize = 256
  /// Older blocks are no longer searched for room, which keeps building linear.
  private static let openBlocks = 16
  private static let largestBase = 1 << 22

  /// Builds the trie; `nil` if the entries need more than 2^22 units.
  ///
  /// Of equal entries the last wins, as in the reference. Empty ones and those with a NUL, which
  /// cannot occur in a word, are left out.
  ///
  /// - Parameters:
  ///   - keys: all entries, one after another.
  ///   - offsets: where each begins in `keys`, and the end of the last; an entry's id is its index.
  init?(keys: [UInt8], offsets: [Int]) {
    let ids = (0..<offsets.count - 1).filter { id in
      offsets[id] < offsets[id + 1] && !keys[offsets[id]..<offsets[id + 1]].contains(0)
    }
    var builder = Builder(keys: keys, offsets: offsets, ids: ids)
    guard builder.build() else { return nil }
    units = builder.units
  }

  /// Where every entry begins.
  var root: Node { Node(unit: units[0]) }

  /// The node that a byte leads to, if any entry goes on with it.
  @inline(__always)
  func child(of node: Node, by byte: UInt8) -> Node? {
    let unit = units[Int(node.unit >> 32 & 0xFF_FFFF) ^ Int(byte)]
    return unit >> 56 == UInt64(byte) && byte != 0 ? Node(unit: unit) : nil
  }

  /// The trie for many steps in a row, without checks of bounds.
  struct Cursor {
    fileprivate let units: UnsafeBufferPointer<UInt64>

    var root: Node { Node(unit: units[0]) }

    /// As `VocabularyTrie.child`.
    @inline(__always)
    func child(of node: Node, by byte: UInt8) -> Node? {
      // Within the units, which are whole blocks of 256.
      let unit = units[Int(node.unit >> 32 & 0xFF_FFFF) ^ Int(byte)]
      return unit >> 56 == UInt64(byte) && byte != 0 ? Node(unit: unit) : nil
    }

    /// The id of an entry, if there is one.
    func id(of entry: some Sequence<UInt8>) -> Int32? {
      var node = root
      for byte in entry {
        guard let next = child(of: node, by: byte) else { return nil }
        node = next
      }
      return node.id
    }
  }

  /// Calls a function with a cursor, which is valid while it runs.
  @inline(__always)
  func withCursor<Result>(_ body: (Cursor) -> Result) -> Result {
    units.withUnsafeBufferPointer { body(Cursor(units: $0)) }
  }

  /// The node that bytes lead to, if any entry begins with them.
  func node(after bytes: some Sequence<UInt8>) -> Node? {
    var node = root
    for byte in bytes {
      guard let next = child(of: node, by: byte) else { return nil }
      node = next
    }
    return node
  }

  private struct Builder {
    let keys: [UInt8]
    let offsets: [Int]
    /// Ids of the entries in the order of their bytes, then of the ids.
    let ids: [Int]
    var units: [UInt64] = []
    private var isBase: [Bool] = []
    /// Free units of the open blocks, a ring through unit 0, which is never free.
    private var next: [Int] = []
    private var previous: [Int] = []

    init(keys: [UInt8], offsets: [Int], ids: [Int]) {
      self.keys = keys
      self.offsets = offsets
      self.ids = keys.withUnsafeBufferPointer { keys in
        ids.sorted { a, b in
          let x = keys[offsets[a]..<offsets[a + 1]]
          let y = keys[offsets[b]..<offsets[b + 1]]
          for (p, q) in zip(x, y) where p != q { return p < q }
          return x.count == y.count ? a < b : x.count < y.count
        }
      }
    }

    private func byte(_ index: Int, _ depth: Int) -> UInt8 { keys[offsets[ids[index]] + depth] }

    private func length(_ index: Int) -> Int { offsets[ids[index] + 1] - offsets[ids[index]] }

    /// Fills `units`; returns whether they were enough.
    mutating func build() -> Bool {
      // Block 0 holds the root alone: base 0 then belongs to leaves and leads nowhere.
      units = Array(repeating: 0, count: VocabularyTrie.blockSize)
      isBase = Array(repeating: false, count: VocabularyTrie.blockSize)
      next = Array(repeating: 0, count: VocabularyTrie.blockSize)
      previous = next
      // Entries `low..<high` share their first `depth` bytes, which lead to `unit`. A stack instead
      // of recursion, since an entry may be as long as its file.
      var stack = [(low: 0, high: ids.count, depth: 0, unit: 0)]
      var labels: [UInt8] = []
      var starts: [Int] = []
      while let (first, high, depth, unit) = stack.popLast() {
        var low = first
        while low < high, length(low) == depth {
          units[unit] = units[unit] & ~0xFFFF_FFFF | UInt64(ids[low] + 1)
          low += 1
        }
        guard low < high else { continue }
        labels.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        for index in low..<high where labels.last != byte(index, depth) {
          labels.append(byte(index, depth))
          starts.append(index)
        }
        let base = freeBase(for: labels)
        guard base < VocabularyTrie.largestBase else { return false }
        isBase[base] = true
        units[unit] |= UInt64(base) << 32
        starts.append(high)
        for (child, label) in labels.enumerated() {
          let place = base ^ Int(label)
          units[place] = UInt64(label) << 56
          (next[previous[place]], previous[next[place]]) = (next[place], previous[place])
          stack.append((starts[child], starts[child + 1], depth + 1, place))
        }
      }
      return true
    }

    /// A base no node has yet, whose units for `labels` are all free.
    private mutating func freeBase(for labels: [UInt8]) -> Int {
      var place = next[0]
      while place != 0 {
        let base = place ^ Int(labels[0])
        if !isBase[base], labels.allSatisfy({ isFree(base ^ Int($0)) }) { return base }
        place = next[place]
      }
      addBlock()
      return units.count - VocabularyTrie.blockSize
    }

    private func isFree(_ place: Int) -> Bool { units[place] >> 56 == 0 }

    private mutating func addBlock() {
      let start = units.count
      let closed = start - VocabularyTrie.openBlocks * VocabularyTrie.blockSize
      if closed >= VocabularyTrie.blockSize {
        for place in closed..<closed + VocabularyTrie.blockSize where isFree(place) {
          (next[previous[place]], previous[next[place]]) = (next[place], previous[place])
        }
      }
      let end = start + VocabularyTrie.blockSize
      units += Array(repeating: 0, count: VocabularyTrie.blockSize)
      isBase += Array(repeating: false, count: VocabularyTrie.blockSize)
      let last = previous[0]
      next += (start..<end).map { $0 + 1 }
      previous += (start..<end).map { $0 - 1 }
      (next[last], previous[start]) = (start, last)
      (next[end - 1], previous[0]) = (0, end - 1)
    }
  }
}
