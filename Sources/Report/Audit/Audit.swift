public import RunLog

internal import Chart
internal import Storage

/// Works a report, a comparison or a study's answer out again from the logs and compares it with the one that
/// lies there.
public struct Audit: Sendable {
  /// What does not agree; none if the text is what its logs give.
  public private(set) var differences: [Difference]
  /// Files with drawings that could not be compared pixel by pixel, since they are set in fonts that this installation
  /// does not have.
  public private(set) var filesNotCompared: [String] = []
  /// What was audited, such as `report.md`.
  public let file: String
  /// How many numbers it prints.
  public let numbers: Int
  /// How many files it was made from.
  public let inputs: Int
  /// How many figures it shows.
  public let figures: Int
  /// How many of them could be compared pixel by pixel.
  public var figuresCompared: Int { figures - filesNotCompared.count { $0.hasSuffix(".png") } }
  /// What its custom templates have other than the built-in ones, a sentence each; `nil` with those.
  public let templateDifferences: [String]?
  private let kind: Template.Kind

  /// Audits all that lies in a folder: the report of a run, a comparison, a study's answer.
  ///
  /// - Parameters:
  ///   - folder: with `report.md` and `report.json`, or the same of a comparison or a study.
  ///   - template: the one that the report of a run should be of; the one that report.json names if `nil`.
  /// - Returns: an audit of each, at least one.
  /// - Throws: `RunLogError` if a text or its record is missing; whatever keeps files from being read.
  public static func all(in folder: String, template: Template? = nil) throws -> [Audit] {
    let directory = RunDirectory(folder)
    var kinds = [Template.Kind.report, .study, .comparison, .fewShot].filter { kind in
      [kind.markdown, kind.record].contains { exists("\(directory.path)/\($0)") }
    }
    // A README that somebody has written is no card of ours; the record says what is.
    if exists("\(directory.path)/\(Template.Kind.card.record)") { kinds.append(.card) }
    if template != nil, kinds.first ?? .report != .report {
      throw RunLogError(
        file: folder, "holds no report of a run, which is what --template is for; leave it out.")
    }
    // A study's answer and its comparison are worked out together.
    var documents: StudyDocuments?
    return try (kinds.isEmpty ? [.report] : kinds).map { kind in
      switch kind {
      case .report, .page: try Audit(directory, template: template)
      case .study: try Audit(studyIn: directory.path, &documents)
      case .comparison: try Audit(comparisonIn: directory.path, &documents)
      case .card: try Audit(cardIn: directory)
      case .fewShot: try Audit(fewShotIn: directory.path)
      }
    }
  }

  /// Audits the report of a run.
  ///
  /// - Parameters:
  ///   - directory: the run's, with `report.md` and `report.json`.
  ///   - template: the one that the report should be of; the one that report.json names if `nil`.
  /// - Throws: `RunLogError` if there is no report; whatever keeps files from being read.
  public init(_ directory: RunDirectory, template: Template? = nil) throws {
    try self.init(.report, in: directory.path) { recorded, differences in
      var options = ReportOptions()
      var source: LogSource?
      if let recorded {
        source = recorded.source(directory)
        if let path = source?.path {
          let folder = isFolder(path) ? path : normalizedPath("\(path)/..")
          differences += recorded.differences(inputs: try recorded.inputs(in: folder))
        }
        do {
          options = try recorded.options(&differences)
        } catch let error as TemplateError {
          differences.append(Difference("report.json", "\(error)"))
        }
      }
      if let template { options.template = template }
      do {
        return try ReportFiles(directory, from: source, options: options).document
      } catch {
        // What was changed may say why nothing can be worked out; else the document names its inputs itself.
        if source == nil {
          differences += recorded?.differences(inputs: try InputFiles(directory)) ?? []
        }
        throw error
      }
    }
  }

  /// Audits the model card of a run.
  private init(cardIn directory: RunDirectory) throws {
    try self.init(.card, in: directory.path) { _, _ in try CardFiles(directory).document }
  }

  /// Audits a study's answer.
  private init(studyIn folder: String, _ documents: inout StudyDocuments?) throws {
    try self.init(.study, in: folder) { recorded, differences in
      guard let recorded else { return nil }
      let found = try StudyDocuments(recorded, in: folder, &differences)
      documents = found
      return found.study.document
    }
  }

