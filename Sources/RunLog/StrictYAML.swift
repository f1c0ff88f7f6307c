internal import Storage
internal import Yams

/// A node of a YAML document, read strictly: every key must be asked for, every value be of its type.
///
/// Reading keeps the key path and the line, so that an error can name both.
struct StrictYAML {
  let node: Node
  let file: String
  /// Such as `training.optimizer`; empty at the top.
  let path: String
  /// The `key=value` assignments over the file; what they put there has no mark.
  private let settings: [String]
  /// Dotted keys that the document may have, for advice on one that stands in the wrong section.
  private let furtherKeys: [String]

  init(
    node: Node, file: String, path: String = "", settings: [String] = [],
    furtherKeys: [String] = []
  ) {
    (self.node, self.file, self.path, self.settings) = (node, file, path, settings)
    self.furtherKeys = furtherKeys
  }

  /// The longest text that is parsed, in bytes; an experiment has a few hundred.
  private static let longestText = 256_000
  /// The most aliases that a text with anchors may hold.
  private static let mostAliases = 8

  /// Parses a text whose size and aliases cannot make that take long.
  ///
  /// Yams hashes keys with everything in them, so a key of aliases of lists of aliases (the "billion
  /// laughs") would take for ever. Eight aliases multiply what they stand for by less than twenty. What
  /// could be an alias is counted, though it might turn out to be text.
  ///
  /// - Returns: the root, or `nil` if there is none.
  /// - Throws: `RunLogError` with the line.
  static func compose(_ text: String, file: String) throws -> Node? {
    let bytes = text.utf8
    guard bytes.count <= longestText else {
      throw RunLogError(
        file: file,
        "has \(bytes.count) bytes; a configuration has at most \(longestText).")
    }
    let aliases = indicators(UInt8(ascii: "*"), in: bytes)
    if aliases > mostAliases, indicators(UInt8(ascii: "&"), in: bytes) > 0 {
      throw RunLogError(
        file: file,
        "has anchors and \(aliases) places that look like their aliases, more than "
          + "\(mostAliases); write the values out.")
    }
    do {
      // Editors of Windows begin a file with a byte order mark, which is no part of the text.
      let unmarked =
        text.unicodeScalars.first == "\u{FEFF}"
        ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
      return try Yams.compose(yaml: String(unmarked))
    } catch let error as YamlError {
      throw runLogError(error, file: file)
    }
  }

  /// Parses a document that must not be empty.
  ///
  /// - Parameters:
  ///   - text: the document.
  ///   - file: for messages.
  ///   - kind: what it should be, such as "an experiment".
  /// - Returns: its root.
  /// - Throws: `RunLogError` with the line if it is no YAML, empty, or too large.
  static func compose(_ text: String, file: String, kind: String) throws -> Node {
    guard let node = try compose(text, file: file) else {
      throw RunLogError(file: file, "is empty; expected \(kind) such as the README shows.")
    }
    return node
  }

