/// What the tokenizer does with each code point under one set of settings: clean-up, spacing of
/// ideographs, decomposition, accent stripping, lower case and splitting in one lookup.
///
/// The reference takes these steps one after another over the whole text. All but one of them look at
/// one character at a time, so they compose into a map from a code point to a few `Element`s. The
/// exception is canonical ordering, for which an element keeps its rank (see `TokenizerWorker`).
///
/// The table has two stages, blocks of 128 code points and their entries; equal blocks of one value
/// are shared, so that it takes about 100 KB.
struct CharacterTable: Sendable {
  /// What becomes of a character.
  enum Kind: UInt32 {
    /// Part of a word.
    case letter = 0
    /// Nothing, as if it had never been there.
    case removed
    /// Nothing, but combining marks are not reordered across it.
    case removedStarter
    /// The end of a word.
    case space
    /// A word of its own.
    case isolated
    /// Several elements: `payload` is the place of the first, `rank` their number.
    case sequence
    /// A Hangul syllable, to be decomposed by arithmetic.
    case hangul
  }

  /// A `Kind` in bits 0–2, a rank in bits 3–10, a payload in bits 11–31.
  ///
  /// The payload is the code point that comes out, 0 standing for the one that went in. (U+0000 itself
  /// never comes out.) A rank other than 0 marks a character that canonical ordering moves.
  struct Element: Equatable, Sendable {
    let bits: UInt32

    init(_ kind: Kind, rank: UInt32 = 0, payload: UInt32 = 0) {
      bits = kind.rawValue | rank << 3 | payload << 11
    }

    var kind: Kind { Kind(rawValue: bits & 7) ?? .removed }
    var rank: UInt32 { bits >> 3 & 0xFF }
    var payload: UInt32 { bits >> 11 }
  }

  private static let blockSize = 128

  /// The block of each 128 code points, as the place of its first entry divided by 128.
  private var blocks: [UInt16]
  private var entries: [Element]
  /// Blocks that several places of `blocks` may name, to be copied before they are changed.
  private var sharedBlocks: Set<UInt16> = [0]
  /// The elements of sequences.
  private(set) var sequences: [Element] = []

  /// Composes the table.
  ///
  /// - Parameters:
  ///   - lowercases: whether letters are mapped to lower case.
  ///   - stripsAccents: whether characters are decomposed and nonspacing marks removed.
  ///   - spacesIdeographs: whether every CJK ideograph is a word of its own.
  init(lowercases: Bool, stripsAccents: Bool, spacesIdeographs: Bool) {
    blocks = Array(repeating: 0, count: 0x110000 / Self.blockSize)
    entries = Array(repeating: Element(.letter), count: Self.blockSize)
    let steps = Steps(
      lowercases: lowercases, stripsAccents: stripsAccents, spacesIdeographs: spacesIdeographs)
    for range in steps.ideographs { fill(range, with: Element(.isolated)) }
    if stripsAccents { fill(0xAC00...0xD7A3, with: Element(.hangul)) }
    for scalar in steps.singular { set(scalar, to: steps.elements(of: scalar)) }
    for range in steps.removed { fill(range, with: Element(.removed)) }
  }

  /// What becomes of a code point.
  subscript(scalar: UInt32) -> Element {
    entries[Int(blocks[Int(scalar >> 7)]) << 7 | Int(scalar & 127)]
  }

  private mutating func set(_ scalar: UInt32, to elements: [Element]) {
    var element = elements.first ?? Element(.removed)
    if elements.count == 1 {
      if element.payload == scalar { element = Element(element.kind, rank: element.rank) }
    } else if elements.count > 1 {
      element = Element(
        .sequence, rank: UInt32(elements.count), payload: UInt32(sequences.count))
      sequences += elements
    }
    let block = ownBlock(of: Int(scalar >> 7))
    entries[block << 7 | Int(scalar & 127)] = element
  }

  private mutating func fill(_ range: ClosedRange<UInt32>, with element: Element) {
    var shared: UInt16?
    for block in Int(range.lowerBound >> 7)...Int(range.upperBound >> 7) {
      let covered = UInt32(block) << 7...(UInt32(block) << 7 | 127)
      if range.contains(covered.lowerBound), range.contains(covered.upperBound) {
        if shared == nil {
          shared = UInt16(entries.count >> 7)
          entries += Array(repeating: element, count: Self.blockSize)
          sharedBlocks.insert(UInt16(entries.count >> 7) - 1)
        }
        blocks[block] = shared ?? 0
      } else {
        let place = ownBlock(of: block) << 7
        for scalar in range.clamped(to: covered) { entries[place | Int(scalar & 127)] = element }
      }
    }
  }

