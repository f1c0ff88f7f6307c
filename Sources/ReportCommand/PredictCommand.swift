internal import ArgumentParser
internal import Foundation
internal import Metrics
internal import Storage
internal import Train

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Label texts with a fine-tuned model.",
    discussion: """
      Texts come as arguments, or line by line from --input FILE or standard input; an empty line is \
      a text. Longer texts are cut to the run's maximum length, or to the model's positions. Where the \
      model's logits are not finite numbers there is no answer, and the exit status is 1.
      """)

  @Argument(help: "Run directory or model directory.")
  var model: String

  @Argument(help: "Texts to label.")
  var texts: [String] = []

  @Option(help: ArgumentHelp("Texts, one per line; `-` for standard input.", valueName: "file"))
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
    let predictor = try Predictor(
      model, threads: threads.count)
    let texts = try readTexts()
    var unanswered = 0
    // Piece by piece, so that memory stays small and the first lines come soon.
    for start in stride(from: 0, to: texts.count, by: 4096) {
      let piece = Array(texts[start..<min(start + 4096, texts.count)])
      var output = ""
      for (text, prediction) in zip(piece, try predictor.predict(piece)) {
        output += json ? jsonLine(prediction) : line(prediction, text: text)
        if prediction.label == nil { unanswered += 1 }
      }
      try StandardOutput.write(output)
    }
    if unanswered > 0 {
      throw MissingAnswers(
        model: model, count: unanswered, of: texts.count, what: "text",
        consequence: json ? "Their label is null." : "Their lines say 'no answer'.")
    }
  }

  private func readTexts() throws -> [String] {
    if !texts.isEmpty { return texts }
    if let input, input != "-" {
      return try DataReader.lines(RandomAccessFile(input).contents(), file: input)
    }
    return try DataReader.lines(
      Array(FileHandle.standardInput.readDataToEndOfFile()), file: "standard input")
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