  /// How often a byte stands where it could begin an anchor or alias: not behind a letter or digit.
  private static func indicators(_ byte: UInt8, in text: String.UTF8View) -> Int {
    var count = 0
    var isInWord = false
    for next in text {
      if next == byte, !isInWord { count += 1 }
      isInWord =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next)
    }
    return count
  }

  func failure(_ message: String) -> RunLogError {
    failure(at: node, path: path, (path.isEmpty ? "" : "'\(path)': ") + message)
  }

  /// An error at a node of this file, or at the assignment that put it there.
  private func failure(at node: Node, path: String, _ message: String) -> RunLogError {
    if let mark = node.mark { return RunLogError(file: file, line: mark.line, message) }
    // `data.targets[0].name` is assigned as `data.targets.0.name`.
    let key = path.filter { $0 != "]" }.split(separator: "[").joined(separator: ".")
    let setting = settings.last { setting in
      let assigned = setting.prefix { $0 != "=" }
      return assigned == key || assigned.hasPrefix(key + ".") || key.hasPrefix(assigned + ".")
    }
    return RunLogError(file: setting.map { "--set \($0)" } ?? file, message)
  }

  private var found: String {
    switch node {
    case .scalar(let scalar): isNull ? "nothing" : "'\(scalar.string)'"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  /// The key or section of such a name elsewhere, with where it stands: `training.epochs` for `epochs`.
  private func elsewhere(_ name: String) -> String? {
    let places = furtherKeys.flatMap { key in
      let words = key.split(separator: ".")
      return words.indices.map {
        (name: String(words[$0]), key: words[...$0].joined(separator: "."))
      }
    }
    let meant = nearest(to: name, among: places.map(\.name))
    return places.first { $0.name == meant }?.key
  }

  /// The members of a mapping; a key outside `known` is an error that names the nearest known one.
  func members(_ known: [String]) throws(RunLogError) -> [String: StrictYAML] {
    guard let mapping = node.mapping else {
      throw failure("expected a mapping with keys such as '\(known[0])', found \(found)")
    }
    var result: [String: StrictYAML] = [:]
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { throw failure("a key must be a word") }
      guard known.contains(name) else {
        // In a file the section stands above it; an assignment needs the whole key.
        let advice =
          nearest(to: name, among: known).map {
            "did you mean '\(key.mark == nil ? inner($0) : $0)'?"
          }
          ?? elsewhere(name).map { "did you mean '\($0)'?" }
          ?? "known keys\(path.isEmpty ? "" : " of '\(path)'"): \(known.joined(separator: ", "))."
        throw failure(at: key, path: inner(name), "unknown key '\(inner(name))'; \(advice)")
      }
      result[name] = StrictYAML(
        node: value, file: file, path: inner(name), settings: settings, furtherKeys: furtherKeys)
    }
    return result
  }

  /// The members of a mapping whose keys are free, in the order of the file.
  func entries() throws(RunLogError) -> [(name: String, value: StrictYAML)] {
    guard let mapping = node.mapping else { throw failure("expected a mapping, found \(found)") }
    var result: [(name: String, value: StrictYAML)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { throw failure("a key must be a word") }
      result.append(
        (
          name,
          StrictYAML(
            node: value, file: file, path: inner(name), settings: settings, furtherKeys: furtherKeys
          )
        ))
    }
    return result
  }

  private func inner(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// The elements of a list.
  func elements() throws(RunLogError) -> [StrictYAML] {
    guard let sequence = node.sequence else { throw failure("expected a list, found \(found)") }
    return sequence.enumerated().map { index, element in
      StrictYAML(
        node: element, file: file, path: "\(path)[\(index)]", settings: settings,
        furtherKeys: furtherKeys)
    }
  }

  func string() throws(RunLogError) -> String {
    try scalar("a text")
  }

  private func scalar(_ kind: String) throws(RunLogError) -> String {
    guard let scalar = node.scalar, !isNull else {
      throw failure("expected \(kind), found \(found)")
    }
    return scalar.string
  }

  /// A text that can serve as a folder's name.
  func folderName() throws(RunLogError) -> String {
    let name = try string()
    guard !name.isEmpty, name.utf8.count <= 128, !name.hasPrefix("."),
      !name.contains(where: { $0 == "/" || $0.isNewline || $0 == "\0" })
    else {
      throw failure(
        "must be usable as a folder's name: 1 to 128 bytes, no '/', not starting with '.'")
    }
    return name
  }

  /// The value as YAML on one line, which reads as the same value.
  func flowText() throws(RunLogError) -> String {
    switch node {
    case .scalar(let scalar):
      // A JSON string is a YAML double-quoted one as well.
      return [.plain, .any].contains(scalar.style)
        ? scalar.string : JSON.string(scalar.string).text
    case .sequence:
      var parts: [String] = []
      for element in try elements() { parts.append(try element.flowText()) }
      return "[" + parts.joined(separator: ", ") + "]"
    case .mapping:
      var parts: [String] = []
      for (name, value) in try entries() {
        parts.append("\(JSON.string(name).text): \(try value.flowText())")
      }
      return "{" + parts.joined(separator: ", ") + "}"
    case .alias: throw failure("expected a value, found an alias")
    }
  }

  /// Nested mappings, whose keys may be dotted, as dotted keys with their values on one line each.
  ///
  /// - Parameter includingLists: whether a list of mappings is taken apart too, its places counting
  ///   from 0 as in `data.targets.0.name`.
  /// - Returns: keys and values in the order of the file.
  /// - Throws: `RunLogError` for what is no mapping, or a key that is no word.
  func flattened(
    includingLists: Bool = false
  ) throws(RunLogError) -> [(key: String, value: String)] {
    var result: [(key: String, value: String)] = []
    for (name, value) in try entries() {
      if value.node.mapping != nil {
        for (key, text) in try value.flattened(includingLists: includingLists) {
          result.append(("\(name).\(key)", text))
        }
      } else if includingLists, let list = value.node.sequence, !list.isEmpty,
        list.allSatisfy({ $0.mapping != nil })
      {
        for (index, element) in try value.elements().enumerated() {
          for (key, text) in try element.flattened(includingLists: true) {
            result.append(("\(name).\(index).\(key)", text))
          }
        }
      } else {
        result.append((name, try value.flowText()))
      }
    }
    return result
  }

  func strings() throws(RunLogError) -> [String] {
    var result: [String] = []
    for element in try elements() { result.append(try element.string()) }
    return result
  }

  /// A whole number of a range.
  func integer(_ range: ExperimentRange<Int>) throws(RunLogError) -> Int {
    let text = try scalar("a whole number")
    guard let value = Int(text) else { throw failure("expected a whole number, found \(found)") }
    guard range.contains(value) else { throw failure("must be \(range.words), not \(value)") }
    return value
  }

  /// A finite number of a range; YAML 1.1 would read `5e-5` as a text, here it is a number.
  func number(_ range: ExperimentRange<Double>) throws(RunLogError) -> Double {
    try number(range.words, where: range.contains)
  }

  /// A finite number; YAML 1.1 would read `5e-5` as a text, here it is a number.
  func number(
    _ requirement: String, where isAllowed: (Double) -> Bool
  ) throws(RunLogError) -> Double {
    let text = try scalar("a number")
    guard let value = Double(text), value.isFinite else {
      throw failure("expected a number, found \(found)")
    }
    guard isAllowed(value) else { throw failure("must be \(requirement), not \(text)") }
    return value
  }

  func boolean() throws(RunLogError) -> Bool {
    switch try scalar("true or false") {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: throw failure("expected true or false, found \(found)")
    }
  }

  var isNull: Bool {
    guard let scalar = node.scalar else { return false }
    return [.plain, .any].contains(scalar.style) && ["", "~", "null"].contains(scalar.string)
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _: Choice.Type = Choice.self
  ) throws(RunLogError) -> Choice where Choice.RawValue == String {
    let text = try string()
    guard let value = Choice(rawValue: text) else {
      let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw failure("expected one of \(choices), found \(found)")
    }
    return value
  }
}

private func runLogError(_ error: YamlError, file: String) -> RunLogError {
  switch error {
  case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
    .composer(_, let problem, let mark, _):
    RunLogError(file: file, line: mark.line, "not valid YAML: \(problem)")
  case .duplicatedKeysInMapping(let duplicates, let context):
    RunLogError(
      file: file, line: context.mark.line,
      "keys occur twice in the mapping that starts here: \(duplicates.joined(separator: ", "))")
  default:
    RunLogError(file: file, "not valid YAML: \(error)")
  }
}
