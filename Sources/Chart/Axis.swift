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
      // A single value gets a factor of 1.5 around it.
      let room = high / low > 1 + 1e-9 ? pow(high / low, padding) : 1.5
      return LogScale(
        max(
          low / room, Double.leastNormalMagnitude)...min(
            high * room, Double.greatestFiniteMagnitude))
    }
    let scale = max(abs(low), abs(high))
    var room = (high - low) * padding
    if !(high - low > 1e-9 * scale) {
      // All values alike: room enough that the axis can tell its ends apart.
      room = kind == .integer ? 0.5 : scale == 0 ? 1 : scale * 0.1
    }
    let paddedLow = max(low - room, min(limits.lowerBound, low))
    let paddedHigh = min(high + room, max(limits.upperBound, high))
    guard paddedLow.isFinite, paddedHigh.isFinite, paddedHigh > paddedLow else {
      return LinearScale((low - 1)...(high + 1))
    }
    return LinearScale(paddedLow...paddedHigh)
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
      let slack = (domain.upperBound - domain.lowerBound) * 1e-9
      let wanted = min(count, 8)
      // Ticks beyond the ends are not drawn; where that leaves too few, more are asked for.
      values =
        (wanted..<wanted + 4).lazy.map { count in
          Ticks.wilkinson(domain, count: count)
            .filter { $0 >= domain.lowerBound - slack && $0 <= domain.upperBound + slack }
        }.first { $0.count >= min(3, wanted) } ?? [domain.lowerBound, domain.upperBound]
    }
    let labels = Numeral.labels(of: values)
    return zip(values, labels).map { value, label in
      Tick(value: value, label: isSigned && value > 0 ? "+" + label : label)
    }
  }
}
