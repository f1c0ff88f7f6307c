internal import Glibc

/// One axis of a panel: what it measures, how, and what it must show besides the data.
public struct Axis: Sendable {
  public enum Kind: Equatable, Sendable {
    case linear
    /// Ends of the data labelled; values of zero and below are not drawn.
    case logarithmic
    /// Linear, labelled at whole numbers, the first and last of the data always among them.
    case integer
    /// One band for each name, values 0, 1, …
    case category([String])
  }

  /// The quantity with its unit, "loss (nats)"; empty for none.
  public var title: String
  public var kind: Kind
  /// Other names of the categories, for a page on which some would be cut; `Figure.shortNamesNote` explains them.
  public var shortNames: [String] = []
  /// Values that the axis must cover whatever the data are.
  public var including: [Double] = []
  /// What the quantity cannot exceed; room around the data ends there.
  public var limits: ClosedRange<Double> = -Double.infinity...Double.infinity
  /// Room on both sides of the data, as a share of their range.
  public var padding: Double = 0.05
  /// Whether ticks are labelled; off for all but the first of panels that share an axis.
  public var isLabelled = true
  /// Whether lines cross the panel at the ticks.
  public var hasGrid = true
  /// Whether labels carry the sign of positive numbers too, for differences.
  public var isSigned = false
  /// Whether the axis ends at ticks, at or beyond the data, so that every value lies between two labels.
  var endsAtTicks = false

  public init(_ title: String, _ kind: Kind = .linear) {
    (self.title, self.kind) = (title, kind)
  }

  /// The scale that covers `data` by the rules of this axis.
  func scale(for data: DataRange) -> any Scale {
    if case .category(let names) = kind { return BandScale(count: names.count) }
    var data = data
    for value in including { data.include(value) }
    var (low, high) = data.range.map { ($0.lowerBound, $0.upperBound) } ?? (0, 1)
    if kind == .logarithmic {
      (low, high) = low > 0 ? (low, high) : (1, 10)
      // A single value gets a factor of 1.5 around it. Logarithms, since ratios may overflow.
      let room = log(high) - log(low) > 1e-9 ? (log(high) - log(low)) * padding : log(1.5)
      return LogScale(
        max(
          min(low, exp(log(low) - room)), .leastNonzeroMagnitude)...min(
            max(high, exp(log(high) + room)), .greatestFiniteMagnitude))
    }
    guard Self.isRange(low, high) else {
      return LinearScale(around(low, high, scale: max(abs(low), abs(high))))
    }
    if endsAtTicks, let ends = tickedEnds(low, high) { return LinearScale(ends) }
    let room = (high - low) * padding
    return LinearScale(limited(low - room, below: low)...limited(high + room, above: high))
  }

  /// Whether the ends of a range are far enough apart that an axis can tell them apart.
  private static func isRange(_ low: Double, _ high: Double) -> Bool {
    high - low > max(1e-9 * max(abs(low), abs(high)), 1e-300)
  }

  /// The domain of values that are all alike: room enough that the axis can tell its ends apart.
  private func around(_ low: Double, _ high: Double, scale: Double) -> ClosedRange<Double> {
    var room = kind == .integer ? max(0.5, scale * 1e-9) : scale * 0.1
    // Too small for a tenth of it to be anything.
    if !(room > 1e-300) { room = 1 }
    let (start, end) = (limited(low - room, below: low), limited(high + room, above: high))
    return Self.isRange(start, end)
      ? start...end
      : max(
        low - room, -Double.greatestFiniteMagnitude)...min(
          high + room, Double.greatestFiniteMagnitude)
  }

  private func limited(_ wanted: Double, below low: Double) -> Double {
    max(wanted, min(limits.lowerBound, low), -Double.greatestFiniteMagnitude)
  }

  private func limited(_ wanted: Double, above high: Double) -> Double {
    min(wanted, max(limits.upperBound, high), Double.greatestFiniteMagnitude)
  }

  /// The range that round ticks around the data span; `nil` where numbers are too large for it.
  private func tickedEnds(_ low: Double, _ high: Double) -> ClosedRange<Double>? {
    let ticks = Ticks.wilkinson(low...high, count: 5)
    guard ticks.count > 1, let first = ticks.first, let last = ticks.last else { return nil }
    let step = ticks[1] - ticks[0]
    let slack = step * 1e-9
    let start = first - max(0, ((first - low - slack) / step).rounded(.up)) * step
    let end = last + max(0, ((high - last - slack) / step).rounded(.up)) * step
    guard start.isFinite, end.isFinite, step > 0 else { return nil }
    return limited(start, below: low)...limited(end, above: high)
  }

