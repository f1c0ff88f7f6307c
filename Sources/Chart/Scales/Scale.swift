internal import Glibc

/// Maps data to a position along an axis, 0 at its start and 1 at its end.
public protocol Scale: Sendable {
  /// What the axis covers.
  var domain: ClosedRange<Double> { get }
  /// A share of the axis' length; not finite where the value has no place on it.
  func position(of value: Double) -> Double
}

/// Equal steps, equal distances.
public struct LinearScale: Scale {
  public let domain: ClosedRange<Double>

  public init(_ domain: ClosedRange<Double>) { self.domain = domain }

  public func position(of value: Double) -> Double {
    // Halved first, so that a domain of ±1.7e308 does not overflow.
    (value / 2 - domain.lowerBound / 2) / (domain.upperBound / 2 - domain.lowerBound / 2)
  }
}

/// Equal ratios, equal distances; values of zero and below have no place.
public struct LogScale: Scale {
  public let domain: ClosedRange<Double>

  /// - Parameter domain: positive.
  public init(_ domain: ClosedRange<Double>) {
    precondition(domain.lowerBound > 0, "a logarithmic axis starts above zero")
    self.domain = domain
  }

  public func position(of value: Double) -> Double {
    guard value > 0 else { return .nan }
    let (low, high) = (log(domain.lowerBound), log(domain.upperBound))
    return (log(value) - low) / (high - low)
  }
}

/// Categories 0, 1, …, each in the middle of a band of equal width, the first at the axis' start.
public struct BandScale: Scale {
  public let count: Int

  /// - Parameter count: at least 1.
  public init(count: Int) { self.count = max(count, 1) }

  public var domain: ClosedRange<Double> { -0.5...(Double(count) - 0.5) }

  public func position(of value: Double) -> Double { (value + 0.5) / Double(count) }
}
