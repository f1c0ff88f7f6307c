public import Chart
internal import Dispatch
public import Plot
public import Results
internal import Storage

/// The figures of a run, drawn as far as its logs allow, and the report that shows them.
public struct Rendering: Sendable {
  public let results: RunResults
  /// In the order of `FigureName`.
  public let figures: [DocumentedFigure]
  public let absences: [FigureAbsence]

  /// Draws figures.
  ///
  /// - Parameters:
  ///   - results: what they show.
  ///   - names: which ones.
  public init(_ results: RunResults, names: [FigureName] = FigureName.allCases) {
    self.results = results
    let drawn = Locked(
      [Result<DocumentedFigure, FigureAbsence>?](repeating: nil, count: names.count))
    DispatchQueue.concurrentPerform(iterations: names.count) { index in
      let result = Result { () throws(FigureAbsence) in
        try draw(names[index], of: results)
      }
      drawn.withLock { $0[index] = result }
    }
    let outcomes = drawn.withLock { $0.compactMap { $0 } }
    figures = outcomes.compactMap { try? $0.get() }
    absences = outcomes.compactMap { outcome in
      if case .failure(let absence) = outcome { absence } else { nil }
    }
  }

  /// Writes the figures, each whole or not at all.
  ///
  /// - Parameters:
  ///   - folder: an existing folder.
  ///   - formats: each figure is written in each of them.
  ///   - style: of all figures.
  /// - Returns: the files, and what their readers will miss.
  /// - Throws: `ChartError` or `StorageError` for the first that could not be written.
  @discardableResult
  public func writeFigures(
    to folder: String, formats: [FigureFormat] = [.png], style: FigureStyle = FigureStyle()
  ) throws -> WrittenFigures {
    let jobs = figures.flatMap { figure in
      formats.map { format in
        (
          figure: figure.figure, format: format,
          path: "\(folder)/\(figure.name.rawValue).\(format.rawValue)"
        )
      }
    }
    try refuseOverwriting(jobs.map(\.path), in: folder, of: results.run)
    // The largest first, so that no processor is left alone with it in the end.
    let order = jobs.indices.sorted { jobs[$0].figure.size.area > jobs[$1].figure.size.area }
    let outcomes = Locked([Result<[String], any Error>?](repeating: nil, count: jobs.count))
    DispatchQueue.concurrentPerform(iterations: jobs.count) { place in
      let index = order[place]
      let job = jobs[index]
      let outcome = Result {
        try job.figure.write(to: job.path, format: job.format, style: style)
      }
      outcomes.withLock { $0[index] = outcome }
    }
    let lacking = try outcomes.withLock { try $0.flatMap { try $0?.get() ?? [] } }
    return WrittenFigures(paths: jobs.map(\.path), textsLackingGlyphs: Set(lacking).sorted())
  }

  /// The write-up that shows these figures.
  func report(_ options: ReportOptions) throws -> Report {
    try Report(
      results: results,
      figures: figures.map {
        ReportFigure(
          name: $0.name.rawValue, title: $0.title, caption: $0.caption,
          alternativeText: $0.alternativeText)
      },
      absentFigures: absences.filter(\.isExpected).map {
        AbsentFigure(name: $0.name.rawValue, title: $0.name.rawValue, reason: $0.reason)
      }, options: options)
  }
}

/// What `Rendering` wrote.
public struct WrittenFigures: Sendable {
  public let paths: [String]
  /// Texts with letters that no installed font has; boxes stand for them in the figures.
  public let textsLackingGlyphs: [String]

  /// One sentence for each, to be shown to whoever asked for the figures.
  public var warnings: [String] {
    textsLackingGlyphs.map {
      "No installed font has all the letters of '\($0)'; the figures show boxes instead."
    }
  }
}
