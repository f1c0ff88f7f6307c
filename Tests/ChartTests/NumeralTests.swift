import Testing

@testable import Chart

@Suite struct NumeralTests {
  @Test func decimals() {
    #expect(Numeral.decimal(0.5, places: 2) == "0.50")
    #expect(Numeral.decimal(-0.25, places: 2) == "\u{2212}0.25")
    #expect(Numeral.decimal(-0.0001, places: 2) == "0.00")
    #expect(Numeral.decimal(5.25, places: 1, signed: true) == "+5.2")
    #expect(Numeral.decimal(0.6815, places: 3) == "0.681", "binary 0.6815 lies below the tie")
    #expect(Numeral.decimal(.nan, places: 1) == "–")
    #expect(Numeral.percent(0.7125) == "71.2\u{A0}%")
  }

  @Test func shortNumbers() {
    #expect(Numeral.short(5e-5) == "5×10⁻⁵")
    #expect(Numeral.short(6.106e-6) == "6.11×10⁻⁶")
    #expect(Numeral.short(9.999e-5) == "1×10⁻⁴", "rounding carries into the exponent")
    #expect(Numeral.short(-3e10) == "\u{2212}3×10¹⁰")
    #expect(Numeral.short(0.002) == "2×10⁻³")
    #expect(Numeral.short(0.02) == "0.02")
    #expect(Numeral.shorts([0.05, 0.005]) == ["5×10⁻²", "5×10⁻³"])
    #expect(Numeral.shorts([0.5, 0.25]) == ["0.5", "0.25"])
    #expect(Numeral.short(1234) == "1234")
    #expect(Numeral.short(0) == "0")
  }

  @Test func axisLabelsShowNoNoise() {
    #expect(Numeral.labels(of: [0.1, 0.1 + 0.2, 0.5]) == ["0.1", "0.3", "0.5"])
    #expect(Numeral.labels(of: [0, 25, 50]) == ["0", "25", "50"])
    #expect(Numeral.labels(of: [0.25, 0.5, 0.75]) == ["0.25", "0.50", "0.75"])
    #expect(Numeral.labels(of: [-2, 0, 2]) == ["\u{2212}2", "0", "2"])
    #expect(Numeral.labels(of: [0, 5e-5, 1e-4]) == ["0", "5×10⁻⁵", "1×10⁻⁴"])
  }
}
