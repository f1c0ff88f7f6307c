/// Turns a manuscript's blocks into slabs as wide as the page.
struct BlockSetter {
  private(set) var slabs: [Slab] = []
  let typesetter: Typesetter
  let paper: Paper
  private var numberOfElements = 0
  /// Names that wait for the block they stand before.
  private var pendingPlaces: [String] = []
  /// Above the next slab, at least.
  var pendingSpace = 0.0

  /// Where blocks stand that are part of others.
  struct Setting {
    var left: Double
    var right: Double
    var structure: [Slab.Element] = []
    var color = TypeStyle.textColor

    var width: Double { right - left }
  }

  private static let paragraphSpace = 5.0
  private static let indentation = 13.0

  init(_ manuscript: Manuscript, on paper: Paper, _ typesetter: Typesetter) {
    (self.typesetter, self.paper) = (typesetter, paper)
    let setting = Setting(left: 0, right: paper.content.width)
    add(manuscript.blocks, setting)
  }

  mutating func element(_ tag: String) -> Slab.Element {
    numberOfElements += 1
    return Slab.Element(tag: tag, number: numberOfElements)
  }

  mutating func append(_ slab: Slab) {
    var slab = slab
    slab.places += pendingPlaces
    slab.space = slabs.isEmpty ? 0 : max(slab.space, pendingSpace)
    (pendingPlaces, pendingSpace) = ([], 0)
    slabs.append(slab)
  }

  /// Sets blocks; two neighbouring figures that half a page's width is enough for stand side by side.
  private mutating func add(_ blocks: [Manuscript.Block], _ setting: Setting) {
    var rest = blocks[...]
    while let block = rest.popFirst() {
      if case .figure(let figure, let caption) = block, isSmall(figure),
        case .figure(let other, let otherCaption) = rest.first, isSmall(other)
      {
        rest.removeFirst()
        addFigures([(figure, caption), (other, otherCaption)], setting)
      } else {
        add(block, setting)
      }
    }
  }

  private mutating func add(_ block: Manuscript.Block, _ setting: Setting) {
    switch block {
    case .place(let name): pendingPlaces.append(name)
    case .heading(let level, let text): addHeading(level, text, setting)
    case .paragraph(let text):
      var style = TypeStyle.body
      style.color = setting.color
      addLines(text, style, setting, space: Self.paragraphSpace, tag: "P")
    case .lead(let text):
      addLines(
        text.adding(.bold), .body, setting, space: 8, tag: "P", keepsWithNext: true)
    case .list(let start, let items): addList(start, items, setting)
    case .quotation(let blocks):
      var inner = setting
      inner.left += Self.indentation
      inner.color = TypeStyle.mutedColor
      inner.structure.append(element("BlockQuote"))
      add(blocks, inner)
    case .code(let text):
      pendingSpace = max(pendingSpace, Self.paragraphSpace)
      var inner = setting
      inner.left += Self.indentation
      addLines(RichText(text, .code), .code, inner, space: 0, tag: "Code")
      pendingSpace = Self.paragraphSpace
    case .table(let table):
      pendingSpace = max(pendingSpace, 7)
      var setter = TableSetter(
        table, left: setting.left, width: setting.width, pageHeight: paper.content.height,
        structure: setting.structure)
      setter.set(into: &self)
      pendingSpace = 9
    case .figure(let figure, let caption): addFigures([(figure, caption)], setting)
    case .rule:
      let frame = Rect(x: setting.left, y: 0, width: setting.width, height: 0.5)
      append(
        Slab(
          height: 0.5, space: 9,
          items: [Slab.Item(frame: frame, content: .area(TypeStyle.lineColor), structure: [])]))
      pendingSpace = 9
    }
  }

  private mutating func addHeading(_ level: Int, _ text: RichText, _ setting: Setting) {
    let space = [0, 12.0, 8, 6][min(level, 4) - 1]
    let first = slabs.count
    addLines(
      text, .heading(level), setting, space: space, tag: "H\(min(level, 6))", keepsWithNext: true)
    guard slabs.indices.contains(first) else { return }
    slabs[first].entry = Slab.Entry(level: level, text: text.plain)
    pendingSpace = level == 1 ? 6 : 3
  }

  private mutating func addLines(
    _ text: RichText, _ style: TypeStyle, _ setting: Setting, space: Double, tag: String,
    keepsWithNext: Bool = false
  ) {
    let set = typesetter.set(text, style, width: setting.width)
    let structure = setting.structure + [element(tag)]
    for index in set.lines.indices {
      // Neither the first nor the last line stands on a page alone.
      let isLast = index == set.lines.count - 1
      let keeps = isLast ? keepsWithNext : index == 0 || index == set.lines.count - 2
      append(
        Slab(
          height: set.lines[index].height, space: index == 0 ? space : 0,
          items: [Self.item(set, index, x: setting.left, y: 0, setting.width, structure)],
          keepsWithNext: keepsWithNext || keeps))
    }
  }

  /// A line with its upper edge at `y`.
  static func item(
    _ set: SetText, _ index: Int, x: Double, y: Double, _ width: Double,
    _ structure: [Slab.Element]
  ) -> Slab.Item {
    Slab.Item(
      frame: Rect(x: x, y: y, width: width, height: set.lines[index].height),
      content: .line(set, index), structure: structure)
  }

  private mutating func addList(_ start: Int?, _ items: [[Manuscript.Block]], _ setting: Setting) {
    let list = element("L")
    pendingSpace = max(pendingSpace, Self.paragraphSpace - 2)
    for (index, blocks) in items.enumerated() {
      let item = element("LI")
      let mark = RichText(start.map { "\($0 + index)." } ?? "•")
      let set = typesetter.set(mark, .body)
      let width = max(Self.indentation, (set.lines.first?.width ?? 0) + 5)
      var inner = setting
      inner.left += width
      inner.structure += [list, item, element("LBody")]
      let first = slabs.count
      pendingSpace = max(pendingSpace, 2)
      for (position, block) in blocks.enumerated() {
        if position == 0, case .paragraph(let text) = block {
          addLines(text, .body, inner, space: 0, tag: "P")
        } else {
          add(block, inner)
        }
      }
      // An item without words has its mark all the same.
      if slabs.count == first { addLines(RichText(" "), .body, inner, space: 0, tag: "P") }
      guard slabs.indices.contains(first), !set.lines.isEmpty else { continue }
      slabs[first].items.insert(
        Self.item(
          set, 0, x: setting.left + 2, y: 0, width,
          setting.structure + [list, item, element("Lbl")]
        ), at: 0)
    }
    pendingSpace = max(pendingSpace, Self.paragraphSpace)
  }
}
