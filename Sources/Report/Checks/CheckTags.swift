internal import Foundation
internal import Metrics
internal import Plot
internal import Results
internal import RunLog
internal import Storage

/// What the checks of a run say.
struct ChecksTags: TagSource {
  let checks: RunChecks
  let results: RunResults
  let origins: Origins

  private func tags(
    _ findings: [(check: RunCheck, finding: CheckFinding)]
  ) -> [CheckFindingTags] {
    findings.map {
      CheckFindingTags(check: $0.check, finding: $0.finding, results: results, origins: origins)
    }
  }

  static let tags: [TagDefinition<ChecksTags>] = [
    .list("found", "what checks found, the most severe first") {
      $0.tags($0.checks.findings(.found))
    },
    .list("ignored", "what they found that is declared or ignored in the experiment") {
      $0.tags($0.checks.ignored)
    },
    .list("cannot_be_told", "what the data leave open, a check for the same reason once") {
      OpenCheckTags.all($0.checks.findings(.cannotBeTold), CheckWords(results: $0.results))
    },
    .list("nothing_found", "the checks that looked everywhere and found nothing") {
      CheckCodeTags.all($0.checks.passed)
    },
    .list("not_applicable", "the checks that had nothing to look at, by what was missing") {
      CheckWords.notApplicable($0.checks).map(CheckGroupTags.init)
    },
  ]
}

/// What a check found in one place.
struct CheckFindingTags: TagSource {
  let check: RunCheck
  let finding: CheckFinding
  let results: RunResults
  let origins: Origins

  private var words: CheckWords { CheckWords(results: results) }
  private var run: RelativeText { RelativeText(results.run) }

  private var boundFrom: Evidence {
    let isOwn = results.run.experiment?.checks.bounds[check.code] != nil
    return isOwn
      ? origins.configuration("checks.bounds.\(check.code.rawValue)")
      : Evidence([Origin(Definitions.checks.file, ["key": .string(check.code.rawValue)])])
  }

  static let tags: [TagDefinition<CheckFindingTags>] = [
    .text("code", "the check, also its anchor in checks.md") { $0.check.code.rawValue },
    .text("severity", "note, warning or error") { $0.check.code.severity.rawValue },
    .text("finding", "what it is that the check looks for") { $0.check.code.finding },
    .text("place", "the language and part, or the run") { markdown($0.words.place($0.finding)) },
    .list("values", "the numbers that it rests on") { row in
      row.finding.values.map {
        CheckValueTags(value: $0, words: row.words, from: row.origins.evidence($0.source))
      }
    },
    .optionalNumber("bound", "what decides, with its unit, where that is a number") { row in
      guard let text = row.words.bound(row.check), let bound = row.check.printedBound else {
        return nil
      }
      return row.boundFrom.number(text, [bound], .setting)
    },
    .optionalText("reason", "why nothing can be told") { $0.finding.reason.map { markdown($0) } },
    .optionalText("detail", "what the log or the review of the data says of it") { row in
      row.finding.detail.map { markdown(row.run.relative($0)) }
    },
    .optionalText("ignored_by", "where it is ignored: data.intended or checks.ignore") {
      $0.finding.ignored.map(CheckWords.ignoring)
    },
  ]
}

/// A number that a finding rests on.
struct CheckValueTags: TagSource {
  let value: CheckValue
  let words: CheckWords
  let from: Evidence

  static let tags: [TagDefinition<CheckValueTags>] = [
    .text("name", "what the number is") { $0.value.name },
    .number("printed", "the number, and in brackets its interval where it has one") {
      $0.words.number($0.value, from: $0.from)
    },
  ]
}

/// What a check cannot tell, and where.
struct OpenCheckTags: TagSource {
  let code: CheckCode
  let reason: String?
  private(set) var places: [String]

  /// - Parameters:
  ///   - findings: those that cannot be told, check by check.
  ///   - words: how places are called.
  /// - Returns: one entry for each check and reason, in the order of their first places.
  static func all(
    _ findings: [(check: RunCheck, finding: CheckFinding)], _ words: CheckWords
  ) -> [OpenCheckTags] {
    findings.reduce(into: []) { entries, entry in
      let place = words.place(entry.finding)
      let same = entries.firstIndex {
        $0.code == entry.check.code && $0.reason == entry.finding.reason
      }
      if let same {
        entries[same].places.append(place)
      } else {
        entries.append(
          OpenCheckTags(code: entry.check.code, reason: entry.finding.reason, places: [place]))
      }
    }
  }

  static let tags: [TagDefinition<OpenCheckTags>] = [
    .text("code", "the check, also its anchor in checks.md") { $0.code.rawValue },
    .text("places", "the languages and parts, or the run") {
      markdown(inWords($0.places))
    },
    .optionalText("reason", "why nothing can be told") { $0.reason.map { markdown($0) } },
  ]
}

/// A check by its name.
struct CheckCodeTags: TagSource {
  let code: CheckCode

  static func all(_ codes: [CheckCode]) -> [CheckCodeTags] { codes.map { CheckCodeTags(code: $0) } }

  static let tags: [TagDefinition<CheckCodeTags>] = [
    .text("code", "the check, also its anchor in checks.md") { $0.code.rawValue }
  ]
}

/// Checks that lack the same.
struct CheckGroupTags: TagSource {
  let reason: String
  let codes: [CheckCode]

  static let tags: [TagDefinition<CheckGroupTags>] = [
    .text("reason", "what is missing") { markdown($0.reason) },
    .list("codes", "the checks") { CheckCodeTags.all($0.codes) },
  ]
}

extension Origins {
  /// Where a value of a check comes from.
  func evidence(_ source: CheckValue.Source) -> Evidence {
    switch source {
    case .splits(let splits): Evidence.union(splits.map { split($0) })
    case .series(let splits): Evidence.union(splits.map { series($0) })
    case .examples(let split): examples(split)
    case .baseline(let layer, let split): self.split(split) + baseline(layer: layer, split)
    case .started(let key): started(key)
    case .configuration(let key): configuration(key)
    case .epochs: epochs("epoch")
    case .log: log()
    }
  }
}
