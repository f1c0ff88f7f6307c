internal import Chart
internal import Dispatch
internal import Storage

/// Draws a document's figures again and compares them with those that lie beside it, and with those in its
/// page.
struct FigureAudit: Sendable {
  private(set) var differences: [Difference] = []
  /// Files with drawings that could not be compared, since they are set in fonts other than those here.
  private(set) var notCompared: [String] = []

  private struct Finding: Sendable {
    let file: String
    let line: Int?
    let comparison: DrawingComparison
  }

  /// Compares the files of a folder.
  ///
  /// - Parameters:
  ///   - document: as the logs give it.
  ///   - folder: where its figures lie.
  /// - Throws: `StorageError` for a file that cannot be read, `ChartError` for a figure that cannot be drawn.
  init(_ document: Document, in folder: String) throws {
    let figures = document.shownFigures
    let outcomes = Locked([Result<Finding, any Error>?](repeating: nil, count: figures.count))
    DispatchQueue.concurrentPerform(iterations: figures.count) { index in
      let figure = figures[index]
      let outcome = Result { try Self.compare(figure, in: folder) }
      outcomes.withLock { $0[index] = outcome }
    }
    take(try outcomes.withLock { try $0.compactMap { try $0?.get() } })
  }

  /// Compares the drawings of a page.
  ///
  /// - Parameters:
  ///   - document: as the logs give it.
  ///   - drawings: those of the page.
  init(_ document: Document, _ drawings: PageDrawings) {
    let file = document.kind.page
    let expected = document.imagesOfPage
    guard expected.count == drawings.elements.count else {
      let (found, count) = (drawings.elements.count, expected.count)
      differences = [Difference(file, "has \(found) figures; the logs give \(count).")]
      return
    }
    let findings = Locked([Finding?](repeating: nil, count: expected.count))
    DispatchQueue.concurrentPerform(iterations: expected.count) { index in
      let element = drawings.elements[index]
      let figure = expected[index]
      let comparison = figure.figure.compare(
        inlineSVG: element.text + "\n", id: Document.pageID(figure.name))
      let named: DrawingComparison =
        if case .differs(let reason) = comparison {
          .differs(reason: "the figure '\(figure.name)' \(reason)")
        } else {
          comparison
        }
      findings.withLock {
        $0[index] = Finding(file: file, line: element.line, comparison: named)
      }
    }
    take(findings.withLock { $0.compactMap { $0 } })
  }

  private mutating func take(_ findings: [Finding]) {
    for finding in findings {
      switch finding.comparison {
      case .same: break
      case .otherFonts: notCompared.append(finding.file)
      case .differs(let reason):
        differences.append(Difference(finding.file, line: finding.line, reason))
      }
    }
  }

  private static func compare(_ figure: Document.DrawnFigure, in folder: String) throws -> Finding {
    let file = "\(figure.name).png"
    let path = "\(folder)/\(file)"
    guard exists(path) else {
      return Finding(
        file: file, line: nil,
        comparison: .differs(reason: "is shown in the report but is missing."))
    }
    return Finding(
      file: file, line: nil,
      comparison: try figure.figure.compare(png: RandomAccessFile(path).contents()))
  }
}
