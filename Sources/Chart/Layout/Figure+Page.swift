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
  public func page(theme: Theme = .light, measuring measurer: some TextMeasuring) -> Page {
    let theme = theme.scaled(by: scale)
    var shapes: [Shape] = [
      .rectangle(Rect(x: 0, y: 0, width: size.width, height: size.height), theme.background)
    ]
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

    let titleLines = measurer.wrap(title, theme.titleFont, width: area.width, lines: 2)
    area.minY = write(titleLines, theme.titleFont, theme.text, from: area.minY) + theme.gap * 0.4
    let subtitleLines = measurer.wrap(subtitle, theme.subtitleFont, width: area.width, lines: 3)
    area.minY = write(subtitleLines, theme.subtitleFont, theme.mutedText, from: area.minY)
    area.minY += theme.gap
    if !headline.isEmpty {
      area.minY += theme.gap
      let cell = area.width / Double(headline.count)
      let valueExtent = measurer.measure("0", theme.headlineFont)
      let labelExtent = measurer.measure("0", theme.labelFont)
      var bottom = area.minY
      for (index, fact) in headline.enumerated() {
        let x = area.minX + Double(index) * cell
        let width = cell - 2 * theme.gap
        let value = measurer.shorten(fact.value, theme.headlineFont, width: width)
        var y = area.minY + valueExtent.ascent
        shapes.append(
          .text(measurer.line(value, theme.headlineFont, theme.text, at: Point(x, y))))
        y += valueExtent.descent
        for line in measurer.wrap(fact.label, theme.labelFont, width: width, lines: 2) {
          shapes.append(
            .text(
              measurer.line(
                line, theme.labelFont, theme.mutedText, at: Point(x, y + labelExtent.ascent))))
          y += labelExtent.height
        }
        bottom = max(bottom, y)
      }
      area.minY = bottom + theme.gap * 2
    }
    let noteLines = measurer.wrap(note, theme.labelFont, width: area.width, lines: 4)
    if !noteLines.isEmpty {
      let height = measurer.measure("0", theme.labelFont).height * 1.08
      area.maxY -= height * Double(noteLines.count)
      _ = write(noteLines, theme.labelFont, theme.mutedText, from: area.maxY)
      area.maxY -= theme.gap
    }
    shapes += panelShapes(in: area, theme: theme, measuring: measurer)
    return Page(
      size: size, shapes: shapes, title: title, alternativeText: alternativeText,
      fontFamily: theme.fontFamily,
      metadata: metadata.map { Page.Entry(keyword: $0.keyword, text: $0.text) })
  }

  private func panelShapes<Measurer: TextMeasuring>(
    in area: Rect, theme: Theme, measuring measurer: Measurer
  ) -> [Shape] {
    guard !panels.isEmpty else { return [] }
    let columns = min(self.columns, panels.count)
    let rows = (panels.count + columns - 1) / columns
    let between = theme.gap * 2.5
    let cell = Size(
      width: (area.width - between * Double(columns - 1)) / Double(columns),
      height: (area.height - between * Double(rows - 1)) / Double(rows))
    let layouts = panels.map { PanelLayout($0, cell: cell, theme: theme, measuring: measurer) }
    // Panels of a row share their upper and lower edges, those of a column the others, and all
    // frames are of one size, whatever their labels need.
    func most(_ need: (PanelLayout<Measurer>.Needs) -> Double, where isNeighbour: (Int) -> Bool)
      -> Double
    {
      layouts.indices.filter(isNeighbour).map { need(layouts[$0].needs) }.max() ?? 0
    }
    let lefts = (0..<columns).map { column in most(\.left) { $0 % columns == column } }
    let rights = (0..<columns).map { column in most(\.right) { $0 % columns == column } }
    let tops = (0..<rows).map { row in most(\.top) { $0 / columns == row } }
    let bottoms = (0..<rows).map { row in most(\.bottom) { $0 / columns == row } }
    let labelWidth = (lefts + rights).reduce(between * Double(columns - 1), +)
    let labelHeight = (tops + bottoms).reduce(between * Double(rows - 1), +)
    let frame = Size(
      width: max((area.width - labelWidth) / Double(columns), 1),
      height: max((area.height - labelHeight) / Double(rows), 1))
    return layouts.enumerated().flatMap { index, layout in
      let (row, column) = (index / columns, index % columns)
      let needs = PanelLayout<Measurer>.Needs(
        top: tops[row], bottom: bottoms[row], left: lefts[column], right: rights[column])
      let x = (0..<column).reduce(area.minX) {
        $0 + lefts[$1] + frame.width + rights[$1] + between
      }
      let y = (0..<row).reduce(area.minY) {
        $0 + tops[$1] + frame.height + bottoms[$1] + between
      }
      return layout.shapes(
        in: Rect(
          x: x, y: y, width: needs.left + frame.width + needs.right,
          height: needs.top + frame.height + needs.bottom),
        needs: needs)
    }
  }
}
