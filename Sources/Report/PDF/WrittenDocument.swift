/// What was written of a document.
public struct WrittenDocument: Sendable {
  /// The main file first.
  public let paths: [String]
  /// Texts of the PDF with letters that no installed font has; boxes stand for them.
  public let textsLackingGlyphs: [String]

  /// One sentence for each, to be shown to whoever asked for the document.
  public var warnings: [String] {
    textsLackingGlyphs.map {
      "No installed font has all the letters of '\($0)'; the PDF shows boxes instead."
    }
  }
}
