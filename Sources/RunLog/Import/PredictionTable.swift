internal import Glibc

/// Predictions of a model that was trained elsewhere: a table with a row per example.
///
/// The columns `split` and `label`, and one per class: logits or probabilities. `id` is the row in the
/// data file; columns that hold no numbers, such as a text, are left out.
struct PredictionTable: Equatable {
  /// Class names in the order of the columns.
  var labels: [String]
  /// In the order in which the splits occur; the set as the table calls it.
  var splits: [(part: Part, set: SeriesMeaning.DataSet, predictions: Predictions)]
  var warnings: [String] = []

  static func == (a: PredictionTable, b: PredictionTable) -> Bool {
    a.labels == b.labels && a.warnings == b.warnings
      && a.splits.elementsEqual(b.splits) {
        $0.part == $1.part && $0.set == $1.set && $0.predictions == $1.predictions
      }
  }

  /// Whether the columns are those of predictions.
  static func isHeader(_ columns: [String]) -> Bool {
    let lower = columns.map { $0.lowercased() }
    return lower.contains("split") && lower.contains("label") && columns.count > 2
  }

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - bytes: with a header that `isHeader`.
  ///   - file: what errors call it.
  ///   - classes: class names in the order of their indices, if somebody said so.
  ///   - form: whether labels are names or indices, if somebody said so.
  /// - Returns: the predictions by split.
  /// - Throws: `RunLogError` with the line.
  static func read(
    _ bytes: [UInt8], file: String, classes: [String]? = nil, form: ImportMap.LabelForm? = nil
  ) throws(RunLogError) -> PredictionTable {
    try TextEncoding.check(bytes, file: file)
    guard let header = TableHeader(bytes), isHeader(header.columns) else {
      throw RunLogError(
        file: file,
        "is not a table of predictions; expected a header with the columns split and label and one "
          + "column per class, such as logit_negative or prob_negative.")
    }
    let columns = header.columns
    let places = try Places(columns: columns, lower: header.lower, file: file)
    var table = TableReader(
      bytes: bytes, file: file, separator: header.separator, hasQuotes: true,
      advice: "quote fields as RFC 4180 says.")
    _ = try table.nextRow()
    var rows: [Row] = []
    while let (line, fields) = try table.nextRow() {
      if fields == [""] { continue }
      guard fields.count == columns.count else {
        throw RunLogError(
          file: file, line: line,
          "expected \(columns.count) fields as in the header, found \(fields.count)")
      }
      var row = Row(line: line, split: fields[places.split], label: fields[places.label])
      for column in places.classes {
        guard let value = Double(fields[column].filter { $0 != " " }) else {
          throw RunLogError(
            file: file, line: line,
            "'\(fields[column].prefix(40))' in column '\(columns[column])' is not a number")
        }
        row.values.append(value)
      }
      if let column = places.id, let id = Int(fields[column]), id >= 0 { row.id = id }
      rows.append(row)
    }
    guard !rows.isEmpty else { throw RunLogError(file: file, "holds no prediction.") }
    return try assemble(rows, places, file: file, classes: classes, form: form)
  }

  private struct Row {
    let line: Int
    let split: String
    let label: String
    var values: [Double] = []
    var id: Int?
  }

  /// Which column is what.
  private struct Places {
    let split: Int
    let label: Int
    let id: Int?
    let classes: [Int]
    /// What the class columns' names leave when what they share is taken away.
    let names: [String]
    /// What the prefix says, if there is one.
    let areProbabilities: Bool?

