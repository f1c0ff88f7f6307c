internal import Foundation
internal import Metrics

/// A number with its interval.
struct EstimateTags: TagSource {
  let printed: PrintedNumber
  let value: PrintedNumber
  let interval: PrintedNumber?
  let method: String
  /// How many decimals it is printed with; `nil` for a number that nobody knows.
  let digits: Int?
  /// The same number with as many decimals as others of its column have.
  private let printedAnew: (@Sendable (Int) -> EstimateTags)?

  /// What is estimated, which decides the form.
  enum Quantity {
    /// A share, in percent.
    case share
    /// A difference of shares, in percentage points with its sign.
    case points
    /// A share of another number, in percent with its sign.
    case change
    /// A mean cross-entropy.
    case nats
    /// A difference of such means, with its sign.
    case natsChange
    /// Between 0 and 1, as a decimal.
    case score
    /// A difference of scores, with its sign.
    case scoreChange
    /// Any other number.
    case ratio

    var scale: Double {
      switch self {
      case .share, .points, .change: 100
      default: 1
      }
    }
    var isSigned: Bool {
      switch self {
      case .points, .change, .natsChange, .scoreChange: true
      default: false
      }
    }
    var suffix: String {
      switch self {
      case .share, .change: " %"
      default: ""
      }
    }
    var fallbackDigits: Int { scale == 100 ? 1 : 3 }
    var unit: PrintedNumber.Unit {
      switch self {
      case .share: .share
      case .points: .points
      case .nats, .natsChange: .nats
      case .score, .scoreChange: .score
      case .change, .ratio: .ratio
      }
    }

    func text(_ value: Double, digits: Int) -> String {
      // Thirty digits before the point are no reader's; three count.
      let text =
        scale == 1 && abs(value) >= 1e6 && value.isFinite
        ? NumberFormat.rate(value) : NumberFormat.decimal(scale * value, digits: digits)
      let isPositive = isSigned && value > 0 && text.contains { $0 >= "1" && $0 <= "9" }
      return (isPositive ? "+" : "") + text
    }

    func text(_ interval: Interval, digits: Int) -> String {
      let (lower, upper) = (
        text(interval.lower, digits: digits), text(interval.upper, digits: digits)
      )
      // A dash before a minus would be a riddle.
      return isSigned || interval.lower < 0 ? "\(lower) to \(upper)" : "\(lower)–\(upper)"
    }
  }

  /// - Parameters:
  ///   - estimate: the number.
  ///   - quantity: what it is.
  ///   - definition: the anchor of its definition.
  ///   - from: where it comes from.
  ///   - wanted: how many decimals; as many as its own interval deserves if left out.
  init(
    _ estimate: Estimate, _ quantity: Quantity, _ definition: String, from: Evidence,
    digits wanted: Int? = nil
  ) {
    let value = estimate.value
    let digits =
      wanted
      ?? estimate.interval.map {
        NumberFormat.digits(
          (quantity.scale * $0.lower)...(quantity.scale * $0.upper),
          fallback: quantity.fallbackDigits)
      } ?? quantity.fallbackDigits
    let text = quantity.text(value, digits: digits) + (value.isFinite ? quantity.suffix : "")
    self.value = from.number(text, [value], quantity.unit).defined(definition)
    interval = estimate.interval.map {
      from.number(
        quantity.text($0, digits: digits) + quantity.suffix, [$0.lower, $0.upper], quantity.unit
      ).defined(estimate.method.anchor).formed(.interval)
    }
    if let interval = estimate.interval {
      printed = from.number(
        "\(text) [\(quantity.text(interval, digits: digits))]",
        [value, interval.lower, interval.upper], quantity.unit
      ).defined(estimate.method.anchor).formed(.estimate)
    } else {
      printed = self.value
    }
    method = estimate.method.name
    self.digits = digits
    printedAnew = { EstimateTags(estimate, quantity, definition, from: from, digits: $0) }
  }

