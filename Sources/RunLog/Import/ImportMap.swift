public import Storage

internal import Metrics
internal import Yams

/// What a user says about a log whose names do not tell it: the file behind `--map`.
public struct ImportMap: Equatable, Sendable {
  /// What a series holds.
  enum Assignment: Equatable {
    case value(Part, SeriesMeaning.DataSet, Metric, isPercent: Bool?)
    case learningRate
    case ignored
  }

  /// Which of several trainings in one log counts.
  enum TrainingChoice: Equatable {
    case number(Int)
    /// They are one, however they count.
    case all
  }
  /// How the labels of predictions are to be read.
  enum LabelForm: String { case names, indices }

  /// What errors call the file.
  let file: String
  /// The source language: a code or a set's name.
  var source: String?
  /// What to call languages, by code.
  var names: [String: String] = [:]
  /// Class names in the order of their indices.
  var labels: [String]?
  /// Whether what the log calls steps are epochs.
  var stepsAreEpochs = false
  /// The column or key that says at which epoch a row stands.
  var epochColumn: String?
  /// The column or key that says at which step a row stands.
  var stepColumn: String?
  /// How many training steps an epoch has, where training and validation count on their own.
  var stepsPerEpoch: Double?
  var training: TrainingChoice?
  var labelForm: LabelForm?
  /// The place whose model counts, in epochs or steps as the axis has them.
  var selected: Double?
  /// By key, column or tag; in the file's order.
  var series: [(name: String, assignment: Assignment)] = []

  /// The names that it gives a meaning.
  var seriesNames: Set<String> { Set(series.map(\.name)) }

  /// An entry for a series as a message suggests it, such as 'series: {mcc: validation accuracy}'.
  static func entry(_ key: String, _ value: String) -> String {
    let isPlain = key.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || $0.properties.numericType != nil
          || "_/.-".unicodeScalars.contains($0))
    }
    return "'series: {\(isPlain ? key : "\"\(key)\""): \(value)}'"
  }

  public static func == (a: ImportMap, b: ImportMap) -> Bool {
    a.file == b.file && a.source == b.source && a.names == b.names && a.labels == b.labels
      && a.stepsAreEpochs == b.stepsAreEpochs && a.selected == b.selected
      && a.epochColumn == b.epochColumn && a.stepColumn == b.stepColumn
      && a.stepsPerEpoch == b.stepsPerEpoch && a.training == b.training
      && a.labelForm == b.labelForm
      && a.series.elementsEqual(b.series) { $0.name == $1.name && $0.assignment == $1.assignment }
  }

  /// Reads a map, YAML or JSON.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - files: takes note of what was read.
  /// - Returns: the map.
  /// - Throws: `StorageError` if the file cannot be read; `RunLogError` with the line of anything
  ///   unknown or ill-typed.
  public static func read(
    _ path: String, from files: ReadFiles = ReadFiles()
  ) throws -> ImportMap {
    try parse(files.contents(path), file: path)
  }

  /// Parses a map; see `read`.
  public static func parse(_ bytes: [UInt8], file: String) throws -> ImportMap {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RunLogError(file: file, "is not valid UTF-8; save it as UTF-8.")
    }
    guard let root = try StrictYAML.compose(text, file: file) else {
      throw RunLogError(file: file, "is empty; expected a map such as docs/other-logs.md shows.")
    }
    let yaml = StrictYAML(node: root, file: file)
    let members = try yaml.members([
      "series", "source", "names", "labels", "label_form", "steps", "selected", "epoch", "step",
      "steps_per_epoch", "training",
    ])
    var map = ImportMap(file: file)
    map.source = try members["source"]?.string()
    map.labels = try members["labels"]?.strings()
    if let labels = map.labels, let yaml = members["labels"] {
      guard labels.count >= 2, Set(labels).count == labels.count else {
        throw yaml.failure("expected at least two labels that differ")
      }
    }
    map.selected = try members["selected"]?.number("0 or above") { $0 >= 0 }
    map.epochColumn = try members["epoch"]?.string()
    map.stepColumn = try members["step"]?.string()
    map.stepsPerEpoch = try members["steps_per_epoch"]?.number("above 0") { $0 > 0 }
    if let training = members["training"] {
      if let number = training.node.scalar.flatMap({ Int($0.string) }), number > 0 {
        map.training = .number(number)
      } else if try training.string() == "all" {
        map.training = .all
      } else {
        throw training.failure("expected the number of a training, from 1, or all")
      }
    }
    if let form = members["label_form"] {
      guard let found = LabelForm(rawValue: try form.string()) else {
        throw form.failure("expected names or indices")
      }
      map.labelForm = found
    }
    if let steps = members["steps"] {
      switch try steps.string() {
      case "epochs": map.stepsAreEpochs = true
      case "steps": break
      case let found: throw steps.failure("expected epochs or steps, found '\(found)'")
      }
    }
    for (code, name) in try pairs(members["names"]) {
      guard isLanguageCode(code) else {
        throw name.failure("'\(code)' is not a language code; use letters, digits and hyphens")
      }
      map.names[code] = try name.string()
    }
    for (name, value) in try pairs(members["series"]) {
      map.series.append((name, try assignment(value)))
    }
    return map
  }

  private static func pairs(
    _ yaml: StrictYAML?
  ) throws(RunLogError) -> [(key: String, value: StrictYAML)] {
    guard let yaml else { return [] }
    guard let mapping = yaml.node.mapping else { throw yaml.failure("expected a mapping") }
    var result: [(String, StrictYAML)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { throw yaml.failure("a key must be a word") }
      result.append(
        (name, StrictYAML(node: value, file: yaml.file, path: "\(yaml.path).\(name)")))
    }
    return result
  }

  /// Such as `de.validation accuracy`, `train loss`, `learning_rate`, `ignore`.
  private static func assignment(_ yaml: StrictYAML) throws(RunLogError) -> Assignment {
    let text = try yaml.string()
    if text == "learning_rate" { return .learningRate }
    if text == "ignore" { return .ignored }
    let words = text.split(separator: " ").map(String.init)
    let scales = ["percent": true, "share": false]
    guard words.count == 2 || words.count == 3 && scales[words[2]] != nil,
      let metric = Metric.all.first(where: { $0.key == words[1] }), let split = split(words[0])
    else {
      throw yaml.failure(
        "expected a split and \(Self.metrics), such as 'de.validation accuracy' or "
          + "'train loss', optionally with percent or share after it, or learning_rate, or ignore; found "
          + "'\(text)'")
    }
    return .value(
      split.part, split.set, metric, isPercent: words.count == 3 ? scales[words[2]] : nil)
  }

  /// Such as "loss, accuracy or macro_f1".
  private static var metrics: String {
    let keys = Metric.all.map(\.key)
    return keys.dropLast().joined(separator: ", ") + " or \(keys[keys.count - 1])"
  }

  private static func split(_ name: String) -> (set: SeriesMeaning.DataSet, part: Part)? {
    if let part = Part(rawValue: name) { return (.unnamed, part) }
    guard let split = Split(name) else { return nil }
    switch split.language {
    case "source": return (.source, split.part)
    case "target": return (.firstTarget, split.part)
    case let code: return (.named(code), split.part)
    }
  }
}
