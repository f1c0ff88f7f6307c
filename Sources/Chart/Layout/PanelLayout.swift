/// One panel being laid out: what its labels need, then everything in its place.
struct PanelLayout<Measurer: TextMeasuring> {
  /// The room around the frame, in points.
  struct Needs {
    var top: Double
    var bottom: Double
    var left: Double
    var right: Double
  }

  private(set) var needs: Needs
  private let panel: Panel
  private let cell: Size
  private let theme: Theme
  private let measurer: Measurer
  private let xScale: any Scale
  private let yScale: any Scale
  private let data: Extent
  private let endLabels: [(label: EndLabel, lines: [String])]
  private let titleLines: [String]
  private let keyColumns: Int
  private let line: TextExtent
  /// From the frame to the labels below it, in points.
  private let tickLabelDrop: Double

  /// - Parameters:
  ///   - panel: what to draw.
  ///   - cell: the room for the panel with its labels.
  ///   - canGrow: whether the page gets higher with what stands below the frame.
  ///   - theme: already scaled.
  ///   - measurer: of text.
  init(
    _ panel: Panel, cell: Size, canGrow: Bool, theme: Theme, measuring measurer: Measurer
  ) {
    let data = panel.marks.reduce(into: Extent()) { $0.formUnion($1.extent) }
    let line = measurer.measure("0", theme.labelFont)
    // The title of a square stands above its frame, to the right of the names of rows.
    var rowNames = 0.0
    if case .category(let names) = panel.y.kind, panel.isSquare {
      let widest = names.map { measurer.measure($0, theme.labelFont).width }.max() ?? 0
      rowNames = min(widest, Self.longestTickLabel(cell)) + theme.gap
    }
    let titleLines = measurer.wrap(
      panel.title, theme.panelTitleFont,
      width: panel.isSquare ? min(cell.width * 0.85, cell.width - rowNames) : cell.width, lines: 2)

    var top = titleLines.isEmpty ? 0 : Double(titleLines.count) * line.height * 1.12
    if !panel.y.title.isEmpty { top += line.height }
    top += line.height * 0.5
    // In a square both axes have a label at the corner, which must not meet.
    let tickLabelDrop = theme.gap * (panel.isSquare ? 1.25 : 0.7)
    var bottom = tickLabelDrop + (panel.x.isLabelled ? line.height : 0)
    if !panel.x.title.isEmpty { bottom += line.height * 1.15 }
    var keyColumns = 1
    if !panel.key.isEmpty {
      let widest = panel.key.map { measurer.measure($0.text, theme.labelFont).width }.max() ?? 0
      let entry = widest + Self.sampleWidth(theme) + theme.gap * 2
      // Names are shortened rather than the panel pressed flat by its key.
      let most = canGrow ? panel.key.count : max(1, Int(cell.height * 0.3 / (line.height * 1.05)))
      let wanted = (panel.key.count + most - 1) / most
      let shortest = Self.sampleWidth(theme) + theme.labelFont.size * 5
      keyColumns = max(1, min(panel.key.count, Int(cell.width / entry)))
      keyColumns = max(keyColumns, min(wanted, Int(cell.width / shortest)))
      let rows = (panel.key.count + keyColumns - 1) / keyColumns
      bottom += theme.gap + Double(rows) * line.height * 1.05
    }
    let height = max(cell.height - top - bottom, 10)
    let yScale = panel.y.scale(for: data.y)
    let yTicks = panel.y.ticks(
      on: yScale, data: data.y, length: height, spacing: line.height * 2.6)
    var left = 0.0
    if panel.y.isLabelled {
      let widest = yTicks.map { measurer.measure($0.label, theme.labelFont).width }.max() ?? 0
      left = min(widest, Self.longestTickLabel(cell)) + theme.gap
    }
    let xScale = panel.x.scale(for: data.x)
    let labels = panel.marks.flatMap(\.endLabels)
    let widest = cell.width * 0.32
    var endLabels = labels.map { label in
      (label: label, lines: Self.lines(label.words, theme, measurer, width: widest, isTight: false))
    }
    if Double(endLabels.flatMap(\.lines).count) * line.height > height + line.height {
      endLabels = labels.map { label in
        (
          label: label,
          lines: Self.lines(label.words, theme, measurer, width: widest, isTight: true)
        )
      }
    }
    var right = theme.gap
    if !endLabels.isEmpty {
      let widest =
        endLabels.flatMap(\.lines).map { measurer.measure($0, theme.labelFont).width }.max() ?? 0
      right = widest + Self.endLabelIndent(theme)
    }
    let trailing = panel.marks.flatMap(\.trailingTexts)
      .map { measurer.measure($0, theme.labelFont).width }.max()
    if let trailing { right = max(right, trailing + theme.gap) }
    needs = Needs(top: top, bottom: bottom, left: left, right: right)
    (self.panel, self.cell, self.theme, self.measurer) = (panel, cell, theme, measurer)
    (self.xScale, self.yScale, self.data, self.endLabels) = (xScale, yScale, data, endLabels)
    (self.titleLines, self.keyColumns, self.line) = (titleLines, keyColumns, line)
    self.tickLabelDrop = tickLabelDrop
  }

