/// Divides slabs among pages.
struct Pagination {
  /// A slab and how far it lies below the upper edge of the page's content.
  struct Place {
    let top: Double
    let slab: Slab
    /// Whether it stood on an earlier page already.
    let isRepeated: Bool
  }

  private(set) var pages: [[Place]] = [[]]
  private let height: Double
  private var used = 0.0

  /// Below a figure that words go on after.
  private static let floatSpace = 12.0
  private var isBelowFloat = false
  /// A figure for which the page had no room, to stand at the top of the next one.
  private var floating: Slab?

  /// - Parameters:
  ///   - slabs: from the first to the last.
  ///   - height: of a page's content, in points; a higher slab stands on a page alone.
  init(_ slabs: [Slab], height: Double) {
    self.height = height
    var rest = slabs[...]
    while let first = rest.first {
      // What stays together goes to the next page together, if a page can hold it.
      var group = rest.prefix { $0.keepsWithNext }
      group = rest.prefix(group.count + 1)
      rest = rest.dropFirst(group.count)
      // Figures keep their order, and one with its heading waits for those before it.
      if floating != nil, group.contains(where: \.isFloating) { beginPage(with: nil) }
      if lacksRoom(for: group) {
        if first.isFloating {
          floating = first
          continue
        }
        beginPage(with: first)
        // Below a figure that was waiting there may be too little room as well.
        if lacksRoom(for: group) { beginPage(with: first) }
      }
      for slab in group { add(slab) }
    }
    if floating != nil { beginPage(with: nil) }
  }

  /// Whether the page has too little room for what another one could hold.
  private func lacksRoom(for group: ArraySlice<Slab>) -> Bool {
    guard let first = group.first, !pages[pages.count - 1].isEmpty else { return false }
    let need = Self.height(of: group)
    return used + first.space + need > height
      && need + Self.height(of: first.head[...]) <= height
  }

  private static func height(of slabs: ArraySlice<Slab>) -> Double {
    slabs.dropFirst().reduce(slabs.first?.height ?? 0) { $0 + $1.space + $1.height }
  }

  /// - Parameter slab: the next one, unless it is the figure that waits.
  private mutating func beginPage(with slab: Slab?) {
    pages.append([])
    used = 0
    if let figure = floating {
      floating = nil
      place(figure, isRepeated: false)
      isBelowFloat = true
    }
    for head in slab?.head ?? [] { place(head, isRepeated: true) }
  }

  private mutating func add(_ slab: Slab) {
    let isAtStart = pages[pages.count - 1].isEmpty
    if !isAtStart, used + slab.space + slab.height > height { beginPage(with: slab) }
    place(slab, isRepeated: false)
  }

  private mutating func place(_ slab: Slab, isRepeated: Bool) {
    if !pages[pages.count - 1].isEmpty {
      used += isBelowFloat ? max(slab.space, Self.floatSpace) : slab.space
    }
    isBelowFloat = false
    pages[pages.count - 1].append(Place(top: used, slab: slab, isRepeated: isRepeated))
    used += slab.height
  }
}
