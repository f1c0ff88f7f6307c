internal import Metrics

/// What a series of somebody else's log holds, as far as its name tells.
struct SeriesMeaning: Equatable {
  /// What is measured.
  enum Subject: Hashable {
    case value(Part, DataSet, Metric)
    case learningRate
    /// The epoch that a step belongs to, which some programs log like a metric.
    case epoch
  }
  /// Whose examples a value is of.
  enum DataSet: Hashable {
    /// The name says nothing: the only one, or the source.
    case unnamed
    case source, firstTarget
    /// A language's code or the set's own name.
    case named(String)
  }
  /// What a value is a mean over.
  enum Grain: Int, Comparable {
    case epoch, unknown, step

    static func < (a: Grain, b: Grain) -> Bool { a.rawValue < b.rawValue }
  }

  var subject: Subject
  var grain = Grain.unknown
  /// Whether the name says how the metric is averaged over the classes, where there are several ways.
  var saysAveraging = true
  /// Whether the name, or its folder, says training, validation or test; a bare `accuracy` may be either.
  var saysPart = true
  /// Nobody reads longer names.
  private static let longestName = 300

  /// Reads a name; `nil` if it is not telling.
  ///
  /// - Parameters:
  ///   - name: a key, column or tag, such as `eval_de_f1_macro`, `Loss/train` or `lr-AdamW`.
  ///   - folder: TensorBoard's folder of the series, whose last part may say what the tag does not.
  ///   - format: whose name it is; some formats have rules of their own.
  init?(_ name: String, folder: String = "", format: ImportedLog.Format) {
    guard name.utf8.count <= Self.longestName else { return nil }
    if format == .trainingHistory, let meaning = Self.historyKey(name) {
      self = meaning
      return
    }
    let words = Words(name)
    if words.all == ["epoch"] || words.all == ["train", "epoch"] {
      subject = .epoch
      return
    }
    if let meaning = Self.evaluationKey(name, format: format) {
      self = meaning
      return
    }
    var parsed = Parsed(words)
    guard parsed.isSound else { return nil }
    grain = parsed.grain
    guard let metric = parsed.metric else {
      guard parsed.isRate else { return nil }
      subject = .learningRate
      return
    }
    if parsed.parts.isEmpty, !folder.isEmpty {
      let last = folder.split(separator: "/").last.map(String.init) ?? ""
      let inner = Parsed(Words(last))
      if !inner.parts.isEmpty || Self.dataSet(inner.rest) != nil { parsed.adopt(inner) }
    }
    guard let set = parsed.loader ?? Self.dataSet(parsed.rest) else { return nil }
    let part = parsed.part ?? (set == .unnamed ? .train : .validation)
    subject = .value(part, set, metric)
    saysPart = parsed.part != nil || set != .unnamed
    saysAveraging = parsed.saysAveraging
  }

  // MARK: Formats with rules of their own

  /// Our own layout: `train_losses`, `english_val_accuracies`, `<code>_val_f1_scores`.
  static func historyKey(_ key: String) -> SeriesMeaning? {
    if key == "learning_rates" { return SeriesMeaning(.learningRate) }
    for metric in Metric.all where key.hasSuffix(metric.historyKey) {
      let set: DataSet
      switch key.dropLast(metric.historyKey.count) {
      case "train_": return SeriesMeaning(.value(.train, .unnamed, metric))
      case "english_val_": set = .source
      case "target_val_": set = .firstTarget
      case let prefix:
        guard prefix.hasSuffix("_val_"), isLanguageCode(String(prefix.dropLast(5))) else {
          return nil
        }
        set = .named(String(prefix.dropLast(5)))
      }
      return SeriesMeaning(.value(.validation, set, metric))
    }
    return nil
  }

  private init(_ subject: Subject, saysAveraging: Bool = true) {
    (self.subject, self.saysAveraging) = (subject, saysAveraging)
  }

