import Foundation
import Storage
import TestSupport
import Testing

/// Reports and their audits as a user meets them.
@Suite struct AuditCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func report(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> CommandRun {
    try CommandRun(arguments, in: folder.path, environment: environment)
  }

  private var tiny: TinyRun {
    var tiny = TinyRun()
    (tiny.epochs, tiny.plannedEpochs) = (1, 1)
    return tiny
  }

  /// The same bytes in another place, language, time zone, order of files and on a processor without
  /// fused multiply-adds, whose C library computes exponentials in another way.
  @Test func theSameRunGivesTheSameBytesEverywhere() throws {
    try tiny.write(to: "\(folder.path)/a")
    let other = "\(folder.path)/somewhere/else — ü"
    try makeFolder(other)
    let names = try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/a").sorted()
    for name in names.reversed() {
      let (from, to) = ("\(folder.path)/a/\(name)", "\(other)/\(name)")
      if isFolder(from) { continue }
      try makeFolder((to as NSString).deletingLastPathComponent)
      try FileManager.default.copyItem(atPath: from, toPath: to)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: to)
    }
    let first = try report("a", "--html", environment: ["LC_ALL": "C", "TZ": "UTC"])
    #expect(first.status == 0, "\(first.errors)")
    let second = try report(
      other, "--html",
      environment: [
        "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "LANGUAGE": "de", "TZ": "Asia/Tokyo",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-FMA_Usable",
      ])
    #expect(second.status == 0, "\(second.errors)")
    for name in ["report.md", "report.json", "report.html", "metrics.md", "losses.png", "ROC.png"] {
      let hashes = try ["\(folder.path)/a", other].map { try SHA256.hex(ofFile: "\($0)/\(name)") }
      #expect(hashes[0] == hashes[1], "\(name)")
    }
    #expect(try report("audit", other).status == 0)
  }

  @Test func auditsWhatItWrote() throws {
    try tiny.write(to: "\(folder.path)/r")
    let missing = try report("audit", "r")
    #expect(
      missing.status == 1 && missing.errors.contains("there is no such file; write the report"))
    let written = try report("r", "--html", "--no-examples")
    #expect(written.output == "r/report.md\nr/report.html\n")
    let right = try report("audit", "r")
    #expect(right.status == 0)
    #expect(
      right.output.hasSuffix(" numbers from 10 input files and 13 figures agree.\n"),
      "\(right.output)")

    let path = "\(folder.path)/r/report.md"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try AtomicFile.write(text.replacing("1,284,003", with: "1,284,004"), to: path)
    let wrong = try report("audit", "r")
    #expect(wrong.status == 1)
    let lines = wrong.output.split(separator: "\n")
    #expect(lines.count == text.components(separatedBy: "1,284,003").count - 1)
    #expect(
      lines.allSatisfy {
        $0.hasPrefix("report.md:") && $0.contains("expected '1,284,003', found '1,284,004'")
      }, "\(wrong.output)")
    try AtomicFile.write(text, to: path)

    // A digit of the page is audited as well.
    let page = "\(folder.path)/r/report.html"
    let html = try String(contentsOfFile: page, encoding: .utf8)
    try AtomicFile.write(html.replacing("1,284,003", with: "1,284,004"), to: page)
    let inPage = try report("audit", "r")
    #expect(inPage.status == 1 && inPage.output.hasPrefix("report.html:"), "\(inPage.output)")
  }

  /// The program itself on an installation that has Noto fonts alone.
  @Test func otherFontsAreToldFromOtherData() throws {
    try tiny.write(to: "\(folder.path)/r")
    let fonts = "\(folder.path)/fonts.conf"
    try AtomicFile.write(
      """
      <?xml version="1.0"?>
      <fontconfig><dir>/usr/share/fonts/truetype/noto</dir><cachedir>\(folder.path)/cache</cachedir></fontconfig>
      """, to: fonts)
    #expect(try report("r", "--html").status == 0)
    let here = try ["report.json", "losses.png"].map {
      try SHA256.hex(ofFile: "\(folder.path)/r/\($0)")
    }
    let elsewhere = try report("audit", "r", environment: ["FONTCONFIG_FILE": fonts])
    #expect(elsewhere.status == 2, "\(elsewhere)")
    let note = "Could not be compared by pixels: report.html, "
    #expect(elsewhere.output.contains(" input files and 0 figures agree."), "\(elsewhere)")
    let accepted = try report(
      "audit", "r", "--accept-other-fonts", environment: ["FONTCONFIG_FILE": fonts])
    #expect(accepted.status == 0 && accepted.output == elsewhere.output, "\(accepted)")
    #expect(
      elsewhere.output.contains(note) && elsewhere.output.contains("losses.png"), "\(elsewhere)")
    // What is drawn there has other pixels, and the same record.
    #expect(try report("r", "--html", environment: ["FONTCONFIG_FILE": fonts]).status == 0)
    let there = try ["report.json", "losses.png"].map {
      try SHA256.hex(ofFile: "\(folder.path)/r/\($0)")
    }
    #expect(here[0] == there[0] && here[1] != there[1])
  }

  @Test func templatesAreListedAndCopied() throws {
    try tiny.write(to: "\(folder.path)/r")
    let list = try report("template", "--list", "r")
    #expect(list.status == 0, "\(list.errors)")
    #expect(list.output.contains("parameters in all\n      = 1,284,003\n"))
    #expect(try report("template", "--list").output.contains("parameters in all\n"))
    #expect(try report("template").status == 64)
    #expect(try report("template", "--export", "mine", "r").status == 64)
    #expect(try report("r", "--html-template", "x").status == 64)

    let copied = try report("template", "--export", "mine")
    let names = ["report.md", "report.html", "comparison.md", "study.md", "few-shot.md"]
    #expect(copied.output == names.map { "mine/\($0).mustache\n" }.joined())
    #expect(try report("template", "--export", "mine").status == 1)
    #expect(try report("r", "--html").status == 0)
    let hashes = try ["report.md", "report.html"].map {
      try SHA256.hex(ofFile: "\(folder.path)/r/\($0)")
    }
    // A copy of the built-in templates gives the same report.
    let own = try report(
      "r", "--template", "mine/report.md.mustache", "--html", "--html-template",
      "mine/report.html.mustache")
    #expect(own.status == 0, "\(own.errors)")
    #expect(
      try ["report.md", "report.html"].map { try SHA256.hex(ofFile: "\(folder.path)/r/\($0)") }
        == hashes)
    // Without the template at hand it is audited all the same.
    try FileManager.default.removeItem(atPath: "\(folder.path)/mine")
    let audit = try report("audit", "r")
    #expect(audit.status == 0, "\(audit)")
    #expect(audit.output.hasSuffix("agree; its words are from a custom template.\n"), "\(audit)")
  }

  /// Numbers of a custom template are audited, and its words are shown.
  @Test func wordsOfACustomTemplateAreShown() throws {
    try tiny.write(to: "\(folder.path)/r")
    #expect(try report("template", "--export", "mine").status == 0)
    let path = "\(folder.path)/mine/report.md.mustache"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let goals = try #require(text.firstRange(of: "## Experimental Goals\n"))
    let next = try #require(text.firstRange(of: "{{^empty(languages)}}\n## By Class\n"))
    try AtomicFile.write(
      text[..<goals.lowerBound] + "It beats everything by 40 points.\n"
        + text[next.lowerBound...],
      to: path)
    #expect(try report("r", "--template", "mine/report.md.mustache").status == 0)
    let audit = try report("audit", "r")
    #expect(audit.status == 0, "\(audit)")
    let lines = audit.output.split(separator: "\n")
    #expect(lines[0].hasSuffix("figures agree; its words are from a custom template."))
    #expect(
      lines.contains("The template of report.md leaves out the sections: 'Experimental Goals'."))
    #expect(
      lines.contains { $0.hasPrefix("The template of report.md does not print: goals, number, ") })
    #expect(lines.contains { $0.hasPrefix("The template of report.md lacks ") })
    let line = text[..<goals.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
      .count
    #expect(
      lines.last
        == "The template of report.md, line \(line), is not in the built-in template: It beats everything by 40 points.",
      "\(audit)")
    // A number in it is still audited.
    let report = "\(folder.path)/r/report.md"
    let written = try String(contentsOfFile: report, encoding: .utf8)
    try AtomicFile.write(written.replacing("1,284,003", with: "1,284,004"), to: report)
    #expect(try self.report("audit", "r").status == 1)
  }

  /// Opens the page in a browser, where there is one.
  @Test func thePageReadsWellInABrowser() throws {
    try tiny.write(to: "\(folder.path)/r")
    try ThreeTargetRun().write(to: "\(folder.path)/three")
    for (run, pages) in [("r", 14), ("three", 15)] {
      #expect(try report(run, "--html").status == 0)
      try expectReadable("\(folder.path)/\(run)/report.html", pages: pages)
    }
  }

  private func expectReadable(_ page: String, pages: Int) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", Fixture.folder + "/../../scripts/check_html.py", page, "--pages", "\(pages)",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    // 77: no browser here; 127: no Python.
    #expect([0, 77, 127].contains(process.terminationStatus), "\(text)")
  }
}
