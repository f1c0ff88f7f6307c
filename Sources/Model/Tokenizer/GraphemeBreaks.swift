/// Where grapheme clusters of a text end, by the rules of Unicode's annex 29 and the tables of the reference.
///
/// The pairing of regional indicators is left out: it is of no consequence here, because only clusters of less than six bytes are
/// looked at as a whole, and two indicators have eight.
struct GraphemeBreaks: Sendable {
  /// How a character joins its neighbours.
  enum Category: UInt8 {
    case other
    case carriageReturn
    case lineFeed
    case control
    /// Joins what is before it, without going on an Indic conjunct.
    case extend
    /// The same, going on a conjunct.
    case conjunctExtend
    /// The same, and joins two consonants.
    case conjunctLinker
    case zeroWidthJoiner
    case spacingMark
    case prepend
    case pictograph
    case consonant
    case leadingJamo
    case vowelJamo
    case trailingJamo
    /// A syllable of a leading consonant and a vowel.
    case openSyllable
    case closedSyllable

    /// The category that a letter of `GraphemeTables` stands for.
    fileprivate init?(letter: Character) {
      switch letter {
      case "R": self = .carriageReturn
      case "N": self = .lineFeed
      case "C": self = .control
      case "E": self = .extend
      case "I": self = .conjunctExtend
      case "K": self = .conjunctLinker
      case "Z": self = .zeroWidthJoiner
      case "S": self = .spacingMark
      case "P": self = .prepend
      case "X": self = .pictograph
      case "B": self = .consonant
      case "L": self = .leadingJamo
      case "V": self = .vowelJamo
      case "T": self = .trailingJamo
      default: return nil
      }
    }
  }

  /// What of the characters so far decides whether the next one joins them.
  struct State {
    fileprivate var last = Category.control
    /// Whether a pictograph, and what extends it, led here.
    fileprivate var isPicture = false
    /// Whether that ended in a zero-width joiner.
    fileprivate var joinsPicture = false
    /// Whether a consonant, and what goes on with it, led here.
    fileprivate var isConjunct = false
    /// Whether a linker was among that.
    fileprivate var isLinked = false

    init() {}
  }

  private static let blockSize = 128
  /// The block of each 128 code points; block 0 is that of characters without a category.
  private let blocks: [UInt16]
  private let categories: [Category]

  /// The table, which is the same for all.
  static let shared = GraphemeBreaks()

  private init() {
    var blocks = Array(repeating: UInt16(0), count: 0x110000 / Self.blockSize)
    var categories = Array(repeating: Category.other, count: Self.blockSize)
    let words = "\(GraphemeTables.categories)".split(whereSeparator: \.isWhitespace)
    for index in stride(from: 0, to: words.count - 2, by: 3) {
      guard let first = Int(words[index], radix: 16), let last = Int(words[index + 1], radix: 16),
        let letter = words[index + 2].first, let category = Category(letter: letter)
      else {
        // Unreachable: the table is a literal that a script wrote.
        preconditionFailure("the table of grapheme categories is damaged")
      }
      for scalar in first...last {
        let block = scalar / Self.blockSize
        if blocks[block] == 0 {
          blocks[block] = UInt16(categories.count / Self.blockSize)
          categories += Array(repeating: Category.other, count: Self.blockSize)
        }
        categories[Int(blocks[block]) * Self.blockSize + scalar % Self.blockSize] = category
      }
    }
    (self.blocks, self.categories) = (blocks, categories)
  }

  /// The table while `withTable` runs.
  struct Table {
    fileprivate let blocks: UnsafeBufferPointer<UInt16>
    fileprivate let categories: UnsafeBufferPointer<Category>

    /// The category of a code point.
    @inline(__always)
    func category(_ scalar: UInt32) -> Category {
      if scalar &- 0xAC00 < 11172 {
        return (scalar - 0xAC00) % 28 == 0 ? .openSyllable : .closedSyllable
      }
      return categories[Int(blocks[Int(scalar >> 7)]) << 7 | Int(scalar & 127)]
    }
  }

  /// Calls a function with the table.
  @inline(__always)
  func withTable<Result>(_ body: (Table) -> Result) -> Result {
    blocks.withUnsafeBufferPointer { blocks in
      categories.withUnsafeBufferPointer { categories in
        body(Table(blocks: blocks, categories: categories))
      }
    }
  }

  /// Takes the next character.
  ///
  /// - Parameters:
  ///   - category: of the character.
  ///   - state: of those before it.
  /// - Returns: whether it joins the one before it.
  @inline(__always)
  static func joins(_ category: Category, _ state: inout State) -> Bool {
    let joins = Self.joins(category, state)
    switch category {
    case .pictograph:
      (state.isPicture, state.joinsPicture) = (true, false)
    case .extend, .conjunctExtend, .conjunctLinker:
      state.joinsPicture = false
    case .zeroWidthJoiner:
      state.joinsPicture = state.isPicture
      // A picture ends at its joiner; what follows must be one itself.
      state.isPicture = false
    default:
      (state.isPicture, state.joinsPicture) = (false, false)
    }
    switch category {
    case .consonant: (state.isConjunct, state.isLinked) = (true, false)
    case .conjunctLinker: state.isLinked = state.isConjunct
    case .conjunctExtend, .zeroWidthJoiner: break
    default: (state.isConjunct, state.isLinked) = (false, false)
    }
    state.last = category
    return joins
  }

  /// The rules GB3 to GB11 of the annex, in its order.
  @inline(__always)
  private static func joins(_ category: Category, _ state: State) -> Bool {
    switch (state.last, category) {
    case (.carriageReturn, .lineFeed): true
    case (.carriageReturn, _), (.lineFeed, _), (.control, _): false
    case (_, .carriageReturn), (_, .lineFeed), (_, .control): false
    case (_, .extend), (_, .conjunctExtend), (_, .conjunctLinker), (_, .zeroWidthJoiner),
      (_, .spacingMark), (.prepend, _):
      true
    case (.leadingJamo, .leadingJamo), (.leadingJamo, .vowelJamo), (.leadingJamo, .openSyllable),
      (.leadingJamo, .closedSyllable), (.openSyllable, .vowelJamo), (.openSyllable, .trailingJamo),
      (.vowelJamo, .vowelJamo), (.vowelJamo, .trailingJamo), (.closedSyllable, .trailingJamo),
      (.trailingJamo, .trailingJamo):
      true
    case (_, .consonant): state.isLinked
    case (_, .pictograph): state.joinsPicture
    default: false
    }
  }
}
