public import Metrics
public import RunLog

/// Runs of one configuration, which differ only in their seed.
public struct RunGroup: Sendable {
  /// The experiment's name where it tells the groups apart, else what was set differently, or a number.
  public let name: String
  /// In the order of their seeds; one for logs from elsewhere.
  public let runs: [RunResults]
  /// As many as runs; empty for logs from elsewhere.
  public let seeds: [Int]

  /// - Parameters:
  ///   - name: told apart from other groups' names.
  ///   - runs: not empty; of one configuration.
  public init(name: String, runs: [RunResults]) {
    precondition(!runs.isEmpty, "a group has a run")
    self.name = name
    self.runs = runs.sorted { ($0.seed ?? 0) < ($1.seed ?? 0) }
    seeds = self.runs.compactMap(\.seed)
  }

  /// The configuration; `nil` for logs from elsewhere.
  public var experiment: Experiment? { runs[0].run.experiment }

  /// A number of every run, such as seconds an epoch; `nil` unless all have it.
  public func summary(_ value: (RunResults) -> Double?) -> SeedSummary? {
    let values = runs.compactMap(value).filter { !$0.isNaN }
    return values.count == runs.count ? SeedSummary(values) : nil
  }

  /// The group's answers to a split's examples after each run's selected epoch.
  ///
  /// - Parameters:
  ///   - split: whose.
  ///   - wanted: the rows, in order; the first run's if left out.
  /// - Returns: `nil` unless every run has predictions of the same examples.
  func answers(_ split: Split, ids wanted: [Int]? = nil) -> SplitAnswers? {
    guard let first = runs[0].predictions[split] else { return nil }
    let ids = wanted ?? first.ids
    var (labels, scores) = ([Int](), [Scores]())
    for run in runs {
      guard let found = run.predictions[split], let pairs = matched(ids, found.ids) else {
        return nil
      }
      let places = pairs.map(\.1)
      let own = places.map { found.labels[$0] }
      if labels.isEmpty { labels = own }
      guard own == labels else { return nil }
      scores.append(Scores(labels: labels, classes: first.classes) { found.row(places[$0]) })
    }
    return SplitAnswers(ids: ids, labels: labels, scores: scores)
  }
}

/// What the runs of a group answered to the same examples.
struct SplitAnswers: Sendable {
  let ids: [Int]
  let labels: [Int]
  /// One per run.
  let scores: [Scores]

  /// A row per run: whether each example was labelled correctly.
  var hits: [[Bool]] { scores.map(\.hits) }

  /// The answers as a metric needs them, one per run.
  func answers(_ metric: Metric) -> [Answers] { scores.map(metric.answers) }
}

extension [RunResults] {
  /// Gathers runs that differ only in their seed, in the order in which the configurations first occur.
  ///
  /// Names, remarks, goals, what is stored and where files lie do not tell configurations apart; the hashes of
  /// data and weights do.
  ///
  /// - Returns: the groups; what all of them are called, if their names say only what sets them apart; and a
  ///   sentence for each run that repeats another's configuration and seed and was left out.
  func grouped() -> (groups: [RunGroup], commonName: String?, notes: [String]) {
    var keys: [ConfigurationKey?] = []
    var members: [[RunResults]] = []
    var notes: [String] = []
    for run in self {
      let key = ConfigurationKey(run)
      guard let key, let place = keys.firstIndex(of: key) else {
        keys.append(key)
        members.append([run])
        continue
      }
      if let twin = members[place].first(where: { $0.seed == run.seed }) {
        notes.append(
          "\(run.folder) has the configuration and the seed of \(twin.folder) "
            + "and is left out.")
      } else {
        members[place].append(run)
      }
    }
    let given = members.map { commonName($0.map(\.name)) }
    var names = given
    // Logs of one program have its name alone; their folders tell them apart.
    let folders = members.map { $0[0].folder }
    for place in names.indices where members[place][0].run.imported != nil {
      let folder = folders[place]
      if given.count(where: { $0 == given[place] }) > 1,
        folders.count(where: { $0 == folder }) == 1,
        !given.contains(folder)
      {
        names[place] = folder
      }
    }
    // Runs of one name are told apart by what was set differently, if that is said in few words.
    var common: String?
    for name in Set(names) {
      let alike = names.indices.filter { names[$0] == name }
      guard let distinctions = distinctions(alike.map { members[$0] }) else { continue }
      let isOfAll = alike.count == names.count
      if isOfAll { common = name }
      for (place, distinction) in zip(alike, distinctions) {
        names[place] = isOfAll ? distinction : "\(name), \(distinction)"
      }
    }
    let groups = members.enumerated().map { place, runs in
      let name = names[place]
      let isUnique = names.count(where: { $0 == name }) == 1
      return RunGroup(
        name: isUnique ? name : "\(name) (\(names[...place].count { $0 == name }))", runs: runs)
    }
    return (groups, common, notes)
  }
}

