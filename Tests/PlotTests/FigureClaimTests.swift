import Chart
import Foundation
import Metrics
import Plot
import Results
import RunLog
import Storage
import TestSupport
import Testing

/// What figures must not claim: a best of equal values, an absence of what was logged, an order of what ties.
@Suite struct FigureClaimTests {
  private func results(of history: String) throws -> RunResults {
    let folder = try TemporaryFolder()
    try AtomicFile.write(history, to: folder.path + "/training_history.json")
    return try RunResults(Run(folder.path))
  }

  private func hasRing(_ figure: DocumentedFigure) -> Bool {
    figure.figure.panels.contains { $0.marks.contains { $0 is Highlight } }
  }

  /// Where all epochs are equal none is the best.
  @Test func equalEpochsHaveNoRing() throws {
    let equal = try results(
      of: #"""
        {"english_val_accuracies": [0.7, 0.7, 0.7], "target_val_accuracies": [0.6, 0.6, 0.6],
         "english_val_losses": [0.5, 0.5, 0.5], "target_val_losses": [0.6, 0.6, 0.6]}
        """#)
    #expect(try !hasRing(draw(.accuracies, of: equal)) && !hasRing(draw(.losses, of: equal)))
    #expect(
      try draw(.dashboard, of: equal).figure.headline.allSatisfy { !$0.label.contains("lowest") })
    let other = try results(
      of: #"""
        {"english_val_accuracies": [0.7, 0.7, 0.7], "target_val_accuracies": [0.6, 0.65, 0.6],
         "english_val_losses": [0.5, 0.4, 0.5], "target_val_losses": [0.6, 0.6, 0.6]}
        """#)
    #expect(try hasRing(draw(.accuracies, of: other)) && hasRing(draw(.losses, of: other)))
  }

  /// Logged as NaN, absent and finite are three things.
  @Test(arguments: [
    (
      #""english_val_losses": [NaN, NaN], "#, "Without a finite value: loss.",
      "Not in the logs: loss"
    ),
    ("", "Not in the logs: loss", "Without a finite value"),
  ])
  func whatIsNotFiniteWasLogged(_ losses: String, _ words: String, _ unwanted: String) throws {
    let found = try results(
      of:
        #"{\#(losses)"english_val_accuracies": [0.6, 0.7], "target_val_accuracies": [0.5, 0.6], "learning_rates": [1e-5, 1e-6]}"#
    )
    let caption = try draw(.dashboard, of: found).caption
    #expect(caption.contains(words) && !caption.contains(unwanted), "\(caption)")
  }

  @Test func aGapIsAbsentOrNotFinite() throws {
    let history =
      #"{"english_val_accuracies": [0.6, 0.7, 0.7], "target_val_accuracies": [NaN, null, 0.6]}"#
    let caption = try draw(.transferGap, of: results(of: history)).caption
    #expect(
      caption.contains("No finite accuracy, hence no gap to Target at epoch 1."), "\(caption)")
    #expect(
      caption.contains("Accuracy not logged, hence no gap to Target at epoch 2."), "\(caption)")
    let never = try results(
      of: #"{"english_val_accuracies": [0.6, 0.7], "target_val_accuracies": [NaN, NaN]}"#)
    let absence = try #require(throws: FigureAbsence.self) { try draw(.transferGap, of: never) }
    #expect("\(absence)".contains("no epoch has a finite accuracy of both"), "\(absence)")
  }

  /// What reads alike has no lowest and no highest.
  @Test func tiesAreNoRange() throws {
    let found = try results(
      of: #"""
        {"english_val_accuracies": [0.7, 0.75], "de_val_accuracies": [0.6, 0.7], "fr_val_accuracies": [0.5, 0.7],
         "es_val_accuracies": [0.4, 0.7], "english_val_losses": [0.5, 0.4], "de_val_losses": [0.6, 0.5],
         "fr_val_losses": [0.6, 0.5], "es_val_losses": [0.7, 0.5]}
        """#)
    let captions = try [FigureName.accuracies, .losses, .transferGap, .dashboard].map {
      try draw($0, of: found).caption
    }
    #expect(captions[0].contains("The 3 targets all end at 70.0\u{A0}%."), "\(captions[0])")
    #expect(captions[1].contains("The 3 targets all end at 0.500."), "\(captions[1])")
    #expect(captions[2].contains("of the 3 targets are all +5.0 percentage points."))
    #expect(captions[3].contains("70.0\u{A0}% on each of 3 targets."), "\(captions[3])")
  }

  @Test func whatIsPutInBetweenIsClosedByAComma() throws {
    let found = try results(
      of: #"{"english_val_losses": [0.9, 1.1, NaN], "english_val_accuracies": [0.6, 0.7, 0.7]}"#)
    let caption = try draw(.losses, of: found).caption
    #expect(
      caption.contains(
        "from 0.900 to 1.100, last known at epoch 2, and is lowest at epoch 1, 0.900."),
      "\(caption)")
  }

  /// Of a single infinite logit softmax makes a probability of zero, of a row of them nothing.
  @Test func anInfiniteLogitIsAnAnswerOrNone() throws {
    let infinity = Float.infinity
    #expect(predictedClass([1, -infinity, 0]) == 0)
    #expect(softmax([1, -infinity, 0])[1] == 0)
    #expect(crossEntropy([1, -infinity, 0], label: 1) == .infinity)
    #expect(crossEntropy([1, -infinity, 0], label: 0).isFinite)
    for row in [[-infinity, -infinity, -infinity], [infinity, 0, 0], [0, .nan, 0]] {
      #expect(predictedClass(row) == nil && crossEntropy(row, label: 0).isNaN)
    }
  }
}
