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

/// Something whose values a template can name: a value of the domain, and where its numbers come from.
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

/// A tag: its name, its kind, its meaning and how its value is computed.
///
/// The functions that make one have concrete types and no overloads, which keeps long lists of closures quick to compile.
struct TagDefinition<Source>: Sendable {
  let tag: TemplateTag
  /// A `String`, `Bool`, `[String: Any]` or an array of these; `NSNull`, which
  /// Mustache takes for nothing, where there is none.
  let value: @Sendable (Source, ValueCollector) -> Any
  /// The number in a column of a table; `nil` for what is not one.
  let column: Compute<EstimateTags?>?

  typealias Compute<Value> = @Sendable (Source) -> Value

  init(
    _ name: String, _ kind: TemplateTag.Kind, _ meaning: String,
    column: Compute<EstimateTags?>? = nil,
    _ value: @escaping @Sendable (Source, ValueCollector) -> Any
  ) {
    tag = TemplateTag(name: name, meaning: meaning, kind: kind)
    self.value = value
    self.column = column
  }

  static func text(
    _ name: String, _ meaning: String, _ text: @escaping Compute<String>
  ) -> Self {
    Self(name, .text, meaning) { $1.mark(text($0), tag: name) }
  }

  static func optionalText(
    _ name: String, _ meaning: String, _ text: @escaping Compute<String?>
  ) -> Self {
    Self(name, .optionalText, meaning) { source, collector in
      guard let text = text(source) else { return NSNull() }
      return collector.mark(text, tag: name)
    }
  }

  static func number(
    _ name: String, _ meaning: String, _ number: @escaping Compute<PrintedNumber>
  ) -> Self {
    Self(name, .text, meaning) { source, collector in
      let number = number(source)
      return collector.mark(number.text, tag: name, number: number)
    }
  }

  static func optionalNumber(
    _ name: String, _ meaning: String, _ number: @escaping Compute<PrintedNumber?>
  ) -> Self {
    Self(name, .optionalText, meaning) { source, collector in
      guard let number = number(source) else { return NSNull() }
      return collector.mark(number.text, tag: name, number: number)
    }
  }

  /// What is a number in some places and words in others, such as a setting.
  static func numberOrText(
    _ name: String, _ meaning: String, number: @escaping Compute<PrintedNumber?>,
    text: @escaping Compute<String>
  ) -> Self {
    Self(name, .text, meaning) { source, collector in
      let number = number(source)
      return collector.mark(number?.text ?? text(source), tag: name, number: number)
    }
  }

  static func condition(
    _ name: String, _ meaning: String, _ holds: @escaping Compute<Bool>
  ) -> Self {
    Self(name, .condition, meaning) { source, _ in holds(source) }
  }

  static func section<Inner: TagSource>(
    _ name: String, _ meaning: String, _ inner: @escaping Compute<Inner?>
  ) -> Self {
    Self(name, .section(Inner.tags.map(\.tag)), meaning) { source, collector in
      guard let inner = inner(source) else { return NSNull() }
      return collector.inside(name) { inner.values(collector) }
    }
  }

  static func list<Inner: TagSource>(
    _ name: String, _ meaning: String, _ entries: @escaping Compute<[Inner]>
  ) -> Self {
    Self(name, .list(Inner.tags.map(\.tag)), meaning) { source, collector in
      entries(source).enumerated().map { index, entry in
        collector.inside("\(name)[\(index)]") { entry.values(collector) }
      }
    }
  }
}
