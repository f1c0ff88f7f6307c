/// A model gave logits that are not finite numbers, so some of what it was asked has no answer.
struct MissingAnswers: Error, CustomStringConvertible {
  /// Where the model lies.
  let model: String
  let count: Int
  /// How many were asked for.
  let of: Int
  /// What they are, such as "text".
  let what: String
  /// What that means for what was printed or written.
  let consequence: String

  var description: String {
    let have = count == 1 ? "has" : "have"
    return
      "\(model): \(count) of \(of) \(what)\(of == 1 ? "" : "s") \(have) no answer, since the model's "
      + "logits are not finite numbers. \(consequence) The weights have most likely diverged in training; "
      + "the run's log.jsonl names the first loss or gradient that was not finite."
  }
}
