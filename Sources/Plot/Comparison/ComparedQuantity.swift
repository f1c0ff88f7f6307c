internal import Chart
public import Metrics

/// What is compared: how it is called, drawn and written.
public struct ComparedQuantity: Equatable, Sendable {
  /// In a sentence, such as "accuracy".
  public var name: String
  /// Beside the axis, such as "%"; empty for none.
  public var unit: String
  /// From the value as it is computed to the value on the axis.
  public var factor: Double
  /// Decimal places of the value on the axis.
  public var places: Int
  /// Whether positive values carry a sign, as differences do.
  public var isSigned: Bool
  /// Whether less is better, as of losses and costs.
  public var isBetterLow: Bool
  /// What no value can leave; `nil` for none.
  public var range: ClosedRange<Double>?

  public init(
    _ name: String, unit: String = "", factor: Double = 1, places: Int = 3,
    isSigned: Bool = false, isBetterLow: Bool = false, range: ClosedRange<Double>? = nil
  ) {
    (self.name, self.unit, self.factor, self.places) = (name, unit, factor, places)
    (self.isSigned, self.isBetterLow) = (isSigned, isBetterLow)
    self.range = range
  }

  /// A metric of a split.
  public init(_ metric: Metric) {
    let unit = metric.unit
    self.init(
      metric.name, unit: unit.symbol, factor: unit.factor, places: unit.places,
      isBetterLow: metric.isBetterLow,
      range: metric.range.upperBound.isFinite ? metric.range : nil)
  }

  /// A metric of the source minus that of a target.
  public init(gapIn metric: Metric) {
    let unit = metric.unit
    self.init(
      metric.gap?.name ?? metric.name, unit: unit.differenceSymbol, factor: unit.factor,
      places: unit.places, isSigned: true, isBetterLow: true)
  }

  public static let accuracy = ComparedQuantity(.accuracy)
  public static let transferGap = ComparedQuantity(gapIn: .accuracy)
  public static let seconds = ComparedQuantity(
    "training time", unit: "s", places: 1, isBetterLow: true)
  /// A count of floating-point operations, drawn in millions of millions.
  public static let operations = ComparedQuantity(
    "training operations", unit: "TFLOP", factor: 1e-12, places: 2, isBetterLow: true)
  /// A count, drawn in millions.
  public static let trainableParameters = ComparedQuantity(
    "trainable parameters", unit: "millions", factor: 1e-6, places: 2, isBetterLow: true)

  /// The difference of two values of this quantity.
  public var difference: ComparedQuantity {
    var quantity = self
    quantity.name = "difference in \(name)"
    quantity.unit = unit == "%" ? "percentage points" : unit
    quantity.isSigned = true
    quantity.range = nil
    return quantity
  }

  /// The same in a smaller unit, if its values are small: thousands for millions, ms for s, GFLOP for TFLOP.
  ///
  /// - Parameter largest: of the values.
  /// - Returns: the quantity in the largest unit of which that is at least a tenth.
  func suited(to largest: Double) -> ComparedQuantity {
    let units: [(unit: String, size: Double)] =
      switch unit {
      case "millions": [("millions", 1e6), ("thousands", 1e3), ("", 1)]
      case "TFLOP": [("TFLOP", 1e12), ("GFLOP", 1e9), ("MFLOP", 1e6), ("kFLOP", 1e3)]
      case "s": [("s", 1), ("ms", 1e-3)]
      default: []
      }
    guard let found = units.first(where: { largest >= 0.1 * $0.size }) ?? units.last else {
      return self
    }
    var quantity = self
    if found.unit != unit { (quantity.unit, quantity.factor) = (found.unit, 1 / found.size) }
    if found.unit.isEmpty { quantity.places = 0 }
    return quantity
  }

  /// What an axis of this quantity cannot leave.
  var axisLimits: ClosedRange<Double> {
    range.map { factor * $0.lowerBound...factor * $0.upperBound } ?? -.infinity ... .infinity
  }

  /// As an axis is titled, "accuracy (%)".
  var axisTitle: String { unit.isEmpty ? name : "\(name) (\(unit))" }

  /// A value without its unit, "62.3".
  func digits(_ value: Double) -> String {
    let drawn = factor * value
    // What the usual places would round away is written with three digits.
    let isTiny = drawn != 0 && abs(drawn) < 0.5 / power(10, places)
    guard !isTiny, abs(drawn) < 1e6 else {
      return (isSigned && drawn > 0 ? "+" : "") + Numeral.short(drawn)
    }
    return Numeral.decimal(drawn, places: places, signed: isSigned)
  }

  /// A value that somebody set, with all of up to six digits, "−2.5 points"; zero is no more than "0".
  ///
  /// - Parameters:
  ///   - value: such as a margin.
  ///   - isLast: whether the unit follows.
  /// - Returns: the value with its sign, but for zero.
  func bound(_ value: Double, isLast: Bool = false) -> String {
    let words = (isSigned && value > 0 ? "+" : "") + Numeral.short(factor * value, digits: 6)
    return isLast && !unit.isEmpty ? "\(words)\u{A0}\(spokenUnit)" : words
  }

  /// A value in a sentence, "62.3 %".
  func text(_ value: Double) -> String {
    unit.isEmpty || !value.isFinite ? digits(value) : "\(digits(value))\u{A0}\(spokenUnit)"
  }

  private var spokenUnit: String {
    ["percentage points": "points", "millions": "million", "thousands": "thousand"][unit] ?? unit
  }

  /// An interval in a sentence, "60.1 to 64.4 %".
  func text(_ range: ClosedRange<Double>) -> String {
    "\(digits(range.lowerBound)) to \(text(range.upperBound))"
  }

  /// A size in a sentence, without a sign, "2.0 points".
  func amount(_ value: Double) -> String {
    var quantity = self
    quantity.isSigned = false
    return quantity.text(abs(value))
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<max(exponent, 0)).reduce(1) { product, _ in product * base }
  }
}

/// A configuration of a study, of one run or of several that differ only in the seed.
public struct ComparedConfiguration: Hashable, Sendable {
  /// As it stands beside its line.
  public var name: String
  /// Its place among all configurations, from 0: one has one colour and symbol in all figures.
  public var index: Int

  public init(_ name: String, index: Int) { (self.name, self.index) = (name, index) }

  var ink: Ink { .series(1 + index) }
}

/// A value of a configuration with the interval that it is known to.
public struct ComparedValue: Equatable, Sendable {
  public var configuration: ComparedConfiguration
  /// NaN where it is not known.
  public var value: Double
  /// `nil` where no honest one exists.
  public var interval: ClosedRange<Double>?

  public init(
    _ configuration: ComparedConfiguration, _ value: Double, _ interval: ClosedRange<Double>? = nil
  ) {
    (self.configuration, self.value, self.interval) = (configuration, value, interval)
  }
}