  /// Audits the answer of `report few-shot`.
  private init(fewShotIn folder: String) throws {
    try self.init(.fewShot, in: folder) { recorded, differences in
      guard let recorded, let definition = recorded.fewShot(in: folder) else { return nil }
      differences += recorded.differences(inputs: try recorded.inputs(in: folder))
      let options = try recorded.options(&differences)
      return try FewShotFiles(definition, in: folder, hasPage: options.hasPage).document
    }
  }

  /// Audits a comparison of runs that were named, or of a study's.
  private init(comparisonIn folder: String, _ documents: inout StudyDocuments?) throws {
    try self.init(.comparison, in: folder) { recorded, differences in
      guard let recorded else { return nil }
      differences += recorded.differences(inputs: try recorded.inputs(in: folder))
      if recorded.isOfStudy {
        let record = "\(folder)/\(Template.Kind.study.record)"
        guard exists(record) else {
          throw RunLogError(
            file: record,
            "there is no such file, and \(folder)/comparison.json is of a study; write "
              + "both again with `report study … --collect`.")
        }
        let found: StudyDocuments
        do {
          var others: [Difference] = []
          found =
            try documents
            ?? StudyDocuments(
              RecordedReport(RandomAccessFile(record).contents(), .study), in: folder, &others)
        } catch let error as JSONError {
          differences.append(Self.unreadable(.study, error))
          return nil
        }
        if found.comparison == nil {
          differences.append(
            Difference("comparison.md", "compares configurations none of whose runs is complete."))
        }
        return found.comparison?.document
      }
      let options = try recorded.options(&differences)
      return try ComparisonFiles(
        recorded.sources(in: folder), margin: recorded.margin, folder: folder,
        hasPage: options.hasPage, paper: options.paper
      ).document
    }
  }

  /// - Parameters:
  ///   - kind: what is audited.
  ///   - folder: where its files lie.
  ///   - workOut: gives what the logs give, by what the record says, `nil` if that cannot be read; adds what
  ///     it finds on the way. Gives nothing where nothing can be worked out.
  /// - Throws: `RunLogError` if a file is missing.
  private init(
    _ kind: Template.Kind, in folder: String,
    _ workOut: (_ recorded: RecordedReport?, _ differences: inout [Difference]) throws -> Document?
  ) throws {
    func contents(_ file: String) throws -> [UInt8] {
      try RandomAccessFile("\(folder)/\(file)").contents()
    }
    for file in [kind.markdown, kind.record] where !exists("\(folder)/\(file)") {
      throw RunLogError(
        file: "\(folder)/\(file)", "there is no such file; " + Self.advice(kind, folder))
    }
    let record = try contents(kind.record)
    let markdown = try contents(kind.markdown)
    let page = exists("\(folder)/\(kind.page)") ? try contents(kind.page) : nil
    var differences: [Difference] = []
    var recorded: RecordedReport?
    do throws(JSONError) {
      recorded = try RecordedReport(record, kind)
    } catch {
      differences.append(Self.unreadable(kind, error))
    }
    let expected: Document?
    do {
      expected = try workOut(recorded, &differences)
    } catch {
      // A changed input may be beyond reading; that is an answer, not a failure of the audit.
      guard !differences.isEmpty else { throw error }
      differences.append(Difference(kind.markdown, "cannot be recomputed: \(error)"))
      expected = nil
    }
    guard let expected else {
      self.init(kind, differences)
      return
    }
    self.init(expected: expected, markdown: markdown, record: record, page: page)
    // A card goes to the hub alone and links to nothing beside it.
    if kind != .card { compareDefinitions(folder) }
    take(try FigureAudit(expected, in: folder))
    try comparePDF(folder, expected)
    self.differences = differences.filter { !self.differences.contains($0) } + self.differences
  }

  /// Compares a document's files with those expected.
  ///
  /// - Parameters:
  ///   - expected: what the logs give.
  ///   - markdown: the contents of the text.
  ///   - record: the contents of its record.
  ///   - page: the contents of the page, if there is one.
  init(expected: Document, markdown: [UInt8], record: [UInt8], page: [UInt8]? = nil) {
    differences = []
    (kind, file) = (expected.kind, expected.kind.markdown)
    numbers = expected.text.places.count { $0.value.number != nil }
    inputs = expected.inputs.files.count
    figures = expected.shownFigures.count
    templateDifferences = expected.templateDifferences
    do {
      let recorded = try RecordedReport(record, kind)
      differences = recorded.differences(inputs: expected.inputs)
      compareText(markdown, expected.text)
      compareRecord(record, recorded, expected)
    } catch {
      differences = [Self.unreadable(kind, error)]
      compareText(markdown, expected.text)
    }
    comparePage(page, expected)
  }

