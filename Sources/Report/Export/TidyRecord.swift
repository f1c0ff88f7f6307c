internal import Metrics
internal import Storage

/// A value of a table as data have it: one value per record, in every table with the same fields.
struct TidyRecord: Sendable {
  /// What is known of a value. That it is absent, that it is not finite and that it is zero are three things.
  enum State: String, Sendable {
    case finite
    case notFinite = "not_finite"
    case absent
    /// Words, not a number.
    case text
  }
  /// The run, or the configuration where several are compared.
  var run = ""
  /// The second configuration where two are compared.
  var comparedWith = ""
  var language = ""
  /// Training, validation or test.
  var split = ""
  /// The class, by its label.
  var label = ""
  /// What stands in the first column, and at the head of the value's own.
  var row = ""
  var column = ""
  /// Such as `accuracy` or `transfer_gap`.
  var metric = ""
  var state = State.text
  /// At full precision, as the record of the document has them.
  var value: JSON?
  var lower: JSON?
  var upper: JSON?
  /// A standard deviation, and over what.
  var deviation: JSON?
  var deviationOver = ""
  var seeds: Int?
  var unit = ""
  /// The section of metrics.md that defines the value or, where there is one, its interval.
  var method = ""
  /// As the document prints it.
  var printed = ""

  /// What a number itself says of its metric and split.
  mutating func set(_ subject: PrintedNumber.Subject) {
    metric = subject.metric
    if let language = subject.language { self.language = language }
    if let split = subject.split { self.split = split }
  }

  static let fields = [
    "run", "compared_with", "language", "split", "class", "row", "column", "metric", "state",
    "value", "lower", "upper", "deviation", "deviation_over", "seeds", "unit", "method", "printed",
  ]

  /// In the order of `fields`; `null` where there is nothing to say.
  var values: [JSON] {
    func text(_ text: String) -> JSON { text.isEmpty ? .null : .string(text) }
    return [
      text(run), text(comparedWith), text(language), text(split), text(label), text(row),
      text(column), text(metric), .string(state.rawValue), value ?? .null, lower ?? .null,
      upper ?? .null, deviation ?? .null, text(deviationOver), seeds.map { .integer($0) } ?? .null,
      text(unit), text(method), text(printed),
    ]
  }
}

extension DocumentTable {
  /// The values of all cells, in the order in which they stand.
  ///
  /// - Parameter run: the document's, if it is of one run.
  /// - Returns: a record per value; of a number with its interval a single one.
  func records(of run: String) -> [TidyRecord] {
    let subjects = head.indices.map(commonSubject)
    return rows.flatMap { row in
      let named = self.named(row, run)
      let records = zip(head, row.cells).enumerated().flatMap { place, cell in
        var record = named
        // A cell without a number is of what the others of its column are of.
        if let subject = subjects[place] { record.set(subject) }
        record.column = InlineText(cell.0).plain
        return Self.records(cell.1, record, in: row.scope, isFirst: place == 0)
      }
      return Self.joined(records)
    }
  }

  /// What all numbers of a column measure on one split, as where languages stand side by side.
  private func commonSubject(_ column: Int) -> PrintedNumber.Subject? {
    let subjects = rows.flatMap { row in
      row.cells[column].places.compactMap(\.value.number).map(\.subject)
    }
    guard let first = subjects.first, let first, first.language != nil,
      subjects.allSatisfy({ $0 == first })
    else { return nil }
    return first
  }

  /// An estimate with its interval in one record, where a table has them in two columns.
  private static func joined(_ records: [TidyRecord]) -> [TidyRecord] {
    guard let estimate = records.firstIndex(where: { $0.metric == "estimate" }),
      let interval = records.firstIndex(where: { $0.metric == "interval" })
    else { return records }
    var joined = records
    (joined[estimate].lower, joined[estimate].upper) = (
      records[interval].lower, records[interval].upper
    )
    joined[estimate].method = records[interval].method
    joined.remove(at: interval)
    return joined
  }

  /// What a row is of.
  private func named(_ row: Row, _ run: String) -> TidyRecord {
    let texts = row.cells.flatMap(\.places).filter { $0.value.number == nil }
    /// What the row itself says, else the headings above it; nothing where it says several things.
    func text(_ leaf: String) -> String {
      let own = texts.filter { place in
        let parts = place.value.tag.split(separator: ".")
        let parent = parts.dropLast().joined(separator: ".")
        return parts.last.map(String.init) == leaf
          && (row.scope.hasPrefix(parent) || parent.hasPrefix(row.scope))
      }
      if own.count == 1 { return InlineText(own[0].value.text).plain }
      if own.count > 1 { return "" }
      let above = context.filter { $0.key == leaf || $0.key.hasSuffix(".\(leaf)") }
        .filter { row.scope.hasPrefix($0.key.dropLast(leaf.count)) }
      return above.max { $0.key.count < $1.key.count }.map { InlineText($0.value).plain } ?? ""
    }
    var record = TidyRecord()
    let name =
      row.scope.contains("rows[") || row.scope.contains("configurations[") ? text("name") : ""
    let first = text("first")
    record.run = first.isEmpty ? name.isEmpty ? run : name : first
    record.comparedWith = text("second")
    (record.language, record.split) = (text("language"), text("part"))
    // A check says language and part at once.
    if record.language.isEmpty, record.split.isEmpty { record.split = text("place") }
    record.label = text("label")
    record.row = row.cells.first?.plain ?? ""
    return record
  }

