internal import Foundation

/// A tag that a template may use.
public struct TemplateTag: Sendable {
  /// What a template can do with a tag.
  public enum Kind: Sendable {
    /// `{{name}}`
    case text
    /// `{{name}}` where it is known; `{{#name}}…{{/name}}` around what needs it.
    case optionalText
    /// `{{#name}}…{{/name}}` if it holds, `{{^name}}…{{/name}}` if not.
    case condition
    /// `{{#name}}…{{/name}}` with the tags inside, if it is there; `{{^name}}…{{/name}}` if not.
    case section([TemplateTag])
    /// `{{#name}}…{{/name}}` with the tags inside, for each entry.
    case list([TemplateTag])
  }
  public let name: String
  /// In a few words.
  public let meaning: String
  public let kind: Kind

  /// The tags inside a section or list, else none.
  public var inner: [TemplateTag] {
    switch kind {
    case .section(let tags), .list(let tags): tags
    case .text, .optionalText, .condition: []
    }
  }
}

/// Something whose values a template can name.
///
/// The list of tags is written down rather than found by reflection, so that a tag which has no value
/// in this run (a test split, a cost) is still known to be one.
protocol TagSource: Sendable {
  static var tags: [TagDefinition<Self>] { get }
}

extension TagSource {
  /// The values by name, as Mustache takes them, each marked and remembered by the collector.
  func values(_ collector: ValueCollector) -> [String: Any] {
    Dictionary(uniqueKeysWithValues: Self.tags.map { ($0.tag.name, $0.value(self, collector)) })
  }
}

/// A tag and where its value comes from.
struct TagDefinition<Source>: Sendable {
  let tag: TemplateTag
  /// A `String`, `Bool`, `[String: Any]` or an array of these; `NSNull`, which
  /// Mustache takes for nothing, where there is none.
  let value: @Sendable (Source, ValueCollector) -> Any

  typealias Path<Value> = any KeyPath<Source, Value> & Sendable

  private init(
    _ name: String, _ kind: TemplateTag.Kind, _ meaning: String,
    _ value: @escaping @Sendable (Source, ValueCollector) -> Any
  ) {
    tag = TemplateTag(name: name, meaning: meaning, kind: kind)
    self.value = value
  }

  static func text(_ name: String, _ path: Path<String>, _ meaning: String) -> Self {
    Self(name, .text, meaning) { $1.mark($0[keyPath: path], tag: name) }
  }

  static func optionalText(_ name: String, _ path: Path<String?>, _ meaning: String) -> Self {
    Self(name, .optionalText, meaning) { source, collector in
      guard let text = source[keyPath: path] else { return NSNull() }
      return collector.mark(text, tag: name)
    }
  }

  static func number(_ name: String, _ path: Path<PrintedNumber>, _ meaning: String) -> Self {
    Self(name, .text, meaning) { source, collector in
      let number = source[keyPath: path]
      return collector.mark(number.text, tag: name, number: number)
    }
  }

  static func optionalNumber(
    _ name: String, _ path: Path<PrintedNumber?>, _ meaning: String
  ) -> Self {
    Self(name, .optionalText, meaning) { source, collector in
      guard let number = source[keyPath: path] else { return NSNull() }
      return collector.mark(number.text, tag: name, number: number)
    }
  }

  /// A text that is a number in some places and words in others, such as a setting.
  static func text(
    _ name: String, _ path: Path<String>, number: Path<PrintedNumber?>, _ meaning: String
  ) -> Self {
    Self(name, .text, meaning) { source, collector in
      let number = source[keyPath: number]
      return collector.mark(number?.text ?? source[keyPath: path], tag: name, number: number)
    }
  }

  static func condition(_ name: String, _ path: Path<Bool>, _ meaning: String) -> Self {
    Self(name, .condition, meaning) { source, _ in source[keyPath: path] }
  }

  static func section<Inner: TagSource>(
    _ name: String, _ path: Path<Inner?>, _ meaning: String
  ) -> Self {
    Self(name, .section(Inner.tags.map(\.tag)), meaning) { source, collector in
      guard let inner = source[keyPath: path] else { return NSNull() }
      return collector.inside(name) { inner.values(collector) }
    }
  }

  static func list<Inner: TagSource>(
    _ name: String, _ path: Path<[Inner]>, _ meaning: String
  ) -> Self {
    Self(name, .list(Inner.tags.map(\.tag)), meaning) { source, collector in
      source[keyPath: path].enumerated().map { index, entry in
        collector.inside("\(name)[\(index)]") { entry.values(collector) }
      }
    }
  }
}
