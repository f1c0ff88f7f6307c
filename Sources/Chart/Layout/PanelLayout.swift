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
  let panel: Panel
  let cell: Size
  let theme: Theme
  let measurer: Measurer
  let xScale: any Scale
  let yScale: any Scale
  let data: Extent
  let endLabels: [(label: EndLabel, lines: [String])]
  let titleLines: [String]
  /// The title of the y axis, above the frame; that of a narrow square may need two lines.
  let yTitleLines: [String]
  let keyColumns: Int
  /// The words of each entry of the key; of a single column in two lines where one is too short.
  let keyLines: [[String]]
  let line: TextExtent
  /// What is longer is shortened, in points.
  let longestTickLabel: Double
  /// From the frame to the labels below it, in points.
  let tickLabelDrop: Double

  /// - Parameters:
  ///   - panel: what to draw.
  ///   - cell: the room for the panel with its labels.
  ///   - canGrow: whether the page gets higher with what stands below the frame.
  ///   - isNarrow: whether names give way before letters get smaller.
  ///   - theme: already scaled.
  ///   - measurer: of text.
  init(
    _ panel: Panel, cell: Size, canGrow: Bool, isNarrow: Bool = false, theme: Theme,
    measuring measurer: Measurer
  ) {
    let data = panel.marks.reduce(into: Extent()) { $0.formUnion($1.extent) }
    var panel = panel
    // Values of rows are read off the axis below, from its labels.
    if case .category = panel.y.kind, panel.x.kind == .linear { panel.x.endsAtTicks = true }
    let line = measurer.measure("0", theme.labelFont)
    let titleLines = measurer.wrap(
      panel.title, theme.panelTitleFont, width: cell.width * (panel.isSquare ? 0.95 : 1), lines: 2)

    var top = titleLines.isEmpty ? 0 : Double(titleLines.count) * line.height * 1.12
    let yTitleLines =
      isNarrow && panel.isSquare
      ? measurer.wrap(panel.y.title, theme.labelFont, width: cell.width * 0.8, lines: 2)
      : panel.y.title.isEmpty ? [] : [panel.y.title]
    top += Double(yTitleLines.count) * line.height
    top += line.height * 0.5
    // In a square both axes have a label at the corner, which must not meet.
    let tickLabelDrop = theme.gap * (panel.isSquare ? 1.25 : 0.7)
    var bottom = tickLabelDrop + (panel.x.isLabelled ? line.height : 0)
    if !panel.x.title.isEmpty { bottom += line.height * 1.15 }
    var keyColumns = 1
    var keyLines = panel.key.map { [$0.text] }
    if !panel.key.isEmpty {
      let widest = panel.key.map { measurer.measure($0.text, theme.labelFont).width }.max() ?? 0
      let entry = widest + Self.sampleWidth(theme) + theme.gap * 2
      // Names are shortened rather than the panel pressed flat by its key.
      let most = canGrow ? panel.key.count : max(1, Int(cell.height * 0.3 / (line.height * 1.05)))
      let wanted = (panel.key.count + most - 1) / most
      let shortest = Self.sampleWidth(theme) + theme.labelFont.size * 5
      keyColumns = max(1, min(panel.key.count, Int(cell.width / entry)))
      keyColumns = max(keyColumns, min(wanted, Int(cell.width / shortest)))
      if isNarrow, keyColumns == 1 {
        keyLines = panel.key.map {
          measurer.wrap(
            $0.text, theme.labelFont, width: cell.width - Self.sampleWidth(theme), lines: 2)
        }
      }
      let rows = (panel.key.count + keyColumns - 1) / keyColumns
      let lines = keyColumns == 1 ? keyLines.joined().count : rows
      bottom += theme.gap + Double(lines) * line.height * 1.05
    }
    let height = max(cell.height - top - bottom, 10)
    let yScale = panel.y.scale(for: data.y)
    let yTicks = panel.y.ticks(
      on: yScale, data: data.y, length: height, spacing: line.height * 2.6)
    longestTickLabel = cell.width * (isNarrow ? 0.46 : 0.65)
    var left = 0.0
    if panel.y.isLabelled {
      let widest = yTicks.map { measurer.measure($0.label, theme.labelFont).width }.max() ?? 0
      left = min(widest, longestTickLabel) + theme.gap
    }
    let xScale = panel.x.scale(for: data.x)
    let labels = panel.marks.flatMap(\.endLabels)
    let widest = cell.width * 0.32
    // Names that fill the margin take room from the panel rather than lose their letters.
    let widestOfMany = cell.width * 0.42
    var endLabels = labels.map { label in
      (label: label, lines: Self.lines(label.words, theme, measurer, width: widest, isTight: false))
    }
    if Double(endLabels.flatMap(\.lines).count) * line.height > height + line.height {
      endLabels = labels.map { label in
        (
          label: label,
          lines: Self.lines(label.words, theme, measurer, width: widestOfMany, isTight: true)
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
    if let trailing { right = max(right, trailing + theme.gap * 3) }
    // Labels of the x axis may reach into the gap beside the frame, but not beyond it.
    if panel.x.isLabelled, !(xScale is BandScale) {
      let length = cell.width * 0.6
      let ticks = panel.x.ticks(
        on: xScale, data: data.x, length: length, spacing: theme.labelFont.size * 4)
      for tick in ticks {
        // Where a label stands at each end, the next panel's first must keep its distance.
        let free = theme.gap * (panel.x.endsAtTicks ? 0.4 : 2.6)
        let half = measurer.measure(tick.label, theme.labelFont).width / 2 - free
        let place = xScale.position(of: tick.value)
        left = max(left, half - place * length)
        right = max(right, half - (1 - place) * length)
      }
    }
    needs = Needs(top: top, bottom: bottom, left: left, right: right)
    (self.panel, self.cell, self.theme, self.measurer) = (panel, cell, theme, measurer)
    (self.xScale, self.yScale, self.data, self.endLabels) = (xScale, yScale, data, endLabels)
    (self.titleLines, self.keyColumns, self.keyLines) = (titleLines, keyColumns, keyLines)
    (self.line, self.yTitleLines) = (line, yTitleLines)
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
    if words.isOneLine {
      let full = words.detail.isEmpty ? whole : whole + " " + words.detail
      return [measurer.measure(full, font).width <= width ? full : whole]
    }
    if measurer.measure(whole, font).width <= width { return [whole] + detail }
    if isTight || words.value.isEmpty {
      let room = width - measurer.measure(value, font).width
      return [measurer.shorten(words.name, font, width: room) + value] + detail
    }
    return measurer.wrap(words.name, font, width: width, lines: 2) + [words.value] + detail
  }

  static func sampleWidth(_ theme: Theme) -> Double { theme.labelFont.size * 2.6 }

  /// From the frame's right edge to the text of end labels: room for a leader.
  static func endLabelIndent(_ theme: Theme) -> Double { theme.gap * 2 }

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
      plane, rect: rect, ink: ink, bands: bands, words: words, leaders: &leaders)
    return shapes + leaders + words + callouts
  }
}
