import Report
import Results
import RunLog
import Storage
import TestSupport
import Testing

@Suite struct ReportTests {
  static let figures = [
    ("losses", "Training and Validation Losses"), ("accuracies", "Model Accuracies"),
    ("learning_rate", "Learning Rate Schedule"), ("ROC", "ROC Curves"),
    ("transfer_gap", "Transfer Gap Analysis"), ("dashboard", "Training Dashboard"),
    ("final_comparison", "Final Performance Comparison"),
  ].map { name, title in
    ReportFigure(
      name: name, title: title, caption: "What \(name) shows, with 5 < 6 & a_b | c.",
      alternativeText: "\(title), drawn")
  }

  private func report(_ run: TinyRun = TinyRun()) throws -> String {
    let folder = try TemporaryFolder()
    try run.write(to: folder.path)
    return try Report(results: RunResults(Run(folder.path)), figures: Self.figures).markdown()
  }

  @Test func tinyRun() throws {
    try expectSnapshot(report(), "reports/tiny.md")
  }
}
