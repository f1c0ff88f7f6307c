internal import Foundation
internal import Metrics
internal import Plot
internal import RunLog
internal import Train

/// What a probe found, for the terminal and as a table for programs.
struct ProbeTable {
  private let probe: Probe
  private let experiment: Experiment
  /// Test where every language has it, else validation: one part for all, as in the report.
  private let part: Part
  /// The sources together, then the targets.
  private var languages: [(language: String, name: String)] {
    [(experiment.data.source.language, experiment.data.source.name)]
      + experiment.data.targets.map { ($0.language, $0.name) }
  }

  init(_ probe: Probe, of experiment: Experiment) {
    (self.probe, self.experiment) = (probe, experiment)
    let languages = experiment.data.languages
    part = languages.allSatisfy { $0.test != nil } ? .test : .validation
  }

  // MARK: For people

  var text: String {
    let source = experiment.data.source
    let hasIntervals = languages.count <= 4
    let validation = Split(source.language, .validation)
    let splits =
      (part == .validation ? [] : [validation]) + languages.map { Split($0.language, part) }
    let best = chosen
    var rows = [
      ["layer", "C"] + splits.map { heading($0) }
        + (experiment.data.targets.count > 1 ? ["mean of targets"] : [])
    ]
    for layer in probe.layers {
      let mark = layer.number == best.number ? " *" : ""
      rows.append(
        [name(layer) + mark, strength(layer.strength)]
          + splits.map { split in
            layer.evaluation(split).map { text($0, hasInterval: hasIntervals) } ?? "–"
          } + (experiment.data.targets.count > 1 ? [percent(meanOfTargets(layer))] : []))
    }
    rows.append(
      ["always \(majority.label)", ""]
        + splits.map { split in
          best.evaluation(split).map { percent(share(of: majority.index, $0)) } ?? "–"
        }
        + (experiment.data.targets.count > 1
          ? [
            percent(
              mean(
                experiment.data.targets.compactMap {
                  best.evaluation(Split($0.language, part)).map { share(of: majority.index, $0) }
                }))
          ] : []))
    var lines = [
      "Accuracy in percent of a logistic regression on each layer's output"
        + (hasIntervals ? ", with 95 % Wilson intervals" : "")
    ]
    lines += aligned(rows)
    lines.append("")
    lines.append(
      "* the highest accuracy on \(source.name) validation\(isTied ? ", the first of equal ones" : "")"
    )
    lines.append(
      "Fitted to \(probe.trainingExamples) training examples of \(source.name), \(probe.features) numbers each; "
        + "C, the inverse strength of the penalty, is the best of "
        + Probe.strengths.map(strength).joined(separator: ", ")
        + " on \(source.name) validation"
        + (part == .validation
          ? ", so the accuracies there are a little too high." : "."))
    let edge = probe.layers.filter { $0.strength == Probe.strengths.last }
    if !edge.isEmpty {
      lines.append(
        "Note: with \(list(edge)) the weakest penalty was best; a weaker one might be better still."
      )
    }
    let unsettled = probe.layers.filter { !$0.hasConverged }
    if !unsettled.isEmpty {
      lines.append("Note: the fit to \(list(unsettled)) did not converge.")
    }
    lines.append(
      "The encoder took \(durationText(probe.encoderSeconds)), fitting "
        + "\(durationText(probe.fittingSeconds)).")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The layer with the highest accuracy on source validation, the lowest of equal ones.
  private var chosen: Probe.Layer {
    probe.layers.dropFirst().reduce(probe.layers[0]) {
      validationAccuracy($1) > validationAccuracy($0) ? $1 : $0
    }
  }

  private var isTied: Bool {
    probe.layers.count { validationAccuracy($0) == validationAccuracy(chosen) } > 1
  }

  private func validationAccuracy(_ layer: Probe.Layer) -> Double {
    layer.evaluation(Split(experiment.data.source.language, .validation))?.accuracy ?? 0
  }

  private func meanOfTargets(_ layer: Probe.Layer) -> Double {
    mean(
      experiment.data.targets.compactMap {
        layer.evaluation(Split($0.language, part))?.accuracy
      })
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The class that most training examples have.
  private var majority: (index: Int, label: String) {
    let counts = probe.trainingCounts
    let index = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
    return (index, experiment.labels[index])
  }

  private func share(of label: Int, _ evaluation: Evaluation) -> Double {
    let labels = evaluation.predictions.labels
    return Double(labels.count { $0 == label }) / Double(labels.count)
  }

  private func heading(_ split: Split) -> String {
    let language = languages.first { $0.language == split.language }
    return "\(language?.name ?? split.language) \(split.part.rawValue)"
  }

  private func name(_ layer: Probe.Layer) -> String {
    layer.number == 0 ? "embeddings" : "\(layer.number)"
  }

  private func list(_ layers: [Probe.Layer]) -> String {
    let numbers = layers.map(\.number).filter { $0 > 0 }.map(String.init)
    let names =
      (numbers.count < layers.count ? ["the embeddings"] : [])
      + (numbers.isEmpty
        ? [] : ["layer\(numbers.count == 1 ? "" : "s") \(numbers.joined(separator: ", "))"])
    return names.joined(separator: " and ")
  }

  private func text(_ evaluation: Evaluation, hasInterval: Bool) -> String {
    guard hasInterval, let interval = interval(evaluation) else {
      return percent(evaluation.accuracy)
    }
    return
      "\(percent(evaluation.accuracy)) [\(percent(interval.lower)), \(percent(interval.upper))]"
  }

  private func interval(_ evaluation: Evaluation) -> Interval? {
    wilsonInterval(successes: correct(evaluation), total: evaluation.predictions.count)
  }

  private func correct(_ evaluation: Evaluation) -> Int {
    Int((evaluation.accuracy * Double(evaluation.predictions.count)).rounded())
  }

  private func percent(_ share: Double) -> String { decimals(share * 100, 1) }

  private func strength(_ value: Double) -> String { String(format: "%g", value) }

  /// Rows with the first column to the left and the others to the right.
  private func aligned(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }
  }

  // MARK: As a figure

  var figure: ComparisonFigure {
    func curve(_ language: (language: String, name: String)) -> LayerCurve {
      LayerCurve(
        language.name,
        probe.layers.map { layer in
          guard let evaluation = layer.evaluation(Split(language.language, part)) else {
            return LayerCurve.Score(.nan)
          }
          return LayerCurve.Score(
            evaluation.accuracy, interval(evaluation).map { $0.lower...$0.upper })
        })
    }
    let shares = languages.compactMap { language in
      probe.layers[0].evaluation(Split(language.language, part)).map {
        share(of: majority.index, $0)
      }
    }
    let isCommon = shares.allSatisfy { abs($0 - shares[0]) < 5e-4 }
    return drawLayerAccuracies(
      source: curve(languages[0]), targets: languages.dropFirst().map(curve),
      part: part.rawValue, chosen: chosen.number,
      majority: isCommon ? (shares[0], majority.label) : nil,
      trainingExamples: probe.trainingExamples, experiment: experiment.name)
  }

  // MARK: For programs

  /// One row per layer and split, shares from 0 to 1, losses in nats.
  var csv: String {
    let others = Metric.all.filter { $0 != .accuracy }
    let first = "layer,c,language,part,examples,correct,accuracy,accuracy_lower,accuracy_upper"
    var lines = [([first] + others.map(\.key)).joined(separator: ",")]
    for layer in probe.layers {
      for (split, evaluation) in layer.evaluations {
        let count = evaluation.predictions.count
        let interval = interval(evaluation)
        let numbers =
          [
            evaluation.accuracy, interval?.lower ?? .nan, interval?.upper ?? .nan,
          ] + others.map { evaluation.values[$0] ?? .nan }
        lines.append(
          ([
            "\(layer.number)", strength(layer.strength), split.language, split.part.rawValue,
            "\(count)", "\(correct(evaluation))",
          ] + numbers.map { "\($0)" }).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
