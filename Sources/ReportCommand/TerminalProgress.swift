internal import Foundation
internal import Hub
internal import RunLog
internal import Train

/// Progress on standard error: a bar on a terminal, a line now and then in a pipe.
final class TerminalProgress {
  /// `nil` where standard error is a file or a pipe.
  private let terminal: Terminal?
  private let resizing: ResizeWatch?
  private let start = ProcessInfo.processInfo.systemUptime
  private var lastShown = -Double.infinity
  /// What was done before this process began.
  private var earlierShare: Double?

  private let isQuiet: Bool

  /// - Parameter isQuiet: whether it says nothing, since another process says the same.
  init(isQuiet: Bool = false) {
    self.isQuiet = isQuiet
    terminal = !isQuiet && isatty(STDERR_FILENO) == 1 ? Terminal(STDERR_FILENO) : nil
    resizing = terminal.map { ResizeWatch($0) }
  }

  /// Seconds between two updates.
  private var period: Double { terminal == nil ? 10 : 0.1 }

  /// Prints a line.
  func say(_ text: String) {
    if isQuiet { return }
    if let terminal { return terminal.say(text) }
    write(text + "\n")
  }

  /// A line that standard error does not take, on a full disk for instance, is no reason to stop.
  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Takes the bar away.
  func clear() { terminal?.clear() }

  /// Shows what a training tells.
  func show(_ event: TrainingEvent) {
    switch event {
    case .note(let note): say("Note: \(note)")
    case .warnings(let warnings): show(warnings)
    case .epoch(let epoch, let evaluations):
      let scores = evaluations.map { "\($0.split) \(percent($0.accuracy))" }
      say(
        "Epoch \(epoch.epoch): training loss \(decimals(epoch.loss, 4)), "
          + "accuracy \(percent(epoch.accuracy)); \(scores.joined(separator: ", ")) "
          + "(\(durationText(epoch.seconds)), \(rounded(Double(epoch.tokens) / epoch.seconds)) tokens/s, "
          + "\(decimals(epoch.multiplyAdds * 2e-6 / Double(epoch.tokens), 1)) MFLOP per token)")
    case .average(let evaluations):
      guard let epochs = evaluations.first?.epochs else { return }
      let scores = evaluations.map { "\($0.split) \(percent($0.accuracy))" }
      say(
        "Average of epochs \(epochs.lowerBound) to \(epochs.upperBound): "
          + scores.joined(separator: ", "))
    case .progress(let progress): show(progress)
    }
  }

  /// Shows what is often a slip, unless it is declared as intended.
  private func show(_ warnings: [InputWarning]) {
    for line in InputWarningLines(warnings).undeclared { say("Warning: \(line)") }
    if let advice = InputWarningLines(warnings).advice { say(advice) }
  }

  /// Shows how far a download is.
  func show(_ download: DownloadProgress) {
    // A download that takes no longer than a period needs no line in a pipe.
    if terminal == nil, lastShown == -.infinity { lastShown = ProcessInfo.processInfo.systemUptime }
    guard let elapsed = tick() else { return }
    let fresh = max(0, download.received - download.earlier)
    let rate = elapsed > 0 ? "\(sizeText(Int(Double(fresh) / elapsed)))/s" : "…"
    guard let total = download.total, total > 0 else {
      // Without a size there is no share.
      return say("\(download.file): \(sizeText(download.received)), \(rate)")
    }
    let share = min(1, Double(download.received) / Double(total))
    let done = Double(fresh) / Double(total)
    let left = done > 0.01 ? "\(durationText(elapsed / done * (1 - share))) left" : "…"
    show(share: share, stage: download.file, rate: rate, rest: left)
  }

  /// Seconds since the start, if it is time to show something again.
  private func tick() -> Double? {
    let now = ProcessInfo.processInfo.systemUptime
    guard now - lastShown >= period else { return nil }
    lastShown = now
    return now - start
  }

  private func show(share: Double, stage: String, rate: String, rest: String) {
    if let terminal {
      terminal.show(ProgressLine(share: share, stage: stage, rate: rate, rest: rest))
    } else {
      let words = [stage, rate, rest].filter { !$0.isEmpty }
      say("\(Int(share * 100)) % \(words.joined(separator: ", "))")
    }
  }

  private func show(_ progress: TrainingEvent.Progress) {
    guard let elapsed = tick() else { return }
    // Not all work is one of tokens.
    let rate =
      progress.tokens > 0 ? "\(rounded(Double(progress.tokens) / progress.seconds)) tokens/s" : ""
    let earlier = earlierShare ?? progress.share
    earlierShare = earlier
    let done = progress.share - earlier
    // An estimate from less than one percent of the work would mislead.
    let left =
      done > 0.01 ? "\(durationText(elapsed / done * (1 - progress.share))) left" : "…"
    show(share: progress.share, stage: progress.stage, rate: rate, rest: left)
  }
}

/// The nearest whole number; 0 for what has none, such as a rate before any time has passed.
private func rounded(_ value: Double) -> Int {
  value.isFinite && abs(value) < 1e15 ? Int(value.rounded()) : 0
}

/// A duration for people, such as `1 h 20 min`, `3 min 5 s` or `0.4 s`.
func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "unknown" }
  if seconds < 9.95 { return "\(decimals(seconds, 1)) s" }
  let whole = Int(seconds.rounded())
  return switch whole {
  case ..<60: "\(whole) s"
  case ..<3600: "\(whole / 60) min \(whole % 60) s"
  default: "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}

/// A size for people, in powers of ten.
func sizeText(_ bytes: Int) -> String {
  switch bytes {
  case ..<1_000_000: "\(decimals(Double(bytes) / 1e3, 0)) kB"
  case ..<1_000_000_000: "\(decimals(Double(bytes) / 1e6, 0)) MB"
  default: "\(decimals(Double(bytes) / 1e9, 1)) GB"
  }
}

/// A number with a fixed count of decimals.
func decimals(_ value: Double, _ count: Int) -> String {
  String(format: "%.\(count)f", value)
}

private func percent(_ share: Double) -> String { "\(decimals(share * 100, 1)) %" }