  /// The Trainer's `eval_<set>_<metric>`, in event files `eval/<set>_<metric>`; the set may have any name.
  private static func evaluationKey(
    _ name: String, format: ImportedLog.Format
  ) -> SeriesMeaning? {
    let prefix: String
    switch format {
    case .huggingFace, .records, .mlflow: prefix = "eval_"
    case .tensorBoard, .weightsAndBiases: prefix = "eval/"
    case .trainingHistory, .lightning, .keras, .arrays, .table, .allenNLP, .dvcLive: return nil
    }
    guard name.hasPrefix(prefix) else { return nil }
    // The metric is the shortest end of the name that is telling by itself.
    let rest = name.dropFirst(prefix.count)
    let starts = [rest.startIndex] + rest.indices.filter { rest[$0] == "_" }.map(rest.index(after:))
    for start in starts {
      let parsed = Parsed(Words(String(rest[start...])))
      // Balanced accuracy is no accuracy on a set called "balanced".
      guard parsed.isSound else { return nil }
      guard parsed.rest.isEmpty, parsed.parts.isEmpty, !parsed.isRate, let metric = parsed.metric
      else { continue }
      var setName = rest[..<start]
      if setName.last == "_" { setName.removeLast() }
      let set = Parsed(Words(String(setName)))
      // `eval_test_loss`: a set that is called by its part.
      let named =
        set.metric == nil && set.isSound ? dataSet(set.rest) : nil
      let part = named == nil ? .validation : set.part ?? .validation
      let data: DataSet =
        setName.isEmpty ? .unnamed : named ?? .named(setCode(String(setName)))
      return SeriesMeaning(
        .value(part, data, metric), saysAveraging: parsed.saysAveraging)
    }
    return nil
  }

  // MARK: Sets

  /// Whether a folder's name says which part of the data it is about, and nothing else.
  static func tellsPart(_ folder: String) -> Bool {
    guard folder.utf8.count <= longestName else { return false }
    let parsed = Parsed(Words(folder))
    return parsed.metric == nil && parsed.isSound && !parsed.parts.isEmpty
      && dataSet(parsed.rest) != nil
  }

  /// The part that a file's name tells among other words, such as `accuracy_evaluation_results.csv`.
  static func part(inFileName name: String) -> Part? {
    guard name.utf8.count <= longestName else { return nil }
    return Parsed(Words(name)).part
  }

  /// Part and set of a name that consists of nothing else.
  static func words(ofSplit name: String) -> (part: Part, set: DataSet) {
    let parsed = Parsed(Words(name))
    let set = parsed.loader ?? dataSet(parsed.rest)
    if parsed.metric == nil, parsed.isSound, let set {
      return (parsed.part ?? .validation, set)
    }
    return (parsed.part ?? .validation, .named(setCode(name)))
  }

  /// What words between part and metric say of the data; `nil` if they mean something else.
  static func dataSet(_ words: [String]) -> DataSet? {
    switch words {
    case []: return .unnamed
    case ["source"], ["src"]: return .source
    case ["target"], ["tgt"]: return .firstTarget
    default:
      guard words.count == 1, let code = languageCode(naming: words[0]) else { return nil }
      return .named(code)
    }
  }

  /// A set's name as it can stand for a language's code.
  static func setCode(_ name: String) -> String {
    let code = name.unicodeScalars.map { scalar -> Character in
      let character = Character(scalar)
      return character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
    }
    return code.isEmpty ? "-" : String(code.prefix(35))
  }
}

/// The words of a name, in small letters: `valF1_macro/step` is val, f1, macro, step.
private struct Words {
  var all: [String] = []

  init(_ name: String) {
    var word = ""
    var previous: Character = " "
    func end() {
      if !word.isEmpty { all.append(word.lowercased()) }
      word = ""
    }
    for character in name {
      guard character.isLetter || character.isNumber else {
        end()
        previous = " "
        continue
      }
      // A capital after a small letter starts a word, as in `valLoss`.
      if character.isUppercase, previous.isLowercase { end() }
      word.append(character)
      previous = character
    }
    end()
  }
}

