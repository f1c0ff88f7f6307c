internal import RunLog

/// Gathers what about data and settings is often a slip, while the data are read.
struct InputReview {
  /// How many examples a warning names.
  static let examples = 3
  /// Fewer steps than this are hardly a training; the check of the run takes the same.
  private static let fewSteps = Int(CheckCode.fewSteps.bound?.usual ?? 0)
  /// A share of at most one percent that leaves fewer texts than this is most likely meant as a share of 1.
  private static let fewTexts = 1000
  /// Devlin et al. (2019, arXiv 1810.04805, A.3) fine-tune all of BERT with 2e-5 to 5e-5; a new classifier alone on
  /// frozen features takes about 1e-3, AdamW's default.
  private static let usualRates = 2e-5...5e-5
  private static let usualRatesOfHead = 1e-3...1e-3
  private static let farFromUsual = 100.0

  private let experiment: Experiment
  private var sourceLanguages: [String] { experiment.data.sources.map(\.language) }
  /// What texts of other splits are looked for in, without the texts themselves.
  private typealias Reviewed = (split: Split, data: LabelledData, texts: SharedTexts)
  /// One per source.
  private var training: [Reviewed] = []
  /// The sources' validation data and those of the language that is being read.
  private var validation: [Reviewed] = []
  private var available = 0
  private var used = 0
  private var files: [(split: Split, name: String, sha256: String)] = []
  private var found: [InputWarning] = []
  /// Remarks on what was settled by looking, which are no warnings.
  private(set) var notes: [String] = []

  init(_ experiment: Experiment) {
    self.experiment = experiment
    reviewLanguages()
    reviewLearningRate()
  }

  /// Everything found, by kind.
  var warnings: [InputWarning] {
    InputWarning.Kind.allCases.flatMap { kind in found.filter { $0.kind == kind } }
  }

  private mutating func warn(
    _ kind: InputWarning.Kind, _ count: Int, at place: String, _ text: String
  ) {
    found.append(
      InputWarning(
        kind: kind, count: count, place: place, text: text,
        isIntended: experiment.data.intended.contains(kind)))
  }

  // MARK: Data

  /// Looks at a split, training data first.
  ///
  /// - Parameters:
  ///   - split: what the data are.
  ///   - data: all rows of its file.
  ///   - chosen: the rows that are used.
  mutating func review(_ split: Split, _ data: LabelledData, chosen: [Int]) {
    if let delimiter = data.foundDelimiter {
      notes.append(
        "The columns of \(data.fileName) (\(split)) are separated by \(delimiter.plural), as its header tells."
      )
    }
    reviewTable(split, data)
    reviewMissingTexts(split, data, chosen)
    reviewClasses(split, data, chosen)
    if split.part == .train {
      available += data.rows.count
      used += chosen.count
      training.append(reviewed(split, data, chosen))
    } else {
      reviewTrainingTexts(split, data)
    }
    if split.part == .validation, experiment.hasTest(beside: split) {
      let sources = sourceLanguages
      validation.removeAll { !sources.contains($0.split.language) }
      validation.append(reviewed(split, data, chosen))
    } else if split.part == .test {
      reviewValidationTexts(split, data)
    }
    files.append((split, data.fileName, data.sha256))
  }

  private mutating func reviewTable(_ split: Split, _ data: LabelledData) {
    if !data.duplicateColumns.isEmpty {
      let names = data.duplicateColumns.map { name, columns in
        let first = columns.first { data.columnsRead.contains($0) }
        return
          "'\(name.prefix(40))' (columns \(listed(columns.map { "\($0)" })); "
          + (first.map { "column \($0) is read" } ?? "none is read") + ")"
      }
      warn(
        .duplicateColumns, names.count, at: "\(split)",
        "The header of \(data.fileName) (\(split)) names more than one column \(listed(names)).")
    }
    let fields = data.multilineFields
    if !fields.isEmpty {
      let places = fields.map { "\(data.fileName):\($0.firstLine)–\($0.lastLine)" }
      let lines = fields.reduce(0) { $0 + $1.lastLine - $1.firstLine + 1 }
      warn(
        .multilineFields, fields.count, at: "\(split)",
        "\(counted(fields.count, "quoted field")) of \(data.fileName) (\(split)) "
          + "\(fields.count == 1 ? "spans" : "span") several lines, so that \(lines) lines became "
          + "\(counted(fields.count, "row"))\(naming(places)). If quotation marks are ordinary characters there, "
          + "they swallow lines; then set data.quoting to none.")
    }
  }

  private mutating func reviewMissingTexts(_ split: Split, _ data: LabelledData, _ chosen: [Int]) {
    var count = 0
    var examples: [String] = []
    for row in chosen {
      guard let found = missingText(data.rows[row].text) else { continue }
      count += 1
      if examples.count < Self.examples {
        examples.append("\(data.fileName):\(data.line(ofRow: row)) (\(found))")
      }
    }
    guard count > 0 else { return }
    warn(
      .missingTexts, count, at: "\(split)",
      "\(grouped(count)) of \(counted(chosen.count, "text")) of \(split) "
        + (count == 1
          ? "is empty or looks like a missing value" : "are empty or look like missing values")
        + "\(naming(examples, of: count)).")
  }

