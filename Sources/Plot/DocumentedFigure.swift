public import Chart
public import Results
internal import RunLog

/// The figures of a report; the raw value is the file's name without its ending.
public enum FigureName: String, CaseIterable, Sendable {
  case losses, accuracies
  case learningRate = "learning_rate"
  case roc = "ROC"
  case transferGap = "transfer_gap"
  case finalGaps = "final_gaps"
  case dashboard
  case finalComparison = "final_comparison"
  case f1Scores = "f1_scores"
  case accuracyF1Comparison = "accuracy_f1_comparison"
  case confusion, calibration
  case perClass = "per_class"

  /// Whether every run should have the figure; the others are drawn where the logs allow them, and
  /// logs from elsewhere that do not are not short of anything.
  public var isExpected: Bool {
    switch self {
    case .losses, .accuracies, .learningRate, .roc, .transferGap, .dashboard, .finalComparison:
      true
    case .finalGaps, .f1Scores, .accuracyF1Comparison, .confusion, .calibration, .perClass: false
    }
  }
}

/// A figure and the words that go with it.
public struct DocumentedFigure: Sendable {
  public let name: FigureName
  /// What the figure is, a few words.
  public let title: String
  /// What the figure shows for this run, in sentences with numbers.
  public let caption: String
  public var figure: Figure

  /// What a reader who cannot see the figure should know.
  public var alternativeText: String { figure.alternativeText }
}

/// Why a figure is not drawn: the logs lack what it shows.
public struct FigureAbsence: Error, Equatable, CustomStringConvertible {
  public let name: FigureName
  /// Half a sentence, such as "the logs hold no predictions".
  public let reason: String
  /// Whether a reader would look for the figure, so that its absence is worth a word.
  public let isExpected: Bool

  /// - Parameters:
  ///   - name: of the figure.
  ///   - reason: half a sentence.
  ///   - results: of the run; one of our own should have every figure.
  ///   - isMissed: whether that is so for this one.
  init(name: FigureName, reason: String, in results: RunResults, isMissed: Bool = true) {
    (self.name, self.reason) = (name, reason)
    isExpected = name.isExpected || results.run.experiment != nil && isMissed
  }

  public var description: String { "\(name.rawValue) is not drawn: \(reason)." }
}

/// Draws one of the documented figures of a run.
///
/// - Parameters:
///   - name: which.
///   - results: what it shows; nothing that is not there is made up.
/// - Returns: the figure with its words.
/// - Throws: `FigureAbsence` if the logs do not allow the figure.
public func draw(_ name: FigureName, of results: RunResults) throws(FigureAbsence)
  -> DocumentedFigure
{
  switch name {
  case .losses: try drawLosses(results)
  case .accuracies: try drawAccuracies(results)
  case .learningRate: try drawLearningRate(results)
  case .roc: try drawROC(results)
  case .transferGap: try drawTransferGap(results)
  case .finalGaps: try drawFinalGaps(results)
  case .dashboard: try drawDashboard(results)
  case .finalComparison: try drawFinalComparison(results)
  case .f1Scores: try drawF1Scores(results)
  case .accuracyF1Comparison: try drawAccuracyF1Comparison(results)
  case .confusion: try drawConfusion(results)
  case .calibration: try drawCalibration(results)
  case .perClass: try drawPerClass(results)
  }
}

extension DocumentedFigure {
  /// Puts words, page and note together.
  ///
  /// - Parameters:
  ///   - name: of the file.
  ///   - title: a few words.
  ///   - subtitle: what is shown.
  ///   - caption: what it shows for this run.
  ///   - alternative: the gist of the caption and what kind of chart it is, for those who cannot see
  ///     it; the title alone where the caption is no longer.
  ///   - note: what must be known to read it right.
  ///   - size: of the page.
  ///   - panels: in reading order.
  ///   - columns: of panels.
  ///   - results: for the run's name.
  init(
    _ name: FigureName, title: String, subtitle: String, caption: String, alternative: String,
    note: String = "", size: Size = .inches(12, 8), panels: [Panel], columns: Int = 1,
    of results: RunResults
  ) {
    var figure = Figure(
      size: size, title: title, subtitle: "\(subtitle) · run \(results.name)", panels: panels,
      columns: columns)
    figure.note = note
    // A wider page, shown at the same width, needs larger letters.
    figure.scale = max(1, size.width / (12 * 72))
    figure.alternativeText =
      [alternative, "\(title)."].first { $0.count < caption.count } ?? "Chart."
    figure.metadata = [("Source", "run \(results.name)"), ("Software", "TransferGap")]
    (self.name, self.title, self.caption) = (name, title, caption)
    self.figure = figure
  }
}
