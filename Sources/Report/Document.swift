internal import Chart
internal import Plot
internal import RunLog
internal import Storage

/// A text that numbers were filled into, with its record, its figures and, if asked for, its page: a report,
/// a comparison or a study's answer, as they are written and as an audit expects them.
struct Document: Sendable {
  /// A figure that the text may show.
  struct DrawnFigure: Sendable {
    /// The file's name without its ending, such as `losses`.
    let name: String
    let figure: Figure
  }
  let kind: Template.Kind
  /// Where the files go.
  let folder: String
  let text: FilledTemplate
  let record: ReportRecord
  /// What it was made from.
  let inputs: InputFiles
  let figures: [DrawnFigure]
  /// Those of the figures that the text shows.
  let shownFigures: [DrawnFigure]
  /// What custom templates have other than the built-in ones, a sentence each; `nil` with those.
  let templateDifferences: [String]?
  /// `nil` if no page was asked for.
  private let pageTemplate: Template?
  private let isLive: Bool
  /// What the PDF is printed on; `nil` if none was asked for.
  private let paper: Paper?

  /// Fills a template; nothing is written yet.
  ///
  /// - Parameters:
  ///   - kind: what it is of, which also names the files.
  ///   - folder: where the files go.
  ///   - data: fills a template with values, which the collector remembers.
  ///   - options: words, and whether there is a page.
  ///   - settings: what else the record must hold so that an audit can make the same.
  ///   - inputs: what it was made from.
  ///   - figures: those that could be drawn.
  /// - Throws: `TemplateError` only if the program was built with a broken template.
  init(
    _ kind: Template.Kind, folder: String, filledBy data: some TagSource,
    options: ReportOptions = ReportOptions(), settings: JSONObject, inputs: InputFiles,
    figures: [DrawnFigure]
  ) throws {
    let template = try options.template ?? Template.builtIn(kind)
    pageTemplate = options.hasPage ? try options.pageTemplate ?? Template.builtIn(.page) : nil
    (text, isLive, paper) = (FilledTemplate(template, data), options.isLive, options.paper)
    let words = text.text
    shownFigures = figures.filter { words.contains("](\($0.name).png)") }
    var settings = settings
    // Only then, so that the record of a report without one says nothing of it.
    if let paper {
      settings["pdf"] = .object([
        "file": .string(kind.print), "paper": .string(paper.rawValue),
      ])
    }
    record = ReportRecord(
      text, of: kind, template: template, pageTemplate: pageTemplate, settings: settings,
      inputs: inputs, figures: shownFigures)
    (self.kind, self.folder, self.inputs, self.figures) = (kind, folder, inputs, figures)
    let custom = [(template, kind)] + (pageTemplate.map { [($0, .page)] } ?? [])
    let sentences = custom.filter { !$0.0.isBuiltIn }.map { template, part in
      TemplateDifference(template.text, from: part.builtInText)
        .words("The template of \(part == .page ? kind.page : part.markdown)")
    }
    templateDifferences = sentences.isEmpty ? nil : sentences.flatMap { $0 }
  }

  /// The text as a page of HTML that needs no other file.
  ///
  /// - Parameter hasDrawings: whether figures are in it; their place is left empty if not.
  /// - Returns: `nil` if no page was asked for.
  func page(hasDrawings: Bool = true) -> String? {
    guard let pageTemplate else { return nil }
    let values = pageData(hasDrawings: hasDrawings).values(ValueCollector())
    return pageTemplate.render(values).text
  }

  /// What a template of the page can print.
  func pageData(hasDrawings: Bool) -> PageData {
    PageData(text.text, Definitions.linked(from: kind), isLive: isLive) { file in
      guard let figure = figures.first(where: { "\($0.name).png" == file }) else { return nil }
      return hasDrawings
        ? figure.figure.inlineSVG(id: Self.pageID(figure.name))
        : PageDrawings("<svg></svg>").rest + "\n"
    }
  }

  /// The text as it is printed; its figures are laid out for the paper.
  ///
  /// - Returns: `nil` if no PDF was asked for.
  func printed() -> PrintedDocument? {
    guard let paper else { return nil }
    var writer = ManuscriptWriter { file in
      figures.first { "\($0.name).png" == file }?.figure
    }
    return PrintedDocument(writer.manuscript(text.text), on: paper)
  }

  /// The id of a figure's drawing in the page.
  static func pageID(_ name: String) -> String { "figure-\(name)" }

  /// The figures that the page shows, in its order; one that it shows twice stands twice.
  var imagesOfPage: [DrawnFigure] {
    MarkdownDocument(text.text).blocks.compactMap { block in
      guard case .image(_, let file, _) = block else { return nil }
      return figures.first { "\($0.name).png" == file }
    }
  }

  /// A sentence about each page and PDF that lies there from before, if none is written now.
  var leftovers: [String] {
    let options = [
      (file: kind.page, isWritten: pageTemplate != nil, option: "--html"),
      (file: kind.print, isWritten: paper != nil, option: "--pdf"),
    ]
    return options.filter { !$0.isWritten && exists("\(folder)/\($0.file)") }.map {
      "\(folder)/\($0.file) belongs to an earlier \(kind == .report ? "report" : "answer"); \($0.option) "
        + "writes it again."
    }
  }

  /// Checks that nothing but earlier answers is written over.
  ///
  /// - Parameters:
  ///   - run: what it was made from, if it is one run.
  ///   - formats: of the figures.
  /// - Throws: `RunLogError` that names what is not from here.
  func checkOverwriting(of run: Run? = nil, formats: [FigureFormat] = [.png]) throws {
    var names = Definitions.linked(from: kind).map(\.file) + [kind.record, kind.markdown]
    names += figures.flatMap { figure in formats.map { "\(figure.name).\($0.rawValue)" } }
    if pageTemplate != nil { names.append(kind.page) }
    if paper != nil { names.append(kind.print) }
    try refuseOverwriting(names.map { "\(folder)/\($0)" }, in: folder, of: run)
  }

  /// Writes the definitions, to which the text links, the record, the text and, if they were asked for, the page and
  /// the PDF, each whole or not at all.
  ///
  /// If writing ends between two of them, the audit says that they do not belong together.
  ///
  /// - Returns: the paths, the main one first, and what readers of the PDF will miss.
  /// - Throws: `StorageError` if one cannot be written, `ChartError` if the PDF cannot be drawn.
  func write() throws -> WrittenDocument {
    // What cannot be drawn leaves everything as it was.
    let printed = printed()
    let pdf = try printed?.pdf()
    try makeFolder(folder)
    for linked in Definitions.linked(from: kind) {
      try AtomicFile.write(linked.text, to: "\(folder)/\(linked.file)")
    }
    try AtomicFile.write(record.text, to: "\(folder)/\(kind.record)")
    var paths = ["\(folder)/\(kind.markdown)"]
    try AtomicFile.write(text.text, to: paths[0])
    if let page = page() {
      paths.append("\(folder)/\(kind.page)")
      try AtomicFile.write(page, to: paths[paths.count - 1])
    }
    if let pdf {
      paths.append("\(folder)/\(kind.print)")
      try AtomicFile.write(pdf, to: paths[paths.count - 1])
    }
    return WrittenDocument(paths: paths, textsLackingGlyphs: printed?.textsLackingGlyphs ?? [])
  }
}

extension Template.Kind {
  /// The names of a document's files, such as `report.md`.
  var markdown: String { self == .card ? "model/README.md" : "\(rawValue).md" }
  var record: String { "\(rawValue).json" }
  var page: String { "\(rawValue).html" }
  var print: String { "\(rawValue).pdf" }
}
