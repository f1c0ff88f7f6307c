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
  /// Where the node's parent stands, for nodes that `--set` put there.
  private let fallbackLine: Int?

  init(node: Node, file: String, path: String = "", fallbackLine: Int? = nil) {
    (self.node, self.file, self.path, self.fallbackLine) = (node, file, path, fallbackLine)
  }

  var line: Int? { node.mark?.line ?? fallbackLine }

  func failure(_ message: String) -> RunLogError {
    RunLogError(file: file, line: line, (path.isEmpty ? "" : "'\(path)': ") + message)
  }

  private var found: String {
    switch node {
    case .scalar(let scalar): "'\(scalar.string)'"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
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
        let advice =
          nearest(to: name, among: known).map { "did you mean '\($0)'?" }
          ?? "known keys: \(known.joined(separator: ", "))."
        throw RunLogError(
          file: file, line: key.mark?.line ?? line,
          "unknown key '\(path.isEmpty ? "" : path + ".")\(name)'; \(advice)")
      }
      result[name] = StrictYAML(
        node: value, file: file, path: path.isEmpty ? name : "\(path).\(name)", fallbackLine: line)
    }
    return result
  }

  /// The elements of a list.
  func elements() throws(RunLogError) -> [StrictYAML] {
    guard let sequence = node.sequence else { throw failure("expected a list, found \(found)") }
    return sequence.enumerated().map { index, element in
      StrictYAML(node: element, file: file, path: "\(path)[\(index)]", fallbackLine: line)
    }
  }

  func string() throws(RunLogError) -> String {
    guard let scalar = node.scalar else { throw failure("expected a text, found \(found)") }
    return scalar.string
  }

  func strings() throws(RunLogError) -> [String] {
    var result: [String] = []
    for element in try elements() { result.append(try element.string()) }
    return result
  }

  func integer(_ range: ClosedRange<Int>) throws(RunLogError) -> Int {
    let text = try string()
    guard let value = Int(text) else { throw failure("expected a whole number, found \(found)") }
    guard range.contains(value) else {
      let bounds =
        range.upperBound == .max
        ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw failure("must be \(bounds), not \(value)")
    }
    return value
  }

  /// A finite number; YAML 1.1 would read `5e-5` as a text, here it is a number.
  func number(
    _ requirement: String, where isAllowed: (Double) -> Bool
  ) throws(RunLogError) -> Double {
    let text = try string()
    guard let value = Double(text), value.isFinite else {
      throw failure("expected a number, found \(found)")
    }
    guard isAllowed(value) else { throw failure("must be \(requirement), not \(text)") }
    return value
  }

  func boolean() throws(RunLogError) -> Bool {
    switch try string() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: throw failure("expected true or false, found \(found)")
    }
  }

  var isNull: Bool {
    guard let scalar = node.scalar else { return false }
    return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
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
