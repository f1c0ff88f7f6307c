internal import Metrics
internal import Plot
internal import Results
internal import RunLog

/// The figures of a comparison, as far as its runs allow.
struct ComparisonFigures: Sendable {
  /// A figure, or the name of its file and why there is none.
  struct Entry: Sendable {
    let file: String
    let outcome: Result<ComparisonFigure, ComparisonAbsence>

    init(
      _ name: String, _ draw: () throws(ComparisonAbsence) -> ComparisonFigure
    ) {
      file = "\(name).png"
      outcome = Result(catching: draw)
    }

    var figure: ComparisonFigure? { try? outcome.get() }

    var tags: FigureTags {
      switch outcome {
      case .success(let figure):
        FigureTags(
          ReportFigure(
            name: figure.name, title: figure.title, caption: figure.caption,
            alternativeText: figure.alternativeText))
      case .failure(let absence):
        FigureTags(
          AbsentFigure(name: String(file.dropLast(4)), title: file, reason: absence.reason))
      }
    }
  }

  let entries: [Entry]

  /// - Parameters:
  ///   - comparison: the runs.
  ///   - subject: the study or the experiment that all of them belong to, for subtitles; empty for none.
  ///   - claimed: the splits that a study's claims are about, one per claim.
  init(_ comparison: RunComparison, of subject: String, claimed: [Split] = []) {
    let names = comparison.groups.enumerated().map {
      ComparedConfiguration($0.element.name, index: $0.offset)
    }
    let intervals = Self.intervals(comparison.groups)
    // One part for all final numbers: those of two parts are never put side by side as if they were one.
    let part = comparison.finalPart(claimed: claimed)
    let focus = Self.focus(comparison, part, claimed)
    func values(_ metric: Metric, _ split: Split) -> [ComparedValue] {
      let rows = comparison.splits.first { $0.split == split }?.rows ?? []
      return names.map { name in
        let row = rows.first { $0.group == name.index }
        let interval = row?.estimates[metric]?.interval
        return ComparedValue(
          name, row?.metrics[metric]?.mean.value ?? .nan, interval.map { $0.lower...$0.upper })
      }
    }
    func words(_ split: Split) -> String {
      "\(nameOfLanguage(split.language, comparison)) \(partName(split.part))"
    }
    var entries: [Entry] = []
    let watched = Self.watched(comparison)
    entries.append(
      Entry("learning_curves") { () throws(ComparisonAbsence) in
        try drawLearningCurves(
          zip(names, comparison.groups).map {
            ComparedCurve(
              $0,
              Self.curve($1, watched, hasRanges: Self.areBandsRanges(comparison.groups)))
          },
          of: .accuracy, on: words(watched),
          bands: Self.bands(comparison.groups), study: subject)
      })
    let source = Split(comparison.groups[0].runs[0].source.code, focus.part)
    let places: [(metric: Metric, split: Split)] =
      (source == focus ? [] : [(.accuracy, source)]) + [(.accuracy, focus), (.macroF1, focus)]
    entries.append(
      Entry("final_metrics") { () throws(ComparisonAbsence) in
        try drawFinalMetrics(
          places.map {
            FinalMetric(
              ComparedQuantity($0.metric), on: words($0.split), values($0.metric, $0.split))
          }, part: partName(part),
          intervals: intervals, study: subject, hasAverage: comparison.hasAverage)
      })
    entries.append(
      Entry("cost") { () throws(ComparisonAbsence) in
        func costs(_ cost: (RunGroup) -> Double?) -> [ComparedCost] {
          zip(values(.accuracy, focus), comparison.groups).map { value, group in
            ComparedCost(value, cost: cost(group) ?? .nan)
          }
        }
        let (time, remark) = Self.time(comparison.groups)
        return try drawCost(
          [
            ComparedCosts(
              .trainableParameters,
              costs { $0.runs[0].started.map { Double($0.trainableParameters) } }),
            ComparedCosts(
              time,
              costs { group in
                group.summary {
                  time == .seconds ? $0.trainingSeconds : $0.trainingOperations
                }?.mean.value
              }),
          ],
          of: .accuracy, on: words(focus), intervals: intervals, remark: remark, study: subject)
      })
    entries.append(
      Entry("gaps") { () throws(ComparisonAbsence) in
        try drawGaps(
          Self.gaps(comparison, names, part), source: Self.sourceName(comparison.groups),
          part: partName(part), intervals: intervals, study: subject)
      })
    // Runs with one source in common have no such figure, nor lack one.
    if let matrix = SourceMatrix(comparison, on: part) {
      entries.append(
        Entry("source_target_matrix") { () throws(ComparisonAbsence) in
          try matrix.draw(
            isMean: comparison.groups.contains { $0.runs.count > 1 }, study: subject)
        })
    }
    self.entries = entries
  }

  /// The split that most is said about: the first of the final part that a claim is about, else of those that most
  /// configurations were scored on a target's, else the source's. Where a network answered nothing, it was scored.
  private static func focus(
    _ comparison: RunComparison, _ part: Part, _ claimed: [Split]
  ) -> Split {
    func count(_ split: Split) -> Int {
      comparison.splits.first { $0.split == split }?.rows.count ?? 0
    }
    return claimed.first { $0.part == part && count($0) > 0 }
      ?? best(splits(comparison, [part]), count)
  }

