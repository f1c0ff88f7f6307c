import Testing

@testable import Chart

/// Text through Pango. The widths depend on installed fonts; what is tested does not.
@Suite struct TextShaperTests {
  private let measurer = CairoTextMeasurer(family: "DejaVu Sans")
  private let font = Font(size: 20)

  /// Joined letters and conjuncts are not the letters one by one.
  @Test(arguments: ["العربية", "हिन्दी", "क्षत्रिय"])
  func lettersAreJoined(_ word: String) {
    let whole = measurer.measure(word, font).width
    let apart = word.unicodeScalars.reduce(0) { $0 + measurer.measure(String($1), font).width }
    #expect(whole > 0 && abs(whole - apart) > 1, "\(whole) and \(apart)")
  }

  @Test(arguments: [
    "English", "Français", "Русский", "Ελληνικά", "العربية", "עברית", "हिन्दी", "বাংলা", "தமிழ்", "ไทย",
    "中文", "日本語", "한국어", "ქართული", "አማርኛ", "−5×10⁻⁶ ≥ ½",
  ])
  func everyLanguageHasItsLetters(_ name: String) {
    #expect(measurer.hasAllGlyphs(name, font), "install fonts-noto-core and fonts-noto-cjk")
  }

  @Test func lettersThatNoFontHasAreNamed() throws {
    // The last code point of all is for private use; no font draws it.
    let name = "class \u{10FFFD}"
    let figure = Figure(
      size: .inches(4, 3), title: "Classes",
      panels: [
        Panel(
          x: Axis("epoch", .integer), y: Axis("share"),
          marks: [Line([Point(1, 0), Point(2, 1)], ink: .series(1), endLabel: .init(name))])
      ])
    #expect(try figure.file(.png, FigureStyle(dotsPerInch: 30)).textsLackingGlyphs == [name])
    #expect(figure.page(measuring: measurer).texts.contains { $0.string == name })
  }

  /// Lines stay level and evenly spaced: scripts of other fonts do not push them apart.
  @Test func lineHeightIsTheTypefacesWhateverTheScript() {
    let latin = measurer.measure("H", font)
    for name in ["中文", "हिन्दी", "العربية"] {
      let extent = measurer.measure(name, font)
      #expect(extent.ascent == latin.ascent && extent.descent == latin.descent)
    }
  }
}

@Suite struct BidirectionalTests {
  @Test func marksEndWhatReadsFromTheRight() {
    #expect("German 58.5 %".leftToRight == "German 58.5 %")
    #expect("العربية 70.8 %".leftToRight == "\u{200E}العربية\u{200E} 70.8 %")
    #expect("lowest العربية loss".leftToRight == "\u{200E}lowest العربية\u{200E} loss")
    #expect("لغة عربية − x".leftToRight == "\u{200E}لغة عربية\u{200E} − x")
  }

  /// A number after an Arabic name stands at the right end, as it does after a Latin one.
  @Test func numbersStandAfterNames() {
    let measurer = CairoTextMeasurer(family: "DejaVu Sans")
    let font = Font(size: 20)
    let apart = measurer.measure("العربية", font).width + measurer.measure(" 70.8", font).width
    #expect(abs(measurer.measure("العربية 70.8", font).width - apart) < 0.5)
  }
}
