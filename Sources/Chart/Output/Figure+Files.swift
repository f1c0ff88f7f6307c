internal import Storage

/// The file formats of a figure.
public enum FigureFormat: String, CaseIterable, Sendable {
  case png, svg, pdf
}

extension Figure {
  /// The figure as a file's bytes; the same figure gives the same bytes on one installation.
  ///
  /// - Parameters:
  ///   - format: of the file.
  ///   - theme: colours, fonts and distances.
  ///   - dotsPerInch: of a PNG; the other formats have no resolution.
  /// - Returns: the file's bytes.
  /// - Throws: `ChartError` if the drawing library refuses.
  public func bytes(
    _ format: FigureFormat, theme: Theme = .light, dotsPerInch: Double = 300
  ) throws(ChartError) -> [UInt8] {
    let page = page(theme: theme, measuring: CairoTextMeasurer(family: theme.fontFamily))
    return switch format {
    case .png: try page.png(dotsPerInch: dotsPerInch)
    case .svg: Array(page.svg().utf8)
    case .pdf: try page.pdf()
    }
  }

  /// Writes the figure to a file that appears whole or not at all.
  ///
  /// - Parameters:
  ///   - path: the file to make or replace.
  ///   - format: of the file.
  ///   - theme: colours, fonts and distances.
  ///   - dotsPerInch: of a PNG.
  /// - Throws: `ChartError` if the figure cannot be drawn, `StorageError` if the file cannot be
  ///   written.
  public func write(
    to path: String, format: FigureFormat, theme: Theme = .light, dotsPerInch: Double = 300
  ) throws {
    try AtomicFile.write(bytes(format, theme: theme, dotsPerInch: dotsPerInch), to: path)
  }
}
