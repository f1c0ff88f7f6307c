/// Reads tables of metrics: Lightning's `metrics.csv`, Keras' `CSVLogger`, exports, and others like them.
struct MetricsTable {
  /// How a table is laid out.
  enum Layout {
    /// A column per series.
    case wide
    /// A row per value: the name of its series stands in a column of its own.
    case long(name: Int, value: Int, run: Int?)
  }

  let file: String
  let format: ImportedLog.Format
  let layout: Layout
  /// Whether `nan` stands where nothing was logged, as pandas writes it.
  var writesNaNForNothing = false
  /// See `LoggedRows`.
  var countsDoneEpochs = false
  /// Whether the table names no place, so that a row is an epoch.
  var rowsAreEpochs = false
  /// What the series of a column is called; `nil` for columns that are none.
  var naming: (String) -> (name: String, folder: String)? = { ($0, "") }

  private static let missing: Set = [
    "", "na", "n/a", "#n/a", "none", "null", "_", "-", "--", "n.a.", "<na>", "nil",
  ]

  /// Which column of the current header is what.
  private struct Columns {
    var names: [String]
    var epoch: Int?
    var step: Int?
    var time: Int?
    /// Whose text says which part of the data the row is about.
    var part: Int?
    /// The Trainer's `train_runtime`: a row that has it sums up the training, and ends it.
    var summary: Int?
    /// By column; `nil` for places and for columns that are no series.
    var series: [Int?]
  }

  /// A table while it is read.
  private struct State {
    var log: LoggedRows
    var columns: Columns
    var places: [String: Int] = [:]
    /// By series: whether its name tells, so that it may hold numbers only.
    var isTelling: [Bool] = []
    /// By series: the first field that is no number.
    var unreadable: [Int: (line: Int, text: String)] = [:]
    var placeless = 0
    var facts: [ImportedLog.Fact] = []
    var isAfterTraining = false
  }

  /// Reads the table.
  ///
  /// - Parameters:
  ///   - input: the file.
  ///   - header: its first line.
  /// - Returns: the series.
  /// - Throws: `RunLogError` with the line.
  func read(_ input: LogInput, _ header: TableHeader) throws(RunLogError) -> LoggedRun {
    var run = LoggedRun(format: format)
    var state = State(
      log: LoggedRows(format: format, file: file, series: []),
      columns: Columns(names: [], series: []))
    state.log.countsDoneEpochs = countsDoneEpochs
    try use(header.columns, line: 1, &state, input.map)
    let lastLine = input.bytes.last == 0x0A ? 0 : 1 + input.bytes.count { $0 == 0x0A }
    var table = TableReader(
      bytes: input.bytes, file: file, separator: header.separator, hasQuotes: true,
      advice: "write the table as RFC 4180 says.")
    _ = try table.nextRow()
    // A line of another length: an error, unless it is where the program was stopped.
    var torn: RunLogError?
    while true {
      let row: (line: Int, fields: [String])?
      do {
        row = try table.nextRow()
      } catch {
        guard error.line == lastLine else { throw error }
        run.warnings.append(LogInput.torn(file, lastLine))
        break
      }
      guard let (line, fields) = row else { break }
      if fields.count == 1, trimmed(fields[0]).isEmpty { continue }
      if isHeader(fields, state.columns) {
        if let error = torn { run.warnings.append(LogInput.torn(file, error.line ?? 0)) }
        torn = nil
        try use(fields.map { trimmed($0) }, line: line, &state, input.map)
        continue
      }
      if let torn { throw torn }
      guard fields.count == state.columns.names.count else {
        torn = RunLogError(
          file: file, line: line,
          "expected \(state.columns.names.count) fields as in the header, found \(fields.count)")
        continue
      }
      try add(fields, line: line, &state, separator: header.separator)
    }
    if let torn {
      guard torn.line == lastLine else { throw torn }
      run.warnings.append(LogInput.torn(file, lastLine))
    }
    try leaveOutUnreadable(&state, input.map, &run.warnings)
    run.facts = state.facts
    if rowsAreEpochs {
      run.warnings.append(
        "\(file): has no column with the epoch or the step; each row is taken as an epoch. 'epoch' or "
          + "'step' in a file for --map names such a column.")
    }
    if state.placeless > 0 {
      run.warnings.append(
        "\(file): \(state.placeless == 1 ? "one row has" : "\(state.placeless) rows have") no "
          + "epoch and no step and \(state.placeless == 1 ? "is" : "are") left out.")
    }
    run.series = try state.log.settled(input.map, warnings: &run.warnings)
    return run
  }