  private mutating func ownBlock(of index: Int) -> Int {
    let block = Int(blocks[index])
    guard sharedBlocks.contains(blocks[index]) else { return block }
    let copy = entries.count >> 7
    entries += entries[block << 7..<(block + 1) << 7]
    blocks[index] = UInt16(copy)
    return copy
  }
}

/// The reference's steps for a single character, from `UnicodeTables`.
private struct Steps {
  let lowercases: Bool
  let stripsAccents: Bool
  let ideographs: [ClosedRange<UInt32>]
  let removed: [ClosedRange<UInt32>]
  /// Code points that must be looked at one by one, in order.
  let singular: [UInt32]

  private let spaces: Set<UInt32>
  private let whitespace: Set<UInt32>
  private let punctuation: Set<UInt32>
  private let marks: Set<UInt32>
  private let ranks: [UInt32: UInt32]
  private let lowercase: [UInt32: [UInt32]]
  private let decompositions: [UInt32: [UInt32]]

  init(lowercases: Bool, stripsAccents: Bool, spacesIdeographs: Bool) {
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents
    ideographs = spacesIdeographs ? Self.ranges(UnicodeTables.ideographs) : []
    removed = Self.ranges(UnicodeTables.removed)
    spaces = Set(Self.ranges(UnicodeTables.spaces).joined())
    whitespace = Set(Self.ranges(UnicodeTables.whitespace).joined())
    punctuation = Set(Self.ranges(UnicodeTables.punctuation).joined())
    marks = stripsAccents ? Set(Self.ranges(UnicodeTables.marks).joined()) : []

    var ranks: [UInt32: UInt32] = [:]
    let rankNumbers = stripsAccents ? Self.numbers(UnicodeTables.combiningRanks) : []
    for i in stride(from: 0, to: rankNumbers.count, by: 3) {
      for scalar in rankNumbers[i]...rankNumbers[i + 1] { ranks[scalar] = rankNumbers[i + 2] }
    }
    self.ranks = ranks

    var lowercase = lowercases ? Self.sequences(UnicodeTables.longLowercase) : [:]
    let runs = lowercases ? Self.numbers(UnicodeTables.lowercase) : []
    for i in stride(from: 0, to: runs.count, by: 4) {
      for scalar in stride(from: runs[i], through: runs[i + 1], by: Int(runs[i + 2])) {
        lowercase[scalar] = [runs[i + 3] &+ (scalar &- runs[i])]
      }
    }
    self.lowercase = lowercase
    decompositions = stripsAccents ? Self.sequences(UnicodeTables.decompositions) : [:]

    singular = spaces.union(whitespace).union(punctuation).union(marks)
      .union(ranks.keys).union(lowercase.keys).union(decompositions.keys).sorted()
  }

  /// What comes of one character that clean-up does not remove.
  func elements(of scalar: UInt32) -> [CharacterTable.Element] {
    if spaces.contains(scalar) { return [.init(.space)] }
    var result: [CharacterTable.Element] = []
    for part in decompositions[scalar] ?? [scalar] {
      let rank = ranks[part] ?? 0
      if marks.contains(part) {
        result.append(.init(rank == 0 ? .removedStarter : .removed))
        continue
      }
      for output in lowercase[part] ?? [part] {
        let kind: CharacterTable.Kind =
          whitespace.contains(output)
          ? .space : punctuation.contains(output) ? .isolated : .letter
        precondition(rank == 0 || kind == .letter, "canonical ordering moves letters only")
        result.append(.init(kind, rank: rank, payload: output))
      }
    }
    if ideographs.contains(where: { $0.contains(scalar) }) {
      result = [.init(.space)] + result + [.init(.space)]
    }
    return result
  }

  /// The hexadecimal numbers of a generated table.
  private static func numbers(_ table: StaticString) -> [UInt32] {
    table.withUTF8Buffer { text in
      var result: [UInt32] = []
      var number: UInt32?
      for byte in text {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          number = (number ?? 0) << 4 | UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"):
          number = (number ?? 0) << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
        default:
          if let number { result.append(number) }
          number = nil
        }
      }
      if let number { result.append(number) }
      return result
    }
  }

  /// A table of first and last code points.
  private static func ranges(_ table: StaticString) -> [ClosedRange<UInt32>] {
    let numbers = numbers(table)
    return stride(from: 0, to: numbers.count, by: 2).map { numbers[$0]...numbers[$0 + 1] }
  }

  /// A table of code point, count and that many code points.
  private static func sequences(_ table: StaticString) -> [UInt32: [UInt32]] {
    let numbers = numbers(table)
    var result: [UInt32: [UInt32]] = [:]
    var place = 0
    while place < numbers.count {
      let end = place + 2 + Int(numbers[place + 1])
      result[numbers[place]] = Array(numbers[place + 2..<end])
      place = end
    }
    return result
  }
}
