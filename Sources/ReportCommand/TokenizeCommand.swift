internal import ArgumentParser
internal import Foundation
internal import Model
internal import Storage
internal import Train

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Show the ids and tokens of each line of standard input.",
    discussion: "Lines end at LF only; each gives {\"ids\": [...], \"tokens\": [...]}.")

  @Argument(help: "Model directory.")
  var model: String

  @Option(help: ArgumentHelp("Cut to this many tokens, [CLS] and [SEP] included.", valueName: "n"))
  var maxLength: Int?

  func validate() throws {
    if let maxLength, maxLength < 2 {
      throw ValidationError("--max-length must be at least 2, for [CLS] and [SEP].")
    }
  }

  func run() throws {
    let tokenizer = try Tokenizer(directory: BuiltinExample.locate(model))
    var bytes = Array(FileHandle.standardInput.readDataToEndOfFile())[...]
    if bytes.last == 0x0A { bytes.removeLast() } else if bytes.isEmpty { return }
    var number = 0
    var output = ""
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      guard let text = String(validating: line, as: UTF8.self) else {
        throw ValidationError("Line \(number) of standard input is not valid UTF-8.")
      }
      let ids = tokenizer.encode(text, maxLength: maxLength).ids
      let object: JSONObject = [
        "ids": .array(ids.map { .integer(Int($0)) }),
        "tokens": .array(ids.map { .string(tokenizer.token($0)) }),
      ]
      output += JSON.object(object).text + "\n"
      if output.utf8.count > 1 << 20 {
        try StandardOutput.write(output)
        output = ""
      }
    }
    try StandardOutput.write(output)
  }
}
