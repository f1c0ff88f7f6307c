/// Reads tables of metrics: Lightning's `metrics.csv`, Keras' `CSVLogger`, and others like them.
enum MetricsTable {
  /// The separators that programs write.
  private static let separators: [UInt8] = [0x2C, 0x3B, 0x09]

  /// The separator and the columns of a text whose first line is a header; `nil` if it is none.
  static func header(_ bytes: [UInt8]) -> (separator: UInt8, columns: [String])? {
    let start = TableReader.withoutByteOrderMark(bytes)
    let line = start.prefix(64 << 10).prefix { $0 != 0x0A }
    guard !line.isEmpty, !line.contains(0) else { return nil }
    let separator = separators.max { a, b in
      line.count { $0 == a } < line.count { $0 == b }
    }
    guard let separator, line.contains(separator) else { return nil }
    var table = TableReader(
      bytes: Array(line), file: "", separator: separator, hasQuotes: true, advice: "")
    guard let fields = try? table.nextRow()?.fields else { return nil }
    var columns = fields.map { trimmed($0) }
    if columns.last?.hasSuffix("\r") == true { columns[columns.count - 1].removeLast() }
    // A header names its columns; a number in it is data.
    guard columns.contains(where: { !$0.isEmpty && Double($0) == nil }) else { return nil }
    return (separator, columns)
  }

  /// Whether the columns are those of a log: a place in the training and something measured.
  static func isLog(_ columns: [String]) -> Bool {
    place("epoch", columns) != nil || place("step", columns) != nil
  }

  /// Reads the table.
  ///
  /// - Parameters:
  ///   - bytes: with a header that `isLog`.
  ///   - separator: stands between two fields.
  ///   - columns: of the header.
  ///   - file: what errors call it.
  /// - Returns: a series a column.
  /// - Throws: `RunLogError` with the line.
  static func read(
    _ bytes: [UInt8], separator: UInt8, columns: [String], file: String
  ) throws(RunLogError) -> LoggedRun {
    let (epochColumn, stepColumn) = (place("epoch", columns), place("step", columns))
    var seen: Set<String> = []
    for column in columns where !column.isEmpty && !seen.insert(column).inserted {
      throw RunLogError(file: file, line: 1, "the column '\(column)' occurs twice")
    }
    let format: ImportedLog.Format =
      epochColumn != nil && stepColumn != nil
      ? .lightning : epochColumn == 0 && columns.contains("loss") ? .keras : .table
    var run = LoggedRun(format: format)
    let measured = columns.indices.filter { $0 != epochColumn && $0 != stepColumn }
    // In the order of the columns, whichever has the first number.
    run.series = measured.map { LoggedSeries(name: columns[$0], file: file) }
    let isTelling = measured.map { SeriesMeaning(columns[$0], format: format) != nil }
    var table = TableReader(
      bytes: bytes, file: file, separator: separator, hasQuotes: true,
      advice: "write the table as RFC 4180 says.")
    _ = try table.nextRow()
    var rows: [Row] = []
    while let (line, fields) = try table.nextRow() {
      if fields == [""] { continue }
      guard fields.count == columns.count else {
        // Only a line that is not ended can be torn.
        if bytes.last != 0x0A, try table.nextRow() == nil {
          run.warnings.append(
            "\(file):\(line): the last line is torn (the program was stopped while writing it); it "
              + "is left out.")
          break
        }
        throw RunLogError(
          file: file, line: line,
          "expected \(columns.count) fields as in the header, found \(fields.count)")
      }
      func field(_ column: Int?) throws(RunLogError) -> Double? {
        guard let column else { return nil }
        return try number(fields[column], columns[column], file: file, line: line)
      }
      var row = Row()
      row.epoch = try place(field(epochColumn), "epoch", file: file, line: line)
      row.step = try place(field(stepColumn), "step", file: file, line: line)
      for (series, column) in measured.enumerated() {
        // A column whose name says nothing may hold notes; one that counts may not.
        let value = isTelling[series] ? try field(column) : try? field(column)
        if let value { row.values.append((series, value)) }
      }
      rows.append(row)
    }
    run.lay(rows)
    return run
  }

  /// A line's numbers.
  struct Row {
    var epoch: Double?
    var step: Double?
    /// By column; an empty field has no entry.
    var values: [(series: Int, value: Double)] = []
  }

  private static func place(_ name: String, _ columns: [String]) -> Int? {
    let lower = columns.map { $0.lowercased() }
    return lower.firstIndex(of: name)
      ?? lower.firstIndex(of: name == "step" ? "global_step" : "epochs")
  }

  private static func place(
    _ value: Double?, _ name: String, file: String, line: Int
  ) throws(RunLogError) -> Double? {
    guard let value else { return nil }
    guard value.isFinite, value >= 0 else {
      throw RunLogError(file: file, line: line, "the \(name) must not be negative, it is \(value)")
    }
    return value
  }

  /// A field as a number; `nil` if it is empty or says that there is none, as Keras' NA.
  private static func number(
    _ field: String, _ column: String, file: String, line: Int
  ) throws(RunLogError) -> Double? {
    let text = trimmed(field)
    if text.isEmpty || ["na", "none", "null"].contains(text.lowercased()) { return nil }
    if let value = Double(text) { return value }
    // PyTorch's tensors, printed: tensor(0.5).
    if text.hasPrefix("tensor("),
      let value = Double(text.dropFirst(7).prefix { $0 != ")" && $0 != "," })
    {
      return value
    }
    throw RunLogError(
      file: file, line: line, "'\(text.prefix(40))' in column '\(column)' is no number")
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let space: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let first = scalars.firstIndex(where: { !space($0) }),
      let last = scalars.lastIndex(where: { !space($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}

extension LoggedRun {
  /// Gives each number its epoch and step.
  fileprivate mutating func lay(_ rows: [MetricsTable.Row]) {
    let epochs = rows.compactMap(\.epoch)
    let isFromZero = epochs.min() == 0 && epochs.allSatisfy { $0 == $0.rounded() }
    if let first = epochs.min(), first > 1, format == .lightning {
      warnings.append(
        "the epochs begin with \(plain(first)); they are taken as counted from 1, so they are one too "
          + "low if a resumed training counted from 0.")
    }
    let hasSteps = rows.contains { $0.step != nil }
    guard isFromZero, hasSteps else {
      for row in rows {
        let epoch = row.epoch.map { $0 + (isFromZero ? 1 : 0) }
        add(row, epoch: epoch, step: row.step)
      }
      return
    }
    // Both count from 0: the row of step 14 in epoch 0 was written when 15 steps were done.
    var clock = StepClock()
    for row in rows {
      guard let epoch = row.epoch, let step = row.step else { continue }
      let isTest = row.values.contains { entry in
        if case .value(.test, _, _) = SeriesMeaning(series[entry.series].name, format: format)?
          .subject
        {
          true
        } else {
          false
        }
      }
      // A test comes after the last epoch and bears the number of the one that never began.
      if !isTest { clock.note(step: step + 1, inEpoch: epoch) }
    }
    for row in rows {
      let step = row.step.map { $0 + 1 }
      let epoch = step.flatMap { clock.epochs(after: $0) } ?? row.epoch.map { $0 + 1 }
      add(row, epoch: epoch, step: step)
    }
  }

  private mutating func add(_ row: MetricsTable.Row, epoch: Double?, step: Double?) {
    for (index, value) in row.values {
      series[index].points.append(LoggedPoint(epoch: epoch, step: step, value: value))
    }
  }
}
