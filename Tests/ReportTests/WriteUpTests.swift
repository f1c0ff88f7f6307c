import Foundation
import RunLog
import Storage
import TestSupport
import Testing

@testable import Report

/// The write-up of a run with three targets, as its reader meets it: how long it is, and in what order.
@Suite struct WriteUpTests {
  private static let text = Result {
    let folder = try TemporaryFolder()
    try ThreeTargetRun().write(to: folder.path)
    return try ReportFiles(RunDirectory(folder.path)).markdown
  }

  /// Without what is folded, of which a reader sees one line each.
  private func unfolded() throws -> String {
    let text = try Self.text.get()
    return text.replacing(/(?s)<details>\n<summary>(.*?)<\/summary>.*?<\/details>/) { $0.output.1 }
  }

  @Test func itHasAtMostThreeThousandWords() throws {
    let words = try unfolded().split { $0.isWhitespace }.count
    #expect((1000...3000).contains(words), "\(words)")
    #expect(try Self.text.get().components(separatedBy: "<details>").count > 8)
  }

  /// Summary and results, the sections that a write-up of an experiment has, then the anatomy.
  @Test func itsSectionsAreInOrder() throws {
    let headings = try Self.text.get().split(separator: "\n").filter {
      $0.hasPrefix("## ") || $0.hasPrefix("### ")
    }
    #expect(
      headings == [
        "## Summary", "## Results", "### Transfer Gap", "## Model Specifications",
        "### Architecture",
        "## Training Configuration", "## Model Architecture Details", "## Visualizations",
        "### Training Dynamics", "### Model Performance Analysis", "### Cross-lingual Analysis",
        "### Summary Dashboards", "## Experimental Goals", "## By Class",
        "## What the Gap Is Made Of", "## Calibration", "## Which Epoch",
        "## Most Confident Mistakes", "## Cost", "## Caveats", "## Reproduction",
      ])
  }

  /// Every link within it leads to a heading.
  @Test func itsLinksLeadSomewhere() throws {
    let text = try Self.text.get()
    let anchors = Set(
      text.split(separator: "\n").filter { $0.hasPrefix("#") }.map {
        HTMLWriter.anchor(of: String($0.drop { $0 == "#" || $0 == " " }))
      })
    for link in text.matches(of: /\]\(#([^)]*)\)/) {
      #expect(anchors.contains(String(link.output.1)), "\(link.output.0)")
    }
  }

  /// The matrices stand in the report once: as a figure, or in tables where there is none.
  @Test func confusionIsShownOnce() throws {
    let text = try Self.text.get()
    #expect(text.contains("](confusion.png)") && !text.contains(": true class |"))
    let folder = try TemporaryFolder()
    try ThreeTargetRun().write(to: folder.path)
    let rendering = try ReportFiles(RunDirectory(folder.path)).rendering
    let without = try Report(results: rendering.results, figures: []).markdown()
    #expect(without.components(separatedBy: ": true class |").count == 5)
  }
}
