internal import Metrics

/// The trainings that follow each other in one log, and which of their rows make one curve.
///
/// A program that is started again goes on in the same file. Whether it went on with the training, repeats a
/// part of it after a checkpoint, or trained another model, only the places and losses tell.
struct Trainings {
  /// Rows that belong together, in the file's order.
  private struct Training {
    /// The rows that hold a series, by series; ascending, as what is repeated is taken back.
    var held: [Int: [Held]] = [:]
    /// The first and last row of each start of the program.
    var starts: [ClosedRange<Int>] = []
    /// The first row, the last one, and the last one elsewhere before it.
    var first = 0
    var last = 0
    var beforeLast: Int?
    var firstLoss: Double?
    var lastLoss: Double?
  }
  private struct Held {
    let row: Int
    /// In the row's values.
    let value: Int
  }

  private var rows: [LoggedRow]
  private let series: [LoggedSeries]
  private let file: String
  private let isByEvent: Bool
  /// Of each series.
  private let isTest: [Bool]
  private let isTraining: [Bool]
  private let isEvaluation: [Bool]
  /// Whether a series that goes back tells a start. Rates, times and counters may be logged beside
  /// anything.
  private let tells: [Bool]
  /// The series whose values tell whether a training went on: training loss, else validation loss.
  private let loss: Int?
  private var warnings: [String] = []
  /// How often a start that goes on, or goes back, was not named any more.
  private var (unnamedJoins, unnamedReturns) = (0, 0)
  private var (joinCount, returnCount) = (0, 0)

  init(_ log: LoggedRows, _ meanings: [SeriesMeaning.Subject?], _ map: ImportMap?) {
    rows = Self.inOrder(log.rows)
    (series, file, isByEvent) = (log.series, log.file, log.isByEvent)
    func isPart(_ part: Part) -> [Bool] {
      meanings.map { if case .value(part, _, _) = $0 { true } else { false } }
    }
    (isTest, isTraining, isEvaluation) = (isPart(.test), isPart(.train), isPart(.validation))
    let named = map?.seriesNames ?? []
    let telling = log.series.indices.map { index in
      if case .value(let part, _, _) = meanings[index] { return part != .test }
      return named.contains(log.series[index].key) || named.contains(log.series[index].name)
    }
    let isTest = self.isTest
    tells = telling.contains(true) ? telling : isTest.map { !$0 }
    func loss(_ part: Part) -> Int? {
      meanings.firstIndex {
        if case .value(part, _, .loss) = $0 { true } else { false }
      }
    }
    self.loss = loss(.train) ?? loss(.validation)
  }

  /// The rows of the training that counts, with places that go on through all its starts.
  ///
  /// - Throws: `RunLogError` if the map names a training that is not there.
  mutating func chosen(
    _ map: ImportMap?, warnings: inout [String]
  ) throws(RunLogError) -> [LoggedRow] {
    let starts = starts()
    guard starts.count > 1 || rows.contains(where: \.isAfterTraining) else {
      if let wanted = map?.training, case .number(let number) = wanted, number != 1 {
        throw missing(number, of: 1, map)
      }
      return rows
    }
    var trainings: [Training] = []
    for start in starts { add(start, to: &trainings, map) }
    warnings += self.warnings
    for (count, verb) in [
      (unnamedJoins, "counts from the beginning again"), (unnamedReturns, "goes back"),
    ]
    where count > 0 {
      warnings.append(
        "\(file): the training \(verb) \(count) times more; it is read in the same way.")
    }
    let index = try choice(trainings, map, warnings: &warnings)
    return kept(trainings[index])
  }

  /// More starts of a kind are only counted.
  private static let mostNamed = 3

  // MARK: Starts

  /// Stretches of rows in which no series goes back.
  private func starts() -> [Range<Int>] {
    let training = rows.firstIndex(where: \.isAfterTraining) ?? rows.count
    if let starts = startsAtOnePlace() { return starts }
    var result: [Range<Int>] = []
    var begin = 0
    // The last row of each series since the start; those before it do not count.
    var last = [Int](repeating: -1, count: series.count)
    for (index, row) in rows.enumerated() {
      let goesBack = row.values.contains { series, _ in
        tells[series] && last[series] >= begin && row.isBefore(rows[last[series]])
      }
      // What follows the end of a training is another start only if it trains.
      let isAnother = index > training && !row.isAfterTraining && rows[index - 1].isAfterTraining
      if goesBack || index == training && index > begin || isAnother {
        result.append(begin..<index)
        begin = index
      }
      for (series, _) in row.values { last[series] = index }
    }
    if begin < rows.count { result.append(begin..<rows.count) }
    return result
  }

  /// Rows in the order of time, if a table has the newest first.
  private static func inOrder(_ rows: [LoggedRow]) -> [LoggedRow] {
    guard rows.count > 2, let first = rows.first, let last = rows.last, last.isBefore(first),
      !zip(rows, rows.dropFirst()).contains(where: { $0.isBefore($1) })
    else { return rows }
    var reversed = Array(rows.reversed())
    // Lines are no clock then.
    if let first = first.time, let last = last.time, first < last {
      for index in reversed.indices { reversed[index].time = Double(index) }
    }
    return reversed
  }