/// What a metric is called in logs.
private struct MetricName {
  let metric: Metric
  let words: [String]
  /// Whether it says that it is the unweighted mean over the classes.
  let isMacro: Bool

  /// By first word, the longest names first.
  private static let all: [String: [MetricName]] = {
    let names = Metric.all.flatMap { metric in
      metric.logNames.names.map { (metric, $0, false) }
        + metric.logNames.macroNames.map { (metric, $0, true) }
    }.map { metric, name, isMacro in
      MetricName(
        metric: metric, words: name.split(separator: " ").map(String.init), isMacro: isMacro)
    }
    return Dictionary(grouping: names) { $0.words[0] }
      .mapValues { $0.sorted { $0.words.count > $1.words.count } }
  }()

  /// The longest name that words begin with.
  static func longest(in words: ArraySlice<String>) -> MetricName? {
    words.first.flatMap { all[$0] }?.first { words.starts(with: $0.words) }
  }
}

/// The words of a name, sorted by what they tell.
private struct Parsed {
  var metric: Metric?
  var isRate = false
  var isMacro = false
  var parts: Set<Part> = []
  var grain = SeriesMeaning.Grain.unknown
  /// Lightning's `dataloader_idx_1`.
  var loader: SeriesMeaning.DataSet?
  var rest: [String] = []
  /// False where two metrics are named, or a variant that is not one of ours.
  var isSound = true

  /// Training and test outweigh "eval", which says only that nothing was learned.
  var part: Part? {
    parts.contains(.test) ? .test : parts.contains(.train) ? .train : parts.first
  }

  /// Whether nothing is left open of how the metric is averaged over the classes.
  var saysAveraging: Bool { isMacro || metric?.logNames.averaged == nil }

  init(_ words: Words) {
    var modifiers: [String] = []
    let words = words.all
    var index = 0
    while index < words.count {
      if let name = MetricName.longest(in: words[index...]) {
        if metric != nil, metric != name.metric { isSound = false }
        metric = name.metric
        if name.isMacro { isMacro = true }
        index += name.words.count
        continue
      }
      let word = words[index]
      index += 1
      switch word {
      case "macro": isMacro = true
      case "score", "scores", "mean", "avg", "average", "vs", "iterations", "iteration", "iter",
        "total", "metrics", "metric":
        break
      case "sparse", "categorical", "binary", "multiclass": modifiers.append(word)
      // Other measures that carry the name of one of ours.
      case "balanced", "weighted", "micro", "top", "topk", "top5", "top3", "best", "min", "max",
        "std", "smoothed":
        isSound = false
      case "lr", "lrs": isRate = true
      case "learning" where index < words.count && ["rate", "rates"].contains(words[index]):
        index += 1
        isRate = true
      case "train", "training", "trn": parts.insert(.train)
      case "val", "valid", "validation", "eval", "evaluation", "dev": parts.insert(.validation)
      case "test", "testing": parts.insert(.test)
      case "epoch", "epochs": grain = .epoch
      case "step", "steps", "batch": grain = .step
      case "dataloader" where index + 1 < words.count && words[index] == "idx":
        let number = words[index + 1]
        index += 2
        loader = number == "0" ? .unnamed : .named("dataloader-\(number.prefix(20))")
      default: rest.append(word)
      }
    }
    // Accuracy averaged over the classes is balanced accuracy.
    if isMacro, let metric, metric.logNames.averaged == nil { isSound = false }
    // "Sparse" of a rate or of nothing is no modifier.
    if metric == nil || metric?.logNames.averaged != nil { rest += modifiers }
    if metric != nil { isRate = false }
  }

  /// Takes over part and set from the name of the folder.
  mutating func adopt(_ folder: Parsed) {
    parts = folder.parts
    if rest.isEmpty { rest = folder.rest }
  }
}
