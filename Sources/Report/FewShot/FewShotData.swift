internal import Metrics
internal import Results
internal import RunLog
internal import Storage

/// Everything that the answer of `report few-shot` prints.
struct FewShotData: TagSource {
  let results: FewShotResults
  /// How the regressions were fitted; `nil` without them.
  let probe: FewShotProbeRecord?
  let figure: FigureTags
  let origins: FewShotOrigins

  private var definition: FewShotDefinition { results.definition }

  /// How the trainings were set; `nil` without one.
  private var training: FewShotTrainingTags? {
    results.training?.run.experiment.map { FewShotTrainingTags(experiment: $0, origins: origins) }
  }

  /// The share of the training texts that the largest draw takes; `nil` without a training.
  private var largestShare: (used: Int, available: Int, size: FewShotResults.Size)? {
    guard let size = results.sizes.last, let most = definition.perClass.last,
      let facts = results.runs.last(where: { $0.run.experiment?.data.perClass == most })?
        .started?.splits.first(where: { $0.split.part == .train })
    else { return nil }
    return (facts.examples, facts.available, size)
  }

  static let tags: [TagDefinition<FewShotData>] = head + answers + details

  private static let head: [TagDefinition<FewShotData>] = [
    .text("name", "the run that was continued") { markdown($0.results.run.name) },
    .text("target", "the target language") { markdown($0.results.target.name) },
    .text("source", "the language that the run was trained on") {
      markdown($0.results.run.source.name)
    },
    .optionalNumber("examples", "how many test examples everything is scored on") { source in
      source.results.examples.map { source.origins.zeroShot.count($0) }
    },
    .number("draws", "how many draws there are of each number, with the noun") {
      $0.origins.record.count($0.definition.draws, "draw")
    },
    .condition("has_one_draw", "whether there is only one draw") { $0.definition.draws == 1 },
    .number("planned", "how many trainings there are in all") {
      $0.origins.record.count($0.definition.trainings.count)
    },
    .number("trainings", "how many of them are complete") {
      $0.origins.record.count($0.definition.trainings.count - $0.results.missing.count)
    },
    .condition("is_complete", "whether all of them are complete") { $0.results.missing.isEmpty },
    .list("missing", "the trainings that are not complete") {
      EntryTags.numbered($0.results.missing, from: $0.origins.record)
    },
    .list("warnings", "what is odd about the files of the run or of a training") {
      // Each training has the same data, so most is said of all of them alike.
      let all = ([$0.results.run] + $0.results.runs).flatMap(\.warnings)
      return EntryTags.numbered(
        all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }, from: $0.origins.record)
    },
  ]

  private static let answers: [TagDefinition<FewShotData>] = [
    .section("zero_shot", "how the run does without labelled texts; absent if not known") {
      source in
      source.results.zeroShot.flatMap { result in
        result.isWithoutAnswers
          ? nil
          : EstimateTags(
            Estimate(result.accuracy, result.interval(.accuracy), by: .wilson), .share,
            Metric.accuracy.anchor, from: source.origins.zeroShot)
      }
    },
    .list("sizes", "the numbers of labelled texts, ascending") { source in
      source.results.sizes.map {
        FewShotSizeTags(size: $0, results: source.results, origins: source.origins)
      }
    },
    .list("rows", "the table of accuracies: a row per number of texts and way to use them") {
      FewShotRowTags.rows($0.results, $0.origins)
    },
    .list("differences", "the table of differences: a row per number of texts") { source in
      aligned(
        source.results.sizes.map {
          FewShotDifferenceRow(size: $0, origins: source.origins)
        })
    },
    .number("tests", "over how many differences Holm's correction is") {
      $0.origins.text("differences[].gain_p").count($0.results.tests)
    },
    .condition("has_tests", "whether any difference is tested") { $0.results.tests > 0 },
    .condition("has_several_tests", "whether several are") { $0.results.tests > 1 },
    .section("figure", "the curves, or why there are none") { $0.figure },
  ]

  private static let details: [TagDefinition<FewShotData>] = [
    .section("training", "how the trainings were set; absent without one") { $0.training },
    .section("probe", "how the probe was fitted; absent without it") { source in
      source.probe.map { FewShotProbeTags(record: $0, origins: source.origins) }
    },
    .list("unanswered", "draws that left examples without an answer") { source in
      source.results.sizes.flatMap { size in
        size.cells.flatMap { cell in
          cell.draws.filter { $0.unanswered > 0 }.map {
            FewShotUnansweredTags(size: size, cell: cell, draw: $0, origins: source.origins)
          }
        }
      }
    },
    .optionalNumber("largest_draw", "how many texts the largest draw has") { source in
      source.largestShare.map { source.origins.data($0.size).count($0.used) }
    },
    .optionalNumber("available", "how many labelled texts there are to draw from") { source in
      source.largestShare.map { source.origins.data($0.size).count($0.available) }
    },
    .condition("draws_overlap", "whether the largest draw takes half of them or more") {
      $0.largestShare.map { 2 * $0.used >= $0.available } ?? false
    },
    .condition("draws_are_all", "whether the largest draw takes all of them") {
      $0.largestShare.map { $0.used == $0.available } ?? false
    },
  ]
}

