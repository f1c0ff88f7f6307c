import Report
import Storage
import TestSupport
import Testing

@Suite struct TemplateTests {
  private func failure(_ text: String) throws -> TemplateError {
    try #require(throws: TemplateError.self) { _ = try Template(text, file: "t.mustache") }
  }

  @Test func theBuiltInTemplateIsTheFile() throws {
    let file = Fixture.folder + "/../../templates/report.md.mustache"
    let bytes = try RandomAccessFile(file).contents()
    #expect(Template.Kind.report.builtInText == String(decoding: bytes, as: UTF8.self))
    #expect(Template.Kind.report.builtInText.hasPrefix("{{% CONTENT_TYPE: TEXT}}\n"))
    #expect(throws: Never.self) { try Template.builtIn() }
  }

  @Test(arguments: [
    "no tags at all", "{{name}} {{{name}}} {{&name}} {{ name }}", "{{! anything {{ at all }}",
    "{{#note}}{{note}} {{.}}{{/note}}{{^note}}none{{/note}}",
    "{{#results}}{{#is_running}}{{part}}{{/is_running}}{{name}}{{^last()}}, {{/last()}}{{/results}}",
    "{{#results}}{{index()}} {{#first()}}x{{/first()}}{{#even()}}y{{/even()}}{{/results}}",
    "{{count(results)}} {{uppercased(name)}} {{^empty(goals)}}goals{{/empty(goals)}}",
    "{{#experiment}}{{batch_size}}{{/experiment}} {{experiment.batch_size}}",
    "{{#gaps}}{{#validation}}{{size}} {{language}}{{/validation}}{{/gaps}}",
    "{{# gaps }}{{.language}}{{/ gaps }}", "{{% CONTENT_TYPE: TEXT}}\n{{name}}", "{ {{name}} }",
  ])
  func accepts(_ text: String) {
    #expect(throws: Never.self) { try Template(text, file: "t") }
  }

  @Test func unknownTagsAreNamedWithTheirLine() throws {
    #expect(
      try failure("a\nb {{nmae}}")
        == .unknownTag("nmae", file: "t.mustache", line: 2, nearest: "name", enclosing: nil))
    #expect(
      "\(try failure("{{#experiment}}\n\n{{bach_size}}{{/experiment}}"))"
        == "t.mustache:3: unknown tag 'bach_size'; did you mean 'batch_size'?")
    #expect(
      "\(try failure("{{batch_size}}"))"
        == "t.mustache:1: unknown tag 'batch_size'; it is known only between {{#experiment}} and "
        + "{{/experiment}}.")
    #expect("\(try failure("{{qqqqqqqqqqqqq}}"))".contains("unknown tag 'qqqqqqqqqqqqq'"))
    // A comment over several lines counts as lines.
    #expect("\(try failure("{{! one\ntwo\n}}\r\n{{x1}}"))".hasPrefix("t.mustache:4: "))
  }

  /// What is wrong, on which line, and what is said.
  @Test(arguments: [
    ("{{experiment.bach_size}}", 1, "did you mean 'batch_size'?"),
    ("{{results.part}}", 1, "reaches into 'results', which is not a single section"),
    ("{{#results}}\n{{.name}}{{/results}}", 2, "unknown tag '.name'"),
    ("{{#nothing}}{{/nothing}}", 1, "unknown tag 'nothing'"),
    ("{{^nothing}}{{/nothing}}", 1, "unknown tag 'nothing'"),
    ("{{^experiment}}{{batch_size}}{{/experiment}}", 1, "unknown tag 'batch_size'"),
    ("{{is_sentiment}}", 1, "is a condition; use {{#is_sentiment}}"),
    ("{{results}}", 1, "is a section; use {{#results}}"),
    ("{{#name}}{{/name}}", 1, "is a text that is always present; write {{name}}"),
    ("{{.}}", 1, "unknown tag '.'"),
    ("\n{{#results}}\n", 2, "the section 'results' is never closed; end it with {{/results}}"),
    (
      "{{#results}}\n{{#results}}{{/results}}{{/results}}", 2,
      "'results' is open already; a list cannot be inside itself"
    ),
    (String(repeating: "x", count: 256_001), 1, "a template has at most 256000 bytes"),
    ("{{/results}}", 1, "{{/results}} closes a section that was never opened"),
    (
      "{{#experiment}}\n{{#results}}\n{{/experiment}}\n{{/results}}", 3,
      "closes a section other than the innermost one, 'results', opened on line 2"
    ),
    ("x\n{{name", 2, "a tag begins here and never ends"),
    ("{{{name}}", 1, "a tag begins here and never ends"),
    ("{{}}", 1, "'' cannot be a tag's name"), ("{{a b}}", 1, "'a b' cannot be a tag's name"),
    ("{{last(}}", 1, "cannot be a tag's name"), ("{{last()}}", 1, "only index() can"),
    ("{{index()}}", 1, "must be directly inside one"),
    ("{{#last()}}{{/last()}}", 1, "must be directly inside one"),
    ("{{#index()}}{{/index()}}", 1, "the conditions are first(), last(), even() and odd()"),
    ("{{reversed(name)}}", 1, "only capitalized, lowercased, uppercased apply"),
    ("{{#count(results)}}{{/count(results)}}", 1, "cannot open a section"),
    ("{{> header}}", 1, "partials, blocks and other delimiters are not supported"),
    ("{{=<% %>=}}", 1, "other delimiters"), ("{{<layout}}", 1, "blocks"),
    ("{{$block}}", 1, "blocks"),
    ("{{% CONTENT_TYPE: HTML}}", 1, "the only setting is {{% CONTENT_TYPE: TEXT}}"),
  ])
  func refuses(_ text: String, _ line: Int, _ part: String) throws {
    let message = "\(try failure(text))"
    #expect(message.hasPrefix("t.mustache:\(line): "), "\(message)")
    #expect(message.contains(part), "\(message)")
  }

  @Test func readsFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/t.mustache"
    #expect(throws: StorageError.self) { try Template(contentsOf: path) }
    try AtomicFile.write("{{name}}", to: path)
    #expect(try Template(contentsOf: path).file == path)
    try AtomicFile.write([0xFF], to: path)
    #expect(throws: TemplateError.self) { try Template(contentsOf: path) }
  }

  @Test func everyTagHasAMeaningAndANameOfItsOwn() {
    func check(_ tags: [TemplateTag]) {
      #expect(Set(tags.map(\.name)).count == tags.count)
      for tag in tags {
        #expect(!tag.meaning.isEmpty && !tag.meaning.hasSuffix("."), "\(tag.name)")
        check(tag.inner)
      }
    }
    check(Report.tags)
  }
}
