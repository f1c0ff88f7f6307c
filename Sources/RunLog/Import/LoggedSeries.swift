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
}

/// What a program logged under one name, in the file's order.
struct LoggedSeries: Equatable {
  /// As it stands in the file: a key, a column, a tag.
  var name: String
  /// The folder below the log in which TensorBoard keeps the series; empty for all else.
  var folder = ""
  var file: String
  var points: [LoggedPoint] = []
}

/// A log as its reader found it, before anybody asked what the names mean.
struct LoggedRun: Equatable {
  var format: ImportedLog.Format
  var series: [LoggedSeries] = []
  /// Names of evaluation sets that the format itself tells.
  var sets: [String] = []
  /// What else the log says of the training.
  var facts: [ImportedLog.Fact] = []
  /// What was odd, a sentence each.
  var warnings: [String] = []

  /// Adds a point to the series of a name, making it if need be.
  mutating func append(_ point: LoggedPoint, to name: String, file: String) {
    if let index = places[name] {
      series[index].points.append(point)
    } else {
      places[name] = series.count
      series.append(LoggedSeries(name: name, file: file, points: [point]))
    }
  }

  /// Whether another log is the beginning of this one, as a checkpoint's state is of the last one's.
  func continues(_ other: LoggedRun) -> Bool {
    guard other.format == format else { return false }
    return other.series.allSatisfy { part in
      series.contains { $0.name == part.name && $0.points.starts(with: part.points) }
    }
  }

  /// Where each name's series stands.
  private var places: [String: Int] = [:]

  init(format: ImportedLog.Format) { self.format = format }
}
