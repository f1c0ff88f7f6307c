/// Sets a table: the largest letters with which it fits, columns solved for the page, the head repeated on every page.
struct TableSetter {
  private let table: Manuscript.Table
  private let left: Double
  private let width: Double
  private let pageHeight: Double
  private let structure: [Slab.Element]

  private static let cellSpace = 1.4
  private static let lineWidth = 0.5
  /// A table no higher than that share of a page is not divided.
  private static let wholeShare = 0.22

  init(
    _ table: Manuscript.Table, left: Double, width: Double, pageHeight: Double,
    structure: [Slab.Element]
  ) {
    (self.table, self.left, self.width) = (table, left, width)
    (self.pageHeight, self.structure) = (pageHeight, structure)
  }

  mutating func set(into blocks: inout BlockSetter) {
    guard !table.isRight.isEmpty else { return }
    let choice = choose(blocks.typesetter)
    let parts =
      TableColumns.fit(choice.needs, width)
      ? [Array(choice.needs.indices)] : TableColumns.parts(choice.needs, width: width)
    for (index, part) in parts.enumerated() {
      let columns = columns(part, choice.needs, choice.style, blocks.typesetter)
      set(part, columns, choice.style, isFirst: index == 0, into: &blocks)
    }
  }

  // MARK: Widths

  /// The letters and columns of the table.
  ///
  /// Texts may be broken between words, numbers before their intervals. What takes the fewest lines is best, but smaller
  /// letters must save some.
  private func choose(_ typesetter: Typesetter) -> (style: TypeStyle, needs: [TableColumns.Need]) {
    let choices = [false, true].flatMap { breaksNumbers in
      TypeStyle.tableSizes.map { size in
        let style = TypeStyle.table(size)
        return (style: style, needs: needs(style, breaksNumbers, typesetter))
      }
    }
    if let best = choices.first(where: { TableColumns.fitInOneLine($0.needs, width) }) {
      return best
    }
    let fitting = choices.filter { TableColumns.fit($0.needs, width) }
    let costs = fitting.map { choice in
      let smaller = (TypeStyle.tableSizes[0] - choice.style.size) / TypeStyle.tableSizes[0]
      let all = Array(choice.needs.indices)
      let columns = columns(all, choice.needs, choice.style, typesetter)
      return Double(lines(all, columns, choice.style, typesetter)) * (1 + smaller)
    }
    // The first of equals, which has the largest letters.
    let best = costs.indices.min { (costs[$0], $0) < (costs[$1], $1) }
    return best.map { fitting[$0] } ?? choices[TypeStyle.tableSizes.count - 1]
  }

  /// How many lines all rows take.
  private func lines(
    _ part: [Int], _ columns: TableColumns, _ style: TypeStyle, _ typesetter: Typesetter
  ) -> Int {
    table.rows.reduce(0) { sum, row in
      let cells = setCells(row, part, columns, style, typesetter)
      return sum + (cells.map(\.lines.count).max() ?? 0)
    }
  }

  /// Shares the width among columns so that all rows take the fewest lines: as their words ask for it, or so that every
  /// text has one, two or three lines at most.
  private func columns(
    _ part: [Int], _ needs: [TableColumns.Need], _ style: TypeStyle, _ typesetter: Typesetter
  ) -> TableColumns {
    let needs = part.map { needs[$0] }
    let usual = TableColumns(needs, width: width)
    guard TableColumns.fit(needs, width), !TableColumns.fitInOneLine(needs, width) else {
      return usual
    }
    let balanced = (1...3).compactMap { most -> TableColumns? in
      let needs = zip(part, needs).map { column, need in
        narrowed(need, column, toLines: most, style, typesetter)
      }
      return TableColumns.fit(needs, width) ? TableColumns(needs, width: width) : nil
    }
    let choices = [usual] + balanced
    let counts = choices.map { lines(part, $0, style, typesetter) }
    // The first of equals.
    return choices[counts.indices.min { (counts[$0], $0) < (counts[$1], $1) } ?? 0]
  }

  /// What a column of texts asks for so that none takes more lines than `most`.
  private func narrowed(
    _ need: TableColumns.Need, _ column: Int, toLines most: Int, _ style: TypeStyle,
    _ typesetter: Typesetter
  ) -> TableColumns.Need {
    guard !table.isRight[column], need.least < need.natural else { return need }
    func isEnough(_ width: Double) -> Bool {
      table.rows.allSatisfy { typesetter.set($0[column], style, width: width).lines.count <= most }
    }
    guard !isEnough(need.least) else { return need }
    var (tooNarrow, enough) = (need.least, need.natural)
    while enough - tooNarrow > 1 {
      let middle = (tooNarrow + enough) / 2
      if isEnough(middle) { enough = middle } else { tooNarrow = middle }
    }
    return TableColumns.Need(natural: need.natural, least: enough)
  }

  private func needs(
    _ style: TypeStyle, _ breaksNumbers: Bool, _ typesetter: Typesetter
  ) -> [TableColumns.Need] {
    var head = style
    head.isBold = true
    return table.isRight.indices.map { column in
      let isRight = table.isRight[column]
      var need = TableColumns.Need(
        natural: typesetter.width(table.head[column], head),
        least: typesetter.widestWord(table.head[column], head))
      // Heads are broken into lines before anything else gives way.
      if isRight { need.natural = min(need.natural, max(need.least, 90)) }
      for row in table.rows {
        let natural = typesetter.width(row[column], style)
        need.natural = max(need.natural, natural)
        let least =
          switch (isRight, breaksNumbers) {
          case (true, false): natural
          case (true, true): typesetter.width(row[column].brokenBeforeIntervals, style)
          case (false, _): typesetter.widestWord(row[column], style)
          }
        need.least = max(need.least, least)
      }
      // A very long word is broken rather than given the page.
      need.least = min(need.least, width * 0.45)
      need.natural = max(need.natural, need.least)
      // Rounded up, so that what was measured fits.
      return TableColumns.Need(
        natural: need.natural.rounded(.up) + 0.5, least: need.least.rounded(.up) + 0.5)
    }
  }

