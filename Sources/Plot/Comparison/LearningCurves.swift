internal import Chart

/// A quantity of one configuration by epoch.
public struct ComparedCurve: Equatable, Sendable {
  /// What one epoch is worth.
  public struct Epoch: Equatable, Sendable {
    /// The mean over seeds, or the only run's value; NaN where it is not known.
    public var value: Double
    /// Around the mean; `nil` for none.
    public var interval: ClosedRange<Double>?

    public init(_ value: Double, _ interval: ClosedRange<Double>? = nil) {
      (self.value, self.interval) = (value, interval)
    }
  }

  public var configuration: ComparedConfiguration
  /// From epoch 1 on; configurations may differ in how many.
  public var epochs: [Epoch]

  public init(_ configuration: ComparedConfiguration, _ epochs: [Epoch]) {
    (self.configuration, self.epochs) = (configuration, epochs)
  }
}

/// Overlays the learning curves of configurations, each named at its end.
///
/// - Parameters:
///   - curves: in the order of the configurations.
///   - quantity: what is drawn.
///   - split: in words, such as "German validation".
///   - bands: what the intervals are, such as "bands: range over the seeds"; empty for none.
///   - study: what the runs belong to; empty for none.
/// - Returns: the figure with its words.
/// - Throws: `ComparisonAbsence` if no curve has a finite value.
public func drawLearningCurves(
  _ curves: [ComparedCurve], of quantity: ComparedQuantity, on split: String, bands: String,
  study: String
) throws(ComparisonAbsence) -> ComparisonFigure {
  let drawn = curves.filter { $0.epochs.contains { $0.value.isFinite } }
  guard !drawn.isEmpty else { throw ComparisonAbsence("no run has a \(quantity.name) of \(split)") }
  let hasBands =
    drawn.count <= mostBands && drawn.contains { $0.epochs.contains { $0.interval != nil } }
  var marks: [any Mark] = []
  for curve in drawn where hasBands {
    marks.append(
      Band(
        curve.epochs.enumerated().map { index, epoch in
          Band.Slice(
            x: Double(index + 1), low: quantity.factor * (epoch.interval?.lowerBound ?? .nan),
            high: quantity.factor * (epoch.interval?.upperBound ?? .nan))
        }, ink: curve.configuration.ink))
  }
  for curve in drawn {
    let points = curve.epochs.enumerated().map {
      Point(
        Double($0.offset + 1), $0.element.value.isFinite ? quantity.factor * $0.element.value : .nan
      )
    }
    let last = curve.epochs.last { $0.value.isFinite }?.value ?? .nan
    let ink = curve.configuration.ink
    marks.append(
      Line(points, ink: ink, endLabel: .init(curve.configuration.name, quantity.digits(last))))
    marks.append(Dots(points, ink: ink))
  }
  var x = Axis("epoch", .integer)
  x.padding = 0.025
  x.hasGrid = false
  var y = Axis(quantity.axisTitle)
  y.limits = quantity.axisLimits
  let panel = Panel(x: x, y: y, marks: marks)
  let lost = curves.filter { curve in !drawn.contains { $0.configuration == curve.configuration } }
  let missing = sentences(
    lost.isEmpty ? "" : "Without values: \(inWords(lost.map(\.configuration.name))).", gaps(drawn))
  return ComparisonFigure(
    "learning_curves", title: "Learning curves on \(split)",
    subtitle: "\(quantity.name.capitalizedFirst) by epoch"
      + (hasBands && !bands.isEmpty ? "; \(bands)" : ""),
    caption: sentences(caption(drawn, quantity, split), missing),
    alternative: "Lines of \(quantity.name) on \(split) by epoch, \(drawn.count) "
      + "configuration\(drawn.count == 1 ? "" : "s").",
    note: missing, panels: [panel], study: study)
}

/// The epochs without a value between others, in a sentence.
private func gaps(_ curves: [ComparedCurve]) -> String {
  let parts = curves.compactMap { curve -> String? in
    let gaps = curve.epochs.indices.filter { !curve.epochs[$0].value.isFinite }.map { $0 + 1 }
    return gaps.isEmpty ? nil : "\(curve.configuration.name) at \(epochList(gaps))"
  }
  return parts.isEmpty ? "" : "No finite value, hence a gap: \(inWords(parts))."
}

private func caption(
  _ curves: [ComparedCurve], _ quantity: ComparedQuantity, _ split: String
) -> String {
  if curves.count <= 4 {
    return "\(quantity.name.capitalizedFirst) on \(split): "
      + curves.map { curve in
        "\(curve.configuration.name) "
          + course(curve.epochs.map(\.value), at: { "epoch \($0)" }) { quantity.text($0) }
      }.joined(separator: "; ") + "."
  }
  let ends = curves.compactMap { curve in
    curve.epochs.last { $0.value.isFinite }
      .map { ComparedValue(curve.configuration, $0.value) }
  }
  return "On \(split) the \(quantity.name) of \(curves.count) configurations ends "
    + "\(span(ends, quantity))."
}

/// "between 52.0 % (low-rate) and 62.3 % (baseline)".
func span(_ values: [ComparedValue], _ quantity: ComparedQuantity) -> String {
  guard let least = values.min(by: { $0.value < $1.value }),
    let most = values.max(by: { $0.value < $1.value })
  else { return "nowhere" }
  return "between \(quantity.text(least.value)) (\(least.configuration.name)) and "
    + "\(quantity.text(most.value)) (\(most.configuration.name))"
}
