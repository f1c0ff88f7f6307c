internal import Results
internal import RunLog
internal import Storage

/// An answer of `report few-shot` that lies in the run's directory.
struct FewShotLinkTags: TagSource {
  let language: RunResults.Language
  let file: String

  /// Those of the run's targets, in their order.
  static func all(_ results: RunResults) -> [FewShotLinkTags] {
    let run = results.run.directory
    guard results.run.imported == nil else { return [] }
    return results.targets.compactMap { target in
      let path =
        "\(FewShotPlan.folder(of: target.code, in: run))/\(Template.Kind.fewShot.markdown)"
      return exists(path)
        ? FewShotLinkTags(language: target, file: relativePath(from: run.path, to: path)) : nil
    }
  }

  static let tags: [TagDefinition<FewShotLinkTags>] = [
    .text("language", "the target language") { markdown($0.language.name) },
    .text("file", "the answer, relative to the report") { $0.file },
  ]
}