/// What names of runs that differ in their seed have in common, such as `baseline` of `baseline-seed-1`
/// and `baseline-seed-2`; the first of them if that is nothing.
private func commonName(_ names: [String]) -> String {
  guard names.count > 1, var prefix = names.first.map({ $0[...] }) else { return names.first ?? "" }
  for name in names { prefix = prefix[..<prefix.commonEnd(name)] }
  for ending in ["seed", ""] {
    while let last = prefix.last, !last.isLetter, !last.isNumber { prefix.removeLast() }
    if !ending.isEmpty, prefix.hasSuffix(ending) { prefix.removeLast(ending.count) }
  }
  return prefix.isEmpty ? names[0] : String(prefix)
}

/// What sets configurations apart, such as `epochs 3` and `epochs 6`, one each.
///
/// - Returns: `nil` if it takes more than two keys, or few words do not tell all of them apart.
private func distinctions(_ members: [[RunResults]]) -> [String]? {
  let rows = ConfigurationTable(members.map { RunGroup(name: "", runs: $0) }).rows
  guard members.count > 1, (1...2).contains(rows.count) else { return nil }
  let words = members.indices.map { place in
    rows.map { row in
      let key = row.key.split(separator: ".").last.map(String.init) ?? row.key
      return "\(key) \(row.values[place] ?? "–")"
    }.joined(separator: ", ")
  }
  return Set(words).count == words.count && words.allSatisfy { $0.count <= 40 } ? words : nil
}

extension Substring {
  /// Where a text stops being the same.
  fileprivate func commonEnd(_ other: String) -> Index {
    zip(indices, zip(self, other)).first { $0.1.0 != $0.1.1 }?.0
      ?? index(startIndex, offsetBy: Swift.min(count, other.count))
  }
}

extension RunResults {
  /// `nil` for logs from elsewhere.
  ///
  /// Never inlined: the optimiser of Swift 6.3.1 stops at its own check of ownership otherwise.
  var seed: Int? { @inline(never) get { run.experiment?.training.seed } }

  /// The name of the run's folder; its path differs from machine to machine.
  public var folder: String {
    run.directory.path.split(separator: "/").last.map(String.init) ?? run.directory.path
  }
}

/// All of a configuration that changes what is computed, but the seed.
private struct ConfigurationKey: Equatable {
  let experiment: Experiment
  let hashes: [String: String]

  /// `nil` for logs from elsewhere, of which nothing is known.
  init?(_ run: RunResults) {
    guard var experiment = run.run.experiment else { return nil }
    experiment.name = ""
    experiment.note = nil
    experiment.goals = []
    experiment.storeTexts = true
    experiment.baselines = BaselineSettings()
    experiment.training.seed = 0
    hashes = Dictionary(
      (run.run.environment?.hashes ?? []).map { ($0.name, $0.sha256) },
      uniquingKeysWith: { first, _ in first })
    // Where files lie says nothing where their hashes are known.
    if !hashes.isEmpty {
      experiment.model.checkpoint = ""
      for index in experiment.data.sources.indices { experiment.data.sources[index].forgetFiles() }
      for index in experiment.data.targets.indices { experiment.data.targets[index].forgetFiles() }
    }
    self.experiment = experiment
  }
}

extension LanguageData {
  fileprivate mutating func forgetFiles() {
    train?.location = .table("")
    validation.location = .table("")
    test?.location = .table("")
  }
}
