internal import RunLog
internal import Storage
internal import TestSupport
internal import Train

/// Rows of a table of labelled texts, whose number is never more than its bytes.
private func read(_ path: String, _ bytes: [UInt8], _ quoting: DataFile.Quoting = .rfc4180) throws {
  var file = DataFile(location: .table(path))
  file.quoting = quoting
  let rows = try DataReader(labels: ["negative", "neutral", "positive"]).read(file)
  demand(!rows.isEmpty && rows.count <= bytes.count)
  demand(rows.allSatisfy { (0..<3).contains($0.label) })
}

let dataTargets = [
  FuzzTarget(
    "tsv", fileName: "input.tsv", dictionary: "table",
    seeds: {
      [
        bytes("text\tlabel\nall good\t2\r\n\"a\t\"\"b\"\"\nc\"\t0\n\t1\n"),
        try RandomAccessFile(Fixture.path("train/data/target.tsv")).contents(),
      ]
    },
    body: { path, bytes in try read(path, bytes) }),
  FuzzTarget(
    "raw-tsv", fileName: "input.tsv", dictionary: "table",
    seeds: { [bytes("label\ttext\nneutral\t\"never closed\r\npositive\t\"\"\n")] },
    body: { path, bytes in try read(path, bytes, .none) }),
  FuzzTarget(
    "csv", fileName: "input.csv", dictionary: "table",
    seeds: {
      [
        bytes("\u{FEFF}id,text,label\n1,\"x, \"\"y\"\"\",positive\n2,,negative\n"),
        bytes("text;label;text\r\n\"x;\ny\";positive;\r\n;negative;z\r\n"),
      ]
    },
    body: { path, bytes in try read(path, bytes) }),
  FuzzTarget(
    "jsonl", fileName: "input.jsonl", dictionary: "json",
    seeds: {
      [
        bytes(
          "{\"text\": \"a\", \"label\": \"positive\"}\n"
            + "{\"label\": \"neutral\", \"text\": \"\\u00e4\"}\n")
      ]
    },
    body: { path, bytes in try read(path, bytes) }),
  FuzzTarget(
    "lines", fileName: "input.txt",
    seeds: { [bytes("0\r\n2\n1"), bytes("\u{FEFF}0\n2\n1\n")] },
    body: { path, bytes in
      let lines = try DataReader.lines(bytes, file: path)
      demand(lines.count <= bytes.count)
      // As texts and as labels at once: a pair of files may hold anything.
      let file = DataFile(location: .lines(text: path, labels: path))
      _ = try DataReader(labels: ["0", "1", "2"]).read(file)
    }),
]
