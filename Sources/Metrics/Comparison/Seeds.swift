/// One number of each of several trainings that differ only in their seed.
public struct SeedSummary: Equatable, Sendable {
  public let values: [Double]
  /// The mean with Student's 95 % interval over seeds, `m ± t s/√S`; no interval with one seed or without
  /// any variation.
  public let mean: Estimate
  /// With `S − 1` in the denominator; `nil` with one seed.
  public let standardDeviation: Double?

  /// - Parameter values: one per seed; not empty.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty)
    self.values = values
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    guard values.count > 1 else {
      self.mean = Estimate(mean, nil, by: .seedInterval)
      standardDeviation = nil
      return
    }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    standardDeviation = variance.squareRoot()
    let half = -StudentT.quantile(0.025, degrees: count - 1) * (variance / count).squareRoot()
    self.mean = Estimate(
      mean, half > 0 && half.isFinite ? Interval(lower: mean - half, upper: mean + half) : nil,
      by: .seedInterval)
  }
}

/// How much of the uncertainty of a mean over seeds is due to the seeds, and how much to the examples.
///
/// Answers of S seeds to n examples are a two-way table with one entry a cell; its mean squares give the
/// variance components of a random-effects model (Searle, Casella, McCulloch 1992, section 4.3):
/// `σ²_seed = (MS_seed − MS_rest)/n`, `σ²_example = (MS_example − MS_rest)/S`, `σ²_rest = MS_rest`, each
/// at least 0.
public struct VarianceComponents: Equatable, Sendable {
  public let seeds: Int
  public let examples: Int
  /// Of a seed's expected value over all examples.
  public let ofSeeds: Double
  /// Of an example's expected value over all seeds.
  public let ofExamples: Double
  /// What seed and example together leave.
  public let rest: Double

  /// The variance of the mean because other seeds might have been drawn, `σ²_seed/S`.
  public var seedVariance: Double { ofSeeds / Double(seeds) }

  /// The variance of the mean because other examples might have been drawn,
  /// `σ²_example/n + σ²_rest/(S n)`.
  public var samplingVariance: Double {
    ofExamples / Double(examples) + rest / Double(seeds * examples)
  }

  /// Splits the variance.
  ///
  /// - Parameter answers: a row per seed, a number per example; `nil` with fewer than two of either.
  public init?(_ answers: [[Double]]) {
    guard answers.count > 1, let n = answers.first?.count, n > 1 else { return nil }
    precondition(answers.allSatisfy { $0.count == n })
    (seeds, examples) = (answers.count, n)
    let (rows, columns) = (Double(answers.count), Double(n))
    let rowMeans = answers.map { $0.reduce(0, +) / columns }
    let mean = rowMeans.reduce(0, +) / rows
    let columnMeans = (0..<n).map { place in answers.reduce(0) { $0 + $1[place] } / rows }
    func squares(_ values: [Double]) -> Double {
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    let betweenSeeds = columns * squares(rowMeans)
    let betweenExamples = rows * squares(columnMeans)
    let all = answers.reduce(0) { $0 + squares($1) }
    let left = max(0, all - betweenSeeds - betweenExamples) / ((rows - 1) * (columns - 1))
    rest = left
    ofSeeds = max(0, betweenSeeds / (rows - 1) - left) / columns
    ofExamples = max(0, betweenExamples / (columns - 1) - left) / rows
  }
}
