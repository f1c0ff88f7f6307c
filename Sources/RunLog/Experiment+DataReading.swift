internal import Storage

internal import Yams

extension Experiment {
  /// The most target languages: every one has a curve in the figures.
  static let mostTargets = 200
  /// The longest code of all sources together, in bytes: files are named after it.
  private static let longestPooledCode = 150

  static func dataSettings(
    _ yaml: StrictYAML, labels: [String], folder: String
  ) throws(RunLogError) -> DataSettings {
    let members = try yaml.members([
      "source", "sources", "targets", "percentage", "per_class", "max_length", "parallel", "regime",
      "columns",
      "quoting", "delimiter", "labels_are", "label_map", "intended",
    ])
    let defaults = try format(members, or: DataFile(location: .table("")), labels: labels)
    let regime: Regime? = try members["regime"].flatMap { $0.isNull ? nil : $0 }?.choice()
    let sources = try sources(members, of: yaml) { section throws(RunLogError) in
      try language(
        section, labels: labels, folder: folder, defaults: defaults, regime: regime, isSource: true)
    }
    var targets: [LanguageData] = []
    var targetTraining: [String: DataFile] = [:]
    if let section = members["targets"], let count = section.node.sequence?.count,
      count > mostTargets
    {
      throw section.failure("at most \(mostTargets) languages are supported, found \(count)")
    }
    for target in try members["targets"]?.elements() ?? [] {
      var data = try language(
        target, labels: labels, folder: folder, defaults: defaults, regime: regime, isSource: false)
      if sources.count > 1, sources.contains(where: { $0.language == data.language }) {
        throw target.failure(
          "'\(data.language)' is one of data.sources, which are scored anyway; leave it out of the targets"
        )
      }
      guard !(sources + targets).contains(where: { $0.language == data.language }) else {
        throw target.failure("the language '\(data.language)' occurs twice")
      }
      targetTraining[data.language] = data.train
      data.train = nil
      targets.append(data)
    }
    let percentage = try members["percentage"]?.number(ExperimentRanges.percentage) ?? 100
    let perClass = members["per_class"].flatMap { $0.isNull ? nil : $0 }
    if let perClass, percentage < 100 {
      throw perClass.failure(
        "says how many training examples are drawn, so 'percentage' cannot be given with it")
    }
    let parallel = try members["parallel"]?.boolean() ?? false
    if parallel, sources.count > 1 {
      throw (members["parallel"] ?? yaml).failure(
        "pairs the answers of one source with a target's, so it must be false with several sources")
    }
    return DataSettings(
      sources: sources, targets: targets,
      percentage: percentage, perClass: try perClass?.integer(ExperimentRanges.perClass),
      maxLength: try members["max_length"]?.integer(ExperimentRanges.maxLength) ?? 128,
      parallel: parallel,
      intended: try intended(members["intended"]), targetTraining: targetTraining)
  }

  /// The one source, or several.
  private static func sources(
    _ members: [String: StrictYAML], of yaml: StrictYAML,
    read: (StrictYAML) throws(RunLogError) -> LanguageData
  ) throws(RunLogError) -> [LanguageData] {
    // A study's configuration may set data.sources where its base has a source, and take that back with null.
    let one = members["source"].flatMap { $0.isNull ? nil : $0 }
    let several = members["sources"].flatMap { $0.isNull ? nil : $0 }
    switch (one, several) {
    case (nil, nil):
      throw yaml.failure(
        "the key 'source' is missing: the language that is trained on; or 'sources', a list of several"
      )
    case (let one?, nil): return [try read(one)]
    case (_?, let several?):
      throw several.failure(
        "'source' and 'sources' cannot both be given; set data.source to null to use 'sources'")
    case (nil, let several?):
      var sources: [LanguageData] = []
      for section in try several.elements() {
        let data = try read(section)
        guard !sources.contains(where: { $0.language == data.language }) else {
          throw section.failure("the language '\(data.language)' occurs twice")
        }
        sources.append(data)
      }
      guard let first = sources.first else {
        throw several.failure("must name at least one language to train on")
      }
      let code = sources.map(\.language).joined(separator: Split.plus)
      guard code.utf8.count <= longestPooledCode else {
        throw several.failure(
          "the codes of all sources together may have at most \(longestPooledCode) letters, found \(code.utf8.count)"
        )
      }
      if let other = sources.first(where: { ($0.test == nil) != (first.test == nil) }) {
        let (with, without) =
          first.test == nil
          ? (other.language, first.language) : (first.language, other.language)
        throw several.failure(
          "'\(with)' has a test file and '\(without)' has none; sources are scored together, so either all or none "
            + "must have one")
      }
      return sources
    }
  }

