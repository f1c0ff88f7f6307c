/// Places labels so that no text lies over another, and none over data where there is room.
enum Placement {
  /// Moves labels apart along a margin, as little as possible in the sum of squares.
  ///
  /// Labels keep the order of the places they want. With `z_i = p_i − c_i`, `c_i` being the distance
  /// that the labels above take up, the condition that neighbours do not overlap is that `z` does
  /// not decrease: isotonic regression, solved by pooling adjacent violators (Ayer et al. 1955);
  /// clamping its solution to the bounds solves the bounded problem.
  ///
  /// - Parameters:
  ///   - wanted: the middle of each label, points, in any order.
  ///   - heights: of each label.
  ///   - bounds: what the labels must lie in; they stick out below if it is too small for all.
  /// - Returns: the middle of each label, in the order given.
  static func spread(_ wanted: [Double], heights: [Double], in bounds: ClosedRange<Double>)
    -> [Double]
  {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    guard let first = order.first, let last = order.last else { return [] }
    var offsets = [0.0]
    for (upper, lower) in zip(order, order.dropFirst()) {
      offsets.append(offsets[offsets.count - 1] + (heights[upper] + heights[lower]) / 2)
    }
    var pools: [(sum: Double, count: Int)] = []
    for (rank, index) in order.enumerated() {
      var pool = (sum: wanted[index] - offsets[rank], count: 1)
      while let above = pools.last,
        above.sum / Double(above.count) >= pool.sum / Double(pool.count)
      {
        pool = (pool.sum + above.sum, pool.count + above.count)
        pools.removeLast()
      }
      pools.append(pool)
    }
    let lowest = bounds.lowerBound + heights[first] / 2
    let highest = max(
      lowest, bounds.upperBound - heights[last] / 2 - offsets[offsets.count - 1])
    var result = wanted
    var rank = 0
    for pool in pools {
      let z = min(max(pool.sum / Double(pool.count), lowest), highest)
      for _ in 0..<pool.count {
        result[order[rank]] = z + offsets[rank]
        rank += 1
      }
    }
    return result
  }

  /// What a label should keep clear of.
  struct Obstacles {
    /// Texts already placed: never covered.
    var texts: [Rect] = []
    /// Symbols of the data: covered only if nothing else is left.
    var symbols: [Rect] = []
    /// Lines of the data.
    private var lines: [Outline] = []
    /// Outlines of tinted areas: words lie better wholly inside or outside.
    private var edges: [Outline] = []

    /// Straight lines from edge to edge, some of `lines`.
    private var rules: [Outline] = []

    mutating func add(line points: [Point]) {
      let outline = Outline(points)
      lines.append(outline)
      if points.count == 2, points[0].x == points[1].x { rules.append(outline) }
    }
    mutating func add(edge points: [Point]) { edges.append(Outline(points)) }

    /// Whether a vertical line would strike words in `box` through.
    func hasRule(through box: Rect) -> Bool { rules.contains { $0.crosses(box) } }

    /// The harm done by a text in `box`; `nil` if it may not stand there at all, or if the harm
    /// reaches `limit`.
    func cost(of box: Rect, for preference: Callout.Preference, limit: Double) -> Double? {
      for text in texts where text.overlaps(box) { return nil }
      // A plate hides lines. A rule, which is one line for all, is left alone if words need not go far for it:
      // far from what they are about they would seem to belong to nothing.
      if preference == .trailing || preference == .centered {
        return preference == .trailing && hasRule(through: box) ? 60 : 0
      }
      var cost = 0.0
      for symbol in symbols where symbol.overlaps(box) {
        cost += 400
        if cost >= limit { return nil }
      }
      for line in lines where line.crosses(box) { cost += 150 }
      // Tints may lie below words, their edges better not.
      for edge in edges where edge.crosses(box) { cost += 8 }
      return cost
    }
  }

  /// A polyline in pieces with the box of each, so that most are passed over at a glance.
  private struct Outline {
    private var pieces: [(box: Rect, points: ArraySlice<Point>)] = []

    init(_ points: [Point]) {
      let length = 24
      for start in stride(from: 0, to: points.count - 1, by: length) {
        let piece = points[start...min(start + length, points.count - 1)]
        let (xs, ys) = (piece.map(\.x), piece.map(\.y))
        guard let minX = xs.min(), let maxX = xs.max(), let minY = ys.min(), let maxY = ys.max()
        else { continue }
        pieces.append((Rect(minX: minX, minY: minY, maxX: maxX, maxY: maxY), piece))
      }
    }

