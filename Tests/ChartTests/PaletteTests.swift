import Foundation
import Testing

@testable import Chart

/// Series must stay apart for every kind of sight, measured as a colour-blind reader sees them.
@Suite struct PaletteTests {
  /// How linear sRGB looks without one kind of cone: Machado, Oliveira and Fernandes, "A
  /// Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009),
  /// severity 1.
  enum Sight: String, CaseIterable {
    case normal, protanopia, deuteranopia, tritanopia

    var matrix: [[Double]] {
      switch self {
      case .normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
      case .protanopia:
        [
          [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
          [-0.003882, -0.048116, 1.051998],
        ]
      case .deuteranopia:
        [
          [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
          [-0.011820, 0.042940, 0.968881],
        ]
      case .tritanopia:
        [
          [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
          [0.004733, 0.691367, 0.303900],
        ]
      }
    }
  }

  @Test(arguments: [Theme.Name.light, .dark], Sight.allCases)
  func seriesColorsStayApart(_ name: Theme.Name, _ sight: Sight) {
    let theme = Theme.named(name)
    let colors = theme.palette.map { CIELab($0.color, seenWith: sight.matrix) }
    for (index, color) in colors.enumerated() {
      for other in colors[(index + 1)...] {
        let difference = color.difference(from: other)
        #expect(difference >= 10, "\(name), \(sight): series \(index) and another: \(difference)")
      }
    }
  }

  @Test func printTellsSeriesApartByDashAndByMarkerAlone() {
    let palette = Theme.print.palette
    for (index, style) in palette.enumerated() {
      #expect(style.color.red == style.color.green && style.color.green == style.color.blue)
      for other in palette[(index + 1)...] {
        #expect(style.dash != other.dash)
        #expect(style.symbol != other.symbol)
      }
    }
  }

  @Test(arguments: Theme.Name.allCases)
  func textCanBeRead(_ name: Theme.Name) {
    let theme = Theme.named(name)
    let inks = [Ink.strong, .muted] + (0..<20).map { Ink.series($0) }
    let colors = [theme.text, theme.mutedText] + inks.map(theme.textColor)
    for color in colors {
      #expect(color.contrast(with: theme.background) >= 4.5)
      // Over the tint of an area as well.
      for ink in inks {
        let tint = theme.color(of: ink).with(alpha: 0.07).over(theme.background)
        #expect(color.contrast(with: tint) >= 4.5, "\(name) \(ink)")
      }
    }
    for step in 0...100 {
      for ink in inks {
        let ground = theme.color(of: ink).with(alpha: Double(step) / 100).over(theme.background)
        #expect(theme.wordsColor(on: ground).contrast(with: ground) >= 4.5)
      }
    }
  }

  @Test(arguments: Theme.Name.allCases)
  func seriesStylesDiffer(_ name: Theme.Name) {
    let styles = (0..<20).map { Theme.named(name).style(ofSeries: $0) }
    for (index, style) in styles.enumerated() {
      for other in styles[(index + 1)...] { #expect(style != other, "\(name) \(index)") }
    }
  }

  /// Pairs of Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", Color Research and
  /// Application 30 (2005), table 1.
  @Test(arguments: [
    ([50.0, 2.6772, -79.7751], [50.0, 0, -82.7485], 2.0425),
    ([50.0, -1.3802, -84.2814], [50.0, 0, -82.7485], 1.0000),
    ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
    ([50.0, 2.5, 0], [73.0, 25, -18], 27.1492),
    ([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373),
    ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
  ])
  func colorDifferenceIsThePapers(_ a: [Double], _ b: [Double], _ expected: Double) {
    let found = CIELab(a[0], a[1], a[2]).difference(from: CIELab(b[0], b[1], b[2]))
    #expect(abs(found - expected) < 5e-5)
  }
}

/// A colour in CIE L*a*b*, D65.
struct CIELab {
  var (l, a, b): (Double, Double, Double)

  init(_ l: Double, _ a: Double, _ b: Double) { (self.l, self.a, self.b) = (l, a, b) }

  /// - Parameters:
  ///   - color: in sRGB.
  ///   - sight: applied to linear sRGB.
  init(_ color: Color, seenWith sight: [[Double]]) {
    let linear = [color.red, color.green, color.blue].map { channel in
      channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4)
    }
    func apply(_ matrix: [[Double]], _ v: [Double]) -> [Double] {
      matrix.map { row in zip(row, v).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let seen = apply(sight, linear).map { min(max($0, 0), 1) }
    let xyz = apply(
      [
        [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
      ], seen)
    let f = zip(xyz, [0.95047, 1, 1.08883]).map { value, white in
      let ratio = value / white
      return ratio > 216.0 / 24389 ? cbrt(ratio) : (24389.0 / 27 * ratio + 16) / 116
    }
    self.init(116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2]))
  }

  /// ΔE2000, in the notation of Sharma, Wu and Dalal.
  func difference(from other: CIELab) -> Double {
    let radians = Double.pi / 180
    let seventh = { (c: Double) in (pow(c, 7) / (pow(c, 7) + pow(25, 7))).squareRoot() }
    let g = 0.5 * (1 - seventh((hypot(a, b) + hypot(other.a, other.b)) / 2))
    let (a1, a2) = ((1 + g) * a, (1 + g) * other.a)
    let (c1, c2) = (hypot(a1, b), hypot(a2, other.b))
    func hue(_ a: Double, _ b: Double) -> Double {
      let angle = a == 0 && b == 0 ? 0 : atan2(b, a) / radians
      return angle < 0 ? angle + 360 : angle
    }
    let (h1, h2) = (hue(a1, b), hue(a2, other.b))
    var turn = c1 * c2 == 0 ? 0 : h2 - h1
    if turn > 180 { turn -= 360 } else if turn < -180 { turn += 360 }
    var meanHue = h1 + h2
    if c1 * c2 != 0 {
      meanHue = abs(h1 - h2) <= 180 ? meanHue / 2 : (meanHue + (meanHue < 360 ? 360 : -360)) / 2
    }
    let (meanL, meanC) = ((l + other.l) / 2, (c1 + c2) / 2)
    let (dL, dC) = (other.l - l, c2 - c1)
    let dH = 2 * (c1 * c2).squareRoot() * sin(turn / 2 * radians)
    let first = 1 - 0.17 * cos((meanHue - 30) * radians) + 0.24 * cos(2 * meanHue * radians)
    let t =
      first + 0.32 * cos((3 * meanHue + 6) * radians) - 0.2 * cos((4 * meanHue - 63) * radians)
    let fromMiddle = (meanL - 50) * (meanL - 50)
    let sL = 1 + 0.015 * fromMiddle / (20 + fromMiddle).squareRoot()
    let (sC, sH) = (1 + 0.045 * meanC, 1 + 0.015 * meanC * t)
    let spread = 30 * exp(-pow((meanHue - 275) / 25, 2))
    let rT = -sin(2 * spread * radians) * 2 * seventh(meanC)
    let (x, y, z) = (dL / sL, dC / sC, dH / sH)
    return (x * x + y * y + z * z + rT * y * z).squareRoot()
  }
}
