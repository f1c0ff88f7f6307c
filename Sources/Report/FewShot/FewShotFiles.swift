public import Chart
internal import Metrics
internal import Plot
internal import Results
public import RunLog
internal import Storage

/// The answer of `report few-shot` in all its files: what labelling a few texts of a target language brings.
public struct FewShotFiles: Sendable {
  let document: Document
  let data: FewShotData

  /// Works the answer out from the trainings that are complete; nothing is written.
  ///
  /// - Parameters:
  ///   - definition: which trainings there are, and of which run.
  ///   - folder: in which they lie and to which the files go.
  ///   - hasPage: whether few-shot.html is written too.
  /// - Throws: `RunLogError` if trainings do not belong to the run, or a file changes meanwhile; whatever a damaged run
  ///   throws.
  public init(_ definition: FewShotDefinition, in folder: String, hasPage: Bool) throws {
    prepareFonts()
    var names: [String] = []
    var runs = [try Run(definition.run)]
    for name in definition.trainings {
      let directory = FewShotPlan.runDirectory(name, in: folder)
      guard try directory.isFinished() else { continue }
      names.append(name)
      runs.append(try Run(directory.path))
    }
    let probe = try FewShotProbeRecord.read(in: folder)
    let (found, runInputs) = try readUnchanged(runs, from: folder)
    let (probes, inputs) = try Self.read(
      probe, for: definition, in: folder, classes: found[0].labels.count, beside: runInputs)
    let results = try FewShotResults(
      definition, run: found[0],
      trainings: Dictionary(
        zip(names, found.dropFirst()).map { ($0, $1) }, uniquingKeysWith: { first, _ in first }),
      probes: probes)
    let figure = Result { () throws(ComparisonAbsence) in try Self.figure(results) }
    let origins = FewShotOrigins(results, from: folder)
    data = FewShotData(results: results, probe: probe, figure: figure.tags, origins: origins)
    var options = ReportOptions()
    options.hasPage = hasPage
    document = try Document(
      .fewShot, folder: folder, filledBy: data, options: options,
      settings: [
        "few_shot": .object([
          "run": .string(relativePath(from: folder, to: definition.run)),
          "target": .string(definition.target),
          "per_class": .array(definition.perClass.map { .integer($0) }),
          "draws": .integer(definition.draws),
        ])
      ], inputs: inputs,
      figures: (try? figure.get()).map { [.init(name: $0.name, figure: $0.figure)] } ?? [])
  }

  /// Reads what the regressions say, as far as they were fitted, and the files that it stands in.
  private static func read(
    _ probe: FewShotProbeRecord?, for definition: FewShotDefinition, in folder: String,
    classes: Int, beside inputs: InputFiles
  ) throws -> (predictions: [String: Predictions], inputs: InputFiles) {
    guard let probe else { return ([:], inputs) }
    var (found, paths) = ([String: Predictions](), [FewShotDefinition.probeRecord(in: folder)])
    for count in definition.perClass {
      for draw in 1...definition.draws {
        guard let fit = probe.fit(perClass: count, draw: draw) else { continue }
        found[FewShotDefinition.probeName(perClass: count, draw: draw)] =
          try probe.predictions(fit, in: folder, classes: classes)
        paths.append(FewShotDefinition.probePredictions(perClass: count, draw: draw, in: folder))
      }
    }
    let names = paths.map { relativePath(from: folder, to: $0) }
    return (found, inputs.adding(try InputFiles(names, in: folder)))
  }

  private static func figure(
    _ results: FewShotResults
  ) throws(ComparisonAbsence) -> ComparisonFigure {
    let curves = FewShotMethod.allCases.compactMap { method -> LabelledCurve? in
      guard results.sizes.contains(where: { $0.cell(method) != nil }) else { return nil }
      return LabelledCurve(
        method.words, beginsWithRun: method == .continued,
        results.sizes.map { size in
          guard let cell = size.cell(method), cell.absence == nil else {
            return LabelledCurve.Size(.nan, draws: [])
          }
          return LabelledCurve.Size(cell.accuracy.value, draws: cell.draws.map(\.accuracy))
        })
    }
    return try drawLabelledCurves(
      curves, perClass: results.definition.perClass,
      zeroShot: results.zeroShot.flatMap { $0.isWithoutAnswers ? nil : $0.accuracy },
      of: results.target.name, draws: results.definition.draws, run: results.run.name)
  }

  /// The text of few-shot.md.
  public var markdown: String { document.text.text }
  /// The text of few-shot.json.
  public var json: String { document.record.text }

  /// What its template is filled with.
  var values: [String: Any] { data.values(ValueCollector()) }

  /// Writes the files, each whole or not at all.
  ///
  /// - Parameters:
  ///   - formats: of the figure; the text shows the one in PNG.
  ///   - style: of the figure.
  /// - Returns: the paths of the text and the page, and what readers of the figure will miss.
  /// - Throws: `ChartError` or `StorageError` for the first that could not be written.
  public func write(
    formats: [FigureFormat] = [.png], style: FigureStyle = FigureStyle()
  ) throws -> (paths: [String], warnings: [String]) {
    try document.write(figuresIn: formats, style: style)
  }
}

extension FewShotDefinition {
  /// The names of all trainings.
  var trainings: [String] {
    perClass.flatMap { count in
      (1...draws).flatMap { draw in
        FewShotPlan.Start.allCases.map {
          FewShotPlan.runName($0, perClass: count, draw: draw)
        }
      }
    }
  }
}

extension FewShotMethod {
  /// What tables and figures call it.
  var words: String {
    switch self {
    case .continued: "continued from the run"
    case .targetAlone: "labelled texts alone"
    case .probe: "probe"
    }
  }
}

extension Result<ComparisonFigure, ComparisonAbsence> {
  fileprivate var tags: FigureTags {
    switch self {
    case .success(let figure):
      FigureTags(
        ReportFigure(
          name: figure.name, title: figure.title, caption: figure.caption,
          alternativeText: figure.alternativeText))
    case .failure(let absence):
      FigureTags(AbsentFigure(name: "few_shot", title: "few_shot.png", reason: absence.reason))
    }
  }
}
