internal import Report
internal import Results
internal import RunLog
internal import Storage
internal import TestSupport

/// Results to fill templates from.
private let results: RunResults = {
  do {
    let path = "\(FuzzTarget.folder)/template-run"
    try TinyRun().write(to: path)
    return try RunResults(Run(path))
  } catch {
    preconditionFailure("\(error)")
  }
}()

let reportTargets = [
  FuzzTarget(
    "template", fileName: "input.mustache", dictionary: "template",
    seeds: {
      [
        bytes(Template.Kind.report.builtInText),
        bytes(
          "{{% CONTENT_TYPE: TEXT}}\n{{#goals}}{{#first()}}x{{/first()}}{{index()}}{{/goals}}"),
        bytes("{{name}} {{! remark }}{{&name}} {{{name}}} {{^note}}none{{/note}}"),
      ]
    },
    body: { path, _ in
      let template = try Template(contentsOf: path)
      try demand(Report(results: results, figures: []).markdown(template: template) != "")
    }),
  FuzzTarget(
    "markdown", fileName: "input.txt",
    seeds: { [bytes("# a\n<!-- cost --> [x](y) | `z` **b** & \\ $1$ http://a.b 1. c")] },
    body: { _, bytes in
      let text = markdown(String(decoding: bytes, as: UTF8.self))
      // One line, no comment, no tag, no cell of a table ended.
      var isEscaped = false
      for byte in text.utf8 {
        demand(byte >= 0x20 && byte != UInt8(ascii: "<"))
        demand(byte != UInt8(ascii: "|") || isEscaped)
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      }
    }),
]
