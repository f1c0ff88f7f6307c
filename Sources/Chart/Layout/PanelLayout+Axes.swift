/// Up to how many categories each has its name.
private let fewCategories = 8

/// Ticks, grid and the words of the axes.
extension PanelLayout {
  func xTicks(length: Double) -> [Axis.Tick] {
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
    return legible(ticks, panel.x, on: xScale, data: data.x, length: length) {
      areCrowded($0, length: length)
    }
  }

  /// Ticks whose labels do not touch: at least three where so many fit, and zero among them if it was.
  ///
  /// Thinning may leave but two of five, of which nobody can read values between them. Then the first other
  /// number of labels that leaves three is taken.
  private func legible(
    _ ticks: [Axis.Tick], _ axis: Axis, on scale: any Scale, data: DataRange, length: Double,
    areCrowded: ([Axis.Tick]) -> Bool
  ) -> [Axis.Tick] {
    let kept = thinned(ticks, axis.kind, areCrowded: areCrowded)
    let hasZero = ticks.contains { $0.value == 0 }
    func isLegible(_ ticks: [Axis.Tick]) -> Bool {
      ticks.count > 2 && (!hasZero || ticks.contains { $0.value == 0 }) && !areCrowded(ticks)
    }
    // The two axes of a square are labelled alike, which each must find by itself.
    guard axis.kind == .linear, !panel.isSquare, !isLegible(kept) else { return kept }
    // Rather three labels of which the last lies before the end than the two ends alone.
    var inner = axis
    inner.endsAtTicks = false
    for axis in axis.endsAtTicks ? [axis, inner] : [axis] {
      for count in 3...8 {
        let others = axis.ticks(
          on: scale, data: data, length: length, spacing: length / (Double(count) + 0.5))
        if isLegible(others) { return others }
      }
    }
    return kept
  }

  /// The most of the ticks that are not crowded, at even distances and with both ends: a reader must see how
  /// far the axis goes.
  private func thinned(
    _ ticks: [Axis.Tick], _ kind: Axis.Kind, areCrowded: ([Axis.Tick]) -> Bool
  ) -> [Axis.Tick] {
    guard ticks.count > 1, areCrowded(ticks) else { return ticks }
    let last = ticks.count - 1
    for stride in 2..<max(last, 2) {
      // Even ones stay even; of others the last may come closer to the one before.
      guard kind != .linear || last % stride == 0 else { continue }
      var kept = ticks.indices.filter { $0 % stride == 0 }
      if last % stride != 0 {
        if last % stride < (stride + 1) / 2, kept.count > 1 { kept.removeLast() }
        kept.append(last)
      }
      let some = kept.map { ticks[$0] }
      if !areCrowded(some) { return some }
    }
    let ends = [ticks[0], ticks[last]]
    return areCrowded(ends) ? [ticks[0]] : ends
  }

  func yTicks(length: Double) -> [Axis.Tick] {
    let ticks = panel.y.ticks(
      on: yScale, data: data.y, length: length, spacing: line.height * 2.6)
    return legible(ticks, panel.y, on: yScale, data: data.y, length: length) { ticks in
      zip(ticks, ticks.dropFirst()).contains { a, b in
        abs(yScale.position(of: b.value) - yScale.position(of: a.value)) * length < line.height
      }
    }
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
    // Of few classes none goes without its name, however short: a column that has none is taken for its neighbour.
    let least = theme.labelFont.size * (names.count <= fewCategories ? 2.2 : 4)
    let needed = min(widest, least) + theme.gap * 0.8
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

  func gridShapes(_ plane: Plane, xTicks: [Axis.Tick], yTicks: [Axis.Tick]) -> [Shape] {
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
      // Bars start at zero. Where the axis does not reach it there is no line: it would be taken for zero.
      let zero = plane.pageX(0)
      if zero >= frame.minX - 0.01, zero <= frame.maxX + 0.01 {
        shapes.append(.line([Point(zero, frame.minY), Point(zero, frame.maxY)], axis))
      }
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

  func tickLabels(_ plane: Plane, xTicks: [Axis.Tick], yTicks: [Axis.Tick]) -> [Shape] {
    let font = theme.labelFont
    var shapes: [Shape] = []
    if panel.x.isLabelled {
      let y = plane.frame.maxY + tickLabelDrop + line.ascent
      shapes += xTicks.filter { !meetsLabelsOfY($0, plane, yTicks, baseline: y) }.map { tick in
        .text(
          measurer.line(
            tick.label, font, theme.mutedText, at: Point(plane.pageX(tick.value), y), .center))
      }
    }
    if panel.y.isLabelled {
      let isCategory = if case .category = panel.y.kind { true } else { false }
      shapes += yTicks.map { tick in
        let label = measurer.shorten(tick.label, font, width: longestTickLabel)
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

  /// Whether the label of an x tick reaches so far to the left that it stands on that of the lowest y tick.
  private func meetsLabelsOfY(
    _ tick: Axis.Tick, _ plane: Plane, _ yTicks: [Axis.Tick], baseline: Double
  ) -> Bool {
    guard panel.y.isLabelled, let lowest = yTicks.map({ plane.pageY($0.value) }).max() else {
      return false
    }
    let left = plane.pageX(tick.value) - measurer.measure(tick.label, theme.labelFont).width / 2
    let bottom = lowest + line.capitalHeight / 2 + line.descent
    return left < plane.frame.minX - theme.gap && bottom > baseline - line.ascent
  }

  func titles(_ plane: Plane, rect: Rect) -> [Shape] {
    var shapes: [Shape] = []
    var y = rect.minY
    // A square's title stands above its frame; a long one begins as far to the left as it must.
    let widest = titleLines.map { measurer.measure($0, theme.panelTitleFont).width }.max() ?? 0
    let left =
      panel.isSquare
      ? max(rect.minX, min(plane.frame.minX, rect.maxX + theme.gap * 2 - widest)) : rect.minX
    for title in titleLines {
      // A panel without labels at its side is narrower than its cell; most of the gap is free.
      let title = measurer.shorten(
        title, theme.panelTitleFont, width: rect.maxX - left + theme.gap * 2 + 0.01)
      let extent = measurer.measure(title, theme.panelTitleFont)
      shapes.append(
        .text(
          measurer.line(
            title, theme.panelTitleFont, theme.text, at: Point(left, y + extent.ascent))))
      y += line.height * 1.12
    }
    // Level, above the axis: read without turning one's head.
    for (index, words) in yTitleLines.enumerated() {
      let text = measurer.shorten(
        words, theme.labelFont, width: rect.maxX - min(left, plane.frame.minX))
      let below = Double(yTitleLines.count - 1 - index) * line.height
      shapes.append(
        .text(
          measurer.line(
            text, theme.labelFont, theme.mutedText,
            at: Point(left, plane.frame.minY - line.height * 0.5 - line.descent - below))))
    }
    if !panel.x.title.isEmpty {
      // Below a frame that labels at its sides have left little room a title may reach under them.
      let text = measurer.shorten(panel.x.title, theme.labelFont, width: rect.width)
      let half = measurer.measure(text, theme.labelFont).width / 2
      let middle = max(rect.minX + half, min(plane.frame.midX, rect.maxX - half))
      let y = plane.frame.maxY + tickLabelDrop + line.height * (panel.x.isLabelled ? 1.1 : 0)
      shapes.append(
        .text(
          measurer.line(
            text, theme.labelFont, theme.mutedText,
            at: Point(middle, y + line.ascent), .center)))
    }
    return shapes
  }
}
