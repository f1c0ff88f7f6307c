internal import Results
internal import RunLog

/// A goal of the experiment, and which of the run's facts bear on it.
///
/// A goal is a sentence in somebody's own words. Which facts are put beside it is decided by words that
/// occur in it; where none does, nothing is.
struct GoalTags: TagSource {
  /// What a goal asks about.
  enum Topic: CaseIterable {
    case learningRate, epochs, data, freezing, transfer, layers

    /// English words, in lower case, that a goal on the topic holds.
    private var words: [String] {
      switch self {
      case .learningRate: ["learning rate", "learning-rate"]
      case .epochs: ["epoch", "longer training", "training longer", "train longer"]
      case .data: ["percentage", "share of the data", "less data", "fewer examples", "more data"]
      case .freezing: ["freez", "frozen"]
      case .transfer: ["transfer", "zero-shot", "cross-lingual", "target language", "languages"]
      case .layers: ["layer", "depth", "reduced", "smaller model", "capacity"]
      }
    }

    /// The first topic whose words occur.
    init?(_ goal: String) {
      let goal = goal.lowercased()
      guard
        let topic = Self.allCases.first(where: { $0.words.contains { goal.contains($0) } })
      else { return nil }
      self = topic
    }
  }
  let number: PrintedNumber
  let text: String
  let topic: Topic?

  static func numbered(_ goals: [String], _ origins: Origins) -> [GoalTags] {
    goals.enumerated().map {
      GoalTags(
        number: origins.configuration("goals[\($0.offset)]").plain($0.offset + 1),
        text: markdown($0.element), topic: Topic($0.element))
    }
  }

  var isOnLearningRate: Bool { topic == .learningRate }
  var isOnEpochs: Bool { topic == .epochs }
  var isOnData: Bool { topic == .data }
  var isOnFreezing: Bool { topic == .freezing }
  var isOnTransfer: Bool { topic == .transfer }
  var isOnLayers: Bool { topic == .layers }
  var isOnOther: Bool { topic == nil }

  static let tags: [TagDefinition<GoalTags>] = [
    .number("number", \.number, "the goal's number, from 1"),
    .text("text", \.text, "the goal"),
    .condition("is_on_learning_rate", \.isOnLearningRate, "whether it names the learning rate"),
    .condition("is_on_epochs", \.isOnEpochs, "whether it names epochs or longer training"),
    .condition("is_on_data", \.isOnData, "whether it names the amount of data"),
    .condition("is_on_freezing", \.isOnFreezing, "whether it names freezing"),
    .condition("is_on_transfer", \.isOnTransfer, "whether it names transfer or languages"),
    .condition("is_on_layers", \.isOnLayers, "whether it names layers or the model's size"),
    .condition("is_on_other", \.isOnOther, "whether it names none of these"),
  ]
}
