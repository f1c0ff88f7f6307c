/// Places training that is counted in steps among evaluations that are counted apart from them.
///
/// Many programs log training by iteration and validation by epoch, both as "step". On one axis the
/// evaluations would all lie in the first iterations.
struct TimeAlignment {
  /// For captions.
  private(set) var note = ""
  /// With the series and what to do if it is wrong.
  private(set) var warning = ""
  /// Training steps that are done at places among the evaluations, both ascending.
  private var knots: [(steps: Double, place: Double)] = [(0, 0)]
  /// What is added to a training step, which counts from 0 or from 1.
  private let trainingShift: Double
  /// What is added to an evaluation's place.
  private let evaluationShift: Double
  private let lastEvaluation: Double
  private let evaluationCount: Int
  /// Whether evaluations have epochs, and training has none.
  private let isMixed: Bool

  /// The alignment of a log; `nil` if one axis holds all of it.
  init?(_ chosen: ChosenSeries, map: ImportMap?) {
    let validation = chosen.values.filter { $0.split.part == .validation }.flatMap(\.series.points)
    let training = (chosen.values + chosen.finer).filter { $0.split.part == .train }.map(\.series)
    guard !validation.isEmpty, !training.isEmpty else { return nil }
    let isMixed = validation.allSatisfy { $0.epoch != nil }
    self.isMixed = isMixed
    let place: (LoggedPoint) -> Double? = isMixed ? \.epoch : \.step
    guard isMixed || validation.allSatisfy({ $0.epoch == nil && $0.step != nil }) else {
      return nil
    }
    let places = Set(validation.compactMap(place)).sorted()
    guard let first = places.first, let last = places.last, last.isFinite else { return nil }
    (lastEvaluation, evaluationCount) = (last, places.count)
    // Epochs of their own: 0, 1, 2 … or 1, 2, 3 ….
    let areCounted = first <= 1 && zip(places, places.dropFirst()).allSatisfy { $1 - $0 == 1 }
    guard isMixed || areCounted else { return nil }
    let own = training.filter {
      isMixed
        ? $0.points.allSatisfy { $0.epoch == nil && $0.step != nil }
        : $0.points.count > places.count
          && ($0.points.compactMap(\.step).max() ?? 0) >= 2 * max(last, 1)
    }
    guard let leading = own.max(by: { $0.points.count < $1.points.count }) else { return nil }
    let steps = leading.points.compactMap(\.step)
    guard let begin = steps.min(), let end = steps.max(), end > begin else { return nil }
    trainingShift = begin == 0 ? 1 : 0
    let times = Self.times(validation, leading.points, place)
    if !isMixed {
      if let times {
        // On one axis nothing is far ahead of an evaluation that is logged after it.
        let isApart = times.contains { $0.steps > $0.place + 1 }
        guard isApart else { return nil }
      } else if places.count == 1 {
        return nil
      }
    }
    // An evaluation before the first step is that of the untrained model.
    let beginsUntrained = first == 0 && times?.first?.steps == -.infinity
    evaluationShift = !isMixed && first == 0 && !beginsUntrained ? 1 : 0
    let total = end + trainingShift
    let how: String
    if let perEpoch = map?.stepsPerEpoch {
      knots.append((perEpoch, 1))
      how = "an epoch has \(plain(perEpoch)) steps, as the map says"
    } else if let bounds = bounds(times) {
      knots += bounds
      how = "the order in which they were logged says which steps lie between two evaluations"
    } else {
      guard last + evaluationShift > 0 else { return nil }
      knots.append((total, last + evaluationShift))
      how =
        "both are taken to end together, so that an epoch has \(plain((total / (last + evaluationShift) * 100).rounded() / 100)) steps"
    }
    note =
      "Training is logged by step and evaluations are counted separately: \(how). Training values are "
      + "means over the steps between two evaluations."
    warning =
      "'\(leading.key)' counts steps, \(plain(begin)) to \(plain(end)), and evaluations are counted separately, "
      + "\(plain(first)) to \(plain(last)). For the curves \(how); 'steps_per_epoch' in a file for --map says "
      + "otherwise."
  }

  /// For each evaluation, how far training was when it was logged, if the log's times tell.
  private static func times(
    _ validation: [LoggedPoint], _ training: [LoggedPoint],
    _ place: (LoggedPoint) -> Double?
  ) -> [(place: Double, steps: Double)]? {
    guard validation.allSatisfy({ $0.time?.isFinite ?? false }),
      training.allSatisfy({ $0.time?.isFinite ?? false })
    else { return nil }
    let steps = training.map { (time: $0.time ?? 0, step: $0.step ?? 0) }.sorted {
      $0.time < $1.time
    }
    let evaluations = validation.compactMap { point in
      place(point).map { (time: point.time ?? 0, place: $0) }
    }.sorted { ($0.place, $0.time) < ($1.place, $1.time) }
    var byTime = evaluations.sorted { $0.time < $1.time }[...]
    var reached: [Double: Double] = [:]
    var highest = -Double.infinity
    var index = 0
    while let evaluation = byTime.popFirst() {
      while index < steps.count, steps[index].time <= evaluation.time {
        highest = max(highest, steps[index].step)
        index += 1
      }
      reached[evaluation.place] = max(reached[evaluation.place] ?? -.infinity, highest)
    }
    return reached.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Where evaluations lie among the steps by the log's times; `nil` if some follow each other without a
  /// step between them, as where all training was written before all validation.
  private func bounds(
    _ times: [(place: Double, steps: Double)]?
  ) -> [(steps: Double, place: Double)]? {
    guard let times else { return nil }
    var result: [(steps: Double, place: Double)] = []
    for (index, time) in times.enumerated() {
      if index == 0, time.steps == -.infinity { continue }
      let bound = (time.steps + trainingShift, time.place + evaluationShift)
      guard bound.0 > result.last?.steps ?? 0, bound.1 > result.last?.place ?? 0 else { return nil }
      result.append(bound)
    }
    return result.isEmpty ? nil : result
  }

  /// Gives all points their epochs.
  func apply(to chosen: inout ChosenSeries) {
    for index in chosen.values.indices { place(&chosen.values[index].series) }
    for index in chosen.finer.indices { place(&chosen.finer[index].series) }
    if var rates = chosen.rates {
      place(&rates)
      chosen.rates = rates
    }
  }

  private func place(_ series: inout LoggedSeries) {
    let steps = series.points.compactMap(\.step)
    let isByStep =
      isMixed || steps.count > evaluationCount && (steps.max() ?? 0) > lastEvaluation + 1
    for index in series.points.indices where series.points[index].epoch == nil {
      guard let step = series.points[index].step else { continue }
      series.points[index].epoch =
        isByStep || step > lastEvaluation + 1
        ? epochs(step + trainingShift) : step + evaluationShift
    }
  }

  /// Straight lines between the knots; beyond the last one its line goes on.
  private func epochs(_ steps: Double) -> Double? {
    var (low, high) = (1, knots.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if knots[middle].steps < steps { low = middle + 1 } else { high = middle }
    }
    let (a, b) = (knots[low - 1], knots[low])
    // The end of a stretch is exactly its evaluation's place.
    if steps == b.steps { return b.place }
    let epochs = a.place + (steps - a.steps) / (b.steps - a.steps) * (b.place - a.place)
    return epochs.isFinite ? epochs : nil
  }
}