    func crosses(_ target: Rect) -> Bool {
      pieces.contains { piece in
        // Touching counts: the box of a level line has no height.
        piece.box.minX <= target.maxX && target.minX <= piece.box.maxX
          && piece.box.minY <= target.maxY && target.minY <= piece.box.maxY
          && zip(piece.points, piece.points.dropFirst()).contains { a, b in
            target.isCrossed(from: a, to: b)
          }
      }
    }
  }

  /// Where a text of a given size stands best near its anchor.
  ///
  /// - Parameters:
  ///   - size: of the text.
  ///   - callout: what the text belongs to.
  ///   - bounds: what the text must lie in.
  ///   - obstacles: what it should keep clear of.
  /// - Returns: the text's box, or `nil` if no place is free of other texts.
  static func place(
    _ size: Size, for callout: Callout, in bounds: Rect, avoiding obstacles: Obstacles
  ) -> Rect? {
    var best: (cost: Double, box: Rect)?
    func consider(_ center: Point, preference: Double) {
      let box = Rect(
        x: center.x - size.width / 2, y: center.y - size.height / 2, width: size.width,
        height: size.height)
      guard bounds.contains(box, tolerance: 1e-6), preference < best?.cost ?? .infinity,
        let harm = obstacles.cost(
          of: box.inset(-3), for: callout.preference,
          limit: (best?.cost ?? .infinity) - preference)
      else { return }
      if harm + preference < best?.cost ?? .infinity { best = (harm + preference, box) }
    }
    let (a, halfWidth, halfHeight) = (callout.anchor, size.width / 2, size.height / 2)
    switch callout.preference {
    case .beside:
      // Above, below, then the corners and sides; ever farther away.
      for (ring, distance) in [0.0, 6, 14, 26, 42, 64, 96, 140, 200].enumerated() {
        let d = callout.clearance + distance
        for (rank, direction) in [
          (0.0, -1.0), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1), (1, 0), (-1, 0), (0.5, -1),
          (-0.5, -1), (0.5, 1), (-0.5, 1),
        ].enumerated() {
          let (dx, dy) = direction
          let sideways = dy == 0 ? d + halfWidth : dx * (halfWidth + (abs(dx) == 1 ? d * 0.7 : 0))
          let upwards = dx == 0 || dy != 0 ? dy * (d + halfHeight) : 0
          consider(
            Point(a.x + sideways, a.y + upwards),
            preference: Double(ring) * 12 + distance * 0.5 + Double(rank))
        }
      }
    case .trailing:
      for step in 0..<60 {
        consider(
          Point(a.x + callout.trailingDistance + Double(step) * 4 + halfWidth, a.y),
          preference: Double(step) * 5)
      }
    case .corner(let rect, let isLeft, let isTop):
      for row in 0..<12 {
        for column in 0..<24 {
          let (dx, dy) = (
            6 + halfWidth + Double(column) * rect.width / 24,
            4 + halfHeight + Double(row) * size.height * 0.5
          )
          let center = Point(
            isLeft ? rect.minX + dx : rect.maxX - dx, isTop ? rect.minY + dy : rect.maxY - dy)
          // Words about an area must lie in it.
          guard
            rect.inset(-1).contains(
              Rect(
                x: center.x - halfWidth, y: center.y - halfHeight, width: size.width,
                height: size.height))
          else { continue }
          consider(center, preference: Double(row) * 10 + Double(column) * 2)
        }
      }
    case .inside, .centered:
      let center = Point(
        min(max(a.x, bounds.minX + halfWidth), bounds.maxX - halfWidth),
        min(max(a.y, bounds.minY + halfHeight), bounds.maxY - halfHeight))
      consider(center, preference: 0)
      return best?.box
    }
    if let best, best.cost < 400 { return best.box }
    if !callout.isEssential { return nil }
    // All near places do harm: look over the whole panel, near before far.
    let steps = 28
    for row in 0...steps {
      for column in 0...steps {
        let center = Point(
          bounds.minX + halfWidth + (bounds.width - size.width) * Double(column) / Double(steps),
          bounds.minY + halfHeight + (bounds.height - size.height) * Double(row) / Double(steps))
        let distance = abs(center.x - a.x) + abs(center.y - a.y)
        consider(center, preference: 100 + distance)
      }
    }
    return best?.box
  }
}

extension Callout {
  /// How far right of their anchor trailing words begin where nothing is in the way.
  var trailingDistance: Double { clearance + 3 }
}