    init(columns: [String], lower: [String], file: String) throws(RunLogError) {
      guard let split = lower.firstIndex(of: "split"), let label = lower.firstIndex(of: "label")
      else { throw RunLogError(file: file, line: 1, "the columns split and label are missing") }
      (self.split, self.label) = (split, label)
      id = lower.firstIndex(of: "id") ?? lower.firstIndex(of: "index")
      let kinds: [(prefix: String, areProbabilities: Bool)] = [
        ("logit_", false), ("logits_", false), ("score_", false), ("probability_", true),
        ("probabilities_", true), ("prob_", true), ("probs_", true), ("p_", true),
      ]
      for (prefix, areProbabilities) in kinds {
        let found = columns.indices.filter { lower[$0].hasPrefix(prefix) }
        guard !found.isEmpty else { continue }
        classes = found
        names = found.map { String(columns[$0].dropFirst(prefix.count)) }
        self.areProbabilities = areProbabilities
        try Self.check(names, file: file)
        return
      }
      let single: Set = ["logit", "probability", "prob", "p", "score"]
      let known: Set = [
        "split", "label", "id", "index", "text", "prediction", "predicted", "language",
      ]
      classes = columns.indices.filter { !known.contains(lower[$0]) }
      if classes.count == 1, single.contains(lower[classes[0]]) {
        names = [""]
        areProbabilities = ["logit", "score"].contains(lower[classes[0]]) ? false : true
        return
      }
      names = classes.map { columns[$0] }
      areProbabilities = nil
      try Self.check(names, file: file)
    }

    /// More classes than this are no labels; their confusion matrix alone would fill memory.
    private static let mostClasses = 200

    private static func check(_ names: [String], file: String) throws(RunLogError) {
      guard names.count <= mostClasses else {
        throw RunLogError(
          file: file, line: 1,
          "has \(names.count) columns of classes; at most \(mostClasses) can be reported")
      }
      guard names.count >= 2 else {
        throw RunLogError(
          file: file, line: 1,
          "expected a column of every class, such as logit_0 and logit_1; found \(names.count)")
      }
      guard Set(names).count == names.count else {
        throw RunLogError(file: file, line: 1, "two columns are for one class")
      }
    }
  }

  private static func assemble(
    _ rows: [Row], _ places: Places, file: String, classes given: [String]?,
    form: ImportMap.LabelForm?
  ) throws(RunLogError) -> PredictionTable {
    var warnings: [String] = []
    let isBinary = places.names == [""]
    var labels = isBinary ? binaryLabels(rows) : places.names
    if let given {
      guard given.count == labels.count else {
        throw RunLogError(
          file: file, line: 1,
          "has \(labels.count) classes, but \(given.count) are named: \(given.joined(separator: ", "))"
        )
      }
      // Columns that are named as the classes are may stand in another order; their own counts.
      if Set(given) != Set(labels) { labels = given }
    }
    let areProbabilities = try areProbabilities(rows, places, file: file)
    var zeros = 0
    func logits(_ values: [Double]) -> [Float] {
      let all =
        isBinary ? areProbabilities ? [1 - values[0], values[0]] : [0, values[0]] : values
      guard areProbabilities else { return all.map { Float($0) } }
      guard all.allSatisfy(\.isFinite) else { return all.map { _ in .nan } }
      return all.map { probability in
        if probability == 0 { zeros += 1 }
        // The softmax of logarithms gives the probabilities back. The smallest positive Float stands
        // for a probability that was rounded to 0.
        return Float(log(max(probability, Double(Float.leastNonzeroMagnitude))))
      }
    }
    let reading = try reading(rows, labels, file: file, form: form)
    var order: [String] = []
    var gathered: [String: (logits: [Float], labels: [Int], ids: [Int])] = [:]
    for row in rows {
      guard let label = reading.index(of: row.label) else { continue }
      if gathered[row.split] == nil { order.append(row.split) }
      let count = gathered[row.split]?.labels.count ?? 0
      // In place: a copy of all rows for each would take for ever.
      gathered[row.split, default: ([], [], [])].logits += logits(row.values)
      gathered[row.split, default: ([], [], [])].ids.append(row.id ?? count)
      gathered[row.split, default: ([], [], [])].labels.append(label)
    }
    if zeros > 0 {
      warnings.append(
        "\(file): \(zeros) probabilities are 0; the smallest positive number replaces them, so the "
          + "loss is a lower bound where one is of the true class.")
    }
    var splits: [(part: Part, set: SeriesMeaning.DataSet, predictions: Predictions)] = []
    for name in order {
      guard let entry = gathered[name] else { continue }
      let (part, set) = SeriesMeaning.split(named: name)
      guard !splits.contains(where: { $0.part == part && $0.set == set }) else {
        throw RunLogError(
          file: file, "two names of splits mean the same; '\(name.prefix(40))' is one of them")
      }
      splits.append(
        (
          part, set,
          Predictions(
            classes: labels.count, logits: entry.logits, labels: entry.labels, ids: entry.ids,
            mode: .evaluation)
        ))
    }
    return PredictionTable(labels: labels, splits: splits, warnings: warnings)
  }

