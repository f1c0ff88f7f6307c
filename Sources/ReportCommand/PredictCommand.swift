internal import ArgumentParser
internal import Glibc
internal import Hub
internal import Metrics
internal import Storage
internal import Train

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Label texts with a fine-tuned model.",
    discussion: """
      Texts come as arguments, or line by line from --input FILE or standard input; an empty line is \
      a text. From a pipe or a terminal each line is answered as soon as it arrives. Longer texts are cut to the \
      run's maximum length, or to the model's positions. Where the model's logits are not finite numbers \
      there is no answer, and the exit status is 1.
      """)

  @Argument(
    help: "Run directory, model directory, or the name of a model in the Hugging Face cache.",
    completion: .directory)
  var model: String

  @Argument(help: "Texts to label.")
  var texts: [String] = []

  @Option(
    help: ArgumentHelp("Texts, one per line; `-` for standard input.", valueName: "file"),
    completion: .file())
  var input: String?

  @Flag(help: "Print one JSON object per text: label, probabilities, logits.")
  var json = false

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if input != nil, !texts.isEmpty {
      throw ValidationError("Give texts as arguments or --input, not both.")
    }
  }

  func run() throws {
    var predictor = try Predictor(
      InputPlaces.locate(model, for: .training), threads: threads.count,
      on: threads.computing(TerminalProgress()))
    var (answered, unanswered) = (0, 0)
    func answer(_ texts: [String]) throws {
      var output = ""
      for (text, prediction) in zip(texts, try predictor.predict(texts)) {
        output += json ? jsonLine(prediction) : line(prediction, text: text)
        if prediction.label == nil { unanswered += 1 }
      }
      answered += texts.count
      try StandardOutput.write(output)
    }
    // Piece by piece, so that memory stays small and the first lines come soon.
    if texts.isEmpty {
      let lines = try lineStream()
      while case let piece = try lines.next(atMost: Self.most), !piece.isEmpty {
        let (texts, problem) = DataReader.texts(
          ofLines: piece, file: lines.name, firstLine: answered + 1)
        try answer(texts)
        if let problem { throw problem }
      }
    } else {
      for start in stride(from: 0, to: texts.count, by: Self.most) {
        try answer(Array(texts[start..<min(start + Self.most, texts.count)]))
      }
    }
    if unanswered > 0 {
      throw MissingAnswers(
        model: model, count: unanswered, of: answered, what: "text",
        consequence: json ? "Their label is null." : "Their lines say 'no answer'.")
    }
  }

  /// So many texts at most are computed at once.
  private static let most = 4096

  private func lineStream() throws -> LineStream {
    if let input, input != "-" { return try LineStream(input) }
    return LineStream(descriptor: STDIN_FILENO, name: "standard input")
  }

  private func line(_ prediction: Predictor.Prediction, text: String) -> String {
    guard let label = prediction.label, let probability = prediction.probabilities.max() else {
      return "no answer\t–\t\(text)\n"
    }
    return "\(label)\t\(decimals(probability, 4))\t\(text)\n"
  }

  private func jsonLine(_ prediction: Predictor.Prediction) -> String {
    let object: JSONObject = [
      "label": prediction.label.map { .string($0) } ?? .null,
      "probabilities": .array(prediction.probabilities.map { .strict($0) }),
      "logits": .array(prediction.logits.map { .strict(Double($0)) }),
    ]
    return JSON.object(object).text + "\n"
  }
}

extension PredictCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(model, [.run, .model])]
  }
}
