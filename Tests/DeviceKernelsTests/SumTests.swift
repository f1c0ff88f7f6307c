internal import CKernels
import TestSupport
import Testing

internal import Foundation

/// Sums over rows and over all elements, and the loss.
@Suite struct SumTests {
  @Test(arguments: [1, 63, 64, 65, 300], [1, 64, 100])
  func columnSumsAreTheCPUs(_ rows: Int, _ columns: Int) {
    // A part of wider rows.
    let stride = columns + 3
    let x = random(rows * stride, 1)
    var expected = [Float](repeating: 0, count: columns)
    withPlainKernels { tg_column_sums(x, rows, columns, stride, &expected) }
    let runs = (rows + 63) / 64
    let (partial, sums) = (KernelMemory(room: runs * columns), KernelMemory(room: columns))
    run(
      "tgk_column_sums", groups: [(columns + 63) / 64, runs, 1],
      [.memory(KernelMemory(x)), .memory(partial), .uint(rows), .uint(columns), .uint(stride)])
    run(
      "tgk_add_runs", groups: flat, [.memory(partial), .memory(sums), .uint(runs), .uint(columns)])
    #expect(sums.floats == expected)
  }

  private func sumOfSquares(_ x: [Float], groups: Int, factor: Float = 1) -> Double {
    let partial = KernelMemory(room: 2 * groups)
    run(
      "tgk_sum_of_squares", groups: [groups, 1, 1],
      [.memory(KernelMemory(x)), .memory(partial), .uint(x.count), .float(factor)])
    return partial.floats.reduce(0) { $0 + Double($1) } / Double(factor) / Double(factor)
  }

  /// Squares and sums that are kept with what they round have twice a float's digits.
  @Test(arguments: [1, 63, 1000, 100_000], [1, 5])
  func sumOfSquaresHasTwiceAFloatsDigits(_ count: Int, _ groups: Int) {
    let x = random(count, 2, in: -100...100)
    var expected = 0.0
    for element in x { expected += Double(element) * Double(element) }
    #expect(abs(sumOfSquares(x, groups: groups) / expected - 1) < 1e-12)
  }

  /// Where squares leave float's range, a power of two as a factor brings them back.
  @Test(arguments: [Float(0x1p100), 0x1p-100])
  func sumOfSquaresOfExtremes(_ size: Float) {
    let x = random(500, 3).map { $0 * size }
    let expected = x.reduce(0.0) { $0 + Double($1) * Double($1) }
    let plain = sumOfSquares(x, groups: 2)
    #expect(!(abs(plain / expected - 1) < 1e-12))
    #expect(abs(sumOfSquares(x, groups: 2, factor: 1 / size) / expected - 1) < 1e-12)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func sumOfSquaresIsNotFiniteIfAnElementIsNot(_ element: Float) {
    var x = random(500, 4)
    x[321] = element
    #expect(!sumOfSquares(x, groups: 3).isFinite)
  }

  private func largest(_ x: [Float], groups: Int) -> [Float] {
    let partial = KernelMemory(room: groups)
    run(
      "tgk_largest", groups: [groups, 1, 1],
      [.memory(KernelMemory(x)), .memory(partial), .uint(x.count)])
    return partial.floats
  }

  @Test func largestMagnitude() {
    var x = random(1000, 5)
    x[700] = -9
    #expect(largest(x, groups: 3).max() == 9)
    // A group that meets no element has none.
    #expect(largest([-3], groups: 2) == [3, 0])
    x[123] = .infinity
    #expect(largest(x, groups: 3).max() == .infinity)
  }

  /// Wherever it stands among larger numbers.
  @Test(arguments: [0, 1, 63, 64, 400, 999])
  func largestIsNaNIfAnElementIs(_ index: Int) {
    var x = random(1000, 6)
    x[index] = .nan
    #expect(largest(x, groups: 3).contains { $0.isNaN })
  }

  // MARK: Cross-entropy

  /// In double: the loss of each row.
  private func losses(_ x: [Double], _ labels: [UInt32], _ columns: Int) -> [Double] {
    labels.enumerated().map { row, label in
      let own = x[row * columns..<(row + 1) * columns]
      let highest = own.max() ?? 0
      return log(own.reduce(0) { $0 + exp($1 - highest) }) + highest
        - own[row * columns + Int(label)]
    }
  }

  @Test(arguments: [2, 3, 17], [Float(1), 30])
  func crossEntropyAndItsSlope(_ columns: Int, _ size: Float) {
    let (rows, scale) = (70, Float(0.25))
    let x = random(rows * columns, 7, in: -size...size)
    let labels = (0..<rows).map { UInt32($0 % columns) }
    let (d, found) = (KernelMemory(room: x.count), KernelMemory(room: rows))
    run(
      "tgk_cross_entropy", groups: flat,
      [
        .memory(KernelMemory(x)), .memory(KernelMemory(labels)), .memory(d), .memory(found),
        .uint(rows), .uint(columns), .float(scale),
      ])
    let doubles = x.map { Double($0) }
    let expected = losses(doubles, labels, columns)
    expectClose(
      found.floats.map { Double($0) }, expected, "losses", absolute: 3e-7, relative: 3e-7)
    // Each logit moves its own row's loss alone.
    let step = 1e-4
    for column in 0..<columns {
      func moved(_ sign: Double) -> [Double] {
        var moved = doubles
        for row in 0..<rows { moved[row * columns + column] += sign * step }
        return losses(moved, labels, columns)
      }
      let slopes = zip(moved(1), moved(-1)).map { Double(scale) * ($0 - $1) / (2 * step) }
      let own = (0..<rows).map { Double(d.floats[$0 * columns + column]) }
      expectClose(own, slopes, "slopes", absolute: 1e-7, relative: 1e-6)
    }
    // In place.
    let both = KernelMemory(x)
    run(
      "tgk_cross_entropy", groups: flat,
      [
        .memory(both), .memory(KernelMemory(labels)), .memory(both), .memory(found), .uint(rows),
        .uint(columns), .float(scale),
      ])
    #expect(both.floats == d.floats)
  }

  /// Where p - 1 would cancel to 0: the slope of a label that is nearly certain.
  @Test func slopeOfANearlyCertainLabel() {
    let d = KernelMemory(room: 2)
    run(
      "tgk_cross_entropy", groups: flat,
      [
        .memory(KernelMemory([20, 0] as [Float])), .memory(KernelMemory([0] as [UInt32])),
        .memory(d),
        .memory(KernelMemory(room: 1)), .uint(1), .uint(2), .float(1),
      ])
    let expected = Float(exp(-20.0) / (1 + exp(-20.0)))
    expectClose(d.floats, [-expected, expected], absolute: 0, relative: 1e-6)
  }
}
