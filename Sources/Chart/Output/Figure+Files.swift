internal import Storage

/// The file formats of a figure.
public enum FigureFormat: String, CaseIterable, Sendable {
  case png, svg, pdf
}

/// A figure as a file's bytes.
public struct FigureFile: Sendable {
  public let bytes: [UInt8]
  /// Texts with letters that no installed font has, in which boxes stand for them.
  public let textsLackingGlyphs: [String]
}

extension Figure {
  /// The figure as a file; the same figure gives the same bytes on one installation.
  ///
  /// - Parameters:
  ///   - format: of the file.
  ///   - style: how it is drawn.
  /// - Returns: the file's bytes, and what could not be written in them.
  /// - Throws: `ChartError` if the drawing library refuses.
  public func file(
    _ format: FigureFormat, _ style: FigureStyle = FigureStyle()
  ) throws(ChartError) -> FigureFile {
    let measurer = CairoTextMeasurer(family: style.theme.fontFamily)
    var page = style.fitted(self, measuring: measurer).page(theme: style.theme, measuring: measurer)
    let bytes: [UInt8]
    switch format {
    case .png:
      // Of the figure as it was before it was laid out for a width, since that depends on fonts.
      let record = DrawingRecord(
        content: contentHash, letters: LetterForms.hash(of: page), style: style)
      page.metadata.append(Page.Entry(keyword: DrawingRecord.keyword, text: record.text))
      let file = try page.png(dotsPerInch: style.dotsPerInch)
      bytes = PNGChunks(file)?.sealed ?? file
    case .svg: bytes = Array(page.svg().utf8)
    case .pdf: bytes = try page.pdf()
    }
    return FigureFile(bytes: bytes, textsLackingGlyphs: page.textsLackingGlyphs)
  }

  /// The bytes of `file(_:_:)`.
  public func bytes(
    _ format: FigureFormat, theme: Theme = .light, dotsPerInch: Double = 300
  ) throws(ChartError) -> [UInt8] {
    try file(format, FigureStyle(theme: theme, dotsPerInch: dotsPerInch)).bytes
  }

  /// Writes the figure to a file that appears whole or not at all.
  ///
  /// - Parameters:
  ///   - path: the file to make or replace.
  ///   - format: of the file.
  ///   - style: how it is drawn.
  /// - Returns: texts with letters that no installed font has.
  /// - Throws: `ChartError` if the figure cannot be drawn, `StorageError` if the file cannot be
  ///   written.
  @discardableResult
  public func write(
    to path: String, format: FigureFormat, style: FigureStyle = FigureStyle()
  ) throws -> [String] {
    let file = try file(format, style)
    try AtomicFile.write(file.bytes, to: path)
    return file.textsLackingGlyphs
  }
}
