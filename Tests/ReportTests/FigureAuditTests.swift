import Chart
import Foundation
import Plot
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// Audits of figures: those beside a report, and those in its page.
@Suite struct FigureAuditTests {
  private let folder: TemporaryFolder
  private let directory: RunDirectory

  init() throws {
    folder = try TemporaryFolder()
    directory = RunDirectory(folder.path)
    try Self.tiny.write(to: folder.path)
    let (files, page, pictures) = try Self.written.get()
    try AtomicFile.write(files.markdown, to: directory.report)
    try AtomicFile.write(files.json, to: directory.reportRecord)
    try AtomicFile.write(Definitions.metrics.text, to: directory.definitions)
    try AtomicFile.write(Definitions.checks.text, to: directory.checks)
    try AtomicFile.write(page, to: directory.reportPage)
    for (file, bytes) in pictures { try AtomicFile.write(bytes, to: "\(folder.path)/\(file)") }
  }

  private static let tiny: TinyRun = {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    return tiny
  }()

  /// A report with its page and small figures, worked out once for all tests.
  private static let written = Result {
    let folder = try TemporaryFolder()
    try tiny.write(to: folder.path)
    var options = ReportOptions()
    options.hasPage = true
    let files = try ReportFiles(RunDirectory(folder.path), options: options)
    let pictures = try files.rendering.figures.map { figure in
      (file: "\(figure.name.rawValue).png", bytes: try figure.figure.bytes(.png, dotsPerInch: 20))
    }
    return (files: files, page: try #require(files.page()), pictures: pictures)
  }

  private func audit() throws -> [String] { try Audit(directory).differences.map(\.description) }

  private func bytes(_ file: String) throws -> [UInt8] {
    try RandomAccessFile("\(folder.path)/\(file)").contents()
  }

  @Test func whatWasWrittenPasses() throws {
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty && audit.filesNotCompared.isEmpty, "\(audit.differences)")
    #expect(audit.figures == 13)
  }