  /// A number without an interval; `nil` for one that nobody knows.
  init(
    _ value: Double?, _ quantity: Quantity, _ definition: String, from: Evidence,
    digits wanted: Int? = nil
  ) {
    guard let value else {
      printed = from.unknown(quantity.unit)
      (self.value, interval, method, digits, printedAnew) = (printed, nil, "", nil, nil)
      return
    }
    let digits = wanted ?? quantity.fallbackDigits
    let text = quantity.text(value, digits: digits)
    printed = from.number(
      text + (value.isFinite ? quantity.suffix : ""), [value], quantity.unit
    ).defined(definition)
    (self.value, interval, method) = (printed, nil, "")
    self.digits = value.isFinite ? digits : nil
    printedAnew = { EstimateTags(value, quantity, definition, from: from, digits: $0) }
  }

  /// A calibration error with its bootstrap spread, which is no interval.
  init(_ error: CalibrationError, from: Evidence, digits wanted: Int? = nil) {
    let digits =
      wanted ?? error.spread.map { NumberFormat.digits(-$0...$0, fallback: 3) } ?? 3
    let text = NumberFormat.decimal(error.debiased, digits: digits)
    let anchor = Method.calibrationError.anchor
    value = from.number(text, [error.debiased], .score).defined(anchor)
    printed =
      error.spread.map {
        from.number(
          "\(text) ± \(NumberFormat.decimal($0, digits: digits))", [error.debiased, $0], .score
        ).defined(anchor).formed(.spread)
      } ?? value
    (interval, method) = (nil, Method.calibrationError.name)
    self.digits = digits
    printedAnew = { EstimateTags(error, from: from, digits: $0) }
  }

  private init(_ other: EstimateTags, _ subject: PrintedNumber.Subject) {
    (printed, value) = (other.printed.measuring(subject), other.value.measuring(subject))
    interval = other.interval?.measuring(subject)
    (method, digits) = (other.method, other.digits)
    if let anew = other.printedAnew {
      printedAnew = { anew($0).measuring(subject) }
    } else {
      printedAnew = nil
    }
  }

  /// The same number with what it measures, for those who read tables as data.
  func measuring(_ subject: PrintedNumber.Subject) -> EstimateTags { EstimateTags(self, subject) }

  /// The same number with another number of decimals.
  func withDigits(_ digits: Int) -> EstimateTags { printedAnew?(digits) ?? self }

  /// A calibration error that may be unknown.
  init(_ error: CalibrationError?, _ definition: String, from: Evidence) {
    self =
      error.map { EstimateTags($0, from: from) }
      ?? EstimateTags(nil, .score, definition, from: from)
  }

  /// A number that may be unknown.
  init(
    _ estimate: Estimate?, orUnknown quantity: Quantity, _ definition: String, from: Evidence
  ) {
    self =
      estimate.map { EstimateTags($0, quantity, definition, from: from) }
      ?? EstimateTags(nil, quantity, definition, from: from)
  }

  static let tags: [TagDefinition<EstimateTags>] = [
    .number("printed", "the number, and in brackets its 95 % interval where it has one") {
      $0.printed
    },
    .number("value", "the number alone") { $0.value },
    .optionalNumber("interval", "the interval alone") { $0.interval },
    .text("method", "what the interval is called") { $0.method },
  ]
}

/// A row of a table in which the numbers of a column have as many decimals as the one that deserves most, so that
/// they can be compared at a glance.
protocol TableRow: TagSource {
  /// The numbers by the names of their tags, once the table is complete.
  var columns: [String: EstimateTags] { get set }
}

extension TagDefinition where Source: TableRow {
  /// A number that is aligned with those of the other rows.
  static func column(
    _ name: String, _ meaning: String, _ number: @escaping Compute<EstimateTags?>
  ) -> Self {
    Self(name, .section(EstimateTags.tags.map(\.tag)), meaning, column: number) {
      source, collector in
      guard let number = source.columns[name] ?? number(source) else { return NSNull() }
      return collector.inside(name) { number.values(collector) }
    }
  }
}

/// Gives the numbers of each column the same number of decimals.
func aligned<Row: TableRow>(_ rows: [Row]) -> [Row] {
  var rows = rows
  for definition in Row.tags {
    guard let column = definition.column else { continue }
    let numbers = rows.map(column)
    guard let digits = numbers.compactMap({ $0?.digits }).max() else { continue }
    for row in rows.indices {
      rows[row].columns[definition.tag.name] = numbers[row]?.withDigits(digits)
    }
  }
  return rows
}
