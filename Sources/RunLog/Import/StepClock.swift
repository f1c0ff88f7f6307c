/// How many epochs are done after a number of steps.
///
/// Straight lines between what the log tells; it needs to tell where epochs end, or a fraction.
struct StepClock {
  /// Steps done and epochs done by then, both ascending.
  private var knots: [(steps: Double, epochs: Double)] = []
  /// The last step seen in each running epoch, counted from 0.
  private var lastStep: [Double: Double] = [:]

  /// Notes that so many steps were done while the epoch of that number, from 0, was running.
  mutating func note(step: Double, inEpoch epoch: Double) {
    lastStep[epoch] = max(lastStep[epoch] ?? 0, step)
    knots = []
  }

  /// Notes that so many epochs, fractions included, were done after so many steps.
  mutating func note(step: Double, epochs: Double) {
    exact.append((step, epochs))
    knots = []
  }

  private var exact: [(steps: Double, epochs: Double)] = []

  /// Whether the clock knows anything.
  var isEmpty: Bool { lastStep.isEmpty && exact.isEmpty }

  /// The epochs done after so many steps, or `nil` if the notes do not tell.
  mutating func epochs(after steps: Double) -> Double? {
    if knots.isEmpty { knots = makeKnots() }
    guard knots.count > 1 else { return nil }
    // The first knot not before the place; beyond the last one its line goes on.
    var (low, high) = (1, knots.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if knots[middle].steps < steps { low = middle + 1 } else { high = middle }
    }
    let (a, b) = (knots[low - 1], knots[low])
    let epochs = a.epochs + (steps - a.steps) / (b.steps - a.steps) * (b.epochs - a.epochs)
    return epochs.isFinite ? epochs : nil
  }

  private func makeKnots() -> [(steps: Double, epochs: Double)] {
    var notes = exact
    let running = lastStep.sorted { $0.key < $1.key }
    for (index, entry) in running.enumerated() {
      // The last epoch may have been cut short; its end is then not where its last step is.
      if index == running.count - 1, index > 0 {
        let before = running[index - 1].value - (index > 1 ? running[index - 2].value : 0)
        if entry.value - running[index - 1].value < before { continue }
      }
      notes.append((entry.value, entry.key + 1))
    }
    notes.sort { ($0.steps, $0.epochs) < ($1.steps, $1.epochs) }
    var result = [(steps: 0.0, epochs: 0.0)]
    for note in notes {
      let last = result[result.count - 1]
      // What goes backwards tells nothing.
      if note.steps > last.steps, note.epochs >= last.epochs { result.append(note) }
    }
    return result
  }
}
