/// Which set of a log is which language.
struct DataSets {
  let source: ImportedLog.Language
  private(set) var targets: [ImportedLog.Language] = []
  private(set) var warnings: [String] = []
  /// How many sets are evaluated in the log.
  let count: Int
  private var codes: [SeriesMeaning.DataSet: String] = [:]

  /// - Parameters:
  ///   - series: of the log.
  ///   - tables: of predictions beside it.
  ///   - map: what the user says.
  ///   - format: of the log.
  init(
    _ series: SeriesAssignment, _ tables: [(path: String, table: PredictionTable)],
    map: ImportMap?, format: ImportedLog.Format
  ) {
    var logged: [SeriesMeaning.DataSet] = []
    var known: Set<SeriesMeaning.DataSet> = []
    for entry in series.entries {
      if case .value(let part, let set, _) = entry.meaning.subject, part != .train,
        known.insert(set).inserted
      {
        logged.append(set)
      }
    }
    count = logged.count
    // More than a report can hold are refused by whoever asks; here they would only cost time.
    logged = Array(logged.prefix(1000))
    var predicted: [SeriesMeaning.DataSet] = []
    for split in tables.flatMap(\.table.splits) where !predicted.contains(split.set) {
      // The training split of predictions is of the source, whatever it is called.
      if split.part != .train || split.set != .unnamed { predicted.append(split.set) }
    }
    let all = logged + predicted.filter { !logged.contains($0) }
    // Only a log that says "english" has a source of that name.
    let saysEnglish =
      format == .trainingHistory && series.entries.contains { $0.series.name.hasPrefix("english_") }
    func language(_ code: String, _ name: String) -> ImportedLog.Language {
      ImportedLog.Language(code: code, name: map?.names[code] ?? name)
    }
    func named(_ set: SeriesMeaning.DataSet) -> ImportedLog.Language {
      switch set {
      case .unnamed, .source: language("source", saysEnglish ? "English" : "Source")
      case .firstTarget: language("target", "Target")
      case .named(let code): language(code, languageName(code))
      }
    }
    // A log that says "validation" and predictions that say "en" mean the same.
    let anonymous = all.filter { $0 == .unnamed || $0 == .source }
    let candidates = all.filter { $0 != .firstTarget && !anonymous.contains($0) }
    let wanted = map?.source.map { word in
      SeriesMeaning.dataSet([word.lowercased()]) ?? .named(SeriesMeaning.setCode(word))
    }
    if let word = map?.source, let wanted, wanted != .source, anonymous.isEmpty,
      !all.contains(wanted)
    {
      warnings.append(
        "The log holds no evaluation on '\(word)', which the map names as the source.")
    }
    let english = candidates.first { $0 == .named("en") }
    let chosen: SeriesMeaning.DataSet
    if let wanted {
      chosen = wanted
    } else if !anonymous.isEmpty {
      // Named by the predictions alone: those that the log does not know by name.
      let fresh = candidates.filter { !logged.contains($0) }
      let isLogged = anonymous.contains(where: logged.contains)
      let isPredicted = anonymous.contains(where: predicted.contains)
      // Whichever of log and predictions has a name for it gives it.
      let names =
        isLogged && isPredicted
        ? [] : isLogged ? fresh : candidates.filter { logged.contains($0) }
      chosen = names.first { $0 == .named("en") } ?? names.first ?? anonymous[0]
    } else if let english {
      chosen = english
    } else if let first = candidates.first {
      chosen = first
      if candidates.count > 1 || all.contains(.firstTarget) {
        warnings.append(
          "The log does not say which set is the source; it is taken to be \(named(first).name), the "
            + "first one. --map can say otherwise.")
      }
    } else {
      chosen = .unnamed
    }
    source = named(chosen)
    for set in anonymous + [chosen, .unnamed, .source] { codes[set] = source.code }
    var others = candidates.filter { $0 != chosen }
    if all.contains(.firstTarget) {
      // The first target of the log may have its name in the predictions, too.
      let fresh = others.first { !logged.contains($0) }
      let first = named(fresh ?? .firstTarget)
      targets.append(first)
      codes[.firstTarget] = first.code
      if let fresh {
        codes[fresh] = first.code
        others.removeAll { $0 == fresh }
      }
    }
    for set in others {
      let language = named(set)
      codes[set] = language.code
      if language.code != source.code, !targets.contains(where: { $0.code == language.code }) {
        targets.append(language)
      }
    }
  }

  /// The code of a set.
  func code(_ set: SeriesMeaning.DataSet) -> String {
    if let code = codes[set] { return code }
    if case .named(let code) = set { return code }
    return source.code
  }
}
