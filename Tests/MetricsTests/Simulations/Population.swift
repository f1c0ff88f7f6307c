import Metrics
import TestSupport

/// A kind of examples, and a network that labels them, of which any number can be drawn.
///
/// A logit is logistic noise, raised by a skill for the true class. Nothing but additions,
/// multiplications and divisions is used, so every machine draws the same.
struct Population {
  let name: String
  /// Shares of the classes.
  let shares: [Double]
  /// How far the logit of the true class is raised.
  let skills: [Double]

  /// Some examples of a population.
  struct Sample {
    var labels: [Int] = []
    /// A row an example.
    var logits: [[Double]] = []

    var confusion: ConfusionMatrix {
      ConfusionMatrix(
        labels: labels, predictions: logits.map { predictedClass($0.map { Float($0) }) },
        classes: logits.first?.count ?? 1)
    }

    var probabilities: [[Double]] { logits.map { softmax($0) } }

    var roc: MulticlassROC {
      MulticlassROC(probabilities: probabilities, labels: labels, classes: logits.first?.count ?? 1)
    }
  }

  /// Draws examples.
  func sample(_ count: Int, _ random: inout SplitMix64) -> Sample {
    var sample = Sample()
    sample.labels.reserveCapacity(count)
    sample.logits.reserveCapacity(count)
    for _ in 0..<count {
      var (label, rest) = (0, uniform(&random))
      while label < shares.count - 1, rest >= shares[label] {
        rest -= shares[label]
        label += 1
      }
      sample.labels.append(label)
      var row = [Double](repeating: 0, count: shares.count)
      for index in row.indices {
        let u = uniform(&random)
        row[index] = naturalLogarithm(u / (1 - u)) + (index == label ? skills[label] : 0)
      }
      sample.logits.append(row)
    }
    return sample
  }

  /// What the metrics are in the population: those of 400,000 examples, whose standard errors are a
  /// twentieth of those of 870.
  func truth() -> (
    accuracy: Double, macroF1: Double, macroAUC: Double, classAUC: Double, loss: Double
  ) {
    var random = SplitMix64(seed: 1)
    let sample = sample(400_000, &random)
    let (confusion, roc) = (sample.confusion, sample.roc)
    let losses = zip(sample.logits, sample.labels).map { crossEntropy($0, label: $1) }
    return (
      confusion.accuracy, confusion.macroF1, roc.macroArea ?? .nan,
      roc.classes[shares.count - 1]?.area ?? .nan, losses.reduce(0, +) / Double(losses.count)
    )
  }
}

/// In `0 < u < 1`.
func uniform(_ random: inout SplitMix64) -> Double {
  (Double(random.next() >> 11) + 0.5) * 0x1p-53
}