  // MARK: Rows

  private func set(
    _ part: [Int], _ columns: TableColumns, _ style: TypeStyle, isFirst: Bool,
    into blocks: inout BlockSetter
  ) {
    let structure = structure + [blocks.element("Table")]
    var headStyle = style
    headStyle.isBold = true
    var head: [Slab] = []
    if table.hasHead {
      let cells = setCells(table.head, part, columns, headStyle, blocks.typesetter)
      var slab = slab(
        cells.map { ($0, 0..<$0.lines.count) }, part, columns, structure, "TH", &blocks,
        lines: [.top, .heavyBottom])
      slab.space = isFirst ? 0 : 10
      slab.keepsWithNext = true
      head = [slab]
    }
    var rows: [Slab] = []
    for (index, row) in table.rows.enumerated() {
      let cells = setCells(row, part, columns, style, blocks.typesetter)
      let isLast = index == table.rows.count - 1
      // A row that no page can hold is continued on the next.
      let room = pageHeight - (head.first?.height ?? 0) - 2 * Self.cellSpace - 2
      for (position, lines) in Self.divide(cells, room: room).enumerated() {
        var slab = slab(
          zip(cells, lines).map { ($0, $1) }, part, columns, structure, "TD", &blocks,
          lines: head.isEmpty && index == 0 && position == 0 ? [.top, .bottom] : [.bottom],
          isLast: isLast)
        slab.head = head
        if head.isEmpty, index == 0, position == 0, !isFirst { slab.space = 10 }
        rows.append(slab)
      }
    }
    let all = head + rows
    let height = all.reduce(0) { $0 + $1.height }
    for (index, slab) in all.enumerated() {
      var slab = slab
      if height < pageHeight * Self.wholeShare, index < all.count - 1 { slab.keepsWithNext = true }
      // Neither the first nor the last row stands on a page alone.
      if index == head.count, rows.count > 1 { slab.keepsWithNext = true }
      if index == all.count - 2, rows.count > 1 { slab.keepsWithNext = true }
      // A table without rows ends with its head.
      if index == all.count - 1 { slab.keepsWithNext = false }
      blocks.append(slab)
    }
  }

  private func setCells(
    _ cells: [RichText], _ part: [Int], _ columns: TableColumns, _ style: TypeStyle,
    _ typesetter: Typesetter
  ) -> [SetText] {
    part.enumerated().map { position, column in
      let (cell, isRight, width) = (cells[column], table.isRight[column], columns.widths[position])
      // Otherwise Pango would break an interval after its dash.
      let isBroken = isRight && typesetter.width(cell, style) > width
      return typesetter.set(
        isBroken ? cell.brokenBeforeIntervals : cell, style, width: width, isRight: isRight)
    }
  }

  /// The lines of each cell that stand together; all of them but in a row that is higher than `room`.
  static func divide(_ cells: [SetText], room: Double) -> [[Range<Int>]] {
    var starts = cells.map { _ in 0 }
    var result: [[Range<Int>]] = []
    repeat {
      let ranges = zip(cells, starts).map { cell, start in
        var (end, height) = (start, 0.0)
        while end < cell.lines.count, end == start || height + cell.lines[end].height <= room {
          height += cell.lines[end].height
          end += 1
        }
        return start..<end
      }
      result.append(ranges)
      starts = ranges.map(\.upperBound)
    } while zip(cells, starts).contains { $1 < $0.lines.count }
    return result
  }

  private enum LinePlace { case top, bottom, heavyBottom }

  private func slab(
    _ cells: [(set: SetText, lines: Range<Int>)], _ part: [Int], _ columns: TableColumns,
    _ structure: [Slab.Element], _ tag: String, _ blocks: inout BlockSetter, lines: [LinePlace],
    isLast: Bool = false
  ) -> Slab {
    let structure = structure + [blocks.element("TR")]
    let heights = cells.map { cell in
      cell.lines.reduce(0) { $0 + cell.set.lines[$1].height }
    }
    let inner = heights.max() ?? 0
    let height = inner + 2 * Self.cellSpace
    var items: [Slab.Item] = []
    for (position, cell) in cells.enumerated() {
      let element = blocks.element(tag)
      // The words of a head stand on its lower edge, above their numbers.
      var y = Self.cellSpace + (tag == "TH" ? inner - heights[position] : 0)
      for index in cell.lines {
        items.append(
          BlockSetter.item(
            cell.set, index, x: left + columns.start(position), y: y, columns.widths[position],
            structure + [element]))
        y += cell.set.lines[index].height
      }
    }
    for line in lines {
      let weight = line == .bottom && !isLast ? Self.lineWidth * 0.6 : Self.lineWidth * 1.4
      let frame = Rect(
        x: left, y: line == .top ? 0 : height - weight / 2, width: columns.total, height: weight)
      items.append(
        Slab.Item(
          frame: frame,
          content: .area(
            line == .bottom && !isLast ? TypeStyle.lineColor : TypeStyle.mutedColor),
          structure: []))
    }
    return Slab(height: height, items: items)
  }
}
