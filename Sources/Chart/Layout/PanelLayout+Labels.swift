/// Words that depend on where the marks lie: at the ends of lines, below the panel and inside it.
extension PanelLayout {
  func endLabelShapes(_ plane: Plane, rect: Rect, leaders: inout [Shape]) -> [Shape] {
    guard !endLabels.isEmpty else { return [] }
    var font = theme.labelFont
    var heights = endLabels.map { Double($0.lines.count) * line.height }
    let bounds = (plane.frame.minY - line.height * 0.5)...(plane.frame.maxY + line.height * 0.5)
    let room = bounds.upperBound - bounds.lowerBound
    let total = heights.reduce(0, +)
    var shrink = 1.0
    if total > room {
      // Too many names for the margin: smaller letters rather than missing or colliding ones.
      shrink = room / total
      font.size *= shrink
      heights = heights.map { $0 * shrink }
    }
    let anchors = endLabels.map { entry in
      let x = entry.label.point.x
      return Point(
        x.isFinite ? plane.pageX(x) : plane.frame.maxX, plane.pageY(entry.label.point.y))
    }
    // The first line of a label wants to be level with what it names.
    let wanted = zip(anchors, zip(heights, endLabels)).map { anchor, label in
      anchor.y + (label.0 - label.0 / Double(max(label.1.lines.count, 1))) / 2
    }
    let middles = Placement.spread(wanted, heights: heights, in: bounds)
    let textX = plane.frame.maxX + Self.endLabelIndent(theme)
    var shapes: [Shape] = []
    for (index, entry) in endLabels.enumerated() {
      let (middle, anchor) = (middles[index], anchors[index])
      let lineHeight = heights[index] / Double(max(entry.lines.count, 1))
      let firstMiddle = middle - heights[index] / 2 + lineHeight / 2
      // A rule ends at the edge, a line with a symbol of its own. No second symbol stands beside the words: it
      // would be taken for a value after the last.
      let startsAtEdge = anchor.x >= plane.frame.maxX - 0.5
      let gap = startsAtEdge ? 1 : theme.markerRadius * 1.6
      if abs(firstMiddle - anchor.y) > 2.5 || !startsAtEdge {
        let end = Point(textX - 2, firstMiddle)
        // A long one must not be taken for data.
        let isLong = end.x - anchor.x > 6 * theme.gap
        leaders.append(
          .line(
            [Point(anchor.x + gap, anchor.y), end],
            Stroke(
              theme.color(of: entry.label.ink).with(alpha: 0.6), width: theme.gridWidth,
              dash: isLong ? [theme.gridWidth, 3 * theme.gridWidth] : [])))
      }
      for (row, string) in entry.lines.enumerated() {
        let baseline =
          firstMiddle + Double(row) * lineHeight + line.capitalHeight * shrink / 2
        shapes.append(
          .text(
            measurer.line(
              string, font, theme.textColor(of: entry.label.ink), at: Point(textX, baseline))))
      }
    }
    return shapes
  }

  func keyShapes(_ plane: Plane, rect: Rect) -> [Shape] {
    guard !panel.key.isEmpty else { return [] }
    let sample = Self.sampleWidth(theme)
    let left = panel.isSquare ? plane.frame.minX - needs.left : rect.minX
    let width = (rect.maxX - left) / Double(keyColumns)
    let rows = (panel.key.count + keyColumns - 1) / keyColumns
    var top = plane.frame.maxY + tickLabelDrop + theme.gap
    if panel.x.isLabelled { top += line.height }
    if !panel.x.title.isEmpty { top += line.height * 1.15 }
    var above = 0
    return panel.key.enumerated().flatMap { index, entry -> [Shape] in
      let x = left + Double(index / rows) * width
      let first = keyColumns == 1 ? above : index % rows
      above += keyLines[index].count
      let y = top + (Double(first) + 0.5) * line.height * 1.05
      var stroke = theme.stroke(of: entry.ink, width: theme.lineWidth * entry.weight)
      if let dash = entry.dash { stroke.dash = dash.map { $0 * stroke.width } }
      var shapes: [Shape] = [.line([Point(x, y), Point(x + sample - theme.gap, y)], stroke)]
      if entry.hasSymbol {
        shapes.append(
          .marker(theme.marker(of: entry.ink, at: Point(x + (sample - theme.gap) / 2, y))))
      }
      // Columns keep a distance from each other, and the last one has the gap between panels beside it.
      let isLast = index / rows == keyColumns - 1
      let room = width - sample - (isLast ? 0 : theme.gap)
      return shapes
        + keyLines[index].enumerated().map { number, words in
          .text(
            measurer.line(
              measurer.shorten(words, theme.labelFont, width: room), theme.labelFont, theme.text,
              at: Point(
                x + sample, y + line.capitalHeight / 2 + Double(number) * line.height * 1.05)))
        }
    }
  }

