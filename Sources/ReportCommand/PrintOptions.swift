internal import ArgumentParser
internal import Chart

/// Whether a document is printed, and on what.
struct PrintOptions: ParsableArguments {
  @Flag(help: "Write a PDF too, for paper: numbered pages with all figures in it.")
  var pdf = false

  @Option(
    help: ArgumentHelp("Paper of the PDF: a4 (the default) or letter.", valueName: "paper"),
    completion: .list(Paper.allCases.map(\.rawValue)))
  var paper: String?

  func validate() throws {
    guard let paper else { return }
    guard Paper(rawValue: paper) != nil else {
      throw ValidationError("'\(paper)' is not a paper; --paper takes a4 or letter.")
    }
    if !pdf { throw ValidationError("--paper is for the PDF that --pdf writes; give both.") }
  }

  /// `nil` if no PDF was asked for.
  var chosenPaper: Paper? { pdf ? paper.flatMap { Paper(rawValue: $0) } ?? .a4 : nil }
}
