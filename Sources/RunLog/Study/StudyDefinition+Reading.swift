internal import Metrics
internal import Storage
internal import Yams

extension StudyDefinition {
  /// The most runs that one study may plan; more is taken for a slip in the seeds.
  private static let mostRuns = 10_000

  /// Reads a study's file.
  ///
  /// - Parameters:
  ///   - path: a YAML file; a relative `base` in it is relative to its folder.
  ///   - folder: what a relative `base` is relative to, if not the file's own folder; may be a
  ///     `builtin:` prefix.
  /// - Returns: the study, with an absolute or built-in base.
  /// - Throws: `StorageError` if it cannot be read; `RunLogError` with file and line for anything
  ///   unknown, misspelt, ill-typed, missing or out of range.
  public static func read(_ path: String, relativeTo folder: String? = nil) throws
    -> StudyDefinition
  {
    let bytes = try RandomAccessFile(path).contents()
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RunLogError(file: path, "is not valid UTF-8; save it as UTF-8.")
    }
    return try parse(text, file: path, relativeTo: folder ?? absoluteFolder(of: path))
  }

  /// Parses a study from YAML; see `read`.
  public static func parse(
    _ text: String, file: String, relativeTo folder: String
  ) throws -> StudyDefinition {
    let yaml = StrictYAML(
      node: try StrictYAML.compose(text, file: file, kind: "a study"), file: file)
    let members = try yaml.members([
      "name", "base", "settings", "seeds", "configurations", "questions",
    ])
    guard let name = members["name"] else { throw yaml.failure("the key 'name' is missing") }
    guard let base = members["base"] else {
      throw yaml.failure("the key 'base' is missing: the experiment that the configurations change")
    }
    let configurations = try configurations(members["configurations"], of: yaml)
    var questions: [Question] = []
    for question in try members["questions"]?.elements() ?? [] {
      questions.append(try self.question(question, among: configurations.map(\.name)))
    }
    let seeds = try seeds(members["seeds"])
    guard seeds.count * configurations.count <= mostRuns else {
      throw yaml.failure(
        "\(configurations.count) configurations with \(seeds.count) seeds are more than \(mostRuns) runs"
      )
    }
    return StudyDefinition(
      file: file, text: text, name: try name.folderName(),
      base: resolvePath(try base.string(), folder),
      settings: try members["settings"].map(assignments) ?? [], seeds: seeds,
      configurations: configurations, questions: questions)
  }

  private static func seeds(_ yaml: StrictYAML?) throws(RunLogError) -> [Int] {
    guard let yaml else { return [42] }
    var seeds: [Int] = []
    for element in try yaml.elements() {
      let seed = try element.integer(ExperimentRanges.seed)
      guard !seeds.contains(seed) else { throw element.failure("the seed \(seed) occurs twice") }
      seeds.append(seed)
    }
    guard !seeds.isEmpty else { throw yaml.failure("at least one seed is needed") }
    return seeds
  }

  private static func configurations(
    _ section: StrictYAML?, of root: StrictYAML
  ) throws(RunLogError) -> [Configuration] {
    guard let section else {
      throw root.failure("the key 'configurations' is missing: names and what each changes")
    }
    var result: [Configuration] = []
    for (name, value) in try section.entries() {
      // The name becomes part of a folder's name.
      guard isConfigurationName(name) else {
        throw value.failure(
          "a configuration's name must consist of letters, digits, '-', '_' and '.', and begin with "
            + "a letter or digit")
      }
      result.append(
        Configuration(name: name, settings: try assignments(value), line: value.node.mark?.line))
    }
    guard !result.isEmpty else { throw section.failure("at least one configuration is needed") }
    return result
  }

  /// Changes to the base experiment as `key=value`.
  private static func assignments(_ yaml: StrictYAML) throws(RunLogError) -> [String] {
    guard !yaml.isNull else { return [] }
    let settings = try yaml.flattened()
    for (key, _) in settings where ["name", "training.seed"].contains(key) {
      throw yaml.failure("'\(key)' is set by the study itself; leave it out")
    }
    return settings.map { "\($0.key)=\($0.value)" }
  }

  private static func isConfigurationName(_ name: String) -> Bool {
    guard name.utf8.count <= 64, let first = name.utf8.first, isWordCharacter(first) else {
      return false
    }
    return name.utf8.allSatisfy { isWordCharacter($0) || [0x2D, 0x5F, 0x2E].contains($0) }
  }

  private static func isWordCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  // MARK: Questions

  private static func question(
    _ yaml: StrictYAML, among names: [String]
  ) throws(RunLogError) -> Question {
    let members = try yaml.members(["goal", "claim"])
    guard let goal = members["goal"] else { throw yaml.failure("'goal' is missing: a sentence") }
    guard let claim = members["claim"] else {
      throw yaml.failure(
        "'claim' is missing, such as {equivalent: [a, b], metric: accuracy, split: de.test}")
    }
    return Question(
      goal: try goal.string(), claim: try self.claim(claim, among: names),
      line: yaml.node.mark?.line)
  }

  private static func claim(
    _ yaml: StrictYAML, among names: [String]
  ) throws(RunLogError) -> Claim {
    let relations = Claim.Relation.allCases
    let members = try yaml.members(relations.map(\.rawValue) + ["metric", "split", "margin"])
    let stated = relations.filter { members[$0.rawValue] != nil }
    guard stated.count == 1, let relation = stated.first, let sides = members[relation.rawValue]
    else {
      throw yaml.failure(
        "exactly one of \(relations.map(\.rawValue).joined(separator: ", ")) must be there, found "
          + (stated.isEmpty ? "none" : "\(stated.count)"))
    }
    let elements = try sides.elements()
    guard elements.count == 2 else {
      throw sides.failure("expected two sides, found \(elements.count)")
    }
    let first = try side(elements[0], among: names)
    let second = try side(elements[1], among: names)
    guard first.names.count == second.names.count else {
      throw sides.failure(
        "both sides must be configurations, or both pairs of configurations for a difference of differences"
      )
    }
    guard first != second else { throw sides.failure("the two sides are the same") }

    let metric: Claim.Quantity = try members["metric"]?.choice() ?? .metric(.accuracy)
    let split = try self.split(members["split"], metric: metric, of: yaml)
    return Claim(
      relation: relation, first: first, second: second, metric: metric, split: split,
      margin: try margin(members["margin"], relation: relation, metric: metric, of: yaml))
  }

  private static func side(
    _ yaml: StrictYAML, among names: [String]
  ) throws(RunLogError) -> Claim.Side {
    guard yaml.node.sequence != nil else {
      return .configuration(try configuration(yaml, among: names))
    }
    let elements = try yaml.elements()
    guard elements.count == 2 else {
      throw yaml.failure("a difference is between two configurations, found \(elements.count)")
    }
    let first = try configuration(elements[0], among: names)
    let second = try configuration(elements[1], among: names)
    guard first != second else { throw yaml.failure("the difference of '\(first)' to itself is 0") }
    return .difference(first, second)
  }

  private static func configuration(
    _ yaml: StrictYAML, among names: [String]
  ) throws(RunLogError) -> String {
    let name = try yaml.string()
    guard names.contains(name) else {
      let advice =
        nearest(to: name, among: names).map { "did you mean '\($0)'?" }
        ?? "there are \(names.joined(separator: ", "))."
      throw yaml.failure("there is no configuration '\(name)'; \(advice)")
    }
    return name
  }

  private static func split(
    _ yaml: StrictYAML?, metric: Claim.Quantity, of claim: StrictYAML
  ) throws(RunLogError) -> Split? {
    guard metric.needsSplit else {
      if let yaml { throw yaml.failure("\(metric.rawValue) is measured on no split; leave it out") }
      return nil
    }
    guard let yaml else {
      throw claim.failure("'split' is missing: what to measure on, such as de.test")
    }
    let text = try yaml.string()
    guard let split = Split(text), split.part != .train else {
      throw yaml.failure(
        "expected a language's code with .validation or .test, such as de.test, found '\(text)'")
    }
    return split
  }

  private static func margin(
    _ yaml: StrictYAML?, relation: Claim.Relation, metric: Claim.Quantity, of claim: StrictYAML
  ) throws(RunLogError) -> Double {
    if let yaml {
      return relation.needsMargin
        ? try yaml.number("above 0") { $0 > 0 } : try yaml.number("at least 0") { $0 >= 0 }
    }
    guard relation.needsMargin else { return 0 }
    guard let margin = metric.usualMargin else {
      throw claim.failure(
        "'margin' is missing: the largest difference in \(metric.rawValue) that counts as none")
    }
    return margin
  }
}
