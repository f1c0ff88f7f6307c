internal import Storage

/// Which of a run's weights something was computed with.
public enum Weights: Hashable, Sendable {
  /// Those after an epoch, from 1.
  case epoch(Int)
  /// The average of those after each of several epochs, the last one included.
  case average(ClosedRange<Int>)

  /// The epoch, if they are those of one.
  public var epoch: Int? {
    if case .epoch(let epoch) = self { epoch } else { nil }
  }

  /// The epochs that are averaged, if they are an average.
  public var averagedEpochs: ClosedRange<Int>? {
    if case .average(let epochs) = self { epochs } else { nil }
  }

  /// The name of the folder of what was predicted with them: `epoch-03` or `average`.
  var folder: String {
    switch self {
    case .epoch(let epoch): RunDirectory.name(epoch)
    // A run has one average at most.
    case .average: "average"
    }
  }
}

/// The weights after the last epochs, averaged.
public struct AverageRecord: Equatable, Sendable {
  /// Those averaged.
  public var epochs: ClosedRange<Int>
  /// Of averaging and evaluating.
  public var seconds: Double

  public init(epochs: ClosedRange<Int>, seconds: Double) {
    (self.epochs, self.seconds) = (epochs, seconds)
  }
}

/// One pass over a split with averaged weights.
public struct AverageEvaluationRecord: Equatable, Sendable {
  /// Those averaged.
  public var epochs: ClosedRange<Int>
  public var split: Split
  public var examples: Int
  /// The mean cross-entropy in nats.
  public var loss: Double
  public var accuracy: Double
  public var seconds: Double

  public init(
    epochs: ClosedRange<Int>, split: Split, examples: Int, loss: Double, accuracy: Double,
    seconds: Double
  ) {
    (self.epochs, self.split, self.examples) = (epochs, split, examples)
    (self.loss, self.accuracy, self.seconds) = (loss, accuracy, seconds)
  }
}

// MARK: JSON

extension AverageRecord {
  var json: JSON {
    var object: JSONObject = ["record": .string("average")]
    object.append(epochs)
    object["seconds"] = .strict(seconds)
    return .object(object)
  }

  init(_ fields: Fields) throws(RunLogError) {
    self.init(epochs: try fields.epochs(), seconds: try fields.double("seconds"))
  }
}

extension AverageEvaluationRecord {
  var json: JSON {
    var object: JSONObject = ["record": .string("average_evaluation")]
    object.append(epochs)
    object["split"] = .string(split.description)
    object["examples"] = .integer(examples)
    object["loss"] = .strict(loss)
    object["accuracy"] = .strict(accuracy)
    object["seconds"] = .strict(seconds)
    return .object(object)
  }

  init(_ fields: Fields) throws(RunLogError) {
    self.init(
      epochs: try fields.epochs(), split: try fields.split("split"),
      examples: try fields.integer("examples"), loss: try fields.double("loss"),
      accuracy: try fields.double("accuracy"), seconds: try fields.double("seconds"))
  }
}

extension JSONObject {
  /// Says which epochs are averaged.
  mutating func append(_ epochs: ClosedRange<Int>) {
    self["first_epoch"] = .integer(epochs.lowerBound)
    self["last_epoch"] = .integer(epochs.upperBound)
  }
}

extension Fields {
  /// Which epochs are averaged.
  func epochs() throws(RunLogError) -> ClosedRange<Int> {
    let (first, last) = (try integer("first_epoch"), try integer("last_epoch"))
    guard 1 <= first, first <= last, last <= ExperimentRanges.mostEpochs else {
      throw RunLogError(
        file: file, line: line,
        "'first_epoch' and 'last_epoch' must be epochs from 1 to \(ExperimentRanges.mostEpochs), the first "
          + "not after the last; found \(first) and \(last)")
    }
    return first...last
  }
}
