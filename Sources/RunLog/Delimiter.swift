extension DataFile {
  /// What stands between two columns of a table.
  public enum Delimiter: String, Sendable, CaseIterable {
    case comma, tab, semicolon, pipe

    /// The character.
    public var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .tab: UInt8(ascii: "\t")
      case .semicolon: UInt8(ascii: ";")
      case .pipe: UInt8(ascii: "|")
      }
    }

    /// Such as "semicolons".
    public var plural: String { rawValue + "s" }

    /// - Parameter text: a name, or the character itself.
    public init?(named text: String) {
      guard
        let found = Self.allCases.first(where: {
          $0.rawValue == text || text.utf8.elementsEqual([$0.byte])
        })
      else { return nil }
      self = found
    }

    /// The names and characters that `init(named:)` takes.
    public static let choices = #"comma or ",", tab or "\t", semicolon or ";", pipe or "|""#
  }
}