  // MARK: Headers

  /// Whether a row is the header again, as programs write it that are started anew: it has the name of
  /// the place's column, and no number.
  private func isHeader(_ fields: [String], _ columns: Columns) -> Bool {
    guard let place = columns.epoch ?? columns.step else { return false }
    let name = columns.names[place]
    return fields.contains { trimmed($0) == name }
      && fields.allSatisfy { Double(trimmed($0)) == nil }
  }

  private func use(
    _ names: [String], line: Int, _ state: inout State, _ map: ImportMap?
  ) throws(RunLogError) {
    var seen: Set<String> = []
    for name in names where !name.isEmpty && !seen.insert(name).inserted {
      throw RunLogError(file: file, line: line, "the column '\(name)' occurs twice")
    }
    let lower = names.map { $0.lowercased() }
    func place(_ column: String?, _ usual: [String]) throws(RunLogError) -> Int? {
      guard let column else { return PlaceNames.column(usual, in: lower) }
      guard let index = names.firstIndex(of: column) else {
        throw RunLogError(
          file: file, line: line, "has no column '\(column)', which the map names as a place")
      }
      return index
    }
    var columns = Columns(names: names, series: [Int?](repeating: nil, count: names.count))
    columns.epoch = try place(map?.epochColumn, PlaceNames.epochs)
    columns.step = try place(map?.stepColumn, PlaceNames.steps)
    if columns.step == columns.epoch { columns.step = nil }
    if let step = columns.step, lower[step] == "_step" { state.log.countsLogCalls = true }
    columns.time = PlaceNames.column(PlaceNames.times, in: lower)
    if format == .huggingFace { columns.summary = lower.firstIndex(of: "train_runtime") }
    columns.part = lower.firstIndex { PlaceNames.parts.contains($0) }
    if case .wide = layout {
      for (index, column) in names.enumerated()
      where index != columns.part && index != columns.epoch && index != columns.step
        && index != columns.time
      {
        guard let (name, folder) = naming(column), columns.part == nil else { continue }
        columns.series[index] = series(name, folder, label: name == column ? nil : column, &state)
      }
    }
    state.columns = columns
  }

  /// The place of a series, which is made if need be.
  private func series(
    _ name: String, _ folder: String, label: String?, _ state: inout State
  ) -> Int {
    let key = "\(folder)\u{0}\(name)"
    if let index = state.places[key] { return index }
    let index = state.log.series.count
    state.places[key] = index
    state.log.series.append(
      LoggedSeries(name: name, folder: folder, file: file, label: label))
    state.isTelling.append(SeriesMeaning(name, folder: folder, format: format) != nil)
    return index
  }

  // MARK: Rows

  private func add(
    _ fields: [String], line: Int, _ state: inout State, separator: UInt8
  ) throws(RunLogError) {
    let columns = state.columns
    var row = LoggedRow(line: line)
    row.epoch =
      rowsAreEpochs
      ? Double(state.log.rows.count + 1)
      : try place(fields, columns.epoch, columns.names, line: line)
    row.step = try place(fields, columns.step, columns.names, line: line)
    row.time =
      columns.time.flatMap { Double(trimmed(fields[$0])) } ?? Double(state.log.rows.count)
    func take(_ series: Int, _ field: String) {
      switch number(field, separator: separator) {
      case .number(let value): row.values.append((series, value))
      case .missing: break
      case .unreadable(let text):
        if state.unreadable[series] == nil { state.unreadable[series] = (line, text) }
      }
    }
    if let summary = columns.summary, case .number = number(fields[summary], separator: separator) {
      state.isAfterTraining = true
      for (column, name) in columns.names.enumerated() {
        guard case .number = number(fields[column], separator: separator),
          let fact = JSONLogs.summaryFact(name, trimmed(fields[column]))
        else { continue }
        state.facts.append(fact)
      }
      return
    }
    switch layout {
    case .wide where columns.part != nil:
      // A row per part: `epoch,phase,loss`.
      let part = columns.part.map { trimmed(fields[$0]) } ?? ""
      for (column, name) in columns.names.enumerated()
      where column != columns.part && column != columns.epoch && column != columns.step
        && column != columns.time && !Self.missing.contains(trimmed(fields[column]).lowercased())
      {
        take(
          series(part.isEmpty ? name : "\(part)/\(name)", "", label: nil, &state), fields[column])
      }
    case .wide:
      for (column, series) in columns.series.enumerated() {
        if let series { take(series, fields[column]) }
      }
    case .long(let name, let value, let run):
      let found = (trimmed(fields[name]), run.map { trimmed(fields[$0]) } ?? "")
      take(series(found.0, found.1, label: nil, &state), fields[value])
    }
    if state.isAfterTraining {
      let trains = row.values.contains { state.log.series[$0.series].name == "loss" }
      state.isAfterTraining = !trains
      row.isAfterTraining = !trains
    }
    if row.position == nil {
      if !row.values.isEmpty { state.placeless += 1 }
    } else {
      state.log.rows.append(row)
    }
  }

