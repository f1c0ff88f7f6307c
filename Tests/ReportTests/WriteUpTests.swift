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
        "## Most Confident Mistakes", "## Cost", "## Checks", "## Caveats", "## Reproduction",
      ])
  }

  /// Every link within it leads to a heading.
  @Test func itsLinksLeadSomewhere() throws {
    let text = try Self.text.get()
    let anchors = Set(
      text.split(separator: "\n").filter { $0.hasPrefix("#") }.map {
        HeadingAnchors.anchor(of: String($0.drop { $0 == "#" || $0 == " " }))
      })
    for link in text.matches(of: /\]\(#([^)]*)\)/) {
      #expect(anchors.contains(String(link.output.1)), "\(link.output.0)")
    }
  }

  /// The family is named, and what is trained depends on whether it has a pooler.
  @Test(
    arguments: ["BERT", "XLM-R"],
    [
      (6, 4, true, "Only the last 2 encoder layers", ", pooler and", " and"),
      (12, 0, true, "Only the encoder layers", ", pooler and", " and"),
      (6, 6, true, "Only ", "pooler and", "the"),
      (6, 4, false, "Embeddings, the last 2 encoder layers", ", pooler and", " and"),
      (6, 6, false, "Embeddings", ", pooler and", " and"),
    ])
  func theArchitectureIsNamed(
    _ name: String,
    _ setting: (
      layers: Int, frozen: Int, embeddings: Bool, trained: String, pooler: String, other: String
    )
  ) throws {
    var run = TinyRun()
    run.architecture = name
    run.settings = [
      "model.encoder_layers=\(setting.layers)", "model.frozen_layers=\(setting.frozen)",
      "model.freeze_embeddings=\(setting.embeddings)",
    ]
    let folder = try TemporaryFolder()
    try run.write(to: folder.path)
    let text = try ReportFiles(RunDirectory(folder.path)).markdown
    let depth = setting.layers < 12 ? "reduced" : "full-depth"
    #expect(text.contains("explores how a \(depth) \(name) classifier trained on English alone"))
    #expect(text.contains("**Model Type**: Fine-tuned \(name) sentiment classifier"))
    let last = name == "BERT" ? setting.pooler : setting.other
    #expect(
      text.contains(
        "**Trainable Components**: \(setting.trained)\(last) classification head\n"), "\(text)")
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
