/// Minimises a smooth convex function by the limited-memory BFGS method (Liu and Nocedal 1989, "On the limited memory
/// BFGS method for large scale optimization"), with a line search for the strong Wolfe conditions (Nocedal and Wright
/// 2006, "Numerical Optimization", algorithms 3.5 and 3.6).
struct LBFGS {
  /// Where it ended.
  struct Minimum {
    let point: [Double]
    let value: Double
    /// The largest element of the gradient, without its sign.
    let steepness: Double
    let iterations: Int
    /// Whether `steepness` is within the tolerance; else the rounding of doubles or the number of iterations ended it.
    let hasConverged: Bool
  }

  /// A function's value, and its gradient.
  typealias Sample = (value: Double, gradient: [Double])

  /// The largest element that the gradient may have in the end.
  var tolerance = 1e-6
  var mostIterations = 1000
  /// How many steps are remembered.
  var memory = 10

  /// - Parameters:
  ///   - start: where to begin.
  ///   - function: smooth, convex and bounded below.
  /// - Returns: where its gradient vanishes, as far as can be told.
  /// - Throws: what `function` throws.
  func minimize(from start: [Double], _ function: ([Double]) throws -> Sample) rethrows -> Minimum {
    var point = start
    var sample = try function(point)
    var steps: [(s: [Double], y: [Double], inverse: Double)] = []
    for iteration in 0..<mostIterations {
      let steepness = Self.largest(sample.gradient)
      if steepness <= tolerance {
        return Minimum(
          point: point, value: sample.value, steepness: steepness, iterations: iteration,
          hasConverged: true)
      }
      var direction = Self.direction(sample.gradient, steps)
      if dot(direction, sample.gradient) >= 0 {
        // Rounding has spoilt what is remembered.
        steps = []
        direction = sample.gradient.map { -$0 }
      }
      // Without memory nothing tells the scale of a step.
      let first = steps.isEmpty ? min(1, 1 / dot(direction, direction).squareRoot()) : 1
      guard
        let (length, next) = try search(point, sample, along: direction, from: first, function)
      else {
        return Minimum(
          point: point, value: sample.value, steepness: steepness, iterations: iteration,
          hasConverged: false)
      }
      let s = direction.map { $0 * length }
      let y = zip(next.gradient, sample.gradient).map { $0 - $1 }
      let curvature = dot(s, y)
      if curvature > 0 {
        steps.append((s, y, 1 / curvature))
        if steps.count > memory { steps.removeFirst() }
      }
      for index in point.indices { point[index] += s[index] }
      sample = next
    }
    let steepness = Self.largest(sample.gradient)
    return Minimum(
      point: point, value: sample.value, steepness: steepness, iterations: mostIterations,
      hasConverged: steepness <= tolerance)
  }

  /// The two loops that apply the remembered inverse Hessian to the gradient.
  private static func direction(
    _ gradient: [Double], _ steps: [(s: [Double], y: [Double], inverse: Double)]
  ) -> [Double] {
    var q = gradient
    var factors: [Double] = []
    for step in steps.reversed() {
      let factor = step.inverse * dot(step.s, q)
      for index in q.indices { q[index] -= factor * step.y[index] }
      factors.append(factor)
    }
    if let last = steps.last {
      let scale = 1 / (last.inverse * dot(last.y, last.y))
      for index in q.indices { q[index] *= scale }
    }
    for (step, factor) in zip(steps, factors.reversed()) {
      let back = step.inverse * dot(step.y, q)
      for index in q.indices { q[index] += (factor - back) * step.s[index] }
    }
    return q.map { -$0 }
  }

  private static func largest(_ gradient: [Double]) -> Double {
    // Not `max`, for which the place of a NaN matters.
    gradient.contains { !$0.isFinite } ? .infinity : gradient.reduce(0) { max($0, abs($1)) }
  }

  /// A point along a direction at which the function has fallen enough and its slope is flat enough.
  ///
  /// - Returns: how far it is, and the function there; `nil` if rounding lets none be found.
  private func search(
    _ point: [Double], _ start: Sample, along direction: [Double], from first: Double,
    _ function: ([Double]) throws -> Sample
  ) rethrows -> (length: Double, sample: Sample)? {
    let (decrease, curvature) = (1e-4, 0.9)
    let slope = dot(start.gradient, direction)
    func at(_ length: Double) throws -> (length: Double, sample: Sample, slope: Double) {
      let sample = try function(zip(point, direction).map { $0 + length * $1 })
      return (length, sample, dot(sample.gradient, direction))
    }
    func hasFallen(_ length: Double, _ value: Double) -> Bool {
      value <= start.value + decrease * length * slope
    }
    var low = (length: 0.0, sample: start, slope: slope)
    var high: (length: Double, sample: Sample, slope: Double)?
    var length = first
    for _ in 0..<40 {
      let trial = try at(length)
      if !hasFallen(length, trial.sample.value) || trial.sample.value >= low.sample.value {
        high = trial
      } else if abs(trial.slope) <= -curvature * slope {
        return (length, trial.sample)
      } else {
        // The minimum lies between the lowest point and whatever the slope there points to.
        if trial.slope * ((high?.length ?? .infinity) - low.length) >= 0 { high = low }
        low = trial
      }
      if let high {
        length = Self.between(low, high)
        if length == low.length || length == high.length { break }
      } else {
        length *= 2
      }
    }
    // Where values differ by rounding alone, a lower one is all that can be asked for.
    return low.length > 0 ? (low.length, low.sample) : nil
  }

  /// Where a cubic through two points with these slopes is lowest, kept away from both.
  private static func between(
    _ a: (length: Double, sample: Sample, slope: Double),
    _ b: (length: Double, sample: Sample, slope: Double)
  ) -> Double {
    let width = b.length - a.length
    let d = a.slope + b.slope - 3 * (a.sample.value - b.sample.value) / (a.length - b.length)
    let root = (d * d - a.slope * b.slope).squareRoot() * (width < 0 ? -1 : 1)
    let cubic = b.length - width * (b.slope + root - d) / (b.slope - a.slope + 2 * root)
    let (lower, upper) = (a.length + 0.1 * width, a.length + 0.9 * width)
    guard cubic.isFinite, (cubic - lower) * (cubic - upper) < 0 else {
      return (a.length + b.length) / 2
    }
    return cubic
  }
}

func dot(_ x: [Double], _ y: [Double]) -> Double {
  var sum = 0.0
  for index in x.indices { sum += x[index] * y[index] }
  return sum
}
