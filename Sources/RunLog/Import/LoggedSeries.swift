internal import Storage

/// A number that a program logged, and when.
struct LoggedPoint: Equatable {
  /// Epochs done by then, fractions included; `nil` where the log does not say.
  var epoch: Double?
  /// Optimiser steps done by then, or whatever the program counts; `nil` where it does not say.
  var step: Double?
  /// NaN and infinities as they were logged.
  var value: Double
  /// Whether there is a place in the log but nothing in it, such as null in an array by epoch. That a value
  /// was not logged is another thing than one that is not a finite number.
  var isAbsent = false
  /// What tells which of two points was logged first, whatever they count: a clock's time, or the number
  /// of the line. Comparable within one log only.
  var time: Double?
}

/// What a program logged under one name, in the file's order.
struct LoggedSeries: Equatable {
  /// As it stands in the file: a key, a column, a tag. Without a run's name before it.
  var name: String
  /// The folder below the log in which the series lies, or the run that it is of; empty for all else.
  var folder = ""
  var file: String
  /// What to call it where `name` and `folder` are not how the file has it.
  var label: String?
  var points: [LoggedPoint] = []

  /// The name with its folder before it, as messages and maps call the series.
  var key: String { label ?? (folder.isEmpty ? name : "\(folder)/\(name)") }
}

/// A log as its reader found it, before anybody asked what the names mean.
struct LoggedRun: Equatable {
  var format: ImportedLog.Format
  var series: [LoggedSeries] = []
  /// What else the log says of the training.
  var facts: [ImportedLog.Fact] = []
  /// What was odd, a sentence each.
  var warnings: [String] = []
  /// Whether the file holds one series only and other files of the same kind hold the others.
  var isOneOfMany = false
  /// The files that it was read from, where they are more than its series name.
  var files: [String] = []
  /// The JSON object that is the whole file, where files with numbers in their names make a log together.
  var record: JSON?

  init(format: ImportedLog.Format) { self.format = format }

  /// Whether another log is the beginning of this one, as a checkpoint's state is of the last one's.
  func continues(_ other: LoggedRun) -> Bool {
    guard other.format == format else { return false }
    let own = Dictionary(series.map { ($0.name, $0.points) }) { first, _ in first }
    return other.series.allSatisfy { part in
      own[part.name].map { points in
        points.count >= part.points.count
          && zip(points, part.points).allSatisfy {
            $0.value == $1.value && $0.epoch == $1.epoch && $0.step == $1.step
          }
      } ?? false
    }
  }

  /// Whether the log is a single object, as summaries are that programs write beside their log.
  var isSummary: Bool { record != nil }
}
