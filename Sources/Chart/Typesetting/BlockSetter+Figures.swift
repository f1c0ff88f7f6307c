extension BlockSetter {
  private static let widthOfOne = 290.0
  /// Enough for three panels side by side.
  private static let greatestWidth = 456.0
  private static let narrowest = 242.0
  private static let narrowestPanel = 118.0
  /// The share of a page's height that a figure may take before it is laid out narrower.
  private static let share = 0.42
  /// Letters of 7.5 points are 7 then.
  private static let leastScale = 7 / 7.5
  /// A page has margins of its own.
  private static let theme: Theme = {
    var theme = Theme.light
    theme.margin = 10
    return theme
  }()
  private static let gap = 14.0
  private static let captionGap = 2.0

  /// Whether a figure needs no more than half of a page's width.
  func isSmall(_ figure: Figure) -> Bool { figure.panels.count == 1 }

  /// Sets figures side by side, each laid out for its width and with its caption below it.
  ///
  /// - Parameters:
  ///   - figures: one, or two small ones.
  ///   - setting: where they stand.
  mutating func addFigures(
    _ figures: [(figure: Figure, caption: RichText)], _ setting: Setting
  ) {
    let count = Double(figures.count)
    let column = (setting.width - Self.gap * (count - 1)) / count
    var slab = Slab(space: 4, isFloating: setting.structure.isEmpty)
    for (index, (figure, caption)) in figures.enumerated() {
      let left = setting.left + Double(index) * (column + Self.gap)
      let set = caption.isEmpty ? nil : typesetter.set(caption, .caption, width: column)
      let captionHeight = set.map { $0.height + Self.captionGap } ?? 0
      let isAlone = figures.count == 1 && figure.panels.count == 1
      let room = paper.content.height - captionHeight
      var page = Self.page(
        figure, width: min(column, isAlone ? Self.widthOfOne : Self.greatestWidth), room: room)
      if let rows = Self.rows(figure, width: column, instead: page) { page = rows }
      slab.items.append(
        Slab.Item(
          frame: Rect(
            x: left + max(0, (column - page.size.width) / 2), y: 0, width: page.size.width,
            height: page.size.height), content: .figure(page),
          structure: setting.structure + [element("Figure")]))
      slab.height = max(slab.height, page.size.height + captionHeight)
      guard let set else { continue }
      var y = page.size.height + Self.captionGap
      let structure = setting.structure + [element("Caption")]
      for line in set.lines.indices {
        slab.items.append(Self.item(set, line, x: left, y: y, column, structure))
        y += set.lines[line].height
      }
    }
    append(slab)
    pendingSpace = 8
  }

  /// A figure in its place: laid out narrower if it would take more than its share of a page's height; what no page can
  /// hold even so is reduced until one can.
  private static func page(_ figure: Figure, width: Double, room: Double) -> Page {
    var page = layOut(figure, width: width)
    let share = room * Self.share / page.size.height
    if share < 1, width > Self.narrowest {
      // As narrow as needed, but never so that a word is cut that was whole.
      let widths = stride(from: max(narrowest, width * share), to: width, by: 24)
      let narrower = widths.lazy.map { layOut(figure, width: $0) }
        .first { $0.cutTexts <= page.cutTexts }
      if let narrower, narrower.size.height < page.size.height { page = narrower }
      page = page.scaled(by: max(Self.leastScale, min(1, room * Self.share / page.size.height)))
    }
    return page.scaled(by: min(1, max(40, room) / page.size.height))
  }

  /// Square panels in rows as long as the page allows, which take less of its height than a square of squares and leave
  /// each panel as large.
  ///
  /// - Returns: `nil` if that saves nothing, or cuts words that were whole.
  private static func rows(_ figure: Figure, width: Double, instead page: Page) -> Page? {
    guard figure.fitsHeight, figure.headline.isEmpty else { return nil }
    let count = figure.panels.count
    let most = max(1, Int(width / narrowestPanel))
    // Rows of equal length, as far as the number of panels allows.
    let columns = (count + (count + most - 1) / most - 1) / ((count + most - 1) / most)
    guard columns > figure.columns else { return nil }
    // Such a row fills the page, whose margins are enough for it.
    var theme = theme
    (theme.margin, theme.gap) = (0, 6)
    let pages = [1, leastScale].map { scale in
      layOut(figure.arranged(inColumns: columns), width: width / scale, theme).scaled(by: scale)
    }
    // The larger letters unless they cut words or make the page higher, as broken lines of a key do.
    return pages.filter { $0.cutTexts <= page.cutTexts && $0.size.height < page.size.height }
      .min { $0.size.height < 0.95 * $1.size.height }
  }

  private static func layOut(_ figure: Figure, width: Double, _ theme: Theme = theme) -> Page {
    let measurer = CairoTextMeasurer(family: theme.fontFamily)
    return figure.fitted(
      toWidth: width, isTitled: false, narrowestPanel: narrowestPanel, theme: theme,
      measuring: measurer
    ).page(theme: theme, measuring: measurer)
  }
}
