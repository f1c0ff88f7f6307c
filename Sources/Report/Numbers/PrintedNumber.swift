internal import Metrics
internal import RunLog
internal import Storage

/// A number of the report: rounded as it is printed, whole as report.json keeps it, and where it came
/// from.
struct PrintedNumber: Sendable {
  /// What a value measures.
  enum Unit: String, Sendable {
    case count, share, points, nats, score, setting, seconds, bytes, tokens, operations
    case perSecond = "1/s"
    case megaMultiplyAdds = "1e6 multiply-adds"
    /// Degrees of belief and the like that have no unit and no bound.
    case ratio
  }
  /// What the values are together.
  enum Form: Sendable {
    /// Each for itself, in the order in which they are printed.
    case plain
    /// A number with the ends of its interval.
    case estimate
    /// The ends of an interval alone.
    case interval
    /// A number with the standard deviation of bootstrap draws, which is no interval.
    case spread
  }
  /// The metric of a number, and the split that it is of.
  struct Subject: Equatable, Sendable {
    /// By its key, such as `accuracy` or `transfer_gap`.
    let metric: String
    /// Its name; `nil` where the row says it.
    var language: String?
    /// Training, validation or test; `nil` where the row says it.
    var split: String?

    static func of(_ metric: Metric) -> Subject { Subject(metric: metric.key) }
    static func gap(_ metric: Metric) -> Subject { Subject(metric: metric.gap?.key ?? metric.key) }
    static func difference(_ metric: Metric) -> Subject {
      Subject(metric: "difference_in_\(metric.key)")
    }

    func on(_ part: Part, of language: String? = nil) -> Subject {
      Subject(metric: metric, language: language, split: partName(part))
    }
  }
  /// Such as `84.5 %` or `78.8–88.9`; a single line.
  let text: String
  /// At full precision, in the order they are printed; none for a number that nobody knows.
  let values: [JSON]
  let unit: Unit
  let origins: [Origin]
  /// The anchor in docs/metrics.md of what it is or how it came about.
  var definition: String?
  private(set) var form = Form.plain
  /// What it measures, where its tag and its row do not say so.
  private(set) var subject: Subject?

  /// The number as a bound that the true one is not above, such as `≤ 0.0002`.
  var atMost: PrintedNumber {
    PrintedNumber(
      text: text.first?.isNumber ?? false ? "≤ \(text)" : text, values: values, unit: unit,
      origins: origins, definition: definition, form: form, subject: subject)
  }

  /// The number, whose values are more than themselves.
  func formed(_ form: Form) -> PrintedNumber {
    var number = self
    number.form = form
    return number
  }

  /// The number with what it measures.
  func measuring(_ subject: Subject) -> PrintedNumber {
    var number = self
    number.subject = subject
    return number
  }

  /// The number with the section that defines it.
  func defined(_ anchor: String) -> PrintedNumber {
    var number = self
    number.definition = anchor
    return number
  }
}

/// A place in the run directory that a number was read or computed from.
struct Origin: Hashable, Sendable {
  /// Relative to the run directory.
  let file: String
  /// Such as the line, key or row in it.
  private(set) var place: JSONObject = [:]

  init(_ file: String, _ place: JSONObject = [:]) { (self.file, self.place) = (file, place) }

  var json: JSON {
    var object: JSONObject = ["file": .string(file)]
    for (key, value) in place.members { object[key] = value }
    return .object(object)
  }

  /// Such as `log.jsonl, line 1, parameters`.
  static func words(_ json: JSON) -> String {
    let members = json.object?.members ?? []
    return members.map { key, value in
      let text = value.string ?? value.text
      return key == "file" || key == "key" ? text : "\(key) \(text)"
    }.joined(separator: ", ")
  }
}

/// Turns values from one origin into printed numbers.
///
/// Every number of a report is made here, so none is printed whose full precision and origin nobody
/// could look up.
struct Evidence: Sendable {
  let origins: [Origin]

  init(_ origins: [Origin]) { self.origins = origins }

  /// A number that a definition sets, whatever the run.
  static func definition(_ anchor: String) -> Evidence {
    Evidence([Origin(Definitions.file, ["key": .string(anchor)])])
  }

  static func + (a: Evidence, b: Evidence) -> Evidence { union([a, b]) }

  /// All places of several, in their order; what an earlier one names no later one repeats.
  static func union(_ parts: [Evidence]) -> Evidence {
    var origins: [Origin] = []
    var known: Set<Origin> = []
    for part in parts {
      origins += part.origins.filter { !known.contains($0) }
      known.formUnion(part.origins)
    }
    return Evidence(origins)
  }

  /// A number in words of one's own.
  func number(_ text: String, _ values: [Double], _ unit: PrintedNumber.Unit) -> PrintedNumber {
    PrintedNumber(text: text, values: values.map { .strict($0) }, unit: unit, origins: origins)
  }

  /// A whole number in words of one's own.
  func number(_ text: String, _ values: [Int], _ unit: PrintedNumber.Unit = .count)
    -> PrintedNumber
  {
    PrintedNumber(text: text, values: values.map { .integer($0) }, unit: unit, origins: origins)
  }

  /// The sign of a number that nobody knows.
  func unknown(_ unit: PrintedNumber.Unit) -> PrintedNumber {
    PrintedNumber(text: NumberFormat.unknown, values: [], unit: unit, origins: origins)
  }

  func count(_ number: Int) -> PrintedNumber {
    self.number(NumberFormat.count(number), [number])
  }

  func count(_ number: Int, _ noun: String) -> PrintedNumber {
    self.number(NumberFormat.count(number, noun), [number])
  }

  /// A whole number without separators of thousands, such as a seed.
  func plain(_ number: Int) -> PrintedNumber { self.number(String(number), [number]) }

  func setting(_ value: Double) -> PrintedNumber {
    number(NumberFormat.setting(value), [value], .setting)
  }

  func rate(_ value: Double) -> PrintedNumber {
    number(NumberFormat.rate(value), [value], .setting)
  }

  func decimal(_ value: Double, digits: Int, _ unit: PrintedNumber.Unit) -> PrintedNumber {
    number(NumberFormat.decimal(value, digits: digits), [value], unit)
  }

  func percent(_ share: Double, digits: Int = 1) -> PrintedNumber {
    number(NumberFormat.percent(share, digits: digits), [share], .share)
  }

  func points(_ difference: Double, digits: Int = 1) -> PrintedNumber {
    number(NumberFormat.points(difference, digits: digits), [difference], .points)
  }

  func duration(seconds: Double) -> PrintedNumber {
    number(NumberFormat.duration(seconds: seconds), [seconds], .seconds)
  }

  func operations(_ count: Double) -> PrintedNumber {
    number(NumberFormat.operations(count), [count], .operations)
  }

  func bytes(_ count: Int) -> PrintedNumber {
    number(NumberFormat.bytes(count), [count], .bytes)
  }
}
