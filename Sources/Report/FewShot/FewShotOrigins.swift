internal import Results
internal import RunLog
internal import Storage

/// Finds the places that numbers of a few-shot answer come from.
struct FewShotOrigins: Sendable {
  private let run: Origins
  private let trainings: [String: Origins]
  private let split: Split

  /// - Parameters:
  ///   - results: of the run and its trainings.
  ///   - folder: where the text is to lie; files are named as seen from there.
  init(_ results: FewShotResults, from folder: String) {
    run = Origins(results.run, from: folder)
    trainings = Dictionary(
      results.runs.map { ($0.folder, Origins($0, from: folder)) },
      uniquingKeysWith: { first, _ in first })
    split = results.definition.split
  }

  /// What the run's own score is computed from.
  var zeroShot: Evidence { run.split(split) }

  /// What the scores of a cell of the table are computed from.
  func cell(_ size: FewShotResults.Size, _ cell: FewShotResults.Cell) -> Evidence {
    Evidence.union(
      cell.draws.compactMap { draw -> Evidence? in
        guard let start = cell.method.start else {
          return probe(perClass: size.perClass, draw: draw.number)
        }
        return trainings[
          FewShotPlan.runName(start, perClass: size.perClass, draw: draw.number)]?.split(split)
      })
  }

  private func probe(perClass: Int, draw: Int) -> Evidence {
    Evidence([
      Origin(
        normalizedPath(
          FewShotDefinition.probePredictions(perClass: perClass, draw: draw, in: ".")))
    ])
  }

  /// A member of what says how the regressions were fitted.
  func probe(_ key: String) -> Evidence {
    Evidence([Origin("probe/probe.json", ["key": .string(key)])])
  }

  /// What a difference of two cells, or of a cell and the run, is computed from.
  func difference(_ size: FewShotResults.Size, from other: FewShotMethod?) -> Evidence {
    let ours = size.cell(.continued).map { cell(size, $0) } ?? Evidence([])
    guard let other else { return ours + zeroShot }
    return ours + (size.cell(other).map { cell(size, $0) } ?? Evidence([]))
  }

  /// Keys of the configuration of the trainings.
  func settings(_ keys: String...) -> Evidence {
    Evidence.union(
      trainings.keys.sorted().prefix(1).flatMap { name in
        keys.map { trainings[name]?.configuration($0) ?? Evidence([]) }
      })
  }

  /// What the log of a training with so many examples says of its data.
  func data(_ size: FewShotResults.Size) -> Evidence {
    let names = FewShotPlan.Start.allCases.flatMap { start in
      size.cells.flatMap { $0.draws.map(\.number) }.map {
        FewShotPlan.runName(start, perClass: size.perClass, draw: $0)
      }
    }
    return names.lazy.compactMap { trainings[$0]?.started("splits") }.first ?? record
  }

  /// What the record says there should be.
  var record: Evidence {
    Evidence([Origin(Template.Kind.fewShot.record, ["key": .string("few_shot")])])
  }

  /// What stands in the text itself, under a tag that occurs in lists.
  func text(_ tag: String) -> Evidence {
    Evidence([Origin(Template.Kind.fewShot.markdown, ["tag": .string(tag)])])
  }
}
