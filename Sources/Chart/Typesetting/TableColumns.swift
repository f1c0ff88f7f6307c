/// The widths of a table's columns, solved for the page.
struct TableColumns: Equatable {
  /// What a column asks for, in points.
  struct Need: Equatable {
    /// With every cell in one line.
    var natural: Double
    /// With lines broken between words; numbers are never broken.
    var least: Double
  }

  /// Between two columns, in points.
  static let gap = 9.0

  /// Widths of neighbouring columns that stand in one table.
  let widths: [Double]

  /// Where a column begins, from the table's left edge.
  func start(_ column: Int) -> Double {
    widths[..<column].reduce(0) { $0 + $1 + Self.gap }
  }

  var total: Double { Self.total(widths) }

  private static func total(_ widths: [Double]) -> Double {
    widths.reduce(0, +) + Double(max(0, widths.count - 1)) * gap
  }

  /// Whether every cell can have one line.
  static func fitInOneLine(_ needs: [Need], _ width: Double) -> Bool {
    total(needs.map(\.natural)) <= width
  }

  /// Whether no word has to be broken.
  static func fit(_ needs: [Need], _ width: Double) -> Bool {
    total(needs.map(\.least)) <= width
  }

  /// Shares a page's width among columns.
  ///
  /// Every column gets what its words take at least. Of what is left the narrower columns get all they ask for, before
  /// a long text takes the rest.
  ///
  /// - Parameters:
  ///   - needs: of each column.
  ///   - width: of the page; a single column that needs more is cut down to it.
  init(_ needs: [Need], width: Double) {
    var widths = needs.map(\.least)
    var rest = width - Self.total(widths)
    if rest < 0 {
      // Too wide whatever is done; each gives up the same share.
      let room = max(1, width - Double(max(0, needs.count - 1)) * Self.gap)
      let factor = room / max(1, widths.reduce(0, +))
      self.widths = widths.map { $0 * factor }
      return
    }
    // Those that lack least first, each with an equal share of what is left.
    let order = needs.indices.sorted {
      (needs[$0].natural - needs[$0].least, $0) < (needs[$1].natural - needs[$1].least, $1)
    }
    for (position, column) in order.enumerated() {
      let extra = min(
        needs[column].natural - needs[column].least, rest / Double(order.count - position))
      widths[column] += extra
      rest -= extra
    }
    self.widths = widths
  }

  /// Divides columns that do not fit side by side into parts, each of which fits; the first column, which says what a
  /// row is about, stands in every part.
  ///
  /// - Returns: the columns of each part.
  static func parts(_ needs: [Need], width: Double) -> [[Int]] {
    guard let first = needs.first else { return [] }
    var parts: [[Int]] = []
    var part = [0]
    var used = first.least
    for column in needs.indices.dropFirst() {
      let more = gap + needs[column].least
      if used + more > width, part.count > 1 {
        parts.append(part)
        part = [0]
        used = first.least
      }
      part.append(column)
      used += more
    }
    return parts + [part]
  }
}