  private static func intended(
    _ section: StrictYAML?
  ) throws(RunLogError) -> [InputWarning.Kind] {
    var found: Set<InputWarning.Kind> = []
    for element in try section?.elements() ?? [] {
      let name = try element.string()
      guard let kind = InputWarning.Kind(rawValue: name) else {
        let known = InputWarning.Kind.allCases.map(\.rawValue)
        throw element.failure(
          "'\(name)' is no kind of warning; "
            + (nearest(to: name, among: known).map { "did you mean '\($0)'?" }
              ?? "known are \(known.joined(separator: ", "))."))
      }
      found.insert(kind)
    }
    return InputWarning.Kind.allCases.filter(found.contains)
  }

  private static func language(
    _ yaml: StrictYAML, labels: [String], folder: String, defaults: DataFile, regime: Regime?,
    isSource: Bool
  ) throws(RunLogError) -> LanguageData {
    let members = try yaml.members([
      "language", "name", "regime", "train", "validation", "test", "columns", "quoting",
      "delimiter",
      "labels_are", "label_map",
    ])
    guard let code = members["language"] else { throw yaml.failure("'language' is missing") }
    let language = try code.string()
    guard isLanguageCode(language) else {
      throw code.failure("must be a language's code such as 'en', not '\(language)'")
    }
    let defaults = try format(members, or: defaults, labels: labels)
    func file(_ key: String) throws(RunLogError) -> DataFile? {
      guard let value = members[key] else { return nil }
      return try dataFile(value, folder: folder, defaults: defaults)
    }
    guard let validation = try file("validation") else {
      throw yaml.failure("'validation' is missing: the file to evaluate on after each epoch")
    }
    let train = try file("train")
    if isSource, train == nil { throw yaml.failure("'train' is missing: the file to train on") }
    return LanguageData(
      language: language, name: try members["name"]?.string() ?? languageName(language),
      regime: try self.regime(members["regime"], or: regime, isSource: isSource), train: train,
      validation: validation, test: try file("test"))
  }

  /// What a language states, else what the run states of all languages of its role.
  private static func regime(
    _ yaml: StrictYAML?, or common: Regime?, isSource: Bool
  ) throws(RunLogError) -> Regime? {
    guard let yaml else {
      return common.flatMap { ($0 == .translateTrain) == isSource ? $0 : nil }
    }
    if yaml.isNull { return nil }
    let regime: Regime = try yaml.choice()
    switch (regime, isSource) {
    case (.translateTrain, false):
      throw yaml.failure(
        "translate-train trains on texts translated into the language; make it one of data.sources, with the "
          + "translated texts as its 'train'")
    case (.zeroShot, true):
      throw yaml.failure("a language that is trained on cannot be zero-shot; leave this out")
    case (.translateTest, true):
      throw yaml.failure(
        "translate-test is for targets, whose texts were translated into a language that is trained on"
      )
    default: return regime
    }
  }

  private static func format(
    _ members: [String: StrictYAML], or defaults: DataFile, labels: [String]
  ) throws(RunLogError) -> DataFile {
    var result = defaults
    if let columns = members["columns"] {
      let names = try columns.members(["text", "label"])
      result.textColumn = try names["text"]?.string() ?? defaults.textColumn
      result.labelColumn = try names["label"]?.string() ?? defaults.labelColumn
    }
    result.quoting = try members["quoting"]?.choice() ?? defaults.quoting
    if let delimiter = members["delimiter"] {
      let name = try delimiter.string()
      guard let known = DataFile.Delimiter(named: name) else {
        throw delimiter.failure("expected \(DataFile.Delimiter.choices), found '\(name)'")
      }
      result.delimiter = known
    }
    result.labelForm = try members["labels_are"]?.choice() ?? defaults.labelForm
    if let map = members["label_map"] {
      result.labelMap = [:]
      for (label, value) in try map.entries() {
        let name = try value.string()
        guard labels.contains(name) else {
          throw value.failure(
            "'\(name)' is not a class; expected one of the labels \(labels.joined(separator: ", "))"
          )
        }
        result.labelMap[label] = name
      }
    }
    if !result.labelMap.isEmpty, result.labelForm != nil {
      throw (members["label_map"] ?? members["labels_are"])?.failure(
        "'label_map' says what every label is, so 'labels_are' cannot be given with it")
        ?? RunLogError(file: "", "'label_map' and 'labels_are' exclude each other")
    }
    return result
  }

  private static func dataFile(
    _ yaml: StrictYAML, folder: String, defaults: DataFile
  ) throws(RunLogError) -> DataFile {
    var result = defaults
    if yaml.node.mapping != nil {
      let members = try yaml.members(["text", "labels"])
      guard let text = members["text"], let labels = members["labels"] else {
        throw yaml.failure("a pair of files needs both 'text' and 'labels'")
      }
      result.location = .lines(
        text: resolvePath(try text.string(), folder),
        labels: resolvePath(try labels.string(), folder))
    } else {
      let path = try yaml.string()
      guard [".csv", ".tsv", ".jsonl"].contains(where: path.lowercased().hasSuffix) else {
        throw yaml.failure(
          "'\(path)' must end in .csv, .tsv or .jsonl, or be a pair {text: FILE, labels: FILE}")
      }
      result.location = .table(resolvePath(path, folder))
    }
    return result
  }
}
