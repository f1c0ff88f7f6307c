import Storage
import TestSupport
import Testing

/// Logs of other programs on the command line: what is listed, what is said where, what an audit finds.
@Suite struct LogCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func report(_ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments, in: folder.path)
  }

  private func write(_ text: String, _ path: String) throws {
    var place = folder.path
    for part in path.split(separator: "/").dropLast() {
      place += "/\(part)"
      try makeFolder(place)
    }
    try AtomicFile.write(text, to: "\(folder.path)/\(path)")
  }

  @Test func helpAndErrorListWhatIsRead() throws {
    try write("{}", "empty/config.json")
    let refused = try report("empty")
    #expect(refused.status == 1 && refused.output.isEmpty)
    let help = try report("render", "--help").output.split(whereSeparator: \.isWhitespace)
      .joined(separator: " ")
    for name in ["Hugging Face Trainer;", "Weights & Biases history;", "TensorBoard event files"] {
      #expect(refused.errors.contains(name) && help.contains(name))
    }
    #expect(refused.errors.contains("config.json is an empty JSON object"))
    #expect(try listFolder("\(folder.path)/empty") == ["config.json"])
  }

  /// What a reader decided stands on the terminal, under the figure and among the caveats.
  @Test func whatWasDecidedIsSaid() throws {
    var lines = ""
    for epoch in 0..<2 {
      for batch in 0..<3 {
        lines += #"{"step": \#(epoch * 3 + batch), "train_loss": \#(2 - epoch)}"# + "\n"
      }
      lines += #"{"epoch": \#(epoch), "val_loss": \#(3 - epoch), "val_acc": 0.5}"# + "\n"
    }
    try write(lines, "log/numbers.jsonl")
    let run = try report("log")
    #expect(run.status == 0 && run.errors.contains("Warning: 'train_loss' counts steps"))
    let text = String(
      decoding: try RandomAccessFile("\(folder.path)/log/report.md").contents(), as: UTF8.self)
    #expect(text.contains("Training values are means over the steps between two evaluations."))
    #expect(text.contains("'steps_per_epoch' in a file for --map"))
    #expect(try report("audit", "log").status == 0)
  }

  /// A log of several files is audited as it was read.
  @Test func severalFilesAreAudited() throws {
    try write("step\tloss\n0\t0.9\n1\t0.7\n", "live/plots/metrics/train/loss.tsv")
    try write("step\tloss\n0\t0.8\n1\t0.75\n", "live/plots/metrics/eval/loss.tsv")
    let run = try report("live", "--output", "out")
    #expect(run.status == 0 && run.errors.contains("Warning") == false, "\(run.errors)")
    let audit = try report("audit", "out")
    #expect(audit.status == 0 && audit.output.contains("agree"), "\(audit.output)\(audit.errors)")
    // A changed file is found.
    try write("step\tloss\n0\t0.8\n1\t0.65\n", "live/plots/metrics/eval/loss.tsv")
    #expect(try report("audit", "out").status == 1)
  }
}