  /// What gaps are relative to: the source, if all configurations have the same.
  private static func sourceName(_ groups: [RunGroup]) -> String {
    let names = Set(groups.map { $0.runs[0].source.name })
    return names.count == 1 ? groups[0].runs[0].source.name : "Each configuration's own source"
  }

  /// The gaps to all targets on the final part; of targets that lack it on the other, which says so.
  private static func gaps(
    _ comparison: RunComparison, _ names: [ComparedConfiguration], _ part: Part
  ) -> [ComparedGap] {
    var targets: [RunResults.Language] = []
    for target in comparison.groups.flatMap({ $0.runs[0].targets })
    where !targets.contains(where: { $0.code == target.code }) {
      targets.append(target)
    }
    func values(_ target: RunResults.Language, _ part: Part) -> [ComparedValue] {
      zip(names, comparison.groups).map { gap($0, $1, to: target.code, part) }
    }
    let other: Part = part == .test ? .validation : .test
    return targets.map { target in
      let onPart = values(target, part)
      let isSilent = comparison.unanswered.contains {
        $0.split == Split(target.code, part) && $0.isAll
      }
      if isSilent || onPart.contains(where: { $0.value.isFinite }) {
        return ComparedGap(to: target.name, onPart)
      }
      return ComparedGap(
        to: target.name, values(target, other), setApartOn: partName(other))
    }
  }

  /// The split whose course is drawn: of those that most configurations have, a target's validation, else
  /// the source's.
  private static func watched(_ comparison: RunComparison) -> Split {
    best(splits(comparison, [.validation])) { split in
      comparison.groups.count { group in group.runs.allSatisfy { $0.byEpoch[split] != nil } }
    }
  }

  /// Splits of all runs, targets first; not empty.
  private static func splits(_ comparison: RunComparison, _ parts: [Part]) -> [Split] {
    let runs = comparison.groups.flatMap(\.runs)
    let languages = runs.flatMap { $0.targets.map(\.code) } + runs.map(\.source.code)
    return languages.reduce(into: []) { splits, language in
      for split in parts.map({ Split(language, $0) }) where !splits.contains(split) {
        splits.append(split)
      }
    }
  }

  /// The first of those with the highest count.
  private static func best(_ splits: [Split], _ count: (Split) -> Int) -> Split {
    var (best, most) = (splits[0], 0)
    for split in splits where count(split) > most { (best, most) = (split, count(split)) }
    return best
  }

  /// What whiskers are: below three seeds of a configuration only its examples vary.
  private static func intervals(_ groups: [RunGroup]) -> String {
    let counts = groups.map(\.runs.count)
    guard counts.contains(where: { $0 > 2 }) else { return "95 % intervals over examples" }
    return "95 % intervals over seeds and examples"
      + (counts.contains { $0 < 3 } ? ", with fewer than three seeds over examples alone" : "")
  }

  /// What time is counted in, and what must be known of it.
  private static func time(_ groups: [RunGroup]) -> (ComparedQuantity, remark: String) {
    switch groups.basisOfCost {
    case .seconds: (.seconds, "Time is that of training alone, all epochs together.")
    case .operations(let reason):
      (
        .operations,
        "Operations of training are counted instead of seconds, since \(reason)."
      )
    }
  }

  /// Student's interval of two seeds has one degree of freedom: it would span most of the figure and say
  /// nothing, so below three seeds bands show what was seen.
  private static func areBandsRanges(_ groups: [RunGroup]) -> Bool {
    groups.contains { $0.runs.count == 2 }
  }

  /// What bands around learning curves are; empty with one run a configuration.
  private static func bands(_ groups: [RunGroup]) -> String {
    guard let most = groups.map(\.runs.count).max(), most > 1 else { return "" }
    return areBandsRanges(groups)
      ? "means over seeds, bands from the lowest to the highest seed"
      : "means over seeds, bands their 95 % intervals over seeds"
  }

  /// Accuracy by epoch, the mean over seeds.
  private static func curve(
    _ group: RunGroup, _ split: Split, hasRanges: Bool
  ) -> [ComparedCurve.Epoch] {
    // A network that answered nothing has no accuracy: a line that falls to 0 would tell of wrong answers.
    let series = group.runs.compactMap {
      $0.byEpoch[split]?.map { $0.isWithoutAnswers ? .nan : $0.accuracy }
    }
    guard series.count == group.runs.count, let count = series.map(\.count).min() else { return [] }
    return (0..<count).map { epoch in
      let values = series.map { $0[epoch] }
      let mean = SeedSummary(values).mean
      guard values.count > 1, mean.value.isFinite, let low = values.min(), let high = values.max()
      else { return ComparedCurve.Epoch(mean.value) }
      if hasRanges { return ComparedCurve.Epoch(mean.value, low...high) }
      // Seeds that agree have no interval, but the band of those before and after does not end there.
      guard let interval = mean.interval else { return ComparedCurve.Epoch(mean.value, low...high) }
      // A t interval of shares may leave what shares can be.
      return ComparedCurve.Epoch(mean.value, max(0, interval.lower)...min(1, interval.upper))
    }
  }

  private static func gap(
    _ name: ComparedConfiguration, _ group: RunGroup, to target: String, _ part: Part
  ) -> ComparedValue {
    let gap = group.gap(.accuracy, to: target, part)
    return ComparedValue(
      name, gap?.value ?? .nan, gap?.interval.map { $0.lower...$0.upper })
  }
}
