import Testing

@testable import Chart

/// Expects a page without the faults that none must have: words over words, words too pale or too small,
/// anything beyond the page.
///
/// - Parameters:
///   - figure: to be laid out.
///   - what: for messages.
///   - smallest: the size of letters below which none may be, in points; in proportion to the page if `nil`.
func expectNoFaults(_ figure: Figure, _ what: String, smallest: Double? = nil) {
  let page = figure.page(measuring: CairoTextMeasurer(family: Theme.light.fontFamily))
  let sheet = Rect(x: 0, y: 0, width: page.size.width, height: page.size.height)
  let texts = page.texts
  for (index, text) in texts.enumerated() {
    if !sheet.contains(text.box, tolerance: 0.01) {
      Issue.record("\(what): '\(text.string)' at \(text.box) is not on the page")
    }
    let ground = ground(of: text, on: page)
    if text.color.contrast(with: ground ?? page.background) < 4.5 {
      Issue.record("\(what): '\(text.string)' is too pale")
    }
    // In a cell smaller letters are better than none.
    let least = smallest ?? 14.0 * min(1, page.size.width / (12 * 72))
    if text.font.size < least * (ground == nil ? 1 : 0.6) {
      Issue.record("\(what): '\(text.string)' is set in \(text.font.size) points")
    }
    for other in texts[(index + 1)...] where text.box.inset(0.01).overlaps(other.box) {
      Issue.record("\(what): '\(text.string)' over '\(other.string)'")
    }
  }
  for panel in figure.panels {
    let extent = panel.marks.reduce(into: Extent()) { $0.formUnion($1.extent) }
    for (name, axis, data) in [("x", panel.x, extent.x), ("y", panel.y, extent.y)] {
      let domain = axis.scale(for: data).domain
      if let range = data.range,
        range.lowerBound < domain.lowerBound || range.upperBound > domain.upperBound
      {
        Issue.record("\(what): the \(name) axis covers \(domain), the data \(range)")
      }
    }
  }
  // A rule of dots from the top to the bottom strikes words through, unless a plate under them hides it.
  for (index, shape) in page.shapes.enumerated() {
    guard case .line(let points, let stroke) = shape, points.count == 2, !stroke.dash.isEmpty,
      points[0].x == points[1].x
    else { continue }
    let plates = page.shapes[index...].compactMap { shape -> Rect? in
      guard case .rectangle(let rect, page.background) = shape else { return nil }
      return rect
    }
    for text in texts where text.box.inset(1).isCrossed(from: points[0], to: points[1]) {
      if !plates.contains(where: { $0.contains(text.box, tolerance: 0.01) }) {
        Issue.record("\(what): '\(text.string)' on a rule")
      }
    }
  }
  for case .line(let points, _) in page.shapes
  where !points.allSatisfy({ sheet.inset(-0.01).contains($0) }) {
    Issue.record("\(what): a line leaves the page")
  }
  for case .marker(let marker) in page.shapes where !sheet.contains(marker.box) {
    Issue.record("\(what): a symbol leaves the page")
  }
}

/// The colour of the cell that a text stands in.
private func ground(of text: Text, on page: Page) -> Color? {
  for case .rectangle(let rect, let color) in page.shapes.dropFirst().reversed()
  where rect.contains(text.box, tolerance: 1) && color.alpha == 1 && color != page.background {
    return color
  }
  return nil
}
