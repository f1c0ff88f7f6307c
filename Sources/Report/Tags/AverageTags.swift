internal import Metrics
internal import Results
internal import RunLog

/// What averaging the weights of the last epochs did.
struct AverageTags: TagSource {
  let average: AverageResults
  let results: RunResults
  let origins: Origins
  let contrasts: [AverageContrastTags]

  /// - Returns: `nil` where nothing was averaged.
  init?(_ results: RunResults, _ origins: Origins) {
    guard let average = results.average else { return nil }
    (self.average, self.results, self.origins) = (average, results, origins)
    contrasts = aligned(
      results.averageContrasts().map { AverageContrastTags($0, average.epochs, origins) })
  }

  static let tags: [TagDefinition<AverageTags>] = [
    .number("first", "the first epoch whose weights are averaged") {
      $0.origins.average().plain($0.average.epochs.lowerBound)
    },
    .number("last", "the last one") { $0.origins.average().plain($0.average.epochs.upperBound) },
    .number("count", "how many they are") { $0.origins.average().plain($0.average.epochs.count) },
    .condition("is_selected", "whether the averaged weights count, and are exported") {
      $0.results.selectedEpoch == nil
    },
    .list("contrasts", "source and targets: averaged weights against the last epoch's") {
      $0.contrasts
    },
    .number("tests", "the number of languages that the correction is for") { source in
      source.origins.average().count(source.contrasts.first?.contrast.tests ?? 0)
    },
    .condition("has_several_tests", "whether that is more than one") {
      ($0.contrasts.first?.contrast.tests ?? 0) > 1
    },
  ]
}
