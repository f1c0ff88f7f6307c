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
  let place: Int
  let text: String
  let topic: Topic?
  let origins: Origins

  static func numbered(_ goals: [String], _ origins: Origins) -> [GoalTags] {
    goals.enumerated().map {
      GoalTags(place: $0.offset, text: $0.element, topic: Topic($0.element), origins: origins)
    }
  }

  static let tags: [TagDefinition<GoalTags>] = [
    .number("number", "the goal's number, from 1") {
      $0.origins.configuration("goals[\($0.place)]").plain($0.place + 1)
    },
    .text("text", "the goal") { markdown($0.text) },
    .condition("is_on_learning_rate", "whether it names the learning rate") {
      $0.topic == .learningRate
    },
    .condition("is_on_epochs", "whether it names epochs or longer training") {
      $0.topic == .epochs
    },
    .condition("is_on_data", "whether it names the amount of data") { $0.topic == .data },
    .condition("is_on_freezing", "whether it names freezing") { $0.topic == .freezing },
    .condition("is_on_transfer", "whether it names transfer or languages") {
      $0.topic == .transfer
    },
    .condition("is_on_layers", "whether it names layers or the model's size") {
      $0.topic == .layers
    },
    .condition("is_on_other", "whether it names none of these") { $0.topic == nil },
  ]
}
