internal import ArgumentParser
internal import RunLog
internal import Train

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a further language, and add it to the run directory.")

  @Argument(help: "Run directory of a finished run.", completion: .directory)
  var runDir: String

  @Option(help: ArgumentHelp("The language's code, such as fr.", valueName: "code"))
  var language: String

  @Option(
    help: ArgumentHelp(
      "Labelled texts: .csv, .tsv or .jsonl; or, with --labels, texts, one per line.",
      valueName: "file"), completion: .file())
  var data: String

  @Option(
    help: ArgumentHelp("Labels, one per line, for --data without labels.", valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(help: ArgumentHelp("Name of the text column or key.", valueName: "name"))
  var textColumn = "text"

  @Option(help: ArgumentHelp("Name of the label column or key.", valueName: "name"))
  var labelColumn = "label"

  @Flag(help: "Quotation marks in tables are ordinary characters, not RFC 4180's.")
  var rawQuotes = false

  @Option(
    help: ArgumentHelp(
      "What separates the columns of a table, if its header does not tell: comma, tab, semicolon or pipe.",
      valueName: "name"), completion: .list(["comma", "tab", "semicolon", "pipe"]))
  var delimiter: String?

  @Option(
    help: ArgumentHelp(
      "Whether labels are `names` or `indices`, where they could be either; as in the run if left out.",
      valueName: "form"), completion: .list(["names", "indices"]))
  var labelsAre: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The class of a label that the file calls otherwise; once per label. As in the run if left out.",
      valueName: "label=class"))
  var labelMap: [String] = []

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Replace an earlier result of the same language.")
  var force = false

  func validate() throws {
    guard isLanguageCode(language) else {
      throw ValidationError("--language must be a code such as fr, not '\(language)'.")
    }
    if let labelsAre, LabelReading.Form(rawValue: labelsAre) == nil {
      throw ValidationError("--labels-are must be names or indices, not '\(labelsAre)'.")
    }
    if labelsAre != nil, !labelMap.isEmpty {
      throw ValidationError("Give --labels-are or --label-map, not both.")
    }
    if let delimiter, DataFile.Delimiter(named: delimiter) == nil {
      throw ValidationError(
        "--delimiter must be \(DataFile.Delimiter.choices), not '\(delimiter)'.")
    }
    if labels == nil, ![".csv", ".tsv", ".jsonl"].contains(where: data.lowercased().hasSuffix) {
      throw ValidationError("--data must end in .csv, .tsv or .jsonl, or come with --labels.")
    }
  }

  func run() throws {
    let file = DataFile(
      location: labels.map { .lines(text: data, labels: $0) } ?? .table(data),
      textColumn: textColumn, labelColumn: labelColumn, quoting: rawQuotes ? .none : .rfc4180,
      delimiter: delimiter.flatMap(DataFile.Delimiter.init(named:)),
      labelForm: labelsAre.flatMap(LabelReading.Form.init(rawValue:)))
    let evaluation = try LateEvaluation.run(
      runDir, language: language, file: file, assignments: labelMap,
      threads: threads.count, on: threads.computing(TerminalProgress()), replaces: force,
      locate: BuiltinExample.locate)
    try StandardOutput.line(
      "\(languageName(language)): accuracy \(decimals(evaluation.accuracy * 100, 1)) % on "
        + "\(evaluation.predictions.count) examples, loss \(decimals(evaluation.loss, 4)). "
        + "The next `report \(runDir)` includes it.")
    if evaluation.unanswered > 0 {
      throw MissingAnswers(
        model: runDir, count: evaluation.unanswered, of: evaluation.predictions.count,
        what: "example",
        consequence: "They count as wrong in the accuracy above, and the report names them.")
    }
  }
}

extension EvaluateCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(runDir, [.run])]
  }
}
