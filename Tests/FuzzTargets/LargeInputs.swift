/// Inputs of twenty megabytes that would make a careless reader ask for gigabytes or run for minutes.
///
/// A fuzzer's inputs are small, so what grows faster than its input shows only here.
public struct LargeInput: Sendable {
  /// The target that reads it.
  public let target: String
  public let name: String
  private let start: String
  /// Written again and again, `#` being its number, until the size is reached.
  private let piece: String
  private let end: String

  init(_ target: String, _ name: String, _ start: String, _ piece: String, _ end: String = "") {
    (self.target, self.name) = (target, name)
    (self.start, self.piece, self.end) = (start, piece, end)
  }

  /// The input, of at least `size` bytes and a piece more at most.
  public func bytes(size: Int = 20_000_000) -> [UInt8] {
    var result = Array(start.utf8)
    result.reserveCapacity(size + 1000)
    let parts = piece.split(separator: "#", omittingEmptySubsequences: false).map { Array($0.utf8) }
    var number = 1
    while result.count < size {
      for (index, part) in parts.enumerated() {
        if index > 0 { result += Array(String(number).utf8) }
        result += part
      }
      number += 1
    }
    return result + Array(end.utf8)
  }

  public static let all: [LargeInput] = json + tables + runs + models

  private static let json = [
    LargeInput("json", "ones", "[1", ",1", "]"),
    LargeInput("json", "objects", "[{}", ",{}", "]"),
    LargeInput("json", "arrays", "[[]", ",[]", "]"),
    LargeInput("json", "keys", "{\"k\":0", ",\"#\":0", "}"),
    LargeInput("json", "string", "\"", "abcdefgh", "\""),
    LargeInput("json", "escapes", "\"", "\\ud83d\\ude00", "\""),
    LargeInput("json", "brackets", "[", "["),
    LargeInput("json", "digits", "", "1"),
    LargeInput("config", "keys", "{\"k\":0", ",\"#\":0", "}"),
    LargeInput("environment", "hashes", "{\"sha256\":{\"k\":\"\"", ",\"#\":\"\"", "}}"),
    LargeInput("experiment", "goals", "goals: [x", ", x", "]"),
    LargeInput("experiment", "brackets", "goals: ", "["),
    LargeInput("setting", "assignments", "training.epochs=", "1"),
    LargeInput("template", "tags", "", "{{name}}"),
    LargeInput("markdown", "words", "", "a "),
    LargeInput("markdown", "signs", "", "*_[]|"),
  ]

  private static let tables = [
    LargeInput("tsv", "rows", "text\tlabel\n", "\t0\n"),
    LargeInput("tsv", "columns", "", "\t"),
    LargeInput("tsv", "text", "label\ttext\n0\t", "abcdefgh"),
    LargeInput("tsv", "quotes", "label\ttext\n0\t\"", "\"\""),
    LargeInput("raw-tsv", "ends", "", "\n"),
    LargeInput("csv", "rows", "text,label\n", "\"a\",2\n"),
    LargeInput("jsonl", "rows", "", "{\"text\":\"\",\"label\":0}\n"),
    LargeInput("jsonl", "ends", "", "\n"),
    LargeInput("lines", "ends", "", "\n"),
    LargeInput("lines", "labels", "", "0\n"),
    LargeInput("lines", "line", "", "0"),
  ]

  private static let runs = [
    LargeInput("log", "ends", "", "\n"),
    LargeInput("log", "steps", "", step),
    LargeInput("log", "stops", "", "{\"record\":\"resumed\",\"epoch\":1,\"step\":1}\n"),
    LargeInput(
      "log", "taken-back", "{\"record\":\"interrupted\",\"epoch\":1,\"step\":1}\n",
      "{\"record\":\"resumed\",\"epoch\":1,\"step\":1,\"line\":1,\"notes\":[]}\n"),
    LargeInput("run-log", "steps", "", step),
    LargeInput("run-log", "epochs", "", epoch),
    LargeInput("run-log", "same-epoch", "", epoch.replacing("#", with: "1")),
    LargeInput("examples", "ends", "", "\n"),
    LargeInput(
      "examples", "rows", "",
      "{\"id\":#,\"tokens\":1,\"words\":1,\"unknown\":0,\"truncated\":false}\n"),
    LargeInput("history", "epochs", "{\"train_losses\":[1", ",1", "]}"),
    LargeInput("run-history", "epochs", "{\"train_losses\":[1", ",0.12345678901234567", "]}"),
    LargeInput("history", "languages", "{\"a_val_losses\":[1]", ",\"l#_val_losses\":[1]", "}"),
    LargeInput("history", "keys", "{\"train_losses\":[1]", ",\"k#\":[1]", "}"),
  ]

  private static let step =
    "{\"record\":\"step\",\"epoch\":1,\"step\":#,\"learning_rate\":1,\"loss\":1,"
    + "\"examples\":1,\"gradient_norm\":1,\"seconds\":1}\n"
  private static let epoch =
    "{\"record\":\"epoch\",\"epoch\":#,\"loss\":1,\"accuracy\":1,\"learning_rate\":1,"
    + "\"examples\":1,\"tokens\":1,\"seconds\":1,\"multiply_adds\":1}\n"

  private static let models = [
    LargeInput("vocabulary", "ends", "", "\n"),
    LargeInput("vocabulary", "entries", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n", "#\n"),
    LargeInput("vocabulary", "entry", "", "a"),
    LargeInput(
      "tokenizer", "vocabulary", "{\"model\":{\"vocab\":{\"a\":0", ",\"t#\":#", "}}}"),
    LargeInput(
      "tokenizer", "added", "{\"added_tokens\":[{\"id\":0,\"content\":\"a\"}",
      ",{\"id\":#,\"content\":\"t#\"}", "]}"),
    LargeInput(
      "special-tokens", "list", "{\"additional_special_tokens\":[\"a\"", ",\"t#\"", "]}"),
    LargeInput("added-tokens", "tokens", "{\"a\":0", ",\"t#\":#", "}"),
    LargeInput("shards", "map", "{\"weight_map\":{\"a\":\"b\"", ",\"t#\":\"b\"", "}}"),
    LargeInput("text", "words", "", "gut "),
    LargeInput("text", "word", "", "a"),
  ]
}
