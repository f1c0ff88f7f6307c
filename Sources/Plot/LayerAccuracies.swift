internal import Chart
internal import Metrics
internal import Results
internal import RunLog

extension FigureName {
  public static let layers = FigureName("layers", Place(.performance, 5)) {
    results throws(FigureAbsence) in try drawLayers(results)
  }
}

/// Draws how well the run's baselines do, by layer.
private func drawLayers(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  let baselines = results.baselines
  guard baselines.count > 1, let chosen = results.chosenBaseline else {
    throw FigureAbsence(
      name: .layers, reason: "it needs baselines of two layers at least", in: results,
      isMissed: false)
  }
  let final = results.finalSplit
  let part = final.part
  func curve(_ language: RunResults.Language) -> LayerCurve {
    LayerCurve(
      language.name,
      baselines.map { baseline in
        guard let result = baseline.results[Split(language.code, part)] else {
          return LayerCurve.Score(.nan)
        }
        let interval = result.scoredInterval(.accuracy)
        return LayerCurve.Score(
          result.scoredAccuracy, interval.map { $0.lower...$0.upper })
      })
  }
  let targets = final.targets.filter { target in
    baselines.contains { $0.results[Split(target.code, part)] != nil }
  }
  let compared = drawLayerAccuracies(
    source: curve(results.source), targets: targets.map(curve), part: part.rawValue,
    layers: baselines.map(\.layer), chosen: chosen.layer, majority: nil,
    trainingExamples: chosen.record.examples, experiment: results.name)
  return DocumentedFigure(
    .layers, title: "Accuracy of a Baseline by Layer",
    subtitle:
      "Logistic regression on the checkpoint's output before training, on \(part.rawValue); bands: 95\u{A0}% intervals",
    caption: compared.caption, alternative: compared.figure.alternativeText,
    note: compared.figure.note, panels: compared.figure.panels, of: results)
}

/// The accuracy of one language by the encoder layer that a probe reads.
public struct LayerCurve: Equatable, Sendable {
  /// What a probe of one layer scores.
  public struct Score: Equatable, Sendable {
    /// From 0 to 1.
    public var accuracy: Double
    /// `nil` where none exists.
    public var interval: ClosedRange<Double>?

    public init(_ accuracy: Double, _ interval: ClosedRange<Double>? = nil) {
      (self.accuracy, self.interval) = (accuracy, interval)
    }
  }

  public var language: String
  /// Of the embeddings and of each layer, in order.
  public var scores: [Score]

  public init(_ language: String, _ scores: [Score]) {
    (self.language, self.scores) = (language, scores)
  }
}

