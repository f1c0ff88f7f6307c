internal import Glibc

/// A colour in sRGB, channels and opacity from 0 to 1.
public struct Color: Equatable, Hashable, Sendable {
  public var red: Double
  public var green: Double
  public var blue: Double
  public var alpha: Double

  public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
    (self.red, self.green, self.blue, self.alpha) = (red, green, blue, alpha)
  }

  /// A colour written as in CSS, `0xRRGGBB`.
  public init(_ hexadecimal: UInt32) {
    self.init(
      red: Double(hexadecimal >> 16 & 0xFF) / 255, green: Double(hexadecimal >> 8 & 0xFF) / 255,
      blue: Double(hexadecimal & 0xFF) / 255)
  }

  public func with(alpha: Double) -> Color {
    Color(red: red, green: green, blue: blue, alpha: alpha)
  }

  /// The opaque colour seen when this one lies over `background`.
  public func over(_ background: Color) -> Color {
    Color(
      red: red * alpha + background.red * (1 - alpha),
      green: green * alpha + background.green * (1 - alpha),
      blue: blue * alpha + background.blue * (1 - alpha))
  }

  /// Relative luminance, 0 (black) to 1 (white), as WCAG 2.1 defines it.
  public var luminance: Double {
    func linear(_ channel: Double) -> Double {
      channel <= 0.03928 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// The contrast ratio of WCAG 2.1, 1 to 21.
  public func contrast(with other: Color) -> Double {
    let (light, dark) = (max(luminance, other.luminance), min(luminance, other.luminance))
    return (light + 0.05) / (dark + 0.05)
  }

  /// The nearest shade of this hue that can be read as text on `background`.
  ///
  /// WCAG 2.1, level AA, wants a contrast of 4.5 to 1; 6 leaves that much on a band or another tinted
  /// area.
  public func legible(on background: Color) -> Color {
    let target = background.luminance > 0.18 ? 0.0 : 1.0
    var shade = self
    for step in 0...40 {
      let share = Double(step) / 40
      shade = Color(
        red: red + (target - red) * share, green: green + (target - green) * share,
        blue: blue + (target - blue) * share)
      if shade.contrast(with: background) >= 6 { break }
    }
    return shade
  }

  /// As CSS writes it, without the opacity.
  var hexadecimal: String {
    let digits = [red, green, blue].map { channel in
      let byte = Int((min(max(channel, 0), 1) * 255).rounded())
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }
    return "#" + digits.joined()
  }
}