  private func place(
    _ fields: [String], _ column: Int?, _ names: [String], line: Int
  ) throws(RunLogError) -> Double? {
    guard let column else { return nil }
    let text = trimmed(fields[column])
    // "3/10" is the third of ten.
    let digits = text.firstIndex(of: "/").map { String(text[..<$0]) } ?? text
    switch number(digits, separator: 0x2C) {
    case .missing: return nil
    case .number(let value) where value.isNaN: return nil
    case .number(let value):
      // sentence-transformers writes -1 for "at the end of the epoch".
      if value == -1, names[column].lowercased() == "steps" { return nil }
      guard value.isFinite, value >= 0 else {
        throw RunLogError(
          file: file, line: line, "the \(names[column]) must not be negative, it is \(value)")
      }
      return value
    case .unreadable:
      throw RunLogError(
        file: file, line: line,
        "'\(text.prefix(40))' in column '\(names[column])' is not a number; `epoch` or `step` in a file "
          + "for --map names the column with each row's place")
    }
  }

  private enum Field {
    case number(Double), missing
    case unreadable(String)
  }

  private func number(_ field: String, separator: UInt8) -> Field {
    let text = trimmed(field)
    if let value = Double(text) {
      return value.isNaN && writesNaNForNothing ? .missing : .number(value)
    }
    if Self.missing.contains(text.lowercased()) { return .missing }
    // PyTorch's tensors, printed: tensor(0.5).
    if text.hasPrefix("tensor("),
      let value = Double(text.dropFirst(7).prefix { $0 != ")" && $0 != "," })
    {
      return .number(value)
    }
    // Where the comma does not separate fields it may be the decimal sign.
    if separator != 0x2C, text.count(where: { $0 == "," }) == 1, !text.contains("."),
      let value = Double(text.replacing(",", with: "."))
    {
      return .number(value)
    }
    return .unreadable(String(text.prefix(40)))
  }

  /// A column that counts and holds something that is no number is left out, unless it is all there is.
  private func leaveOutUnreadable(
    _ state: inout State, _ map: ImportMap?, _ warnings: inout [String]
  ) throws(RunLogError) {
    let named = map?.seriesNames ?? []
    let bad = state.unreadable.keys.sorted().filter {
      let series = state.log.series[$0]
      return state.isTelling[$0] || named.contains(series.key) || named.contains(series.name)
    }
    guard !bad.isEmpty else { return }
    let ignored = Set((map?.series ?? []).filter { $0.assignment == .ignored }.map(\.name))
    let hasOther = state.isTelling.indices.contains {
      state.isTelling[$0] && state.unreadable[$0] == nil
    }
    for index in bad {
      guard let (line, text) = state.unreadable[index] else { continue }
      let key = state.log.series[index].key
      if ignored.contains(key) || ignored.contains(state.log.series[index].name) { continue }
      guard hasOther else {
        throw RunLogError(
          file: file, line: line, "'\(text)' in column '\(key)' is not a number")
      }
      warnings.append(
        "\(file):\(line): '\(text)' in column '\(key)' is not a number; the column is left out.")
    }
    let left = Set(bad)
    for row in state.log.rows.indices {
      state.log.rows[row].values.removeAll { left.contains($0.series) }
    }
  }
}
