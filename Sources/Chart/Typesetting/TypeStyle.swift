/// The look of a kind of text in a printed document.
struct TypeStyle: Equatable {
  /// In points.
  var size: Double
  var color: Color
  var isBold = false
  /// From baseline to baseline, in sizes of letters; never so little that letters touch.
  ///
  /// Noto Sans asks for 1.36, for the sake of scripts that stack signs; short lines are read as well with less.
  var lineSpacing = 1.36

  static let textColor = Color(0x1A1A1A)
  static let mutedColor = Color(0x595959)
  static let linkColor = Color(0x0B4F8A)
  static let lineColor = Color(0xB4B4B4)

  /// Letters of text, and of tables that have room enough.
  static let body = TypeStyle(size: 8.5, color: textColor, lineSpacing: 1.3)
  static let caption = TypeStyle(size: 7.5, color: textColor, lineSpacing: 1.25)
  static let code = TypeStyle(size: 8, color: textColor)
  static let footer = TypeStyle(size: 7.5, color: mutedColor)

  static func heading(_ level: Int) -> TypeStyle {
    let sizes = [16.0, 12, 10]
    return TypeStyle(
      size: level <= sizes.count ? sizes[level - 1] : 8.5, color: textColor, isBold: true)
  }

  /// Letters of tables, in the order of preference; below 7 points nobody reads them.
  static let tableSizes = [7.5, 7]
  /// A table with letters of that size.
  static func table(_ size: Double) -> TypeStyle {
    TypeStyle(size: size, color: textColor, lineSpacing: 1.2)
  }
}
