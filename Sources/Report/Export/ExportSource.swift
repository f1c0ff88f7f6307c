internal import Chart
internal import Plot
internal import Results
internal import RunLog
internal import Storage

/// The documents of a folder, worked out from the logs as an audit does, with what their tables are to be decorated with.
struct ExportSource {
  /// The main one first; a study has the comparison of its configurations beside it.
  let documents: [Document]
  let comparison: RunComparison?
  let runs: [RunResults]
  /// The run's name; empty where several are compared.
  let runName: String
  /// What whoever exports should know, a sentence each.
  var warnings: [String] = []

  /// - Parameters:
  ///   - folder: a run directory, or the folder of a comparison or a study.
  ///   - showsExamples: whether texts of examples are in a report's tables; as in the written report if `nil`.
  /// - Throws: whatever is wrong with the logs; `RunLogError` if nothing of the kind lies there.
  init(_ folder: String, showsExamples: Bool? = nil) throws {
    let folder = RunDirectory(folder).path
    var differences: [Difference] = []
    if exists("\(folder)/\(Template.Kind.study.record)") {
      let found = try StudyDocuments(
        Self.record(.study, in: folder), in: folder, &differences)
      documents = [found.study.document] + (found.comparison.map { [$0.document] } ?? [])
      comparison = found.comparison?.data.comparison
      runName = ""
    } else if exists("\(folder)/\(Template.Kind.comparison.record)") {
      let recorded = try Self.record(.comparison, in: folder)
      differences += recorded.differences(inputs: try recorded.inputs(in: folder))
      let found = try ComparisonFiles(
        recorded.sources(in: folder), margin: recorded.margin, folder: folder, hasPage: false)
      documents = [found.document]
      comparison = found.data.comparison
      runName = ""
    } else {
      let directory = RunDirectory(folder)
      let hasReport = exists("\(folder)/\(Template.Kind.report.record)")
      let recorded = hasReport ? try Self.record(.report, in: folder) : nil
      var options = try recorded?.options(&differences) ?? ReportOptions()
      options.hasPage = false
      if let showsExamples { options.showsExamples = showsExamples }
      let files = try ReportFiles(
        directory, from: recorded?.source(directory), options: options)
      if let recorded { differences += recorded.differences(inputs: files.document.inputs) }
      documents = [files.document]
      comparison = nil
      runs = [files.rendering.results]
      runName = files.rendering.results.name
      warnings = Self.warnings(differences, documents)
      return
    }
    runs = comparison?.groups.flatMap(\.runs) ?? []
    warnings = Self.warnings(differences, documents)
  }

  private static func record(_ kind: Template.Kind, in folder: String) throws -> RecordedReport {
    try RecordedReport(RandomAccessFile("\(folder)/\(kind.record)").contents(), kind)
  }

  private static func warnings(_ differences: [Difference], _ documents: [Document]) -> [String] {
    guard let first = differences.first, let document = documents.first else { return [] }
    return [
      "What \(document.kind.markdown) was made from has changed since (\(first)); the export shows the state of now. "
        + "Write \(document.kind.markdown) again so that both agree."
    ]
  }

  /// The tables of all documents; what the second repeats of the first is left out.
  var tables: [DocumentTable] {
    var tables: [DocumentTable] = []
    for document in documents {
      let found = DocumentTable.all(of: document.text)
      for table in comparison.map({ ComparedTables(comparison: $0).decorated(found) }) ?? found {
        let isKnown = tables.contains { known in
          known.name == table.name && known.head == table.head
            && known.rows.map { $0.cells.map(\.markdown) }
              == table.rows.map { $0.cells.map(\.markdown) }
        }
        if isKnown { continue }
        let isTaken = tables.contains { $0.name == table.name }
        tables.append(isTaken ? table.named("\(document.kind.rawValue)-\(table.name)") : table)
      }
    }
    return tables
  }

  /// The figures that the documents show, each once.
  var figures: [(drawn: Document.DrawnFigure, caption: String)] {
    var figures: [(drawn: Document.DrawnFigure, caption: String)] = []
    for document in documents {
      for block in MarkdownDocument(document.text.text).blocks {
        guard case .image(_, let file, let caption) = block,
          let drawn = document.figures.first(where: { "\($0.name).png" == file }),
          !figures.contains(where: { $0.drawn.name == drawn.name })
        else { continue }
        figures.append((drawn, caption))
      }
    }
    return figures
  }

  /// The heading of the main document, as it is written.
  var title: String {
    for block in documents.first.map({ MarkdownDocument($0.text.text).blocks }) ?? [] {
      if case .heading(1, let text) = block { return text }
    }
    return documents.first?.kind.rawValue ?? ""
  }
}

extension DocumentTable {
  func named(_ name: String) -> DocumentTable {
    DocumentTable(
      name: name, headings: headings, notes: notes, head: head, isRight: isRight, rows: rows,
      context: context, remarks: remarks)
  }
}