  func calloutShapes(
    _ plane: Plane, rect: Rect, ink: [Shape], bands: [Shape], words: [Shape],
    leaders: inout [Shape]
  ) -> [Shape] {
    var obstacles = obstacles(ink: ink, bands: bands, words: words, in: plane.frame)
    var (shapes, plates): ([Shape], [Shape]) = ([], [])
    let inside = plane.frame.inset(3)
    let callouts = panel.marks.flatMap { $0.callouts(on: plane) }
    let standsAtFoot = callouts.contains { hasRule(through: $0, obstacles) }
    for callout in callouts {
      if standsAtFoot, let text = footText(callout), !obstacles.hasRule(through: text.box) {
        shapes.append(.text(text))
        obstacles.texts.append(text.box)
        continue
      }
      if case .inside(let rect, let ground) = callout.preference {
        let texts = inscribed(callout.text, in: rect, on: ground)
        shapes += texts.map(Shape.text)
        obstacles.texts += texts.map(\.box)
        continue
      }
      let color = theme.textColor(of: callout.ink)
      // Room beside the panel was kept for what stands there.
      let room =
        callout.preference == .trailing
        ? rect.maxX - callout.anchor.x - callout.trailingDistance : 0
      let lines = measurer.wrap(
        callout.text, theme.labelFont, width: max(inside.width * 0.6, room, 20), lines: 2)
      let size = Size(
        width: lines.map { measurer.measure($0, theme.labelFont).width }.max() ?? 0,
        height: Double(lines.count) * line.height)
      var bounds = inside
      if callout.preference == .trailing { bounds.maxX = rect.maxX }
      guard
        let box = Placement.place(size, for: callout, in: bounds, avoiding: obstacles)
      else { continue }
      if callout.preference == .trailing {
        plates.append(.rectangle(box.inset(-2), theme.background))
      }
      for (row, string) in lines.enumerated() {
        shapes.append(
          .text(
            measurer.line(
              string, theme.labelFont, color,
              at: Point(box.minX, box.minY + Double(row) * line.height + line.ascent))))
      }
      obstacles.texts.append(box)
      if callout.preference == .beside {
        let near = Point(
          min(max(callout.anchor.x, box.minX), box.maxX),
          min(max(callout.anchor.y, box.minY), box.maxY))
        let (dx, dy) = (near.x - callout.anchor.x, near.y - callout.anchor.y)
        let distance = (dx * dx + dy * dy).squareRoot()
        if distance > callout.clearance + 10 {
          let start = Point(
            callout.anchor.x + dx / distance * callout.clearance,
            callout.anchor.y + dy / distance * callout.clearance)
          leaders.append(
            .line([start, near], Stroke(color.with(alpha: 0.6), width: theme.gridWidth)))
        }
      }
    }
    return plates + shapes
  }

  /// Whether a rule would strike through words at their place right of a bar.
  private func hasRule(through callout: Callout, _ obstacles: Placement.Obstacles) -> Bool {
    guard callout.foot != nil, callout.preference == .trailing else { return false }
    let start = callout.anchor.x + callout.trailingDistance
    let width = measurer.measure(callout.text, theme.labelFont).width
    return obstacles.hasRule(
      through: Rect(
        x: start, y: callout.anchor.y - line.height / 2, width: width, height: line.height
      ).inset(-3))
  }

  /// Words at the foot of their bar, a little smaller if need be; `nil` where they do not fit.
  private func footText(_ callout: Callout) -> Text? {
    guard let foot = callout.foot else { return nil }
    let room = foot.rect.inset(theme.gap * 0.3)
    let width = measurer.measure(callout.text, theme.labelFont).width
    let shrink = min(1, room.height / line.height)
    guard shrink >= 0.75, width * shrink + theme.gap * 0.6 <= room.width else { return nil }
    var font = theme.labelFont
    font.size *= shrink
    return measurer.line(
      callout.text, font, theme.wordsColor(on: foot.ground),
      at: Point(room.minX + theme.gap * 0.3, room.midY + line.capitalHeight * shrink / 2))
  }

  /// What words inside the panel should keep clear of.
  private func obstacles(ink: [Shape], bands: [Shape], words: [Shape], in frame: Rect)
    -> Placement.Obstacles
  {
    var obstacles = Placement.Obstacles()
    for shape in ink {
      switch shape {
      case .line(let points, _): obstacles.add(line: points)
      case .marker(let marker): obstacles.symbols.append(marker.box)
      case .area(let points, _): obstacles.add(edge: points)
      case .rectangle(let rect, _): obstacles.symbols.append(rect)
      case .text: break
      }
    }
    for shape in bands {
      switch shape {
      case .area(let points, _): obstacles.add(edge: points)
      // Not what tints the panel from side to side.
      case .rectangle(let rect, _):
        if rect.width < frame.width { obstacles.symbols.append(rect) }
      // A band's edges go with its area.
      case .line, .marker, .text: break
      }
    }
    for shape in words {
      if case .text(let text) = shape { obstacles.texts.append(text.box) }
    }
    return obstacles
  }

  /// Lines in the middle of a rectangle, in smaller letters where they are too wide, without the last
  /// ones where they are too many; none where not even one fits.
  private func inscribed(_ words: String, in rect: Rect, on ground: Color) -> [Text] {
    let lines = words.split(separator: "\n").map(String.init)
    let room = rect.inset(theme.gap * 0.3)
    for count in stride(from: lines.count, to: 0, by: -1) {
      let kept = Array(lines.prefix(count))
      let widest = kept.map { measurer.measure($0, theme.labelFont).width }.max() ?? 0
      let shrink = min(
        1, room.width / max(widest, 0.01), room.height / (line.height * Double(count)))
      guard shrink >= 0.6 else { continue }
      var font = theme.labelFont
      font.size *= shrink
      let height = line.height * shrink
      let top = rect.midY - height * Double(count) / 2
      let color = theme.wordsColor(on: ground)
      return kept.enumerated().map { row, string in
        measurer.line(
          string, font, color,
          at: Point(
            rect.midX, top + height * (Double(row) + 0.5) + line.capitalHeight * shrink / 2),
          .center)
      }
    }
    return []
  }
}