/// Draws how well a probe of each layer does.
///
/// - Parameters:
///   - source: the language that the probes were fitted to.
///   - targets: the others, each with as many layers.
///   - part: what they were scored on, such as "test".
///   - layers: their numbers, ascending; from 0 on if `nil`.
///   - chosen: the layer with the highest accuracy on source validation.
///   - majority: the accuracy of always answering the most frequent class of the training data, and that class, if it is
///     the same in every language.
///   - trainingExamples: how many the probes were fitted to.
///   - experiment: its name.
/// - Returns: the figure with its words.
public func drawLayerAccuracies(
  source: LayerCurve, targets: [LayerCurve], part: String, layers: [Int]? = nil, chosen: Int,
  majority: (accuracy: Double, label: String)?, trainingExamples: Int, experiment: String
) -> ComparisonFigure {
  let curves = [source] + targets
  let layers = layers ?? Array(source.scores.indices)
  let hasMany = targets.count >= fewestMultiples
  var marks: [any Mark] = []
  func ink(_ index: Int) -> Ink { .series(1 + index) }
  func points(_ curve: LayerCurve) -> [Point] {
    zip(layers, curve.scores).map { Point(Double($0), 100 * $1.accuracy) }
  }
  func line(_ curve: LayerCurve, _ index: Int) -> [any Mark] {
    let last = curve.scores.last?.accuracy ?? .nan
    return [
      Line(points(curve), ink: ink(index), endLabel: .init(curve.language, percentDigits(last))),
      Dots(points(curve), ink: ink(index)),
    ]
  }
  let drawn = hasMany ? [source] : curves
  let hasBands = drawn.contains { $0.scores.contains { $0.interval != nil } }
  for (index, curve) in drawn.enumerated() {
    marks.append(
      Band(
        zip(layers, curve.scores).map { layer, score in
          Band.Slice(
            x: Double(layer), low: 100 * (score.interval?.lowerBound ?? .nan),
            high: 100 * (score.interval?.upperBound ?? .nan))
        }, ink: ink(index)))
  }
  if hasMany {
    marks += medianAndRange(
      targets.map { $0.scores.map { 100 * $0.accuracy } },
      at: layers.map(Double.init)
    ) { percentDigits($0 / 100) }
  }
  if let majority {
    marks.append(
      Rule(
        .horizontal(100 * majority.accuracy),
        label: .init("always \(majority.label)", percentDigits(majority.accuracy))))
  }
  marks.append(Rule(.vertical(Double(chosen))))
  for (index, curve) in drawn.enumerated() { marks += line(curve, index) }
  var x = Axis("encoder layer (0: embeddings)", .integer)
  x.padding = 0.025
  x.hasGrid = false
  var y = Axis("accuracy (%)")
  y.limits = 0...100
  return ComparisonFigure(
    "layer_accuracies", title: "Accuracy of a probe of each layer",
    subtitle: "Logistic regression on the checkpoint's output before training, on \(part)"
      + (hasBands ? "; \(hasMany ? "\(source.language) band" : "bands"): 95\u{A0}% intervals" : ""),
    caption: sentences(
      hasMany ? caption([source], part, layers) : caption(curves, part, layers),
      hasMany ? caption(ofMany: targets, part, layers) : "",
      "The highest accuracy on \(source.language) validation is that of \(layerName(chosen))."),
    alternative: "Lines of accuracy on \(part) by encoder layer, "
      + (curves.count == 1
        ? "of \(source.language)." : "of \(source.language) and \(targets.count) other languages."),
    note: sentences(
      "Fitted to \(Numeral.short(Double(trainingExamples), digits: 7)) training examples of \(source.language), none of the other languages.",
      "Vertical line: \(layerName(chosen)), with the highest accuracy on \(source.language) validation.",
      hasMany ? "Band of the targets: from the lowest to the highest of \(targets.count)." : ""),
    panels: [Panel(x: x, y: y, marks: marks)], study: experiment)
}

private func percentDigits(_ share: Double) -> String { Numeral.decimal(100 * share, places: 1) }

/// "layer 4", "the embeddings".
private func layerName(_ layer: Int) -> String { layer == 0 ? "the embeddings" : "layer \(layer)" }

private func caption(_ curves: [LayerCurve], _ part: String, _ layers: [Int]) -> String {
  curves.map { curve in
    let values = curve.scores.map(\.accuracy)
    let best = values.indices.max { values[$0] < values[$1] } ?? 0
    let first = values.firstIndex(of: values[best]) ?? best
    return "\(curve.language) \(part) accuracy "
      + course(
        values, best: BestValue(epoch: first + 1, word: "best"), at: { layerName(layers[$0 - 1]) }
      ) { "\(percentDigits($0))\u{A0}%" }
      + "."
  }.joined(separator: " ")
}

private func caption(ofMany targets: [LayerCurve], _ part: String, _ layers: [Int]) -> String {
  let ends = targets.compactMap { curve in
    curve.scores.last.map { (name: curve.language, value: $0.accuracy) }
  }
  let last = layers.last ?? 0
  return "At \(layerName(last)) the \(part) accuracy of the \(targets.count) targets lies "
    + "\(spread(ends) { "\(percentDigits($0))\u{A0}%" })."
}