  /// A labelled place on an axis.
  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  /// The ticks of this axis on `scale`.
  ///
  /// - Parameters:
  ///   - scale: as `scale(for:)` made it.
  ///   - data: the range drawn, without padding.
  ///   - length: of the axis, in points.
  ///   - spacing: the least distance between ticks for a label's size, in points.
  /// - Returns: ascending ticks, all within the axis.
  func ticks(on scale: any Scale, data: DataRange, length: Double, spacing: Double) -> [Tick] {
    let count = max(2, Int(length / max(spacing, 1)))
    let domain = scale.domain
    let values: [Double]
    switch kind {
    case .category(let names):
      return names.enumerated().map { Tick(value: Double($0.offset), label: $0.element) }
    case .logarithmic:
      var data = data
      for value in including { data.include(value) }
      guard let range = data.range, range.lowerBound > 0 else { return [] }
      values = Ticks.logarithmic(
        ends: range, clearance: spacing / max(length, 1), position: scale.position)
      // Ends that agree in three digits are told apart by more.
      let labels =
        (3...15).lazy.map { Numeral.shorts(values, digits: $0) }
        .first { Set($0).count == values.count }
      return zip(values, labels ?? Numeral.shorts(values)).map { Tick(value: $0, label: $1) }
    case .integer:
      values = Ticks.integers(data.range ?? domain, count: count)
    case .linear:
      // What it covers for its neighbours' sake counts as data: axes that are shared have the same labels.
      var data = data
      for value in including { data.include(value) }
      values = linearTicks(in: domain, data: data, count: min(count, 8))
    }
    let labels = Numeral.labels(of: values)
    return zip(values, labels).map { value, label in
      Tick(value: value, label: isSigned && value > 0 ? "+" + label : label)
    }
  }

  /// Round ticks within the domain of which the outermost leave little of the data outside.
  ///
  /// The best labelling of a range may end far before its data do; then another count is tried. Where data lie on
  /// both sides of zero, or reach it, zero is labelled: it is what they are read against.
  private func linearTicks(in domain: ClosedRange<Double>, data: DataRange, count: Int) -> [Double]
  {
    let reachesZero = (data.range ?? domain).contains(0) && domain.contains(0)
    let found =
      reachesZero ? labelling(in: domain, data: data, count: count) { $0.contains(0) } : nil
    return found ?? labelling(in: domain, data: data, count: count) { _ in true }
      ?? [domain.lowerBound, domain.upperBound]
  }

  /// Ticks of the first number, from a wanted one on, that leave little of the data outside.
  ///
  /// - Parameters:
  ///   - domain: of the axis.
  ///   - data: what is drawn.
  ///   - count: how many are wanted.
  ///   - isWanted: whether ticks will do.
  /// - Returns: `nil` if no ticks do that leave little of the data outside.
  private func labelling(
    in domain: ClosedRange<Double>, data: DataRange, count: Int, isWanted: ([Double]) -> Bool
  ) -> [Double]? {
    // Halved, since the whole may be beyond what a number can hold.
    let slack = (domain.upperBound / 2 - domain.lowerBound / 2) * 2e-9
    // In steps: how far the data may go on where no label follows.
    let most = endsAtTicks ? 1e-6 : 0.5
    var best: (ticks: [Double], overhang: Double)?
    for wanted in Array(count..<count + 6) + (2..<max(count, 2)).reversed() {
      let ticks = Ticks.wilkinson(domain, count: wanted)
        .filter { $0 >= domain.lowerBound - slack && $0 <= domain.upperBound + slack }
      guard ticks.count > 1, ticks.count >= min(3, count) || endsAtTicks, isWanted(ticks) else {
        continue
      }
      let overhang = overhang(of: data.range ?? domain, over: ticks)
      if overhang < best?.overhang ?? .infinity { best = (ticks, overhang) }
      if overhang <= most { break }
    }
    guard let best, !endsAtTicks || best.overhang <= most else { return nil }
    return best.ticks
  }

  /// How far the data reach over the outermost ticks, in steps.
  private func overhang(of data: ClosedRange<Double>, over ticks: [Double]) -> Double {
    let step = ticks[1] - ticks[0]
    guard step > 0, let first = ticks.first, let last = ticks.last else { return .infinity }
    return max(0, (first - data.lowerBound) / step, (data.upperBound - last) / step)
  }
}
