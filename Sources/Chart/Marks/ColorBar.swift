/// The scale of a matrix of tinted cells: a bar from its palest tint below to its strongest above.
///
/// It stands in a category of the x axis of its own, to the right of the cells.
public struct ColorBar: Mark {
  /// The index of the x axis' category.
  public var column: Int
  /// How many categories the y axis has.
  public var rows: Int
  /// Beside the lower end.
  public var low: String
  /// Beside the upper end.
  public var high: String
  public var ink: Ink

  /// How many steps the bar has: more than an eye can tell apart.
  private static let steps = 64

  public init(column: Int, rows: Int, low: String, high: String, ink: Ink = .series(1)) {
    (self.column, self.rows, self.low, self.high, self.ink) = (column, rows, low, high, ink)
  }

  public var extent: Extent {
    Extent(of: [Point(Double(column), 0), Point(Double(column), Double(max(rows, 1) - 1))])
  }

  public func shapes(on plane: Plane) -> [Shape] {
    let bar = bar(on: plane)
    let height = bar.height / Double(Self.steps)
    return (0..<Self.steps).map { step in
      let bottom = bar.maxY - Double(step) * height
      // A little overlap, or the background shows between smoothed edges.
      let top = max(bar.minY, bottom - height - 0.5)
      return .rectangle(
        Rect(minX: bar.minX, minY: top, maxX: bar.maxX, maxY: bottom),
        Cells.tint(Double(step) / Double(Self.steps - 1), ink, plane.theme))
    }
  }

  public func callouts(on plane: Plane) -> [Callout] {
    let bar = bar(on: plane)
    let quarter = bar.height / 4
    return [
      (low, Rect(minX: bar.minX, minY: bar.maxY - quarter, maxX: bar.maxX, maxY: bar.maxY), 0.12),
      (high, Rect(minX: bar.minX, minY: bar.minY, maxX: bar.maxX, maxY: bar.minY + quarter), 0.88),
    ].map { text, rect, share in
      Callout(
        text: text, anchor: Point(rect.midX, rect.midY), clearance: 0, ink: .strong,
        preference: .inside(rect, ground: Cells.tint(share, ink, plane.theme)))
    }
  }

  /// All rows high, and set off from the cells.
  private func bar(on plane: Plane) -> Rect {
    let x = [plane.pageX(Double(column) - 0.5), plane.pageX(Double(column) + 0.5)]
    let y = [plane.pageY(-0.5), plane.pageY(Double(max(rows, 1)) - 0.5)]
    let (left, right) = (min(x[0], x[1]), max(x[0], x[1]))
    return Rect(
      minX: left + 0.1 * (right - left), minY: min(y[0], y[1]), maxX: right - 0.1 * (right - left),
      maxY: max(y[0], y[1])
    ).inset(plane.theme.gridWidth * 0.75)
  }
}
