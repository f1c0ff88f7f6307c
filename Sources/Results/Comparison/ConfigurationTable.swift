internal import RunLog

/// What differs in the configurations of several groups of runs, and nothing else.
public struct ConfigurationTable: Equatable, Sendable {
  public struct Row: Equatable, Sendable {
    /// Such as `training.epochs`.
    public let key: String
    /// One a group, as in experiment.yaml; `nil` where the key does not occur or nothing is known.
    public let values: [String?]
  }
  public let rows: [Row]

  /// Keys that change nothing that is computed.
  private static let describing = ["name", "note", "goals", "store_texts", "training.seed"]

  init(_ groups: [RunGroup]) {
    let settings = groups.map { $0.experiment.map { flattened($0.yaml) } }
    var keys: [String] = []
    for (key, _) in settings.compactMap({ $0 }).flatMap({ $0 }) where !keys.contains(key) {
      keys.append(key)
    }
    rows = keys.compactMap { key in
      guard !Self.describing.contains(where: { key == $0 || key.hasPrefix($0 + "[") }) else {
        return nil
      }
      let values = settings.map { $0?.first { $0.key == key }?.value }
      // A group of which nothing is known does not differ.
      let known = zip(values, settings).filter { $0.1 != nil }.map(\.0)
      return known.allSatisfy { $0 == known.first } ? nil : Row(key: key, values: values)
    }
  }
}

/// Dotted keys and values of the YAML that `Experiment.yaml` writes: two spaces a level, lists as `- ` with
/// their place in brackets.
private func flattened(_ yaml: String) -> [(key: String, value: String)] {
  var result: [(key: String, value: String)] = []
  // The keys above, each with its indentation.
  var path: [(indentation: Int, key: String)] = []
  var places: [String: Int] = [:]
  for line in yaml.split(separator: "\n") {
    var text = line.drop { $0 == " " }
    var indentation = line.count - text.count
    while let last = path.last, last.indentation >= indentation { path.removeLast() }
    if text.hasPrefix("- ") {
      let list = path.map(\.key).joined(separator: ".")
      let place = places[list, default: 0]
      places[list] = place + 1
      if let last = path.popLast() {
        path.append((last.indentation, "\(last.key)[\(place)]"))
      }
      text = text.dropFirst(2)
      indentation += 2
    }
    guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("\"") else {
      result.append((path.map(\.key).joined(separator: "."), String(text)))
      continue
    }
    let (key, value) = (
      String(text[..<colon]), text[text.index(after: colon)...].drop { $0 == " " }
    )
    if value.isEmpty {
      path.append((indentation, key))
    } else {
      result.append(((path.map(\.key) + [key]).joined(separator: "."), String(value)))
    }
  }
  return result
}
