/// An experiment on Tests/Fixtures/train that takes a second: 3 of 4 layers, of which the first and the embeddings are
/// frozen if nothing else is said, English texts and German ones.
public struct FixtureExperiment: Sendable {
  public var name = "fixture"
  public var frozenLayers = 1
  /// The checkpoint's architecture, one of `families`.
  public var family = "bert"
  /// Whether there is a target language.
  public var hasTarget = true
  /// Whether the target is scored on a test split, too.
  public var hasTest = true
  /// Further lines between data and training, such as `select: last`.
  public var further: [String] = []
  /// The members of `training`.
  public var training: [String]

  /// The architectures of which there are checkpoints.
  public static let families = ["bert", "xlm-roberta", "distilbert"]

  /// Where what is of one architecture lies in Fixtures.
  public static func folder(of family: String) -> String {
    family == "bert" ? "train" : "train/\(family)"
  }

  /// - Parameter training: its members, such as `epochs: 3`.
  public init(_ training: String...) { self.training = training }

  /// The text of the experiment's file; lines stay where they are as long as there are no further ones.
  public var yaml: String {
    let data = Fixture.path("train/data")
    let test = hasTest ? ", test: \(data)/target.tsv" : ""
    let target = ["  targets:", "    - {language: de, validation: \(data)/target.tsv\(test)}"]
    let lines =
      [
        "name: \(name)",
        "model: {checkpoint: \(Fixture.path("\(Self.folder(of: family))/model")), encoder_layers: 3, "
          + "frozen_layers: \(frozenLayers)}",
        "data:",
        "  source: {language: en, train: \(data)/train.tsv, validation: \(data)/validation.tsv}",
      ] + (hasTarget ? target : []) + ["  max_length: 24"] + further
      + (training.isEmpty ? [] : ["training: {\(training.joined(separator: ", "))}"])
    return lines.joined(separator: "\n")
  }
}