  /// The lines of a label at a line's end: name and value on one line if they fit, else on two; if
  /// there is no room for that, on one with the name shortened and the detail left out.
  private static func lines(
    _ words: EndLabel.Words, _ theme: Theme, _ measurer: Measurer, width: Double, isTight: Bool
  ) -> [String] {
    let font = theme.labelFont
    let detail =
      words.detail.isEmpty || isTight
      ? [] : measurer.wrap(words.detail, font, width: width, lines: 2)
    let value = words.value.isEmpty ? "" : " " + words.value
    let whole = words.name + value
    if measurer.measure(whole, font).width <= width { return [whole] + detail }
    if isTight || words.value.isEmpty {
      let room = width - measurer.measure(value, font).width
      return [measurer.shorten(words.name, font, width: room) + value] + detail
    }
    return measurer.wrap(words.name, font, width: width, lines: 2) + [words.value] + detail
  }

  private static func longestTickLabel(_ cell: Size) -> Double { cell.width * 0.65 }

  private static func sampleWidth(_ theme: Theme) -> Double { theme.labelFont.size * 2.6 }

  /// From the frame's right edge to the text of end labels: leader, symbol, gaps.
  private static func endLabelIndent(_ theme: Theme) -> Double {
    theme.gap * 1.6 + theme.markerRadius * 2.6 + theme.gap * 0.6
  }

  /// Everything in its place, back to front.
  ///
  /// - Parameters:
  ///   - rect: of the panel with its labels.
  ///   - needs: at least this panel's own, widened to line up with its neighbours.
  /// - Returns: shapes in points on the page.
  func shapes(in rect: Rect, needs: Needs) -> [Shape] {
    var frame = Rect(
      minX: rect.minX + needs.left, minY: rect.minY + needs.top, maxX: rect.maxX - needs.right,
      maxY: rect.maxY - needs.bottom)
    if panel.isSquare {
      let side = min(frame.width, frame.height)
      // Centred sideways; the key below moves up to the frame.
      frame = Rect(x: frame.midX - side / 2, y: frame.minY, width: side, height: side)
    }
    let plane = Plane(x: xScale, y: yScale, frame: frame, theme: theme)
    let yTicks = yTicks(length: frame.height)
    let xTicks = xTicks(length: frame.width)

    let bands = panel.marks.filter(\.isUnderlay).flatMap { $0.shapes(on: plane) }
    var shapes = bands
    shapes += gridShapes(plane, xTicks: xTicks, yTicks: yTicks)
    let ink = panel.marks.filter { !$0.isUnderlay }.flatMap { $0.shapes(on: plane) }
    // Symbols above all lines, so that no curve hides another's points.
    shapes += ink.filter { if case .marker = $0 { false } else { true } }
    shapes += ink.filter { if case .marker = $0 { true } else { false } }

    var words = tickLabels(plane, xTicks: xTicks, yTicks: yTicks)
    words += titles(plane, rect: rect)
    var leaders: [Shape] = []
    let ends = endLabelShapes(plane, rect: rect, leaders: &leaders)
    words += ends
    words += keyShapes(plane, rect: rect)
    let callouts = calloutShapes(
      plane, rect: rect, ink: ink + bands, words: words, leaders: &leaders)
    return shapes + leaders + words + callouts
  }