/// How the trainings were set, which is the same for all.
struct FewShotTrainingTags: TagSource {
  let experiment: Experiment
  let origins: FewShotOrigins

  static let tags: [TagDefinition<FewShotTrainingTags>] = [
    .number("epochs", "such as: 10 epochs") {
      $0.origins.settings("training.epochs").count($0.experiment.training.epochs, "epoch")
    },
    .number("batch_size", "examples per optimiser step") {
      $0.origins.settings("training.batch_size").count($0.experiment.training.batchSize)
    },
    .number("learning_rate", "the first learning rate") {
      $0.origins.settings("training.optimizer.learning_rate")
        .setting($0.experiment.training.optimizer.learningRate)
    },
    .number("layers", "how many encoder layers there are") {
      $0.origins.settings("model.encoder_layers").count($0.experiment.model.encoderLayers)
    },
    .number("frozen_layers", "how many of them are frozen") {
      $0.origins.settings("model.frozen_layers").count($0.experiment.model.frozenLayers)
    },
  ]
}

/// The regressions on the draws.
struct FewShotProbeTags: TagSource {
  let record: FewShotProbeRecord
  let origins: FewShotOrigins

  private var unfinished: Int { record.fits.count { !$0.hasConverged } }

  static let tags: [TagDefinition<FewShotProbeTags>] = [
    .number("layer", "the encoder layer whose output is read") {
      $0.origins.probe("layer").count($0.record.layer)
    },
    .optionalNumber("not_converged", "how many regressions did not converge, if any") {
      $0.unfinished > 0 ? $0.origins.probe("fits").count($0.unfinished) : nil
    },
    .number("fits", "how many regressions there are") {
      $0.origins.probe("fits").count($0.record.fits.count)
    },
  ]
}

/// A draw with examples that have no answer.
struct FewShotUnansweredTags: TagSource {
  let size: FewShotResults.Size
  let cell: FewShotResults.Cell
  let draw: FewShotResults.Draw
  let origins: FewShotOrigins

  private var from: Evidence { origins.cell(size, cell) }

  static let tags: [TagDefinition<FewShotUnansweredTags>] = [
    .number("per_class", "how many labelled texts per class") {
      $0.origins.record.count($0.size.perClass)
    },
    .text("method", "how they are used") { $0.cell.method.words },
    .number("draw", "which draw") { $0.origins.record.count($0.draw.number) },
    .number("count", "how many examples have no answer") { $0.from.count($0.draw.unanswered) },
    .number("examples", "of how many") { $0.from.count($0.draw.predictions.count) },
    .condition("is_all", "whether none has") { $0.draw.isWithoutAnswers },
  ]
}
