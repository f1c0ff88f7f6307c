extension Figure {
  /// Lays the figure out.
  ///
  /// The order is fixed: words above and below take their height; every panel states what its labels
  /// need; panels of a column share their left and right edges, those of a row upper and lower ones;
  /// then scales, ticks, marks, and last the labels that depend on where everything else is.
  ///
  /// - Parameters:
  ///   - theme: colours, fonts and distances before this figure's own `scale`.
  ///   - measurer: of text.
  /// - Returns: every shape in its place.
  public func page(theme: Theme = .light, measuring measurer: some TextMeasuring) -> Page {
    // Labels that leave their panels no room are set smaller, rather than over each other; but not on a page that is
    // read at its own size.
    if reduction != 1 { return page(theme.scaled(by: scale), measurer).page.scaled(by: reduction) }
    var shrink = 1.0
    while true {
      let found = page(theme.scaled(by: scale * shrink), measurer)
      if found.isRoomy || shrink < 0.45 { return found.page }
      shrink *= 0.87
    }
  }

  /// The page in one size of letters.
  ///
  /// - Parameters:
  ///   - theme: already scaled.
  ///   - measurer: of text.
  /// - Returns: the page, the size of a panel's frame, and whether the labels leave every panel enough room.
  func page(
    _ theme: Theme, _ measurer: some TextMeasuring
  ) -> (page: Page, frame: Size, isRoomy: Bool) {
    var size = size
    var shapes: [Shape] = []
    var area = Rect(x: 0, y: 0, width: size.width, height: size.height).inset(theme.margin)
    func write(_ lines: [String], _ font: Font, _ color: Color, from top: Double) -> Double {
      var y = top
      for string in lines {
        let extent = measurer.measure(string, font)
        shapes.append(
          .text(measurer.line(string, font, color, at: Point(area.minX, y + extent.ascent))))
        y += extent.height * 1.08
      }
      return y
    }

    if isTitled {
      let titleLines = measurer.wrap(title, theme.titleFont, width: area.width, lines: 2)
      area.minY = write(titleLines, theme.titleFont, theme.text, from: area.minY) + theme.gap * 0.4
      let subtitleLines = measurer.wrap(
        subtitle, theme.subtitleFont, width: area.width, lines: mostSubtitleLines)
      area.minY = write(subtitleLines, theme.subtitleFont, theme.mutedText, from: area.minY)
      area.minY += theme.gap * 1.5
    }
    if !headline.isEmpty {
      area.minY += theme.gap
      let (lines, bottom) = headlineTexts(in: area, theme, measurer)
      shapes += lines.map(Shape.text)
      area.minY = bottom + theme.gap * 2
    }
    let noteLines = measurer.wrap(note, theme.labelFont, width: area.width, lines: mostNoteLines)
    let noteHeight = measurer.measure("0", theme.labelFont).height * 1.08
    if fitsHeight {
      var height = area.minY + squareRowsHeight(width: area.width, theme, measurer) + theme.margin
      if !noteLines.isEmpty { height += noteHeight * Double(noteLines.count) + theme.gap }
      size.height = height.rounded(.up)
      area.maxY = size.height - theme.margin
    }
    if !noteLines.isEmpty {
      let height = noteHeight
      area.maxY -= height * Double(noteLines.count)
      _ = write(noteLines, theme.labelFont, theme.mutedText, from: area.maxY)
      area.maxY -= theme.gap
    }
    let drawn = panelShapes(in: area, theme: theme, measuring: measurer)
    shapes += drawn.shapes
    let ground = Shape.rectangle(
      Rect(x: 0, y: 0, width: size.width, height: size.height), theme.background)
    let unknown = shapes.compactMap { shape -> String? in
      guard case .text(let text) = shape, !measurer.hasAllGlyphs(text.string, text.font) else {
        return nil
      }
      return text.string
    }
    let page = Page(
      size: size, shapes: [ground] + shapes, background: theme.background, title: title,
      alternativeText: alternativeText,
      fontFamily: theme.fontFamily,
      metadata: metadata.map { Page.Entry(keyword: $0.keyword, text: $0.text) },
      textsLackingGlyphs: unknown)
    return (page, drawn.frame, drawn.isRoomy)
  }

  /// The key facts, in as many rows as their numbers need.
  ///
  /// - Returns: the texts, and where they end.
  private func headlineTexts(in area: Rect, _ theme: Theme, _ measurer: some TextMeasuring)
    -> (texts: [Text], bottom: Double)
  {
    let numbers = headline.map { measurer.measure($0.value, theme.headlineFont).width }
    // As many side by side as have room for their numbers, in every row.
    func haveRoom(_ perRow: Int) -> Bool {
      stride(from: 0, to: numbers.count, by: perRow).allSatisfy { start in
        let row = numbers[start..<min(start + perRow, numbers.count)]
        return row.reduce(0) { $0 + $1 + theme.gap * 2 } <= area.width
      }
    }
    let most = stride(from: headline.count, to: 1, by: -1).first(where: haveRoom) ?? 1
    let rows = (headline.count + most - 1) / most
    let perRow = (headline.count + rows - 1) / rows
    var (texts, rest): ([Text], Rect) = ([], area)
    for start in stride(from: 0, to: headline.count, by: perRow) {
      if start > 0 { rest.minY += theme.gap }
      let row = headline[start..<min(start + perRow, headline.count)]
      let found = headlineRow(Array(row), in: rest, theme, measurer)
      texts += found.texts
      rest.minY = found.bottom
    }
    return (texts, rest.minY)
  }

  /// Key facts side by side, each as wide as it needs and the rest of the width shared out between them.
  ///
  /// - Returns: the texts, and where they end.
  private func headlineRow(
    _ headline: [Fact], in area: Rect, _ theme: Theme, _ measurer: some TextMeasuring
  ) -> (texts: [Text], bottom: Double) {
    func width(_ text: some StringProtocol, _ font: Font) -> Double {
      measurer.measure(String(text), font).width
    }
    let wanted = headline.map { fact in
      let words = fact.label.split(separator: " ").map { width($0, theme.labelFont) }
      return max(
        width(fact.value, theme.headlineFont), words.max() ?? 0,
        width(fact.label, theme.labelFont) * 0.58)
    }
    // Labels give way where there is too little room; numbers never do.
    let least = headline.map { width($0.value, theme.headlineFont) }
    let room = area.width - theme.gap * Double(headline.count)
    let spare = zip(wanted, least).reduce(0) { $0 + $1.0 - $1.1 }
    let kept = min(1, max(0, (room - least.reduce(0, +)) / max(spare, 0.01)))
    let widths = zip(wanted, least).map { $1 + ($0 - $1) * kept }
    let between = max((area.width - widths.reduce(0, +)) / Double(headline.count), theme.gap)
    // Numbers alone too wide for the page are still shortened rather than written over each other.
    let shrink = min(1, room / widths.reduce(0, +))
    let label = measurer.measure("0", theme.labelFont)
    let value = measurer.measure("0", theme.headlineFont)
    var (texts, x, bottom): ([Text], Double, Double) = ([], area.minX, area.minY)
    for (fact, wanted) in zip(headline, widths) {
      let room = wanted * shrink + 0.01
      let text = measurer.shorten(fact.value, theme.headlineFont, width: room)
      var y = area.minY + value.ascent
      texts.append(measurer.line(text, theme.headlineFont, theme.text, at: Point(x, y)))
      y += value.descent
      for line in measurer.wrap(
        fact.label, theme.labelFont, width: room + between * 0.6, lines: 2)
      {
        let anchor = Point(x, y + label.ascent)
        texts.append(measurer.line(line, theme.labelFont, theme.mutedText, at: anchor))
        y += label.height
      }
      bottom = max(bottom, y)
      x += wanted * shrink + between
    }
    return (texts, bottom)
  }

  /// Where the frames of all panels lie, from what the labels of each need.
  ///
  /// Panels of a row share their upper and lower edges, those of a column the others, and all frames
  /// are of one size.
  private struct Grid<Measurer: TextMeasuring> {
    let layouts: [PanelLayout<Measurer>]
    let columns: Int
    let between: Double
    let lefts: [Double]
    let rights: [Double]
    let tops: [Double]
    let bottoms: [Double]

    init(_ figure: Figure, cellHeight: Double?, width: Double, _ theme: Theme, _ measurer: Measurer)
    {
      let columns = max(1, min(figure.columns, figure.panels.count))
      let rows = (figure.panels.count + columns - 1) / columns
      let between = theme.gap * 2.5
      let cellWidth = (width - between * Double(columns - 1)) / Double(columns)
      let cell = Size(
        width: cellWidth,
        height: cellHeight.map { ($0 - between * Double(rows - 1)) / Double(max(rows, 1)) }
          ?? cellWidth)
      let layouts = figure.panels.map {
        PanelLayout(
          $0, cell: cell, canGrow: figure.fitsHeight, isNarrow: figure.reduction != 1, theme: theme,
          measuring: measurer)
      }
      func most(
        _ need: (PanelLayout<Measurer>.Needs) -> Double, where isNeighbour: (Int) -> Bool
      ) -> Double {
        layouts.indices.filter(isNeighbour).map { need(layouts[$0].needs) }.max() ?? 0
      }
      lefts = (0..<columns).map { column in most(\.left) { $0 % columns == column } }
      rights = (0..<columns).map { column in most(\.right) { $0 % columns == column } }
      tops = (0..<rows).map { row in most(\.top) { $0 / columns == row } }
      bottoms = (0..<rows).map { row in most(\.bottom) { $0 / columns == row } }
      (self.layouts, self.columns, self.between) = (layouts, columns, between)
    }

    /// The width that is not frame.
    var labelWidth: Double { (lefts + rights).reduce(between * Double(columns - 1), +) }
    /// The height that is not frame.
    var labelHeight: Double { (tops + bottoms).reduce(between * Double(tops.count - 1), +) }
  }

  /// How high the panels are if their frames are as high as they are wide.
  private func squareRowsHeight(
    width: Double, _ theme: Theme, _ measurer: some TextMeasuring
  ) -> Double {
    let grid = Grid(self, cellHeight: nil, width: width, theme, measurer)
    let side = min((width - grid.labelWidth) / Double(grid.columns), longestSide)
    return side * Double(grid.tops.count) + grid.labelHeight
  }

  private func panelShapes(
    in area: Rect, theme: Theme, measuring measurer: some TextMeasuring
  ) -> (shapes: [Shape], frame: Size, isRoomy: Bool) {
    guard !panels.isEmpty else { return ([], Size(width: 0, height: 0), true) }
    let grid = Grid(self, cellHeight: area.height, width: area.width, theme, measurer)
    let frame = Size(
      width: max((area.width - grid.labelWidth) / Double(grid.columns), 1),
      height: max((area.height - grid.labelHeight) / Double(grid.tops.count), 1))
    let rows = Double(grid.tops.count)
    let isRoomy =
      frame.width >= 0.3 * area.width / Double(grid.columns)
      && (fitsHeight || frame.height >= 0.3 * area.height / rows)
      && grid.layouts.allSatisfy { $0.hasRoomForCategories(in: frame) }
    let shapes = grid.layouts.enumerated().flatMap { index, layout in
      let (row, column) = (index / grid.columns, index % grid.columns)
      let (left, right) = (grid.lefts[column], grid.rights[column])
      let (top, bottom) = (grid.tops[row], grid.bottoms[row])
      let x = (0..<column).reduce(area.minX) {
        $0 + grid.lefts[$1] + frame.width + grid.rights[$1] + grid.between
      }
      let y = (0..<row).reduce(area.minY) {
        $0 + grid.tops[$1] + frame.height + grid.bottoms[$1] + grid.between
      }
      return layout.shapes(
        in: Rect(
          x: x, y: y, width: left + frame.width + right, height: top + frame.height + bottom),
        needs: .init(top: top, bottom: bottom, left: left, right: right))
    }
    return (shapes, frame, isRoomy)
  }
}
