internal import ArgumentParser
internal import Foundation
internal import Metrics
internal import Model
internal import Storage

/// Measures the tokenizer on texts in memory.
struct TokenizerBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer", abstract: "Measure the tokenizer, one repetition per line of input.")

  @Option(help: "A checkpoint's folder.")
  var checkpoint: String

  @Option(help: "Texts, one per line.")
  var texts: String

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func run() throws {
    let tokenizer = try loadTokenizer(directory: checkpoint)
    let texts = try lines(of: texts)
    let probe = SpeedProbe(threads: ProcessInfo.processInfo.activeProcessorCount)
    report(["name": .string("ready"), "texts": .integer(texts.count)])
    while readLine() != nil {
      let before = probe()
      var tokens = 0
      let elapsed = seconds {
        tokens = tokenizer.encode(texts, maxLength: 128, threads: threads)
          .reduce(0) { $0 + $1.ids.count }
      }
      report([
        "name": .string("tokenizer"), "threads": .integer(threads), "seconds": .number(elapsed),
        "tokens": .integer(tokens), "tokens_per_second": .number(Double(tokens) / elapsed),
        "probe": .array([.number(before), .number(probe())]),
      ])
    }
  }
}

/// Measures the ROC curve of many scores, with ties.
struct ROCBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roc", abstract: "Measure the ROC curve, one repetition per line of input.")

  @Option(help: "Scores.")
  var count = 1_000_000

  @Option(help: "A safetensors file to write scores and labels to, for others to measure.")
  var write: String?

  @Option(help: "A safetensors file to write the curve's points to, for others to compare.")
  var writeCurve: String?

  func run() throws {
    var random = FastRandom()
    // Scores of 5 digits, so that many are tied, and larger ones more often positive.
    let scores = (0..<count).map { _ in Double(Int((random.next() + 0.5) * 1e5)) / 1e5 }
    let isPositive = scores.map { Double(random.next() + 0.5) < 0.2 + 0.6 * $0 }
    if let write {
      var writer = try SafetensorsWriter(
        write,
        tensors: [.init("scores", .f64, shape: [count]), .init("labels", .i64, shape: [count])])
      try scores.withUnsafeBytes { try writer.write("scores", $0) }
      try writer.write("labels", isPositive.map { $0 ? 1 : 0 })
      try writer.commit()
    }
    if let writeCurve, let curve = ROC(scores: scores, isPositive: isPositive) {
      let points = curve.falsePositiveRates.count
      var writer = try SafetensorsWriter(
        writeCurve,
        tensors: ["false_positive_rates", "true_positive_rates"].map {
          .init($0, .f64, shape: [points])
        })
      try curve.falsePositiveRates.withUnsafeBytes { try writer.write("false_positive_rates", $0) }
      try curve.truePositiveRates.withUnsafeBytes { try writer.write("true_positive_rates", $0) }
      try writer.commit()
    }
    let probe = SpeedProbe(threads: ProcessInfo.processInfo.activeProcessorCount)
    report(["name": .string("ready"), "scores": .integer(count)])
    while readLine() != nil {
      let before = probe()
      var curve: ROC?
      let elapsed = seconds { curve = ROC(scores: scores, isPositive: isPositive) }
      report([
        "name": .string("roc"), "seconds": .number(elapsed),
        "area": .number(curve?.area ?? .nan),
        "points": .integer(curve?.falsePositiveRates.count ?? 0),
        "probe": .array([.number(before), .number(probe())]),
      ])
    }
  }
}
