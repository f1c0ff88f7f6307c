/// What the difference of two accuracies is made of, group by group (Kitagawa 1955).
///
/// With shares `s_g`, `t_g` of a group among the examples of either side and accuracies `a_g`, `b_g`
/// within it,
/// `a − b = Σ (s_g − t_g) (a_g + b_g)/2 + Σ (a_g − b_g) (s_g + t_g)/2`:
/// what the sides hold differently, and how differently they do on what they both hold. It is exact and
/// treats both sides alike. A group that one side lacks has no accuracy there; the other side's stands
/// in, which counts all of it as composition.
public struct Decomposition: Equatable, Sendable {
  /// What a group adds to the difference.
  public struct Part: Equatable, Sendable {
    /// Because it is more frequent on one side.
    public let composition: Double
    /// Because one side does better within it.
    public let within: Double
  }
  /// One a group; with the bootstrap's interval over examples.
  public let composition: Estimate
  public let within: Estimate
  public let groups: [Part]

  /// Decomposes `a − b`; `nil` if a side has no examples.
  ///
  /// - Parameters:
  ///   - a: answers by group.
  ///   - b: as many groups.
  ///   - resamples: of examples, each side drawn on its own.
  public init?(_ a: [Hits], _ b: [Hits], resamples: Int = usualResamples) {
    precondition(a.count == b.count)
    guard a.contains(where: { $0.total > 0 }), b.contains(where: { $0.total > 0 }) else {
      return nil
    }
    groups = Self.parts(Self.cells(a), Self.cells(b))
    let (drawA, drawB) = (Multinomial(Self.cells(a)), Multinomial(Self.cells(b)))
    var random = SeededStream(seed: 0x6B69_7461)
    var (compositions, withins) = ([Double](), [Double]())
    var (cellsA, cellsB) = (Self.cells(a), Self.cells(b))
    let (n, m) = (Double(cellsA.reduce(0, +)), Double(cellsB.reduce(0, +)))
    for _ in 0..<resamples {
      drawA.next(&random, into: &cellsA)
      drawB.next(&random, into: &cellsB)
      var (composition, within) = (0.0, 0.0)
      for group in groups.indices {
        let part = Self.part(cellsA, cellsB, n, m, group)
        composition += part.composition
        within += part.within
      }
      compositions.append(composition)
      withins.append(within)
    }
    composition = Estimate(
      groups.reduce(0) { $0 + $1.composition }, percentileInterval(of: compositions),
      by: .unpairedBootstrap)
    within = Estimate(
      groups.reduce(0) { $0 + $1.within }, percentileInterval(of: withins), by: .unpairedBootstrap)
  }

  /// Right and wrong answers of each group in turn.
  private static func cells(_ hits: [Hits]) -> [Int] {
    hits.flatMap { [$0.correct, $0.total - $0.correct] }
  }

  private static func parts(_ a: [Int], _ b: [Int]) -> [Part] {
    let (n, m) = (Double(a.reduce(0, +)), Double(b.reduce(0, +)))
    return (0..<a.count / 2).map { part(a, b, n, m, $0) }
  }

  /// One group's part, n and m being the examples of either side.
  private static func part(_ a: [Int], _ b: [Int], _ n: Double, _ m: Double, _ group: Int) -> Part {
    let (i, j) = (2 * group, 2 * group + 1)
    let (s, t) = (Double(a[i] + a[j]), Double(b[i] + b[j]))
    if s == 0, t == 0 { return Part(composition: 0, within: 0) }
    let first = Double(s > 0 ? a[i] : b[i]) / (s > 0 ? s : t)
    let second = Double(t > 0 ? b[i] : a[i]) / (t > 0 ? t : s)
    return Part(
      composition: (s / n - t / m) * (first + second) / 2,
      within: (first - second) * (s / n + t / m) / 2)
  }
}
