extension Stroke {
  /// The pieces of a polyline that its dashes leave, each from its start to its end with all corners
  /// between; the whole line for a solid stroke.
  ///
  /// Cairo cuts dashes itself, but begins the pattern anew where a line comes into the surface, so
  /// that a page drawn in bands would show where they meet.
  func dashes(along points: [Point]) -> [[Point]] {
    let period = dash.reduce(0, +)
    guard period > 0, period.isFinite, dash.allSatisfy({ $0 >= 0 }), var start = points.first
    else { return [points] }
    // An odd pattern swaps dashes and gaps in its second round, as in cairo and SVG.
    let pattern = dash.count % 2 == 0 ? dash : dash + dash
    var (place, left, isDrawn) = (0, pattern[0], true)
    var pieces: [[Point]] = []
    var piece = [start]
    for end in points.dropFirst() {
      var (dx, dy) = (end.x - start.x, end.y - start.y)
      var length = (dx * dx + dy * dy).squareRoot()
      while length > left {
        start = Point(start.x + dx * left / length, start.y + dy * left / length)
        if isDrawn { pieces.append(piece.last == start ? piece : piece + [start]) }
        piece = [start]
        (dx, dy) = (end.x - start.x, end.y - start.y)
        length = (dx * dx + dy * dy).squareRoot()
        place = (place + 1) % pattern.count
        (left, isDrawn) = (pattern[place], !isDrawn)
      }
      left -= length
      start = end
      piece.append(end)
    }
    if isDrawn, piece.count > 1 { pieces.append(piece) }
    return pieces
  }
}
