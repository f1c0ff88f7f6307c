import RunLog
import Storage
import TestSupport
import Testing

@testable import Train

@Suite struct DataReaderTests {
  private let reader = DataReader(labels: ["negative", "neutral", "positive"])

  private func rows(
    _ content: String, _ name: String = "data.tsv", quoting: DataFile.Quoting = .rfc4180
  ) throws -> [LabelledText] {
    try rows(Array(content.utf8), name, quoting: quoting)
  }

  private func rows(
    _ content: [UInt8], _ name: String, quoting: DataFile.Quoting = .rfc4180
  ) throws -> [LabelledText] {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/\(name)"
    try AtomicFile.write(content, to: path)
    return try reader.read(DataFile(location: .table(path), quoting: quoting))
  }

  /// The message of the error that reading throws, its folder taken away.
  private func message(_ body: () throws -> [LabelledText]) -> String {
    do {
      let rows = try body()
      return "no error, \(rows.count) rows"
    } catch {
      let text = "\(error)"
      return text.split(separator: "/").last.map(String.init) ?? text
    }
  }

  @Test func readsTabsAndCommas() throws {
    #expect(
      try rows("text\tlabel\na, b\tpositive\n\tneutral\n") == [
        LabelledText(text: "a, b", label: 2), LabelledText(text: "", label: 1),
      ])
    #expect(
      try rows("id,label,text\n7,0,good film\n", "data.csv") == [
        LabelledText(text: "good film", label: 0)
      ])
  }

  @Test func readsQuotedFields() throws {
    #expect(
      try rows("text\tlabel\n\"two\nlines \"\"and\"\"\ta tab\"\t2\n") == [
        LabelledText(text: "two\nlines \"and\"\ta tab", label: 2)
      ])
  }

  @Test func takesQuotesAsTheyAreWhenTold() throws {
    #expect(
      try rows("text\tlabel\n\"open\t2\n", quoting: .none) == [
        LabelledText(text: "\"open", label: 2)
      ])
  }

  @Test func acceptsByteOrderMarkAndCarriageReturns() throws {
    let content = [0xEF, 0xBB, 0xBF] + Array("text\tlabel\r\nfine\t1\r\nbad\t0".utf8)
    #expect(
      try rows(content, "data.tsv") == [
        LabelledText(text: "fine", label: 1), LabelledText(text: "bad", label: 0),
      ])
  }

  @Test func splitsLinesAtLineFeedsOnly() throws {
    #expect(
      try rows("text\tlabel\na\u{2028}b\u{85}c\t1\n") == [
        LabelledText(text: "a\u{2028}b\u{85}c", label: 1)
      ])
  }

  @Test func readsJSONLines() throws {
    #expect(
      try rows(
        "{\"text\": \"é\\n\", \"label\": \"2\"}\n{\"label\": 1, \"text\": \"\"}\n",
        "data.jsonl") == [LabelledText(text: "é\n", label: 2), LabelledText(text: "", label: 1)])
  }

  @Test func readsAPairOfFiles() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("one\n\nthree", to: "\(folder.path)/t.txt")
    try AtomicFile.write("0\n1\n2\n", to: "\(folder.path)/l.txt")
    let file = DataFile(
      location: .lines(text: "\(folder.path)/t.txt", labels: "\(folder.path)/l.txt"))
    #expect(
      try reader.read(file) == [
        LabelledText(text: "one", label: 0), LabelledText(text: "", label: 1),
        LabelledText(text: "three", label: 2),
      ])
    try AtomicFile.write("0\n1\n", to: "\(folder.path)/l.txt")
    #expect(message { try reader.read(file) }.contains("expected one label per text"))
  }

  @Test(arguments: [
    ("", "data.tsv: is empty"),
    ("text\tlabel\n", "data.tsv: holds no example"),
    ("texts\tlabel\nx\t1\n", "data.tsv:1: no column 'text' in the header, found 'texts', 'label'"),
    (
      "text\tlabel\nx\t1\ny\tgreat\n", "data.tsv:3: unknown label 'great'; expected one of negative"
    ),
    ("text\tlabel\nx\t3\n", "data.tsv:2: unknown label '3'"),
    ("text\tlabel\nx\t1\ny\n", "data.tsv:3: expected 2 fields as in the header, found 1"),
    ("text\tlabel\nx\t1\tz\n", "data.tsv:2: expected 2 fields as in the header, found 3"),
    ("text\tlabel\n\"x\t1\ny\t2\n", "data.tsv:2: a quotation mark is never closed"),
    ("text\tlabel\n\"x\"y\t1\n", "data.tsv:2: text follows a closing quotation mark"),
  ])
  func refusesWhatIsWrong(_ content: String, _ expected: String) {
    let found = message { try rows(content) }
    #expect(found.hasPrefix(expected), "found: \(found)")
  }

  @Test func readsLabelsOfAFileAsNamesOrAsIndices() throws {
    let folder = try TemporaryFolder()
    let stars = DataReader(labels: ["1", "2", "3"])
    func classes(
      _ labels: [String], form: LabelReading.Form? = nil, map: [String: String] = [:]
    ) throws -> [Int] {
      let path = "\(folder.path)/data.tsv"
      try AtomicFile.write("text\tlabel\n" + labels.map { "x\t\($0)\n" }.joined(), to: path)
      return try stars.read(
        DataFile(location: .table(path), labelForm: form, labelMap: map)
      ).map(\.label)
    }
    #expect(try classes(["0", "1", "2"]) == [0, 1, 2])
    #expect(try classes(["1", "2", "3"]) == [0, 1, 2])
    #expect(try classes(["2", "1"], form: .names) == [1, 0])
    #expect(try classes(["2", "1"], form: .indices) == [2, 1])
    #expect(try classes(["-1", "0", "1"], map: ["-1": "1", "0": "2", "1": "3"]) == [0, 1, 2])
    for (labels, map, expected) in [
      (
        ["1", "2"], [:],
        "'1' as a name is class 0, as an index class 1, called '2'; say `labels_are"
      ),
      (["0", "3"], [:], "data.tsv:2: the label '0' is an index, but '3' is the name of a class"),
      (["0.0"], [:], "unknown label '0.0' (did you mean '0'?)"),
      (["1", "-1"], ["1": "3"], "data.tsv:3: unknown label '-1'; data.label_map has '1' only"),
    ] {
      let error = try #require(throws: RunLogError.self) { _ = try classes(labels, map: map) }
      #expect("\(error)".contains(expected), "\(error)")
    }
  }

  @Test(arguments: [("Positive", "positive"), (" positive ", "positive"), ("0.0", "0")])
  func namesWhatALabelMayMean(_ label: String, _ meant: String) {
    let found = message { try rows("text\tlabel\nx\t\(label)\n") }
    #expect(
      found.hasPrefix("data.tsv:2: unknown label '\(label)' (did you mean '\(meant)'?)"), "\(found)"
    )
  }

  // MARK: Delimiters

  @Test(arguments: [
    ("text;label\ngood, really;2\n", "data.csv", "semicolons"),
    ("text;label\ngood, really;2\n", "data.tsv", "semicolons"),
    ("\u{FEFF}id|\"label\"|text\r\n7|2|good, really\r\n", "data.csv", "pipes"),
    ("label,text\n2,\"good, really\"\n", "data.tsv", "commas"),
    ("text\tlabel\ngood, really\t2\n", "data.csv", "tabs"),
    ("text,label\n\"good, really\",2\n", "data.csv", nil),
    ("text\tlabel\ngood, really\t2\n", "data.tsv", nil),
  ])
  func findsTheDelimiterByTheHeader(_ content: String, _ name: String, _ found: String?) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/\(name)"
    try AtomicFile.write(content, to: path)
    let data = try reader.readData(DataFile(location: .table(path)))
    #expect(data.rows == [LabelledText(text: "good, really", label: 2)])
    #expect(data.foundDelimiter?.plural == found)
  }

  @Test func takesTheDelimiterAsTold() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/data.csv"
    // A header that has both columns by commas and by semicolons.
    try AtomicFile.write("text,label,;text;label\na,1,c;b;0\n", to: path)
    #expect(
      message { try reader.read(DataFile(location: .table(path))) }
        == "data.csv:1: the header has the columns 'text' and 'label' separated by commas and by semicolons; say which "
        + "with `delimiter: comma` or `delimiter: semicolon`.")
    #expect(
      try reader.read(DataFile(location: .table(path), delimiter: .comma)) == [
        LabelledText(text: "a", label: 1)
      ])
    let told = try reader.readData(DataFile(location: .table(path), delimiter: .semicolon))
    #expect(told.rows == [LabelledText(text: "b", label: 0)])
    // What is told is not found.
    #expect(told.foundDelimiter == nil)
    try AtomicFile.write("text,label\na,1\n", to: path)
    #expect(
      message { try reader.read(DataFile(location: .table(path), delimiter: .pipe)) }
        == "data.csv:1: no column 'text' in the header, found 'text,label'; name the columns with `columns:`."
    )
  }

  @Test(arguments: [
    (
      "review;stars\ngood;2\n",
      "found 'review', 'stars'; name the columns with `columns:`, and what separates them with `delimiter: semicolon`."
    ),
    (
      "text label\ngood 2\n",
      "found 'text label'; the columns seem to be separated by spaces, which occur in texts too; separate them by tabs."
    ),
    (
      "# made by hand\ntext\tlabel\ngood\t2\n",
      "found '# made by hand'; the first line must be the header; lines that begin with # are not comments here, so "
        + "remove them."
    ),
  ])
  func saysWhatAHeaderMayBe(_ content: String, _ expected: String) {
    let found = message { try rows(content) }
    #expect(found == "data.tsv:1: no column 'text' in the header, \(expected)")
  }

  @Test(arguments: ["data.tsv", "data.csv", "data.jsonl"])
  func namesAnEncodingThatIsNotUTF8(_ name: String) {
    let wide = "text\tlabel\ngood\t2\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(message { try rows([0xFF, 0xFE] + wide, name) }.hasPrefix("\(name): is UTF-16, but"))
    #expect(
      message { try rows("text\tlabel\rgood\t2\r", name) }
        .hasPrefix("\(name): has lines that end in a carriage return alone"))
  }

  @Test func aPairOfFilesInAnotherEncodingIsRefused() throws {
    let folder = try TemporaryFolder()
    let (texts, labels) = ("\(folder.path)/t.txt", "\(folder.path)/l.txt")
    try AtomicFile.write("one\rtwo\r", to: texts)
    try AtomicFile.write("0\r1\r", to: labels)
    let file = DataFile(location: .lines(text: texts, labels: labels))
    #expect(message { try reader.read(file) }.hasPrefix("t.txt: has lines that end in"))
    try AtomicFile.write("one\ntwo\n", to: texts)
    #expect(message { try reader.read(file) }.hasPrefix("l.txt: has lines that end in"))
  }

  // MARK: Places

  @Test func rowsKnowTheirLines() throws {
    let folder = try TemporaryFolder()
    func lines(_ content: String, _ name: String) throws -> [Int] {
      let path = "\(folder.path)/\(name)"
      try AtomicFile.write(content, to: path)
      let data = try reader.readData(DataFile(location: .table(path)))
      return data.rows.indices.map(data.line)
    }
    #expect(
      try lines("text\tlabel\na\t0\n\"b\n\nc\"\t0\nd\t0\n\"e\nf\"\t0\ng\t0", "a.tsv") == [
        2, 3, 6, 7, 9,
      ])
    #expect(try lines("text,\"the\nother\",label\na,b,0\nc,d,0\n", "a.csv") == [3, 4])
    #expect(
      try lines("{\"text\": \"a\\nb\", \"label\": 0}\n{\"text\": \"c\", \"label\": 0}\n", "a.jsonl")
        == [1, 2])
  }

  @Test func refusesInvalidUTF8WithItsLine() {
    let found = message {
      try rows(Array("text\tlabel\nok\t1\nbad ".utf8) + [0xFF] + Array("\t1\n".utf8), "data.tsv")
    }
    #expect(found.hasPrefix("data.tsv:3: is not valid UTF-8"), "found: \(found)")
  }

  @Test func refusesWrongJSONLines() {
    #expect(
      message {
        try rows("{\"text\": \"a\", \"label\": 0}\n{\"text\": 3, \"label\": 0}\n", "data.jsonl")
      }
      .hasPrefix("data.jsonl:2: the key 'text' must hold a string"))
    #expect(
      message { try rows("{\"text\": \"a\"}\n", "data.jsonl") }
        .hasPrefix("data.jsonl:1: the key 'label' must hold a label's name or index"))
    #expect(
      message { try rows("{\"text\": \"a\", \"label\": 0}\n[1]\n", "data.jsonl") }
        .hasPrefix("data.jsonl:2: expected one object per line"))
    #expect(message { try rows("{\"text\": \n", "data.jsonl") }.hasPrefix("data.jsonl:1:"))
  }

  @Test func namesAMissingFile() {
    #expect(throws: StorageError.self) {
      try reader.read(DataFile(location: .table("/nowhere/data.tsv")))
    }
  }
}
