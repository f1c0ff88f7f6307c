/// Numbers written out to the right of what they are about, with room for them in the right margin.
public struct Values: Mark {
  public struct Value: Equatable, Sendable {
    /// The right end of what the number is about.
    public var point: Point
    public var text: String

    public init(_ text: String, at point: Point) { (self.text, self.point) = (text, point) }
  }

  public var values: [Value]
  public var ink: Ink

  public init(_ values: [Value], ink: Ink = .strong) { (self.values, self.ink) = (values, ink) }

  public var extent: Extent { Extent(of: values.map(\.point)) }

  public func shapes(on plane: Plane) -> [Shape] { [] }

  public var trailingTexts: [String] { values.map(\.text) }

  public func callouts(on plane: Plane) -> [Callout] {
    values.filter { $0.point.isFinite }.map { value in
      Callout(
        text: value.text, anchor: plane(value.point), clearance: plane.theme.markerRadius * 1.4,
        ink: ink, preference: .trailing)
    }
  }
}
