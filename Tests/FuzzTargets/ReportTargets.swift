internal import Chart
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
  FuzzTarget(
    "page", fileName: "input.md",
    seeds: {
      [
        bytes(
          "# a\n\nb:\n1. c\n   - d\n\n> e\n\n| f | g |\n|---|--:|\n| `h` | _i_ |\n\n```\nj\n```\n"),
        bytes(
          "<details>\n<summary>a</summary>\n\n![b](c.png)\n*d*\n\n</details>\n<!-- e\n-->\n***\n"),
      ]
    },
    body: { _, bytes in
      let html = htmlOfMarkdown(String(decoding: bytes, as: UTF8.self))
      // No more than a few elements for each byte, and no script.
      demand(html.utf8.count <= 100 * (bytes.count + 1))
      demand(!html.contains("<script") && !html.contains("javascript:\""))
    }),
  FuzzTarget(
    "png", fileName: "input.png",
    seeds: { [try smallFigure.bytes(.png, dotsPerInch: 20)] },
    body: { _, bytes in
      if case .differs(let reason) = try smallFigure.compare(png: bytes) { demand(!reason.isEmpty) }
    }),
]

/// A figure to compare files with.
private let smallFigure = Figure(size: Size(width: 72, height: 36), title: "t", panels: [])
