internal import Storage

extension Manuscript {
  /// SHA-256 of all words, tables and figures, whatever fonts an installation has.
  func contentHash(on paper: Paper) -> String {
    var bytes: [UInt8] = []
    func add(_ words: String...) {
      // Every part is preceded by its length, so that none can pass for two.
      for word in words { bytes += "\(word.utf8.count) \(word)\n".utf8 }
    }
    func add(_ text: RichText) {
      add("text", "\(text.runs.count)")
      for run in text.runs {
        let link =
          switch run.link {
          case nil: ""
          case .address(let address): "address \(address)"
          case .place(let name): "place \(name)"
          }
        add(run.text, "\(run.style.rawValue)", link)
      }
    }
    func add(_ blocks: [Block]) {
      add("blocks", "\(blocks.count)")
      for block in blocks {
        switch block {
        case .heading(let level, let text):
          add("heading", "\(level)")
          add(text)
        case .paragraph(let text):
          add("paragraph")
          add(text)
        case .lead(let text):
          add("lead")
          add(text)
        case .list(let start, let items):
          add("list", start.map { "\($0)" } ?? "", "\(items.count)")
          for item in items { add(item) }
        case .quotation(let blocks):
          add("quotation")
          add(blocks)
        case .code(let text): add("code", text)
        case .table(let table):
          add("table", "\(table.isRight)", "\(table.rows.count)")
          for cell in table.head + table.rows.flatMap({ $0 }) { add(cell) }
        case .figure(let figure, let caption):
          add("figure", figure.contentHash)
          add(caption)
        case .rule: add("rule")
        case .place(let name): add("place", name)
        }
      }
    }
    add(title, paper.rawValue)
    add(blocks)
    return SHA256.hex(of: bytes)
  }
}
