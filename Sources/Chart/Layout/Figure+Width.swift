extension Figure {
  /// Letters on a page that is shown at its own size, in points; journals ask for 7 at least.
  private static let labelSize = 7.5
  /// How high a panel may and must be for its width; of rows one below the other their number decides.
  private static let proportions = 0.62...1.1
  /// How high square panels may make the page for its width before more of them stand side by side.
  private static let highestSquares = 1.25
  /// How narrow these may be, in points.
  private static let narrowestSquare = 100.0
  /// How high they may make a page of one column for its width: a journal's pages are hardly higher.
  private static let highestColumn = 2.9

  /// The figure for a column of a journal or another place of a given width, laid out anew and not merely scaled: letters of
  /// 7.5 points or a little less, fewer panels side by side, and a page as high as that takes.
  ///
  /// - Parameters:
  ///   - width: of the page, in points.
  ///   - isTitled: whether title and subtitle stay; a caption says as much.
  ///   - narrowestPanel: how narrow a panel beside another one may be, in points.
  ///   - theme: that it will be drawn with.
  ///   - measurer: of text.
  /// - Returns: the figure with another size, scale and number of columns.
  public func fitted(
    toWidth width: Double, isTitled: Bool = true, narrowestPanel: Double = 150,
    theme: Theme = .light, measuring measurer: some TextMeasuring
  ) -> Figure {
    let before = page(theme.scaled(by: scale), measurer).frame
    var figure = self
    figure.isTitled = isTitled
    (figure.mostSubtitleLines, figure.mostNoteLines) = (8, 16)
    // Laid out as a larger page with the usual letters, so that all distances are in proportion.
    let reduction = Self.labelSize / theme.labelFont.size
    (figure.scale, figure.reduction) = (1, reduction)
    figure.columns = max(1, min(columns, panels.count, Int(width / narrowestPanel)))
    if figure.columns < columns { figure.labelAnew() }
    figure.size.width = width / reduction
    figure.size.height = figure.size.width * size.height / size.width
    figure = figure.withShortNames(theme, measurer)
    if fitsHeight { return figure.withSquaresBesideEachOther(width: width, theme, measurer) }
    guard !panels.isEmpty else { return figure }
    let rows = Double((panels.count + figure.columns - 1) / figure.columns)
    // What stands in rows, one below the other, keeps its distance for the size of its letters.
    let hasRows = panels.contains { if case .category = $0.y.kind { true } else { false } }
    var proportion = min(before.height / max(before.width, 1), Self.proportions.upperBound)
    if !hasRows { proportion = max(proportion, Self.proportions.lowerBound) }
    let rowsHeight = hasRows ? before.height / scale : 0
    // Names at the ends of lines need a line each.
    let mostNames = panels.map { $0.marks.flatMap(\.endLabels).count }.max() ?? 0
    let namesHeight = Double(mostNames) * measurer.measure("0", theme.labelFont).height
    let leastHeight = max(rowsHeight, namesHeight)
    // The frames' height follows that of the page; what labels need changes a little with it.
    for _ in 0..<4 {
      let frame = figure.page(theme, measurer).frame
      figure.size.height += rows * (max(proportion * frame.width, leastHeight) - frame.height)
    }
    // Columns of labels may need more; where it is the width that lacks, height is no help.
    var higher = figure
    for _ in 0..<8 where !higher.page(theme, measurer).isRoomy { higher.size.height *= 1.12 }
    if higher.page(theme, measurer).isRoomy { figure = higher }
    figure.size.height = figure.size.height.rounded(.up)
    return figure
  }

  /// The figure with short names of columns, explained in its note, if others would be cut.
  private func withShortNames(_ theme: Theme, _ measurer: some TextMeasuring) -> Figure {
    guard !shortNamesNote.isEmpty else { return self }
    let cut = page(theme: theme, measuring: measurer).cutTexts
    guard cut > 0 else { return self }
    var other = self
    for index in panels.indices {
      let axis = panels[index].x
      guard case .category(let names) = axis.kind, axis.shortNames.count == names.count else {
        continue
      }
      other.panels[index].x.kind = .category(axis.shortNames)
    }
    other.note = note.isEmpty ? shortNamesNote : "\(note) \(shortNamesNote)"
    return other.page(theme: theme, measuring: measurer).cutTexts < cut ? other : self
  }

  /// The figure with more square panels side by side, if it would be too high and if that cuts no more words.
  private func withSquaresBesideEachOther(
    width: Double, _ theme: Theme, _ measurer: some TextMeasuring
  ) -> Figure {
    let page = page(theme: theme, measuring: measurer)
    guard page.size.height > Self.highestSquares * page.size.width else { return self }
    let most = min(panels.count, Int(width / Self.narrowestSquare))
    // Rather rows of equal length than the last with a panel or two.
    let counts = Array(stride(from: columns + 1, through: most, by: 1))
    let even = counts.filter { panels.count % $0 == 0 }
    let beside = (even + counts).lazy.map { arranged(inColumns: $0) }.first {
      $0.page(theme, measurer).isRoomy
        && $0.page(theme: theme, measuring: measurer).cutTexts <= page.cutTexts
    }
    if let beside { return beside }
    guard columns == 1, page.size.height > Self.highestColumn * page.size.width else { return self }
    // Smaller squares then, as small as needed and as words allow.
    var figure = self
    for side in stride(from: width, through: Self.narrowestSquare, by: -10) {
      var smaller = self
      smaller.longestSide = side / reduction
      let found = smaller.page(theme: theme, measuring: measurer)
      guard found.cutTexts <= page.cutTexts, smaller.page(theme, measurer).isRoomy else { break }
      figure = smaller
      if found.size.height <= Self.highestColumn * found.size.width { break }
    }
    return figure
  }

  /// The figure with another number of panels side by side.
  ///
  /// Matrices leave the names of a row's classes to the first in it. Numbers stay at every panel: they keep those below
  /// two neighbours apart.
  func arranged(inColumns count: Int) -> Figure {
    var figure = self
    figure.columns = count
    for index in panels.indices {
      guard case .category = panels[index].x.kind else { continue }
      let first = index - index % count
      figure.panels[index].y.isLabelled =
        index == first || panels[index].y.kind != panels[first].y.kind
    }
    return figure
  }

  /// Gives panels that begin a row the labels which a neighbour had, and the last one the key that a row shared.
  private mutating func labelAnew() {
    for index in panels.indices where index % columns == 0 { panels[index].y.isLabelled = true }
    guard let last = panels.indices.last, panels.contains(where: \.isKeyShared) else { return }
    let entries = panels.filter(\.isKeyShared).flatMap(\.key)
    for index in panels.indices where panels[index].isKeyShared { panels[index].key = [] }
    panels[last].key += entries
  }
}

extension Page {
  /// How many texts end in an ellipsis, for want of room.
  var cutTexts: Int { texts.count { $0.string.hasSuffix("…") } }
}
