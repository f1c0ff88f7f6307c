internal import RunLog

/// Where the records of a log stand, found in one pass: a log has as many records as there are steps, and a report asks
/// for thousands of them.
struct LogIndex: Sendable {
  private(set) var started: [Int] = []
  private(set) var finished: Int?
  private(set) var firstStep: Int?
  private(set) var lastStep: Int?
  private(set) var interruptions: [Int] = []
  private(set) var prefixes: [(record: PrefixRecord, line: Int)] = []
  private(set) var baselines: Int?
  /// By layer; of several records the last counts.
  private(set) var baselinesByLayer: [Int: Int] = [:]
  /// By epoch; of several records the last counts.
  private(set) var epochs: [Int: Int] = [:]
  private var evaluations: [Split: [Int: Int]] = [:]
  /// What says that an average is complete.
  private(set) var average: Int?
  private var averageEvaluations: [Split: Int] = [:]

  init(_ run: Run) {
    for (record, line) in zip(run.records, run.recordLines) {
      switch record {
      case .runStarted: started.append(line)
      case .runFinished: finished = line
      case .step:
        firstStep = firstStep ?? line
        lastStep = line
      case .interrupted: interruptions.append(line)
      case .prefix(let record): prefixes.append((record, line))
      case .baselines: baselines = line
      case .baselineFitted(let record): baselinesByLayer[record.layer] = line
      case .epoch(let record): epochs[record.epoch] = line
      case .evaluation(let record): evaluations[record.split, default: [:]][record.epoch] = line
      case .average: average = line
      case .averageEvaluation(let record): averageEvaluations[record.split] = line
      case .checkpoint, .nonFinite, .resumed, .files: continue
      }
    }
  }

  /// The line that tells a split's scores with some weights.
  func scores(_ split: Split, with weights: Weights) -> Int? {
    switch weights {
    case .epoch(let epoch): split.part == .train ? epochs[epoch] : evaluations[split]?[epoch]
    case .average: averageEvaluations[split]
    }
  }
}
