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
      let isAtStart = pages[pages.count - 1].isEmpty
      let need = Self.height(of: group) + (isAtStart ? 0 : first.space)
      if !isAtStart, used + need > height,
        Self.height(of: group) + Self.height(of: first.head[...]) <= height
      {
        beginPage(with: first)
      }
      for slab in group { add(slab) }
      rest = rest.dropFirst(group.count)
    }
  }

  private static func height(of slabs: ArraySlice<Slab>) -> Double {
    slabs.dropFirst().reduce(slabs.first?.height ?? 0) { $0 + $1.space + $1.height }
  }

  private mutating func beginPage(with slab: Slab) {
    pages.append([])
    used = 0
    for head in slab.head { place(head, isRepeated: true) }
  }

  private mutating func add(_ slab: Slab) {
    let isAtStart = pages[pages.count - 1].isEmpty
    if !isAtStart, used + slab.space + slab.height > height { beginPage(with: slab) }
    place(slab, isRepeated: false)
  }

  private mutating func place(_ slab: Slab, isRepeated: Bool) {
    if !pages[pages.count - 1].isEmpty { used += slab.space }
    pages[pages.count - 1].append(Place(top: used, slab: slab, isRepeated: isRepeated))
    used += slab.height
  }
}
