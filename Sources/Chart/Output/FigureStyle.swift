/// How a figure is drawn into a file: with which colours, how finely, for a page of which width.
public struct FigureStyle: Equatable, Sendable {
  /// Colours, fonts and distances.
  public var theme: Theme
  /// Of a PNG; the other formats have no resolution.
  public var dotsPerInch: Double
  /// Of the page, in points; the figure's own if `nil`. See `Figure.fitted`.
  public var width: Double?
  /// Whether title and subtitle stand above the panels, on a page of another width.
  public var isTitled: Bool

  /// Of pages, in points.
  public static let widths = 100.0...3000.0

  public init(
    theme: Theme = .light, dotsPerInch: Double = 300, width: Double? = nil, isTitled: Bool = true
  ) {
    (self.theme, self.dotsPerInch) = (theme, dotsPerInch)
    (self.width, self.isTitled) = (width, isTitled)
  }

  /// A figure as this style lays it out.
  func fitted(_ figure: Figure, measuring measurer: some TextMeasuring) -> Figure {
    guard let width else { return figure }
    return figure.fitted(
      toWidth: width, isTitled: isTitled, theme: theme, measuring: measurer)
  }
}
