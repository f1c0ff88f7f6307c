internal import Results
internal import RunLog
internal import Storage

/// Finds the places in several run directories that numbers about configurations come from.
struct ComparedOrigins: Sendable {
  private let groups: [RunGroup]
  /// By group and run.
  private let runs: [[Origins]]
  private let kind: Template.Kind

  /// - Parameters:
  ///   - groups: the configurations.
  ///   - folder: where the text is to lie; files are named as seen from there.
  ///   - kind: the text's.
  init(_ groups: [RunGroup], from folder: String, _ kind: Template.Kind) {
    (self.groups, self.kind) = (groups, kind)
    runs = groups.map { $0.runs.map { Origins($0, from: folder) } }
  }

  /// What the runs of a group have.
  func group(_ group: Int, _ evidence: (Origins) -> Evidence) -> Evidence {
    Evidence(runs[group].flatMap { evidence($0).origins })
  }

  /// What all runs have.
  func all(_ evidence: (Origins) -> Evidence) -> Evidence {
    Evidence(runs.flatMap { $0.flatMap { evidence($0).origins } })
  }

  /// What some runs have.
  ///
  /// - Parameters:
  ///   - members: the runs, by the places of their groups and in them.
  ///   - evidence: of one of them.
  /// - Returns: that of all of them.
  func some(
    _ members: [(group: Int, run: Int)], _ evidence: (Origins) -> Evidence
  ) -> Evidence {
    Evidence(members.flatMap { evidence(runs[$0.group][$0.run]).origins })
  }

  /// What scores on splits are computed from, after each run's selected epoch.
  func splits(_ splits: [Split], of places: [Int]) -> Evidence {
    Evidence(
      places.flatMap { place in
        splits.flatMap { split in group(place) { $0.split(split) }.origins }
      })
  }

  /// What transfer gaps are computed from.
  func gap(to target: String, _ part: Part, of places: [Int]) -> Evidence {
    let source = places.first.map { groups[$0].runs[0].source.code } ?? ""
    return splits([Split(source, part), Split(target, part)], of: places)
      + Evidence(places.flatMap { group($0) { $0.pairing() }.origins })
  }

  /// A member of the record beside the text, such as its runs.
  func record(_ key: String) -> Evidence {
    Evidence([Origin(kind.record, ["key": .string(key)])])
  }

  /// What stands in the text itself, under a tag that occurs in lists, such as `answers[].p_value`.
  func text(_ tag: String) -> Evidence {
    Evidence([Origin(kind.markdown, ["tag": .string(tag)])])
  }
}
