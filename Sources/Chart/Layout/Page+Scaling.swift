extension Page {
  /// The page with everything on it enlarged or reduced.
  func scaled(by factor: Double) -> Page {
    guard factor != 1 else { return self }
    var page = self
    page.size = Size(width: size.width * factor, height: size.height * factor)
    page.shapes = shapes.map { $0.scaled(by: factor) }
    return page
  }
}

extension Shape {
  fileprivate func scaled(by factor: Double) -> Shape {
    func scaled(_ point: Point) -> Point { Point(point.x * factor, point.y * factor) }
    func scaled(_ rect: Rect) -> Rect {
      Rect(
        x: rect.minX * factor, y: rect.minY * factor, width: rect.width * factor,
        height: rect.height * factor)
    }
    switch self {
    case .line(let points, var stroke):
      stroke.width *= factor
      stroke.dash = stroke.dash.map { $0 * factor }
      return .line(points.map(scaled), stroke)
    case .area(let points, let color): return .area(points.map(scaled), color)
    case .rectangle(let rect, let color): return .rectangle(scaled(rect), color)
    case .marker(var marker):
      marker.center = scaled(marker.center)
      marker.radius *= factor
      return .marker(marker)
    case .text(var text):
      text.font.size *= factor
      text.anchor = scaled(text.anchor)
      text.box = scaled(text.box)
      return .text(text)
    }
  }
}