  private func xTicks(length: Double) -> [Axis.Tick] {
    if case .category(let names) = panel.x.kind { return categoryTicks(names, length: length) }
    // Labels decide how many ticks fit, and ticks decide the labels: a few rounds settle it.
    var spacing = measurer.measure("00", theme.labelFont).width + theme.gap * 2
    var ticks: [Axis.Tick] = []
    // The two axes of a square are labelled alike.
    if panel.isSquare { spacing = max(spacing, line.height * 2.6) }
    for _ in 0..<4 {
      ticks = panel.x.ticks(on: xScale, data: data.x, length: length, spacing: spacing)
      let widest = ticks.map { measurer.measure($0.label, theme.labelFont).width }.max() ?? 0
      let needed = widest + theme.gap * 2
      if needed <= spacing { break }
      spacing = needed
    }
    // Ticks of round values may be more than asked for; labels that would touch are thinned.
    while ticks.count > 1, areCrowded(ticks, length: length) {
      ticks = ticks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    return ticks
  }

  private func yTicks(length: Double) -> [Axis.Tick] {
    var ticks = panel.y.ticks(
      on: yScale, data: data.y, length: length, spacing: line.height * 2.6)
    func areCrowded() -> Bool {
      zip(ticks, ticks.dropFirst()).contains { a, b in
        abs(yScale.position(of: b.value) - yScale.position(of: a.value)) * length < line.height
      }
    }
    while ticks.count > 1, areCrowded() {
      ticks = ticks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    return ticks
  }

  /// Whether every category of the y axis has room for its name.
  func hasRoomForCategories(in frame: Size) -> Bool {
    guard case .category(let names) = panel.y.kind else { return true }
    let height = panel.isSquare ? min(frame.width, frame.height) : frame.height
    return height >= line.height * Double(names.count)
  }

  /// Names under their bands: shortened where they are long, every n-th where bands are narrow.
  private func categoryTicks(_ names: [String], length: Double) -> [Axis.Tick] {
    let band = length / Double(max(names.count, 1))
    let widest = names.map { measurer.measure($0, theme.labelFont).width }.max() ?? 0
    let needed = min(widest, theme.labelFont.size * 4) + theme.gap * 0.8
    let stride = max(1, Int((needed / max(band, 0.01)).rounded(.up)))
    // Names at the ends may reach over the frame as far as the margins allow.
    let room = band * Double(stride) - theme.gap * 0.8
    return names.enumerated().filter { $0.offset % stride == 0 }.map { index, name in
      Axis.Tick(
        value: Double(index), label: measurer.shorten(name, theme.labelFont, width: room))
    }
  }

  private func areCrowded(_ ticks: [Axis.Tick], length: Double) -> Bool {
    zip(ticks, ticks.dropFirst()).contains { a, b in
      let distance = (xScale.position(of: b.value) - xScale.position(of: a.value)) * length
      let widths = [a, b].map { measurer.measure($0.label, theme.labelFont).width }
      return distance < (widths[0] + widths[1]) / 2 + theme.gap * 0.8
    }
  }

  private func gridShapes(_ plane: Plane, xTicks: [Axis.Tick], yTicks: [Axis.Tick]) -> [Shape] {
    let frame = plane.frame
    let grid = Stroke(theme.grid, width: theme.gridWidth)
    let axis = Stroke(theme.axis, width: theme.gridWidth)
    var shapes: [Shape] = []
    let isBanded = { (kind: Axis.Kind) in if case .category = kind { true } else { false } }
    // A matrix has cells where others have a grid.
    if isBanded(panel.x.kind), isBanded(panel.y.kind) { return [] }
    if panel.y.hasGrid, !isBanded(panel.y.kind) {
      shapes += yTicks.map { tick in
        let y = plane.pageY(tick.value)
        return .line([Point(frame.minX, y), Point(frame.maxX, y)], grid)
      }
    }
    if panel.x.hasGrid, !isBanded(panel.x.kind) {
      shapes += xTicks.map { tick in
        let x = plane.pageX(tick.value)
        return .line([Point(x, frame.minY), Point(x, frame.maxY)], grid)
      }
    }
    if isBanded(panel.y.kind) {
      // Bars start at zero; an axis without it starts at the frame.
      let zero = plane.pageX(0)
      let x = zero.isFinite && zero <= frame.maxX ? max(zero, frame.minX) : frame.minX
      shapes.append(.line([Point(x, frame.minY), Point(x, frame.maxY)], axis))
    } else {
      shapes.append(.line([Point(frame.minX, frame.maxY), Point(frame.maxX, frame.maxY)], axis))
      shapes += (isBanded(panel.x.kind) ? [] : xTicks).map { tick in
        let x = plane.pageX(tick.value)
        return .line([Point(x, frame.maxY), Point(x, frame.maxY + theme.gap * 0.5)], axis)
      }
    }
    if panel.isSquare {
      shapes.append(.line([Point(frame.minX, frame.minY), Point(frame.minX, frame.maxY)], axis))
    }
    return shapes
  }

  private func tickLabels(_ plane: Plane, xTicks: [Axis.Tick], yTicks: [Axis.Tick]) -> [Shape] {
    let font = theme.labelFont
    var shapes: [Shape] = []
    if panel.x.isLabelled {
      let y = plane.frame.maxY + tickLabelDrop + line.ascent
      shapes += xTicks.map { tick in
        .text(
          measurer.line(
            tick.label, font, theme.mutedText, at: Point(plane.pageX(tick.value), y), .center))
      }
    }
    if panel.y.isLabelled {
      let isCategory = if case .category = panel.y.kind { true } else { false }
      shapes += yTicks.map { tick in
        let label = measurer.shorten(tick.label, font, width: Self.longestTickLabel(cell))
        return .text(
          measurer.line(
            label, font, isCategory ? theme.text : theme.mutedText,
            at: Point(
              plane.frame.minX - theme.gap, plane.pageY(tick.value) + line.capitalHeight / 2),
            .trailing))
      }
    }
    return shapes
  }

  private func titles(_ plane: Plane, rect: Rect) -> [Shape] {
    var shapes: [Shape] = []
    var y = rect.minY
    let left = panel.isSquare ? plane.frame.minX : rect.minX
    for title in titleLines {
      let extent = measurer.measure(title, theme.panelTitleFont)
      shapes.append(
        .text(
          measurer.line(
            title, theme.panelTitleFont, theme.text, at: Point(left, y + extent.ascent))))
      y += line.height * 1.12
    }
    if !panel.y.title.isEmpty {
      // Level, above the axis: read without turning one's head.
      let text = measurer.shorten(panel.y.title, theme.labelFont, width: rect.maxX - left)
      shapes.append(
        .text(
          measurer.line(
            text, theme.labelFont, theme.mutedText,
            at: Point(left, plane.frame.minY - line.height * 0.5 - line.descent))))
    }
    if !panel.x.title.isEmpty {
      let text = measurer.shorten(panel.x.title, theme.labelFont, width: plane.frame.width)
      let y = plane.frame.maxY + tickLabelDrop + line.height * (panel.x.isLabelled ? 1.1 : 0)
      shapes.append(
        .text(
          measurer.line(
            text, theme.labelFont, theme.mutedText,
            at: Point(plane.frame.midX, y + line.ascent), .center)))
    }
    return shapes
  }

  private func endLabelShapes(_ plane: Plane, rect: Rect, leaders: inout [Shape]) -> [Shape] {
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
    let symbolX = plane.frame.maxX + theme.gap * 1.6 + theme.markerRadius * 1.3
    let indent = Self.endLabelIndent(theme)
    var shapes: [Shape] = []
    for (index, entry) in endLabels.enumerated() {
      let (middle, anchor) = (middles[index], anchors[index])
      let textX =
        plane.frame.maxX + (entry.label.hasSymbol ? indent : theme.gap * 1.2)
      let lineHeight = heights[index] / Double(max(entry.lines.count, 1))
      let firstMiddle = middle - heights[index] / 2 + lineHeight / 2
      let startsAtEdge = anchor.x >= plane.frame.maxX - 0.5
      let gap = entry.label.hasSymbol ? theme.markerRadius * 1.4 : 1
      if abs(firstMiddle - anchor.y) > 2.5 || !startsAtEdge {
        let end = Point(
          entry.label.hasSymbol ? symbolX - theme.markerRadius * 1.5 : textX - 2,
          firstMiddle)
        // A long one must not be taken for data.
        let isLong = end.x - anchor.x > 6 * theme.gap
        leaders.append(
          .line(
            [Point(anchor.x + gap, anchor.y), end],
            Stroke(
              theme.color(of: entry.label.ink).with(alpha: 0.6), width: theme.gridWidth,
              dash: isLong ? [theme.gridWidth, 3 * theme.gridWidth] : [])))
      }
      if entry.label.hasSymbol {
        shapes.append(
          .marker(theme.marker(of: entry.label.ink, at: Point(symbolX, firstMiddle))))
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

  private func keyShapes(_ plane: Plane, rect: Rect) -> [Shape] {
    guard !panel.key.isEmpty else { return [] }
    let sample = Self.sampleWidth(theme)
    let left = panel.isSquare ? plane.frame.minX - needs.left : rect.minX
    let width = (rect.maxX - left) / Double(keyColumns)
    let rows = (panel.key.count + keyColumns - 1) / keyColumns
    var top = plane.frame.maxY + tickLabelDrop + theme.gap
    if panel.x.isLabelled { top += line.height }
    if !panel.x.title.isEmpty { top += line.height * 1.15 }
    return panel.key.enumerated().flatMap { index, entry -> [Shape] in
      let x = left + Double(index / rows) * width
      let y = top + (Double(index % rows) + 0.5) * line.height * 1.05
      var stroke = theme.stroke(of: entry.ink, width: theme.lineWidth * entry.weight)
      if let dash = entry.dash { stroke.dash = dash.map { $0 * stroke.width } }
      let text = measurer.shorten(
        entry.text, theme.labelFont, width: width - sample - theme.gap)
      var shapes: [Shape] = [.line([Point(x, y), Point(x + sample - theme.gap, y)], stroke)]
      if entry.hasSymbol {
        shapes.append(
          .marker(theme.marker(of: entry.ink, at: Point(x + (sample - theme.gap) / 2, y))))
      }
      shapes.append(
        .text(
          measurer.line(
            text, theme.labelFont, theme.text, at: Point(x + sample, y + line.capitalHeight / 2))))
      return shapes
    }
  }

  private func calloutShapes(
    _ plane: Plane, rect: Rect, ink: [Shape], words: [Shape], leaders: inout [Shape]
  ) -> [Shape] {
    var obstacles = Placement.Obstacles()
    for shape in ink {
      switch shape {
      case .line(let points, _): obstacles.add(line: points)
      case .marker(let marker): obstacles.symbols.append(marker.box)
      case .area(let points, _): obstacles.add(edge: points)
      // Not what tints the panel from side to side.
      case .rectangle(let rect, _):
        if rect.width < plane.frame.width { obstacles.symbols.append(rect) }
      case .text: break
      }
    }
    for shape in words {
      if case .text(let text) = shape { obstacles.texts.append(text.box) }
    }
    var (shapes, plates): ([Shape], [Shape]) = ([], [])
    let inside = plane.frame.inset(3)
    for callout in panel.marks.flatMap({ $0.callouts(on: plane) }) {
      if case .inside(let rect, let ground) = callout.preference {
        let texts = inscribed(callout.text, in: rect, on: ground)
        shapes += texts.map(Shape.text)
        obstacles.texts += texts.map(\.box)
        continue
      }
      let color = theme.textColor(of: callout.ink)
      let lines = measurer.wrap(
        callout.text, theme.labelFont, width: max(inside.width * 0.6, 20), lines: 2)
      let size = Size(
        width: lines.map { measurer.measure($0, theme.labelFont).width }.max() ?? 0,
        height: Double(lines.count) * line.height)
      var bounds = inside
      if callout.preference == .trailing { bounds.maxX = rect.maxX }
      guard
        let box = Placement.place(size, for: callout, in: bounds, avoiding: obstacles)
      else { continue }
      if callout.preference == .trailing { plates.append(.rectangle(box, theme.background)) }
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
