/// A document before it is set: words, tables and figures in their order, without a place on any page.
package struct Manuscript: Sendable {
  /// What follows from top to bottom.
  package indirect enum Block: Sendable {
    /// A heading; levels count from 1.
    case heading(level: Int, RichText)
    case paragraph(RichText)
    /// A line that stays with what follows it, such as the summary of what is folded on a screen.
    case lead(RichText)
    /// Items with numbers from `start`, or with bullets if that is `nil`.
    case list(start: Int?, items: [[Block]])
    case quotation([Block])
    /// Set letter by letter, line by line.
    case code(String)
    case table(Table)
    case figure(Figure, caption: RichText)
    case rule
    /// A name for what follows, to which links lead.
    case place(String)
  }

  /// Rows of equally many cells.
  package struct Table: Sendable {
    /// Nothing but empty cells where the table has no head.
    package let head: [RichText]
    /// Whether a column is set flush right, as numbers are.
    package let isRight: [Bool]
    package let rows: [[RichText]]

    package init(head: [RichText], isRight: [Bool], rows: [[RichText]]) {
      (self.head, self.isRight, self.rows) = (head, isRight, rows)
    }

    var hasHead: Bool { head.contains { !$0.isEmpty } }
  }

  package let title: String
  package let blocks: [Block]

  package init(title: String, blocks: [Block]) { (self.title, self.blocks) = (title, blocks) }
}