  /// Trainings of one epoch each: all rows stand at one place, and each holds the same series.
  private func startsAtOnePlace() -> [Range<Int>]? {
    guard let first = rows.first, rows.count > 1, first.position != nil,
      first.values.contains(where: { isEvaluation[$0.series] })
    else { return nil }
    let names = first.values.map(\.series)
    let isEach = rows.allSatisfy {
      $0.epoch == first.epoch && $0.step == first.step && $0.values.map(\.series) == names
    }
    return isEach ? rows.indices.map { $0..<($0 + 1) } : nil
  }

  private mutating func add(_ start: Range<Int>, to trainings: inout [Training], _ map: ImportMap?)
  {
    guard let last = trainings.indices.last else {
      trainings.append(Training(first: start.lowerBound, last: start.lowerBound))
      append(start, to: &trainings[0])
      return
    }
    let trains = start.contains { rows[$0].values.contains { isTraining[$0.series] } }
    let isLater =
      rows[start.lowerBound].isAfterTraining
      || !trains && trainings[last].held.keys.contains { isTraining[$0] }
    if isLater {
      evaluateAgain(start, after: &trainings[last])
      return
    }
    let (first, begin) = (rows[trainings[last].first], rows[start.lowerBound])
    if first.isBefore(begin) {
      // A checkpoint after the beginning: what came after it is repeated.
      let place = begin.place
      takeBack(start, from: &trainings[last], at: place)
      append(start, to: &trainings[last])
      return
    }
    let joins: Bool
    switch map?.training {
    case .all: joins = true
    case .number: joins = false
    case nil: joins = goesOn(start, trainings[last])
    }
    guard joins else {
      trainings.append(Training(first: start.lowerBound, last: start.lowerBound))
      append(start, to: &trainings[trainings.count - 1])
      return
    }
    let number = shift(start, behind: trainings[last])
    joinCount += map?.training == nil ? 1 : 0
    if joinCount > Self.mostNamed {
      unnamedJoins += 1
    } else if map?.training == nil {
      warnings.append(
        "\(file): \(lines(start)) count from \(number.from) again; since the loss goes on from where "
          + "it was, they are taken to continue the training, as \(number.to) by the file's count. "
          + "'training: 1' or 'training: 2' in a file for --map treats them as separate trainings."
      )
    }
    append(start, to: &trainings[last])
  }

  private mutating func append(_ start: Range<Int>, to training: inout Training) {
    if let first = start.first, let last = start.last { training.starts.append(first...last) }
    for row in start {
      for (value, entry) in rows[row].values.enumerated() {
        training.held[entry.series, default: []].append(Held(row: row, value: value))
        if entry.series == loss, entry.value.isFinite {
          training.firstLoss = training.firstLoss ?? entry.value
          training.lastLoss = entry.value
        }
      }
      guard rows[row].position != nil, !rows[row].values.isEmpty else { continue }
      if rows[training.last].isBefore(rows[row]) || rows[training.last].position == nil {
        if rows[training.last].position != nil { training.beforeLast = training.last }
        training.last = row
      }
    }
  }

  /// Whether a start that counts from the beginning again goes on with the training: its first loss lies
  /// nearer to the last one than to the first.
  private func goesOn(_ start: Range<Int>, _ training: Training) -> Bool {
    guard let loss, let first = training.firstLoss, let last = training.lastLoss else {
      return false
    }
    for row in start {
      for entry in rows[row].values where entry.series == loss && entry.value.isFinite {
        return abs(entry.value - last) < abs(entry.value - first)
      }
    }
    return false
  }

  /// Counts a start's rows on from those before it.
  private mutating func shift(
    _ start: Range<Int>, behind training: Training
  ) -> (from: String, to: String) {
    let (begin, last) = (rows[start.lowerBound], rows[training.last])
    let before = training.beforeLast.map { rows[$0] }
    func distance(_ place: (LoggedRow) -> Double?) -> Double? {
      guard let begin = place(begin), let last = place(last) else { return nil }
      let spacing = before.flatMap(place).map { last - $0 } ?? 0
      return last - begin + (spacing > 0 ? spacing : max(1, begin))
    }
    let (epochs, steps) = (distance(\.epoch), distance(\.step))
    for row in start {
      // Of single events only series that begin again are counted on.
      if isByEvent, let series = rows[row].values.first?.series,
        let held = training.held[series]?.last, rows[held.row].isBefore(rows[row])
      {
        continue
      }
      if let epochs { rows[row].epoch = rows[row].epoch.map { $0 + epochs } }
      if let steps { rows[row].step = rows[row].step.map { $0 + steps } }
    }
    return (begin.place, rows[start.lowerBound].place)
  }