  @Test func aFigureUnderTheNameOfAnotherIsNamed() throws {
    try AtomicFile.write(bytes("accuracies.png"), to: "\(folder.path)/losses.png")
    let differences = try audit()
    #expect(differences.count == 1, "\(differences)")
    #expect(
      differences[0].hasPrefix(
        "losses.png: is the figure 'Training and validation accuracies', not "), "\(differences)")
  }

  @Test func aFigureThatWasMirroredIsNamed() throws {
    let path = "\(folder.path)/ROC.png"
    let figure = try #require(Self.written.get().files.rendering.figures.first { $0.name == .roc })
    try figure.figure.write(to: path, format: .png)
    #expect(try audit() == [])
    try #require(Picture(path: path)).mirrored.write(to: path)
    let differences = try audit()
    #expect(differences.count == 1, "\(differences)")
    #expect(differences[0].hasPrefix("ROC.png: is not what the logs give"), "\(differences)")
  }

  /// Every figure of another run with the same title, size and words.
  @Test func figuresOfAnotherRunAreNamed() throws {
    var other = Self.tiny
    (other.epochs, other.plannedEpochs) = (2, 2)
    let elsewhere = try TemporaryFolder()
    try other.write(to: elsewhere.path)
    let rendering = try ReportFiles(RunDirectory(elsewhere.path)).rendering
    try rendering.writeFigures(to: folder.path, style: FigureStyle(dotsPerInch: 20))
    let differences = try audit()
    for figure in rendering.figures {
      #expect(
        differences.contains(
          "\(figure.name.rawValue).png: was drawn from other data than the logs hold now."),
        "\(figure.name)")
    }
  }

  @Test func aLabelChangedInThePageIsNamed() throws {
    let page = try Self.written.get().page
    let label = try #require(page.firstRange(of: />[0-9.]+<\/text>/))
    let line = page[..<label.lowerBound].split(
      separator: "<svg", omittingEmptySubsequences: false
    ).dropLast().joined(separator: "<svg").count { $0 == "\n" }
    try AtomicFile.write(
      page.replacingCharacters(in: label, with: ">99.9</text>"), to: directory.reportPage)
    let differences = try audit()
    #expect(differences.count == 1, "\(differences)")
    #expect(differences[0].hasPrefix("report.html:\(line + 1): the figure '"), "\(differences)")
    #expect(
      differences[0].contains("was changed after it was drawn: expected '<text"), "\(differences)")
    #expect(differences[0].contains(">99.9</text>'"), "\(differences)")
  }

  @Test func drawingsOfAPageThatChangedPlacesAreNamed() throws {
    let page = try Self.written.get().page
    let elements = PageDrawings(page).elements.map(\.text)
    try AtomicFile.write(
      page.replacing(elements[0], with: "\u{1}").replacing(elements[1], with: elements[0])
        .replacing("\u{1}", with: elements[1]), to: directory.reportPage)
    #expect(try audit().count { $0.contains("was drawn from other data") } == 2)
    try AtomicFile.write(page.replacing(elements[3], with: ""), to: directory.reportPage)
    let fewer = try audit()
    #expect(fewer.contains("report.html: has 12 figures; the logs give 13."), "\(fewer)")
  }

  /// What an audit finds where another installation drew the figures.
  @Test func otherFontsAreToldFromOtherData() throws {
    var theme = Theme.light
    theme.fontFamily = "Noto Sans"
    let rendering = try Self.written.get().files.rendering
    try rendering.writeFigures(to: folder.path, style: FigureStyle(theme: theme, dotsPerInch: 20))
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty, "\(audit.differences)")
    #expect(audit.filesNotCompared == rendering.figures.map { "\($0.name.rawValue).png" })
    #expect(audit.figures == 13 && audit.figuresCompared == 0)
    // One of them with a bit changed.
    var losses = try bytes("losses.png")
    losses[losses.count / 2] ^= 1
    try AtomicFile.write(losses, to: "\(folder.path)/losses.png")
    let differences = try self.audit()
    #expect(
      differences.count == 1
        && differences[0].hasPrefix("losses.png: was changed after it was drawn"),
      "\(differences)")
  }

  /// Whoever draws the figures of a report for a column of a journal, or for a dark page, still passes.
  @Test(arguments: [
    FigureStyle(dotsPerInch: 20, width: 240),
    FigureStyle(dotsPerInch: 30, width: 482, isTitled: false),
    FigureStyle(theme: .dark, dotsPerInch: 20, width: 240, isTitled: false),
    FigureStyle(theme: .named(.print), dotsPerInch: 20),
  ])
  func figuresInAnyStyleAreTheSame(_ style: FigureStyle) throws {
    let rendering = try Self.written.get().files.rendering
    try rendering.writeFigures(to: folder.path, style: style)
    let audit = try Audit(directory)
    #expect(audit.differences.isEmpty, "\(audit.differences)")
    #expect(audit.figuresCompared == 13)
    // Of another style than they say.
    let file = try rendering.figures[0].figure.file(.png, style).bytes
    var other = style
    (other.width, other.isTitled) = (300, true)
    let drawn = try rendering.figures[0].figure.file(.png, other).bytes
    #expect(file != drawn)
  }

  /// The record names what each figure shows, in the same words on any installation.
  @Test func theRecordNamesWhatFiguresShow() throws {
    let files = try Self.written.get().files
    let json = try JSON.parse(Array(files.json.utf8), file: "report.json")
    let figures = try #require(json["figures"]?.array)
    #expect(figures.count == files.rendering.figures.count)
    for (entry, figure) in zip(figures, files.rendering.figures) {
      #expect(entry["file"]?.string == "\(figure.name.rawValue).png")
      #expect(entry["content"]?.string == figure.figure.contentHash)
    }
    #expect(Set(figures.map(\.text)).count == figures.count)
  }
}
