internal import ArgumentParser
internal import Glibc
internal import Hub
internal import Model
internal import RunLog
internal import Storage
internal import Train

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Show the ids and tokens of each line of standard input.",
    discussion:
      "Lines end at LF only; each gives {\"ids\": [...], \"tokens\": [...]}, as soon as it is there."
  )

  @Argument(
    help: "Run directory, model directory, or the name of a model in the Hugging Face cache.",
    completion: .directory)
  var model: String

  @Option(help: ArgumentHelp("Cut to this many tokens, special ones included.", valueName: "n"))
  var maxLength: Int?

  @Option(
    help: ArgumentHelp(
      "Tokenize as transformers' AutoTokenizer does, or as tokenizer.json states it "
        + "(auto_tokenizer or tokenizer_json).", valueName: "pipeline"))
  private var tokenizer = Pipeline.autoTokenizer

  func validate() throws {
    if let maxLength, maxLength < 2 {
      throw ValidationError("--max-length must be at least 2, for the tokens at both ends.")
    }
  }

  func run() throws {
    let tokenizer = try loadTokenizer(
      directory: RunDirectory.modelFolder(at: InputPlaces.locate(model, for: .tokenizing)),
      reading: tokenizer.reading)
    let lines = LineStream(descriptor: STDIN_FILENO, name: "standard input")
    var number = 0
    while case let piece = try lines.next(atMost: 4096), !piece.isEmpty {
      var output = ""
      // Lines before one that is damaged are answered.
      defer { number += piece.count }
      var problem: RunLogError?
      for (index, line) in piece.enumerated() {
        let text: String
        do throws(RunLogError) {
          text = try TableReader.text(line, file: lines.name, line: number + index + 1)
        } catch {
          problem = error
          break
        }
        let ids = tokenizer.encode(text, maxLength: maxLength).ids
        let object: JSONObject = [
          "ids": .array(ids.map { .integer(Int($0)) }),
          "tokens": .array(ids.map { .string(tokenizer.token($0)) }),
        ]
        output += JSON.object(object).text + "\n"
      }
      try StandardOutput.write(output)
      if let problem { throw problem }
    }
  }
}

extension TokenizeCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    model.hasPrefix(Experiment.builtinPrefix) ? [] : [(model, [.run, .model])]
  }
}

/// The values of `TokenizerReading` as the command line has them.
private enum Pipeline: String, ExpressibleByArgument, CaseIterable {
  case autoTokenizer = "auto_tokenizer"
  case tokenizerJSON = "tokenizer_json"

  var reading: TokenizerReading {
    switch self {
    case .autoTokenizer: .autoTokenizer
    case .tokenizerJSON: .tokenizerJSON
    }
  }
}
