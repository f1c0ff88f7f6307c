public import RunLog

extension RunComparison {
  /// The one part of the data that the final numbers in all figures are of.
  ///
  /// A study's figures show what its claims are about: the part that most of them name, test if as many name either.
  /// Otherwise it is test if the source and every target have results on it in all configurations, else
  /// validation, as of a single run (`FinalSplit`). Where a run answered nothing, the split counts as the one that it
  /// is: a network that diverged does not move everybody's numbers to another part.
  ///
  /// - Parameter claimed: the splits that a study's claims are about, one per claim.
  /// - Returns: test or validation.
  public func finalPart(claimed: [Split] = []) -> Part {
    let (tests, validations) = (
      claimed.count { $0.part == .test }, claimed.count { $0.part == .validation }
    )
    if tests + validations > 0 { return tests >= validations ? .test : .validation }
    guard let source = groups.first?.runs.first?.source else { return .validation }
    var targets: [RunResults.Language] = []
    for target in groups.flatMap(\.runs).flatMap(\.targets) where !targets.contains(target) {
      targets.append(target)
    }
    return FinalSplit(source: source, targets: targets) { split in
      groups.allSatisfy { group in
        // What a group does not have at all is a difference of its configuration.
        let isForeign = [Part.validation, .test].allSatisfy { part in
          group.runs.allSatisfy { $0.selected[Split(split.language, part)] == nil }
        }
        return isForeign
          || group.runs.allSatisfy {
            $0.selected[split].map { !$0.accuracy.isNaN || $0.isWithoutAnswers } ?? false
          }
      } && groups.contains { group in group.runs.contains { $0.selected[split] != nil } }
    }.part
  }
}
