import Storage
import TestSupport
import Testing

@Suite struct ProbeCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try AtomicFile.write(
      FixtureExperiment("epochs: 1").yaml, to: "\(folder.path)/experiment.yaml")
  }

  private func probe(_ options: String...) throws -> CommandRun {
    try CommandRun(["probe", "experiment.yaml", "--threads", "2"] + options, in: folder.path)
  }

  private func text(_ name: String) throws -> String {
    String(
      decoding: try RandomAccessFile("\(folder.path)/\(name)").contents(), as: UTF8.self)
  }

  @Test func saysHowWellEachLayerDoes() throws {
    let run = try probe("--csv", "layers.csv")
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n").map(String.init)
    // English has no test data, so that all are compared on validation.
    #expect(lines[1].hasPrefix("layer") && lines[1].contains("German validation"))
    #expect(!lines[1].contains("test") && !lines[1].contains("mean of targets"))
    #expect(lines[2].hasPrefix("embeddings") && lines[5].hasPrefix("3"))
    #expect(lines[2...5].count { $0.contains(" *") } == 1)
    #expect(lines[6].hasPrefix("always "))
    #expect(run.output.contains("Fitted to 29 training examples of English, 32 numbers each"))
    #expect(run.output.contains("so the accuracies there are a little too high."))

    let rows = try text("layers.csv").split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows.count == 1 + 4 * 3 && rows.allSatisfy { $0.count == rows[0].count })
    for row in rows.dropFirst() {
      let (examples, correct) = (Int(row[4]) ?? 0, Int(row[5]) ?? -1)
      let numbers = row[6...].map { Double($0) ?? .nan }
      #expect(numbers[0] == Double(correct) / Double(examples))
      #expect(numbers[1] <= numbers[0] && numbers[0] <= numbers[2])
    }
    // What is printed is what stands in the table.
    let first = rows.first { $0[0] == "0" && $0[2] == "de" && $0[3] == "validation" }
    let printed = try #require(first.flatMap { Double($0[6]) }) * 100
    #expect(lines[2].contains("\((printed * 10).rounded() / 10) ["))
  }

  @Test func readsAllLayersOrSome() throws {
    let all = try probe("--layers", "all")
    #expect(all.status == 0 && all.output.contains("\n4 "), "\(all.errors)")
    let one = try probe("--layers", "1")
    #expect(one.status == 0 && !one.output.contains("\n2 "), "\(one.errors)")
    let many = try probe("--layers", "9")
    #expect(many.status == 1 && many.errors.contains("has 4 encoder layers"))
    for wrong in ["0", "few"] { #expect(try probe("--layers", wrong).status == 64) }
  }

  @Test func drawsInTheFormatOfTheName() throws {
    for (name, start) in [("a.png", "\u{89}PNG"), ("a.svg", "<svg"), ("a.PDF", "%PDF")] {
      let run = try probe("--figure", name)
      #expect(run.status == 0, "\(run.errors)")
      let bytes = try RandomAccessFile("\(folder.path)/\(name)").contents()
      let head = String(bytes.prefix(200).map { Character(Unicode.Scalar($0)) })
      #expect(head.contains(start))
    }
    #expect(try probe("--figure", "a.gif").status == 64)
  }

  @Test func whatIsWrongIsNamed() throws {
    let run = try CommandRun(["probe", "nowhere.yaml"], in: folder.path)
    #expect(run.status == 1 && run.errors.contains("nowhere.yaml"))
    let folder = try probe("--csv", "no/such/folder.csv")
    #expect(folder.status == 1 && folder.errors.contains("no/such"), "\(folder.errors)")
  }
}
