/// Words of a printed document and how they look.
package struct RichText: Equatable, Sendable {
  package struct Style: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let bold = Style(rawValue: 1)
    package static let italic = Style(rawValue: 2)
    /// Set in a typeface whose letters are all equally wide.
    package static let code = Style(rawValue: 4)
  }

  /// Where a click leads.
  package enum Link: Equatable, Sendable {
    /// A URL, or a path that is relative to the document.
    case address(String)
    /// A name that a block of the same document has.
    case place(String)
  }

  /// Neighbouring letters that look alike.
  package struct Run: Equatable, Sendable {
    package var text: String
    package var style: Style
    package var link: Link?

    package init(_ text: String, _ style: Style = [], link: Link? = nil) {
      (self.text, self.style, self.link) = (text, style, link)
    }
  }

  package var runs: [Run]

  package init(_ runs: [Run]) { self.runs = runs.filter { !$0.text.isEmpty } }
  package init(_ text: String, _ style: Style = []) { self.init([Run(text, style)]) }

  /// The words without their looks.
  package var plain: String { runs.map(\.text).joined() }
  var isEmpty: Bool { runs.isEmpty }

  /// With a style added to every run.
  package func adding(_ style: Style) -> RichText {
    RichText(runs.map { Run($0.text, $0.style.union(style), link: $0.link) })
  }

  /// The longest parts between which a line may break.
  var words: [RichText] {
    var words: [[Run]] = [[]]
    for run in runs {
      let parts = run.text.split(omittingEmptySubsequences: false) { $0 == " " || $0 == "\n" }
      for (index, part) in parts.enumerated() {
        if index > 0 { words.append([]) }
        words[words.count - 1].append(Run(String(part), run.style))
      }
    }
    return words.map(RichText.init).filter { !$0.isEmpty }
  }

  /// A number with its interval or its count on a line of its own.
  var brokenBeforeIntervals: RichText {
    var runs = self.runs
    var isFirst = true
    for index in runs.indices {
      let letters = Array(runs[index].text)
      let next = index + 1 < runs.count ? runs[index + 1].text.first : nil
      var text = ""
      for (place, letter) in letters.enumerated() {
        let follower = place + 1 < letters.count ? letters[place + 1] : next
        let opens = follower == "[" || follower == "(" || follower == "±"
        text.append(letter == " " && opens && !isFirst ? "\n" : letter)
        isFirst = false
      }
      runs[index].text = text
    }
    return RichText(runs)
  }
}