  private mutating func reviewClasses(_ split: Split, _ data: LabelledData, _ chosen: [Int]) {
    var inFile = [Int](repeating: 0, count: experiment.labels.count)
    var counts = inFile
    for row in data.rows { inFile[row.label] += 1 }
    for row in chosen { counts[data.rows[row].label] += 1 }
    let missing = counts.indices.filter { counts[$0] == 0 }
    guard !missing.isEmpty else { return }
    let names = listed(missing.map { "'\(experiment.labels[$0].prefix(40))'" }, conjunction: "or")
    let consequence =
      split.part == .train
      ? "so the model cannot learn \(missing.count == 1 ? "it" : "them")"
      : "so nothing is known there of how well the model finds \(missing.count == 1 ? "it" : "them")"
    let drawn = missing.reduce(0) { $0 + inFile[$1] }
    let remark =
      drawn > 0
      ? " The file has \(grouped(drawn)); data.percentage, \(plain(experiment.data.percentage)), left none of them."
      : ""
    warn(
      .missingClasses, missing.count, at: "\(split)",
      "\(split) (\(data.fileName)) has no example of \(names), \(consequence).\(remark)")
  }

  /// What is kept of a split; its texts are not, whose hashes will do.
  private func reviewed(_ split: Split, _ data: LabelledData, _ chosen: [Int]) -> Reviewed {
    var kept = data
    kept.rows = []
    return (split, kept, SharedTexts(data.rows, chosen: chosen))
  }

  private mutating func reviewTrainingTexts(_ split: Split, _ data: LabelledData) {
    for source in training {
      guard let shared = shared(split, data, with: source) else { continue }
      let place = training.count == 1 ? "the training data" : "\(source.split)"
      warn(
        .sharedTexts, shared.count, at: "\(split)",
        "\(shared.words) in \(place) too, \(shared.places). How well the model does on "
          + "\(shared.count == 1 ? "it" : "them") is no measure of how well it does on new texts.")
    }
  }

  /// Validation data choose epochs and settings, so a test on the same texts is none of the choice.
  private mutating func reviewValidationTexts(_ split: Split, _ data: LabelledData) {
    for other in validation
    where other.split.language == split.language || sourceLanguages.contains(other.split.language) {
      guard let shared = shared(split, data, with: other) else { continue }
      warn(
        .sharedValidationTexts, shared.count, at: "\(split)",
        "\(shared.words) in \(other.split) too, \(shared.places). An epoch or a setting that was chosen on "
          + "validation was chosen on \(shared.count == 1 ? "it" : "them"), too, so the test is not independent of that "
          + "choice.")
    }
  }

  /// The texts that a split has in common with another; `nil` for none.
  private func shared(
    _ split: Split, _ data: LabelledData, with other: Reviewed
  ) -> (count: Int, words: String, places: String)? {
    // One file twice is a warning of its own, which says it all.
    guard other.data.sha256 != data.sha256 else { return nil }
    let overlap = other.texts.overlap(with: data.rows, examples: Self.examples)
    guard overlap.count > 0 else { return nil }
    let examples = overlap.examples.map {
      "\(data.fileName):\(data.line(ofRow: $0.row)) as "
        + "\(other.data.fileName):\(other.data.line(ofRow: $0.otherRow))"
    }
    let normalised = "after normalisation (NFKC, case folded, white space collapsed)"
    let kinds =
      overlap.similar == 0
      ? "to the letter"
      : overlap.exact == 0
        ? normalised
        : "\(grouped(overlap.exact)) to the letter, \(grouped(overlap.similar)) more \(normalised)"
    return (
      overlap.count,
      "\(grouped(overlap.count)) of \(counted(data.rows.count, "text")) of \(split) "
        + (overlap.count == 1 ? "is" : "are"),
      "\(kinds)\(naming(examples, of: overlap.count))"
    )
  }

  // MARK: Settings

  /// Looks at what is only known when all data are read.
  mutating func finish() {
    reviewFiles()
    reviewAmount()
  }

  private mutating func reviewFiles() {
    var seen: Set<String> = []
    for file in files where seen.insert(file.sha256).inserted {
      let same = files.filter { $0.sha256 == file.sha256 }
      guard same.count > 1 else { continue }
      let splits = same.map { "\($0.split)" }
      warn(
        .repeatedFile, same.count, at: splits.joined(separator: ", "),
        "\(listed(splits)) are read from one file or from copies of it: "
          + "\(listed(same.map { "\($0.name) (\($0.split))" })) have the same contents.")
    }
  }

