public import Chart
public import Results
internal import RunLog

/// A figure of a report: its file, its place among the others and how it is drawn.
///
/// Each is defined in the file that draws it; `allCases` is the one list of them.
public struct FigureName: Sendable {
  /// Where in a report the figure stands.
  public struct Place: Hashable, Sendable {
    public enum Section: Sendable {
      case training, performance, transfer, overview
    }
    public let section: Section
    /// Within the section, from 1.
    public let position: Int

    init(_ section: Section, _ position: Int) {
      (self.section, self.position) = (section, position)
    }
  }

  /// The file's name without its ending, such as `losses`.
  public let rawValue: String
  public let place: Place
  /// Whether every run should have the figure; the others are drawn where the logs allow them, and
  /// logs from elsewhere that do not are not short of anything.
  public let isExpected: Bool
  fileprivate let drawing: @Sendable (RunResults) throws(FigureAbsence) -> DocumentedFigure

  init(
    _ rawValue: String, _ place: Place, isExpected: Bool = false,
    _ drawing: @escaping @Sendable (RunResults) throws(FigureAbsence) -> DocumentedFigure
  ) {
    (self.rawValue, self.place, self.isExpected) = (rawValue, place, isExpected)
    self.drawing = drawing
  }
}

extension FigureName: CaseIterable, RawRepresentable, Hashable, CustomStringConvertible {
  public static let allCases: [FigureName] = [
    .losses, .accuracies, .learningRate, .roc, .transferGap, .finalGaps, .dashboard,
    .finalComparison, .f1Scores, .accuracyF1Comparison, .confusion, .calibration, .perClass,
    .layers,
  ]

  /// What their files in a run directory are called.
  public static let files = allCases.map { "\($0.rawValue).png" }

  public init?(rawValue: String) {
    guard let name = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = name
  }

  public static func == (a: FigureName, b: FigureName) -> Bool { a.rawValue == b.rawValue }

  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

  public var description: String { rawValue }
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
  try name.drawing(results)
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
