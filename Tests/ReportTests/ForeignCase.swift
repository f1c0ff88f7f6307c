import Foundation
import Report
import Results
import RunLog
import Storage
import TestSupport

/// A log of another program with a table of predictions beside it, of which the right answers are counted.
struct ForeignCase {
  /// By class: how many examples there are, how many of them are right, and how many have no answer.
  typealias Counts = [(total: Int, right: Int, unanswered: Int)]

  var labels = ["no", "yes"]
  /// By split, such as `en.validation`.
  var splits: [(name: String, counts: Counts)] = []
  /// training_history.json; a history of source and target accuracy if it is left out.
  var history =
    #"{"english_val_accuracies": [0.5, null], "target_val_accuracies": [0.5, null], "train_losses": [1, 0.5]}"#
  /// How far a right answer stands out, against noise from −1 to 1; the wrong ones stand out by half.
  var margin = 2.0
  /// A file for --map.
  var map: String?

  static func counts(_ pairs: (Int, Int)...) -> Counts { pairs.map { ($0.0, $0.1, 0) } }

  /// Writes the folder and reads it.
  ///
  /// - Parameter folder: a folder of its own.
  /// - Returns: what the report takes.
  /// - Throws: what reading a log throws.
  func results(in folder: TemporaryFolder) throws -> RunResults {
    try AtomicFile.write(history, to: folder.path + "/training_history.json")
    var random = SplitMix64(seed: 11)
    func noise() -> Double { Double(Int(random.next() >> 40) % 2001 - 1000) / 1000 }
    var table = "split,label," + labels.map { "logit_\($0)" }.joined(separator: ",") + "\n"
    for (name, counts) in splits {
      for (label, (total, right, unanswered)) in counts.enumerated() {
        for row in 0..<total {
          let isAnswered = row < total - unanswered
          let named = row < right ? label : (label + 1) % labels.count
          let logits = labels.indices.map { place in
            isAnswered
              ? "\(noise() + (place == named ? (row < right ? margin : margin / 2) + 2 : 0))"
              : "nan"
          }
          table += "\(name),\(label),\(logits.joined(separator: ","))\n"
        }
      }
    }
    try AtomicFile.write(table, to: folder.path + "/predictions.csv")
    var source = LogSource(folder.path)
    if let map {
      source.map = folder.path + "/map.yaml"
      try AtomicFile.write(map, to: folder.path + "/map.yaml")
    }
    return try RunResults(Run(source))
  }

  /// The report in Markdown.
  func report() throws -> String {
    let folder = try TemporaryFolder()
    return try Report(results: results(in: folder), figures: []).markdown()
  }

  /// Its first section.
  func summary() throws -> String {
    let text = try report()
    let start = text.range(of: "## Summary")?.lowerBound ?? text.startIndex
    let end = text.range(of: "## Results")?.lowerBound ?? text.endIndex
    return String(text[start..<end])
  }
}
