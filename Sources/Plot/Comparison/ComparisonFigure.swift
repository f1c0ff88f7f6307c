public import Chart

/// A figure about several runs, and the words that go with it.
public struct ComparisonFigure: Sendable {
  /// The file's name without its ending, such as `learning_curves`.
  public let name: String
  /// What the figure is, a few words.
  public let title: String
  /// What the figure shows, in sentences with numbers.
  public let caption: String
  public internal(set) var figure: Figure

  /// What a reader who cannot see the figure should know.
  public var alternativeText: String { figure.alternativeText }

  /// Puts words, page and note together.
  ///
  /// - Parameters:
  ///   - name: of the file.
  ///   - title: a few words.
  ///   - subtitle: what is shown.
  ///   - caption: what it shows, with numbers.
  ///   - alternative: what kind of chart it is and its gist.
  ///   - note: what must be known to read it right.
  ///   - size: of the page.
  ///   - panels: in reading order.
  ///   - columns: of panels.
  ///   - study: what the runs belong to, for the subtitle; empty for none.
  init(
    _ name: String, title: String, subtitle: String, caption: String, alternative: String,
    note: String = "", size: Size = .inches(12, 8), panels: [Panel], columns: Int = 1,
    study: String
  ) {
    var figure = Figure(
      size: size, title: title, subtitle: study.isEmpty ? subtitle : "\(subtitle) · \(study)",
      panels: panels, columns: columns)
    figure.note = note
    figure.scale = max(1, size.width / (12 * 72))
    figure.alternativeText = alternative
    figure.metadata =
      (study.isEmpty ? [] : [("Source", study)]) + [("Software", "TransferGap")]
    (self.name, self.title, self.caption, self.figure) = (name, title, caption, figure)
  }
}

/// Why a comparison is not drawn, half a sentence such as "no run has a value".
public struct ComparisonAbsence: Error, Equatable, CustomStringConvertible {
  public let reason: String

  init(_ reason: String) { self.reason = reason }

  public var description: String { "The figure is not drawn: \(reason)." }
}