  /// An audit that could not go on.
  private init(_ kind: Template.Kind, _ differences: [Difference]) {
    (self.kind, self.differences, file) = (kind, differences, kind.markdown)
    (numbers, inputs, figures, templateDifferences) = (0, 0, 0, nil)
  }

  private static func unreadable(_ kind: Template.Kind, _ error: JSONError) -> Difference {
    Difference(kind.record, line: error.line, column: error.column, error.message)
  }

  /// How to get the files that are missing.
  private static func advice(_ kind: Template.Kind, _ folder: String) -> String {
    switch kind {
    case .report, .page: "write the report with `report \(folder)`."
    case .comparison: "write the comparison again with `report compare` or `report study`."
    case .study: "write the answer again with `report study … --collect`."
    case .card: "write the card again with `report card \(folder)`."
    case .fewShot: "write the answer again with `report few-shot … --collect`."
    }
  }

  private mutating func compareText(_ found: [UInt8], _ expected: FilledTemplate) {
    if found == Array(expected.text.utf8) { return }
    let differences = TextComparison(file, expected: expected).differences(to: text(found))
    self.differences += differences.isEmpty ? [Self.invisible(file)] : differences
  }

  private mutating func compareRecord(
    _ found: [UInt8], _ recorded: RecordedReport, _ expected: Document
  ) {
    if found == Array(expected.record.text.utf8) { return }
    var differences = recorded.differences(numbersOf: expected.record)
    if differences.isEmpty {
      differences = TextComparison(kind.record, expected: expected.record.text)
        .differences(to: text(found))
    }
    self.differences += differences.isEmpty ? [Self.invisible(kind.record)] : differences
  }

  private mutating func compareDefinitions(_ folder: String) {
    for linked in Definitions.linked(from: kind) {
      let file = linked.file
      guard let found = try? RandomAccessFile("\(folder)/\(file)").contents() else {
        differences.append(Difference(file, "is linked from the report but is missing."))
        continue
      }
      if found == Array(linked.text.utf8) { continue }
      let differences = TextComparison(file, expected: linked.text).differences(to: text(found))
      self.differences += differences.isEmpty ? [Self.invisible(file)] : differences
    }
  }

  /// Drawings are compared by themselves: they depend on the fonts of an installation.
  private mutating func comparePage(_ found: [UInt8]?, _ expected: Document) {
    switch (found, expected.page(hasDrawings: false)) {
    case (let found?, let rest?):
      let page = PageDrawings(text(found))
      if !page.rest.utf8.elementsEqual(rest.utf8) {
        let differences = TextComparison(kind.page, expected: rest).differences(to: page.rest)
        self.differences += differences.isEmpty ? [Self.invisible(kind.page)] : differences
      }
      take(FigureAudit(expected, page))
    case (_?, nil):
      differences.append(
        Difference(
          kind.page, "does not belong to this report; write it again with --html, or delete it."))
    case (nil, _?):
      differences.append(Difference(kind.page, "was written with the report but is missing."))
    case (nil, nil): break
    }
  }

  /// A PDF is drawn again whole: on one installation its bytes are the same.
  private mutating func comparePDF(_ folder: String, _ expected: Document) throws {
    let path = "\(folder)/\(kind.print)"
    switch (exists(path), expected.printed()) {
    case (true, let printed?):
      switch try printed.compare(pdf: RandomAccessFile(path).contents()) {
      case .same: break
      case .otherFonts: filesNotCompared.append(kind.print)
      case .differs(let reason): differences.append(Difference(kind.print, reason))
      }
    case (true, nil):
      differences.append(
        Difference(
          kind.print, "does not belong to this report; write it again with --pdf, or delete it."))
    case (false, _?):
      differences.append(Difference(kind.print, "was written with the report but is missing."))
    case (false, nil): break
    }
  }

  private mutating func take(_ figures: FigureAudit) {
    differences += figures.differences
    filesNotCompared += figures.notCompared.filter { !filesNotCompared.contains($0) }
  }

  private static func invisible(_ file: String) -> Difference {
    Difference(file, "its bytes differ at the end of the file, or are not valid UTF-8.")
  }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
