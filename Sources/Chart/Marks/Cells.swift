/// A matrix of tinted cells, a category of the x axis each column and one of the y axis each row, with
/// words in them.
public struct Cells: Mark {
  public struct Cell: Equatable, Sendable {
    /// The index of the x axis' category.
    public var column: Int
    /// The index of the y axis' category.
    public var row: Int
    /// The strength of the tint, 0 to 1; what is not finite leaves the cell without one.
    public var share: Double
    /// In the middle of the cell, one under the other; the last ones are left out, and then all, where
    /// they do not fit.
    public var lines: [String]
    /// Whether the cell has a strong outline.
    public var isOutlined: Bool

    public init(
      column: Int, row: Int, share: Double, lines: [String] = [], isOutlined: Bool = false
    ) {
      (self.column, self.row, self.share, self.lines) = (column, row, share, lines)
      self.isOutlined = isOutlined
    }
  }

  public var cells: [Cell]
  public var ink: Ink

  public init(_ cells: [Cell], ink: Ink = .series(1)) { (self.cells, self.ink) = (cells, ink) }

  public var extent: Extent {
    Extent(of: cells.map { Point(Double($0.column), Double($0.row)) })
  }

  public func shapes(on plane: Plane) -> [Shape] {
    cells.map { .rectangle(rect($0, on: plane), color($0, plane.theme)) }
      + cells.filter(\.isOutlined).map { outline($0, on: plane) }
  }

  public func callouts(on plane: Plane) -> [Callout] {
    cells.filter { !$0.lines.isEmpty }.map { cell in
      let rect = rect(cell, on: plane)
      return Callout(
        text: cell.lines.joined(separator: "\n"), anchor: Point(rect.midX, rect.midY),
        clearance: 0, ink: .strong, preference: .inside(rect, ground: color(cell, plane.theme)))
    }
  }

  /// The cell with a thin gap to its neighbours, which shows where one ends even if both are pale.
  private func rect(_ cell: Cell, on plane: Plane) -> Rect {
    let (column, row) = (Double(cell.column), Double(cell.row))
    let (x, y) = (
      [plane.pageX(column - 0.5), plane.pageX(column + 0.5)],
      [plane.pageY(row - 0.5), plane.pageY(row + 0.5)]
    )
    return Rect(
      minX: min(x[0], x[1]), minY: min(y[0], y[1]), maxX: max(x[0], x[1]), maxY: max(y[0], y[1])
    ).inset(plane.theme.gridWidth * 0.75)
  }

  /// Inside the cell, so that neighbours' outlines do not run into each other.
  private func outline(_ cell: Cell, on plane: Plane) -> Shape {
    let width = plane.theme.lineWidth
    let box = rect(cell, on: plane).inset(width / 2)
    // The first side again, so that the last corner is as square as the others.
    let corners = [
      Point(box.minX, box.minY), Point(box.maxX, box.minY), Point(box.maxX, box.maxY),
      Point(box.minX, box.maxY), Point(box.minX, box.minY), Point(box.maxX, box.minY),
    ]
    return .line(corners, plane.theme.stroke(of: .strong, width: width))
  }

  private func color(_ cell: Cell, _ theme: Theme) -> Color {
    Self.tint(cell.share, ink, theme)
  }

  /// From a trace of the ink, so that an empty cell is still a cell, to all of it.
  ///
  /// - Parameters:
  ///   - share: 0 to 1; what is not finite counts as 0.
  ///   - ink: what the cells are tinted with.
  ///   - theme: the figure's.
  /// - Returns: an opaque colour.
  static func tint(_ share: Double, _ ink: Ink, _ theme: Theme) -> Color {
    let share = share.isFinite ? min(max(share, 0), 1) : 0
    return theme.color(of: ink).with(alpha: 0.05 + 0.95 * share).over(theme.background)
  }
}