  /// The two labels of a table with a single column: its column is of the second one.
  private static func binaryLabels(_ rows: [Row]) -> [String] {
    let found = Set(rows.map(\.label)).sorted()
    return found.count == 2 && !found.allSatisfy({ Int($0) != nil }) ? found : ["0", "1"]
  }

  private static func areProbabilities(
    _ rows: [Row], _ places: Places, file: String
  ) throws(RunLogError) -> Bool {
    func fits(_ row: Row) -> Bool {
      // What is no number is no answer, and tells nothing of what the others are.
      if row.values.contains(where: { !$0.isFinite }) { return true }
      let sum = row.values.reduce(0, +)
      // Six decimals of each of many classes may be rounded.
      return row.values.allSatisfy { (0...1).contains($0) }
        && (row.values.count == 1 || abs(sum - 1) <= 0.01)
    }
    if places.areProbabilities == true {
      if let bad = rows.first(where: { !fits($0) }) {
        throw RunLogError(
          file: file, line: bad.line,
          "the probabilities must be from 0 to 1 and add up to 1; call the columns logit_… if they "
            + "are logits")
      }
      return true
    }
    return places.areProbabilities ?? rows.allSatisfy(fits)
  }

  /// Settles whether the labels are names or indices.
  private static func reading(
    _ rows: [Row], _ labels: [String], file: String, form: ImportMap.LabelForm?
  ) throws(RunLogError) -> LabelReading {
    func line(_ label: String) -> Int? { rows.first { $0.label == label }?.line }
    let listed = labels.prefix(12).joined(separator: ", ") + (labels.count > 12 ? ", …" : "")
    do throws(LabelReading.Failure) {
      return try LabelReading(
        Set(rows.map(\.label)), classes: labels,
        form: form.map { $0 == .names ? .names : .indices })
    } catch {
      switch error {
      case .unknown(let label):
        let miss =
          LabelReading.nearMiss(label, classes: labels).map { " (did you mean '\($0)'?)" } ?? ""
        let names = "one of \(listed)"
        let indices = "an index from 0 to \(labels.count - 1)"
        throw RunLogError(
          file: file, line: line(label),
          "unknown label '\(label.prefix(40))'\(miss); expected "
            + (form.map { $0 == .names ? names : indices } ?? "\(names), or \(indices)")
            + ", the same in all rows")
      case .ambiguous(let label):
        throw RunLogError(
          file: file, line: line(label),
          "the labels fit both as names of classes and as indices from 0: '\(label.prefix(40))' is the name of "
            + "one of \(listed) and the index of another; say `label_form: names` or `label_form: indices` in a "
            + "file for --map")
      case .mixed(let name, let index):
        throw RunLogError(
          file: file, line: line(index),
          "the label '\(index.prefix(40))' is an index, but '\(name.prefix(40))' is the name of a class; use "
            + "one or the other in all rows")
      }
    }
  }
}

extension SeriesMeaning {
  /// What the name of a split tells: `de.validation`, `test`, `val_de`, `German`.
  static func split(named name: String) -> (part: Part, set: DataSet) {
    var parsed = name
    while parsed.last == " " { parsed.removeLast() }
    if let split = Split(parsed) {
      switch split.language {
      case "source": return (split.part, .source)
      case "target": return (split.part, .firstTarget)
      case let code: return (split.part, .named(code))
      }
    }
    return words(ofSplit: parsed)
  }
}
