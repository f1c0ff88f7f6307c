internal import Metrics
public import RunLog

/// Which part of the data a run's final numbers are measured on, and for which languages it can speak.
///
/// Test, if the source and every target have results on it after the selected epoch; else validation. Numbers
/// of two parts are never put side by side as if they were one: a language that lacks the part is set apart. A
/// target without any results has no say.
public struct FinalSplit: Equatable, Sendable {
  /// Test or validation.
  public let part: Part
  /// The other of the two, where the source has results on it.
  public let otherPart: Part?
  /// The targets that have results on the part, in the run's order; none where the source has none.
  public let targets: [RunResults.Language]
  /// The targets that lack it.
  public let setApart: [SetApart]

  /// The final part, then the other.
  public var parts: [Part] { part == .test ? [.test, .validation] : [.validation, .test] }

  /// A target without results on the final part.
  public struct SetApart: Equatable, Sendable {
    public let language: RunResults.Language
    /// What it has results on instead; `nil` for nothing.
    public let part: Part?
  }

  /// - Parameters:
  ///   - source: the language that was trained on.
  ///   - targets: the others.
  ///   - hasResults: whether an accuracy on a split is known.
  init(
    source: RunResults.Language, targets: [RunResults.Language], hasResults: (Split) -> Bool
  ) {
    func has(_ language: RunResults.Language, _ part: Part) -> Bool {
      hasResults(Split(language.code, part))
    }
    let scored = targets.filter { has($0, .validation) || has($0, .test) }
    let isTest =
      ([source] + scored).allSatisfy { has($0, .test) }
      // A source with nothing but test results can be compared on nothing else.
      || has(source, .test) && !has(source, .validation)
    let (part, other): (Part, Part) = isTest ? (.test, .validation) : (.validation, .test)
    self.part = part
    otherPart = has(source, other) ? other : nil
    let isKnown = has(source, part)
    self.targets = targets.filter { isKnown && has($0, part) }
    setApart = targets.filter { !isKnown || !has($0, part) }.map { language in
      SetApart(
        language: language, part: [part, other].first { has(language, $0) })
    }
  }
}

extension RunResults {
  /// A language whose test results cannot be compared, though there are some.
  public struct UnusableTest: Sendable {
    public let language: Language
    /// How many examples there are, none of which has an answer; `nil` where a log's accuracy is not a finite
    /// number.
    public let unanswered: Int?
  }

  /// The languages for whose sake validation is final although test was scored; none where test is final.
  public var unusableTests: [UnusableTest] {
    guard finalSplit.part == .validation else { return [] }
    return ([source] + targets).compactMap { language in
      guard let result = selected[Split(language.code, .test)] else { return nil }
      if result.isWithoutAnswers {
        return UnusableTest(language: language, unanswered: result.examples)
      }
      return result.isNotFinite(.accuracy) ? UnusableTest(language: language, unanswered: nil) : nil
    }
  }

  /// Which part the final numbers are measured on.
  public var finalSplit: FinalSplit {
    FinalSplit(source: source, targets: targets) { split in
      // A network that gave no answer at all has no result that could be compared.
      selected[split].map { !$0.accuracy.isNaN && !$0.isWithoutAnswers } ?? false
    }
  }
}