  private mutating func reviewAmount() {
    let settings = experiment.training
    let percentage = experiment.data.percentage
    if percentage <= 1, used < Self.fewTexts {
      warn(
        .smallPercentage, used, at: "data.percentage",
        "data.percentage is in percent, so \(plain(percentage)) uses \(grouped(used)) of "
          + "\(counted(available, "training text")). If a share of \(plain(percentage)) was meant, write "
          // Rounded, since 0.57 times 100 is not quite 57.
          + "\(plain((percentage * 1e8).rounded() / 1e6)).")
    }
    let perEpoch = (used + settings.batchSize - 1) / settings.batchSize
    let steps = perEpoch * settings.epochs
    if steps < Self.fewSteps {
      let share = percentage < 100 ? " × \(plain(percentage)) %" : ""
      let texts = experiment.data.perClass == nil ? available : used
      warn(
        .fewSteps, steps, at: "training.batch_size",
        "\(counted(texts, "text"))\(share) in batches of \(grouped(settings.batchSize)) are "
          + "\(counted(perEpoch, "step")) per epoch, \(grouped(steps)) in all; the usual learning rates suit hundreds "
          + "to thousands of steps. A smaller training.batch_size makes more of them.")
    }
  }

  private mutating func reviewLearningRate() {
    let rate = experiment.training.optimizer.learningRate
    let model = experiment.model
    let isHeadAlone = model.freezeEmbeddings && model.frozenLayers == model.encoderLayers
    let usual = isHeadAlone ? Self.usualRatesOfHead : Self.usualRates
    let (rates, work) =
      isHeadAlone
      ? ("about 1e-3", "a classifier on a frozen encoder")
      : ("2e-5 to 5e-5", "fine-tuning encoders such as BERT")
    // Rates are typed as decimal fractions, whose quotient may miss 100 by a rounding error.
    if rate / usual.upperBound >= Self.farFromUsual * (1 - 1e-9) {
      warn(
        .learningRate, 1, at: "training.optimizer.learning_rate",
        "The learning rate \(plain(rate)) is \(plain((rate / usual.upperBound).rounded())) times the highest that is "
          + "usual for \(work) (\(rates)); the training may diverge.")
    } else if usual.lowerBound / rate >= Self.farFromUsual * (1 - 1e-9) {
      warn(
        .learningRate, 1, at: "training.optimizer.learning_rate",
        "The learning rate \(plain(rate)) is 1/\(plain((usual.lowerBound / rate).rounded())) of the lowest that is "
          + "usual for \(work) (\(rates)); the model may learn next to nothing.")
    }
  }

  private mutating func reviewLanguages() {
    reviewZeroShot()
    let languages = experiment.data.languages
    for group in groups(languages, by: { $0.language.lowercased() }) {
      let codes = group.map { "'\($0.language)'" }
      warn(
        .languageCase, group.count, at: group.map(\.language).joined(separator: ", "),
        "The languages \(listed(codes)) differ in upper and lower case alone; a file system that ignores case cannot "
          + "keep their files apart.")
    }
    for group in groups(languages, by: { comparableText($0.name) }) {
      let codes = group.map { "'\($0.language)'" }
      warn(
        .languageNames, group.count, at: group.map(\.language).joined(separator: ", "),
        "The languages \(listed(codes)) are all called '\(group[0].name.prefix(40))', so figures and tables cannot tell "
          + "them apart; give each a name of its own.")
    }
  }

  /// A variety of a language that is trained on is not a language without training data.
  private mutating func reviewZeroShot() {
    func base(_ code: String) -> String { code.prefix { $0 != "-" }.lowercased() }
    for target in experiment.data.targets where target.regime == .zeroShot {
      let sources = experiment.data.sources.map(\.language).filter {
        base($0) == base(target.language)
      }
      guard !sources.isEmpty else { continue }
      let names = sources.map { "'\($0)'" }
      warn(
        .zeroShot, 1, at: target.language,
        "The target '\(target.language)' is stated to be zero-shot, but \(listed(names)), a variety of the same "
          + "language by \(sources.count == 1 ? "its code" : "their codes"), "
          + "\(sources.count == 1 ? "is" : "are") trained on.")
    }
  }

  /// Languages that share a key, two or more, in their order.
  private func groups(
    _ languages: [LanguageData], by key: (LanguageData) -> String
  ) -> [[LanguageData]] {
    let keys = languages.map(key)
    var seen: Set<String> = []
    return keys.compactMap { value in
      guard seen.insert(value).inserted else { return nil }
      let group = zip(languages, keys).filter { $0.1 == value }.map(\.0)
      return group.count > 1 ? group : nil
    }
  }
}

extension Experiment {
  /// Whether texts of a language's validation data may turn up in a test split that they are compared with.
  fileprivate func hasTest(beside validation: Split) -> Bool {
    let languages = data.sources + data.targets
    return data.sources.contains { $0.language == validation.language }
      ? languages.contains { $0.test != nil }
      : languages.contains { $0.language == validation.language && $0.test != nil }
  }
}
