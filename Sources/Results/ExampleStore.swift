internal import RunLog
internal import Storage

/// The facts of a run's examples, each file read once and when first asked for.
final class ExampleStore: Sendable {
  private let run: Run
  private let read = Locked<[Split: [ExampleFacts]?]>([:])

  init(_ run: Run) { self.run = run }

  /// - Returns: `nil` if there is no file.
  /// - Throws: what a damaged file throws.
  func facts(_ split: Split) throws -> [ExampleFacts]? {
    try read.withLock { known in
      if let found = known[split] { return found }
      let found = try run.examples(split)
      known[split] = .some(found)
      return found
    }
  }
}
