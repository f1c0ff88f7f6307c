internal import CCairo

/// Why a page could not be drawn or written.
public enum ChartError: Error, Equatable {
  /// Cairo's own words for what went wrong while drawing `page`.
  case cairo(page: String, reason: String)
  /// libpng's own words.
  case png(page: String, reason: String)
}

extension ChartError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cairo(let page, let reason): "cannot draw '\(page)': \(reason)"
    case .png(let page, let reason): "cannot encode '\(page)' as PNG: \(reason)"
    }
  }
}

/// One page being drawn: the sole owner of a cairo surface and its context.
///
/// Cairo's errors are sticky (a failed context ignores later calls), so the status is read twice:
/// when the page is opened and when it is finished.
struct Canvas: ~Copyable {
  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let page: String
  private let pixelsPerPoint: Double?
  private let shaper: TextShaper

  /// Takes over a surface for a page; see the other initialiser.
  init(_ surface: OpaquePointer, for page: borrowing Page, pixelsPerPoint: Double? = nil)
    throws(ChartError)
  {
    try self.init(
      surface, title: page.title, fontFamily: page.fontFamily, pixelsPerPoint: pixelsPerPoint)
  }

  /// Takes over a surface.
  ///
  /// - Parameters:
  ///   - surface: owned by the canvas from now on, also if it throws.
  ///   - title: for errors.
  ///   - fontFamily: the typeface of figures.
  ///   - pixelsPerPoint: of a surface made of pixels; on others a unit is a point.
  /// - Throws: `ChartError` if the surface could not be made.
  init(
    _ surface: OpaquePointer, title: String, fontFamily: String, pixelsPerPoint: Double? = nil
  ) throws(ChartError) {
    // Neither creation returns NULL; failure is a status on the object.
    let context: OpaquePointer = cairo_create(surface)
    do throws(ChartError) {
      try Self.check(cairo_status(context), title)
    } catch {
      cairo_destroy(context)
      cairo_surface_destroy(surface)
      throw error
    }
    cairo_scale(context, pixelsPerPoint ?? 1, pixelsPerPoint ?? 1)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    (self.surface, self.context) = (surface, context)
    self.pixelsPerPoint = pixelsPerPoint
    page = title
    shaper = TextShaper(family: fontFamily, on: context)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// Covers the whole surface.
  func paint(_ color: Color) {
    set(color)
    cairo_paint(context)
  }

  /// Makes the surface the part of the page that begins `row` pixels from its top.
  func move(toRow row: Double) {
    let scale = pixelsPerPoint ?? 1
    cairo_identity_matrix(context)
    cairo_translate(context, 0, -row)
    cairo_scale(context, scale, scale)
  }

  /// Does what shapes cannot say, with the context in points.
  func use(_ body: (OpaquePointer) -> Void) { body(context) }

  /// Draws a page as part of this one, with its upper left corner at `origin`.
  func draw(_ page: Page, at origin: Point) {
    cairo_save(context)
    cairo_translate(context, origin.x, origin.y)
    for shape in page.shapes { draw(shape) }
    cairo_restore(context)
  }

  /// Hands out what was drawn.
  ///
  /// - Parameter body: reads the surface, which is gone when the canvas is.
  /// - Returns: what `body` returns.
  /// - Throws: `ChartError` if anything drawn failed.
  func read<Result>(_ body: (OpaquePointer) -> Result) throws(ChartError) -> Result {
    try Self.check(cairo_status(context), page)
    cairo_surface_flush(surface)
    return body(surface)
  }

  /// Completes the surface.
  ///
  /// - Throws: `ChartError` if anything drawn failed.
  func finish() throws(ChartError) {
    try Self.check(cairo_status(context), page)
    cairo_surface_finish(surface)
    try Self.check(cairo_surface_status(surface), page)
  }

  private static func check(_ status: cairo_status_t, _ page: String) throws(ChartError) {
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .cairo(page: page, reason: String(cString: cairo_status_to_string(status)))
    }
  }

  func draw(_ shape: Shape) {
    switch shape {
    case .line(let points, var stroke):
      if pixelsPerPoint == nil {
        trace(points)
      } else {
        for piece in stroke.dashes(along: points) { trace(piece) }
        stroke.dash = []
      }
      self.stroke(stroke)
    case .area(let points, let color):
      trace(points)
      cairo_close_path(context)
      fill(color)
    case .rectangle(let rect, let color):
      cairo_rectangle(context, rect.minX, rect.minY, rect.width, rect.height)
      fill(color)
    case .marker(let marker):
      draw(marker)
    case .text(let text):
      set(text.color)
      // Cairo puts letters on whole rows of pixels. Half way between two it would choose now one,
      // now the other, by where the surface begins.
      let baseline = pixelsPerPoint.map { (text.anchor.y * $0).rounded() / $0 } ?? text.anchor.y
      shaper.draw(text.string, text.font, from: Point(text.box.minX, baseline), on: context)
    }
  }

  private func draw(_ marker: Marker) {
    let width = marker.outlineWidth
    switch marker.symbol {
    case .disc, .square, .triangle, .diamond, .invertedTriangle:
      if let polygon = marker.polygon {
        trace(polygon)
        cairo_close_path(context)
      } else {
        circle(marker.center, marker.radius)
      }
      // A thin rim of the background keeps the symbol apart from lines that pass below.
      set(marker.background)
      cairo_set_line_width(context, width)
      cairo_set_dash(context, nil, 0, 0)
      cairo_stroke_preserve(context)
      fill(marker.color)
    case .ring:
      circle(marker.center, marker.radius * 0.86)
      set(marker.background)
      cairo_fill_preserve(context)
      stroke(Stroke(marker.color, width: width))
    case .cross, .plus:
      for color in [marker.background, marker.color] {
        let extra = color == marker.background ? 1.7 : 1
        for (a, b) in marker.arms {
          trace([a, b])
          stroke(Stroke(color, width: width * extra * 1.2))
        }
      }
    }
  }

  private func circle(_ center: Point, _ radius: Double) {
    cairo_new_sub_path(context)
    cairo_arc(context, center.x, center.y, radius, 0, 2 * Double.pi)
    cairo_close_path(context)
  }

  private func trace(_ points: [Point]) {
    guard let first = points.first else { return }
    cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
  }

  private func stroke(_ stroke: Stroke) {
    set(stroke.color)
    cairo_set_line_width(context, stroke.width)
    cairo_set_dash(context, stroke.dash, Int32(clamping: stroke.dash.count), 0)
    cairo_stroke(context)
  }

  private func fill(_ color: Color) {
    set(color)
    cairo_fill(context)
  }

  private func set(_ color: Color) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
  }
}