  /// Leaves out what a start repeats.
  private mutating func takeBack(
    _ start: Range<Int>, from training: inout Training, at place: String
  ) {
    var differences = Differences()
    var lost = 0
    var seen: Set<Int> = []
    for row in start {
      for entry in rows[row].values where seen.insert(entry.series).inserted {
        var taken: [Double: Double] = [:]
        while let held = training.held[entry.series]?.last, !rows[held.row].isBefore(rows[row]) {
          if let position = rows[held.row].position {
            taken[position] = rows[held.row].values[held.value].value
          }
          training.held[entry.series]?.removeLast()
          lost += 1
        }
        if let position = rows[row].position, let before = taken[position] {
          differences.note(series[entry.series].key, rows[row].place, before, entry.value)
        }
      }
    }
    guard lost > 0 else { return }
    // The place that counting goes on from may be among what was taken back.
    if !rows[training.last].isBefore(rows[start.lowerBound]) {
      (training.last, training.beforeLast) = (training.first, nil)
    }
    returnCount += 1
    guard returnCount <= Self.mostNamed else {
      unnamedReturns += 1
      return
    }
    warnings.append(
      "\(file): the training goes back to \(place) at \(lines(start.prefix(1))), as after a "
        + "checkpoint; \(lost == 1 ? "one value" : "\(lost) values") from there on that \(lost == 1 ? "was" : "were") "
        + "logged before \(lost == 1 ? "does" : "do") not count\(differences.clause("then and now"))."
    )
  }

  /// Takes an evaluation after the training for what it is: of a series that the training holds it is
  /// another measurement, maybe of another model, and no part of the curve.
  private mutating func evaluateAgain(_ start: Range<Int>, after training: inout Training) {
    var differences = Differences()
    var left = 0
    for row in start {
      for (value, entry) in rows[row].values.enumerated() {
        let held = training.held[entry.series] ?? []
        if held.isEmpty || rows[held[held.count - 1].row].isAfterTraining || isTest[entry.series] {
          training.held[entry.series, default: []].append(Held(row: row, value: value))
          continue
        }
        left += 1
        // The value of the same place, the last such.
        var (low, high) = (0, held.count)
        while low < high {
          let middle = (low + high) / 2
          if rows[row].isBefore(rows[held[middle].row]) { high = middle } else { low = middle + 1 }
        }
        guard low > 0, isEvaluation[entry.series] else { continue }
        // Of the same place, or the last one if the number of an epoch that never began stands here.
        let before = held[low - 1]
        differences.note(
          series[entry.series].key, rows[before.row].place,
          rows[before.row].values[before.value].value, entry.value,
          fitting: held.first { rows[$0.row].values[$0.value].value == entry.value }
            .map { rows[$0.row].place })
      }
    }
    guard left > 0, !differences.isEmpty else { return }
    warnings.append(
      "\(file): an evaluation after the end of the training (\(lines(start))) is not part of the "
        + "curves\(differences.clause("in training and after it")).\(differences.fitting)")
  }

  // MARK: The training that counts

  private func choice(
    _ trainings: [Training], _ map: ImportMap?, warnings: inout [String]
  ) throws(RunLogError) -> Int {
    if case .number(let number) = map?.training {
      guard trainings.indices.contains(number - 1) else {
        throw missing(number, of: trainings.count, map)
      }
      return number - 1
    }
    guard trainings.count > 1 else { return 0 }
    // The last of those that got furthest: one that was broken off says less.
    var best = 0
    for index in trainings.indices.dropFirst()
    where !rows[trainings[index].last].isBefore(rows[trainings[best].last]) {
      best = index
    }
    let shown = trainings.indices.prefix(6).map { index in
      let training = trainings[index]
      let end = training.lastLoss.map { ", \(series[loss ?? 0].key) \(plain($0)) in the end" } ?? ""
      return "\(index + 1): \(rows[training.first].place) to "
        + "\(plain(rows[training.last].position ?? 0))\(end)"
    }
    let more = trainings.count > 6 ? "; and \(trainings.count - 6) more" : ""
    warnings.append(
      "\(file): holds \(trainings.count) trainings, one after another (\(shown.joined(separator: "; "))"
        + "\(more)). Number \(best + 1) is reported, the last of those that got furthest; 'training: \(best == 0 ? 2 : 1)' "
        + "in a file for --map names another, 'training: all' treats them as one.")
    return best
  }

  private func missing(_ number: Int, of count: Int, _ map: ImportMap?) -> RunLogError {
    RunLogError(
      file: map?.file ?? file,
      "'training' is \(number), but \(file) holds \(count == 1 ? "one training" : "\(count) trainings")"
    )
  }

  private func kept(_ training: Training) -> [LoggedRow] {
    var values: [Int: [(series: Int, value: Double)]] = [:]
    for (series, held) in training.held {
      for entry in held {
        values[entry.row, default: []].append((series, rows[entry.row].values[entry.value].value))
      }
    }
    return values.keys.sorted().map { index in
      var row = rows[index]
      row.values = (values[index] ?? []).sorted { $0.series < $1.series }
      return row
    }
  }

  private func lines(_ start: Range<Int>) -> String {
    let found = start.map { rows[$0].line }
    guard let first = found.first, let last = found.last, first > 0 else {
      return start.count == 1
        ? "entry \(start.lowerBound)" : "entries \(start.lowerBound) to \(start.upperBound - 1)"
    }
    return first == last ? "line \(first)" : "lines \(first) to \(last)"
  }
}