  private static func records(
    _ cell: Cell, _ named: TidyRecord, in scope: String, isFirst: Bool
  ) -> [TidyRecord] {
    let numbers = cell.places.filter { $0.value.number != nil }
    if numbers.isEmpty {
      // The first column names the row, which every record does.
      if isFirst || cell.plain.isEmpty { return [] }
      var record = named
      record.printed = cell.plain
      let isAbsent = cell.plain == NumberFormat.unknown
      record.state = isAbsent ? .absent : .text
      let tags = cell.places.map { TagPath.leaf($0.value.tag, in: scope) }
      if record.metric.isEmpty { record.metric = tags.count == 1 ? tags[0] : "" }
      return [record]
    }
    return numbers.flatMap { place -> [TidyRecord] in
      guard let number = place.value.number else { return [] }
      var record = named
      let parent = place.value.tag.split(separator: ".").dropLast().joined(separator: ".")
      // A number that is called by a name beside it, as those of a check are.
      let name = cell.places.first { $0.value.number == nil && $0.value.tag == "\(parent).name" }
      record.metric =
        name.map { InlineText($0.value.text).plain }
        ?? metricName(TagPath.leaf(place.value.tag, in: scope), in: scope)
      if let subject = number.subject { record.set(subject) }
      record.printed = InlineText(place.value.text).plain
      record.unit = number.unit.rawValue
      record.method = number.definition ?? ""
      if let seeds = cell.seeds {
        record.deviation = .strict(seeds.deviation)
        (record.deviationOver, record.seeds) = ("seeds", seeds.seeds)
      }
      return Self.records(number, record)
    }
  }

  /// A record with a number's values; one for each of several that are no estimate.
  private static func records(_ number: PrintedNumber, _ named: TidyRecord) -> [TidyRecord] {
    func record(_ value: JSON?) -> TidyRecord {
      var record = named
      record.value = value
      record.state =
        value.map { $0.double?.isFinite ?? false ? .finite : .notFinite } ?? .absent
      return record
    }
    let values = number.values
    switch (number.form, values.count) {
    case (.estimate, 3):
      var found = record(values[0])
      (found.lower, found.upper) = (values[1], values[2])
      return [found]
    case (.interval, 2):
      // The number that it is of stands elsewhere.
      var found = record(nil)
      (found.lower, found.upper, found.state) = (values[0], values[1], .finite)
      return [found]
    case (.spread, 2):
      var found = record(values[0])
      (found.deviation, found.deviationOver) = (values[1], "bootstrap draws")
      return [found]
    case (_, 0): return [record(nil)]
    case (_, 1): return [record(values[0])]
    default:
      return values.enumerated().map { place, value in
        var found = record(value)
        found.metric = "\(named.metric)[\(place)]"
        return found
      }
    }
  }

  /// What is measured. A row of gaps or of differences calls its numbers by the metrics that these are of.
  private static func metricName(_ leaf: String, in scope: String) -> String {
    let list = TagPath.withoutIndices(scope).split(separator: ".").last.map(String.init) ?? ""
    if list == "in_order", leaf == "gap" { return Metric.accuracy.gap?.key ?? leaf }
    if list == "in_order", leaf == "relative" { return "relative_transfer_gap" }
    guard let metric = Metric.all.first(where: { $0.key == leaf }) else { return leaf }
    switch list {
    case "in_order": return metric.gap?.key ?? leaf
    case "pairs": return "difference_in_\(leaf)"
    default: return leaf
    }
  }
}

// MARK: Files

/// The tables of a document as data.
enum TidyText {
  /// RFC 4180: a head, a record per line, ends of lines CR LF, quotation marks where a value needs them. What is absent is
  /// empty; what is not finite is NaN, Infinity or -Infinity.
  static func csv(_ records: [TidyRecord]) -> String {
    let lines = [TidyRecord.fields] + records.map { $0.values.map(cell) }
    return lines.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func cell(_ value: JSON) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    default: value.text
    }
  }

  private static func quoted(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { ["\"", ",", "\r", "\n"].contains($0) }
    return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }

  /// An object with the table's names and a record per line. What is absent is null; what is not finite is the string "NaN",
  /// "Infinity" or "-Infinity", as in report.json, since strict JSON has no such numbers.
  static func json(_ table: DocumentTable, _ records: [TidyRecord]) -> String {
    let entries = records.map { record in
      var object = JSONObject()
      for (field, value) in zip(TidyRecord.fields, record.values) { object[field] = value }
      return JSON.object(object).text
    }
    let headings = JSON.array(table.headings.map { .string(InlineText($0).plain) }).text
    let columns = JSON.array(table.head.map { .string(InlineText($0).plain) }).text
    return """
      {
      "table": \(JSON.string(table.name).text),
      "headings": \(headings),
      "columns": \(columns),
      "records": [
      \(entries.joined(separator: ",\n"))
      ]
      }

      """
  }
}
