/// A sheet that a document is printed on.
public enum Paper: String, CaseIterable, Sendable {
  case a4, letter

  /// In points.
  var size: Size {
    switch self {
    case .a4: Size(width: 595.28, height: 841.89)
    case .letter: Size(width: 612, height: 792)
    }
  }

  /// What text and figures fill; page numbers stand below it.
  var content: Rect {
    Rect(x: 42, y: 36, width: size.width - 84, height: size.height - 74)
  }

  /// The baseline of page numbers.
  var footerBaseline: Double { size.height - 22 }
}
