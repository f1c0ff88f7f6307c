/// All sources of a run together: what its training data, and its source's validation and test results, are of.
public struct PooledSource: Equatable, Sendable {
  /// The codes of the languages joined with plus signs, such as `en+de`; of a single source its own.
  public let language: String
  /// The names of the languages in words, such as "English and German".
  public let name: String
}

extension DataSettings {
  /// The sources as one.
  public var source: PooledSource {
    let names = sources.map(\.name)
    return PooledSource(
      language: sources.map(\.language).joined(separator: Split.plus),
      name: names.count < 2
        ? names.joined()
        : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? ""))
  }

  /// All languages, the sources first.
  public var languages: [LanguageData] { sources + targets }

  /// Every split that is scored after an epoch, the sources' examples together.
  public var splits: [Split] {
    let ofSources = Part.allCases.filter(sourcesHave).map { Split(source.language, $0) }
    return ofSources
      + targets.flatMap { data in
        Part.allCases.filter { data.file($0) != nil }.map { Split(data.language, $0) }
      }
  }

  /// Whether every source has a part.
  public func sourcesHave(_ part: Part) -> Bool { sources.allSatisfy { $0.file(part) != nil } }
}
