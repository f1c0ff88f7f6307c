internal import CKernels
import TestSupport
import Testing

/// Kernels of single elements against the CPU's, which have the same formulas.
@Suite struct ElementwiseTests {
  /// Fewer elements than an item has, a group has, and the groups of a launch have.
  static let counts = [1, 7, 64, 300, 1000]
  let special: [Float] = [
    0, -0.0, 1, -1, 88, -88, 20, -20, .infinity, -.infinity, .leastNonzeroMagnitude,
  ]

  @Test(arguments: counts)
  func fillCopyScaleAndAdd(_ count: Int) {
    let (x, y) = (random(count, 1), random(count, 2))
    let (memory, other) = (KernelMemory(x), KernelMemory(y))
    run("tgk_add", groups: flat, [.memory(memory), .memory(other), .uint(count)])
    #expect(memory.floats == zip(x, y).map { $0 + $1 })
    run("tgk_scale", groups: flat, [.memory(other), .uint(count), .float(0.3)])
    #expect(other.floats == y.map { $0 * 0.3 })
    run("tgk_copy", groups: flat, [.memory(other), .memory(memory), .uint(count)])
    #expect(memory.floats == other.floats)
    run("tgk_fill", groups: flat, [.memory(memory), .uint(count), .float(7)])
    #expect(memory.floats == [Float](repeating: 7, count: count))
  }

  @Test(arguments: [(1, 1), (5, 17), (3, 64), (70, 33), (2, 1000)])
  func biasAndGELU(_ rows: Int, _ columns: Int) {
    let (x, bias) = (random(rows * columns, 3, in: -6...6), random(columns, 4))
    var (expectedSum, expectedPre) = (x, x)
    var expectedOut = [Float](repeating: 0, count: x.count)
    withPlainKernels {
      tg_add_bias(&expectedSum, rows, columns, bias)
      tg_bias_gelu(&expectedPre, &expectedOut, rows, columns, bias)
    }
    let sum = KernelMemory(x)
    run(
      "tgk_add_bias", groups: flat,
      [.memory(sum), .memory(KernelMemory(bias)), .uint(rows), .uint(columns)])
    expectSame(sum.floats, expectedSum, "sum")
    let (pre, out) = (KernelMemory(x), KernelMemory(room: x.count))
    run(
      "tgk_bias_gelu", groups: flat,
      [.memory(pre), .memory(out), .memory(KernelMemory(bias)), .uint(rows), .uint(columns)])
    expectSame(pre.floats, expectedPre, "pre")
    expectSame(out.floats, expectedOut, "out")
    let inPlace = KernelMemory(x)
    run(
      "tgk_bias_gelu", groups: flat,
      [
        .memory(inPlace), .memory(inPlace), .memory(KernelMemory(bias)), .uint(rows),
        .uint(columns),
      ])
    expectSame(inPlace.floats, expectedOut, "in place")
  }

  @Test(arguments: counts)
  func gelu(_ count: Int) {
    let x = random(count, 5, in: -15...15) + special
    let d = random(x.count, 6)
    var (out, slope) = (x, x)
    withPlainKernels {
      tg_gelu(x, &out, x.count)
      tg_gelu_backward(d, x, &slope, x.count)
    }
    let (pre, found) = (KernelMemory(x), KernelMemory(room: x.count))
    run("tgk_gelu", groups: flat, [.memory(pre), .memory(found), .uint(x.count)])
    expectSame(found.floats, out, "GELU")
    let gradient = KernelMemory(d)
    run(
      "tgk_gelu_backward", groups: flat,
      [.memory(gradient), .memory(pre), .memory(gradient), .uint(x.count)])
    expectSame(gradient.floats, slope, "slope")
    // The other memory that may be overwritten.
    run(
      "tgk_gelu_backward", groups: flat,
      [.memory(KernelMemory(d)), .memory(pre), .memory(pre), .uint(x.count)])
    expectSame(pre.floats, slope, "slope in place of x")
  }

  @Test(arguments: counts)
  func tanhAndReLU(_ count: Int) {
    let x = random(count, 7, in: -5...5) + special
    let d = random(x.count, 8)
    var (tanh, relu, tanhSlope, reluSlope) = (x, x, d, d)
    withPlainKernels {
      tg_tanh(&tanh, x.count)
      tg_tanh_backward(&tanhSlope, tanh, x.count)
      tg_relu(&relu, x.count)
      tg_relu_backward(&reluSlope, relu, x.count)
    }
    let (foundTanh, foundReLU) = (KernelMemory(x), KernelMemory(x))
    run("tgk_tanh", groups: flat, [.memory(foundTanh), .uint(x.count)])
    expectSame(foundTanh.floats, tanh, "tanh")
    run("tgk_relu", groups: flat, [.memory(foundReLU), .uint(x.count)])
    expectSame(foundReLU.floats, relu, "relu")
    let (foundTanhSlope, foundReLUSlope) = (KernelMemory(d), KernelMemory(d))
    run(
      "tgk_tanh_backward", groups: flat,
      [.memory(foundTanhSlope), .memory(foundTanh), .uint(x.count)])
    expectSame(foundTanhSlope.floats, tanhSlope, "slope of tanh")
    run(
      "tgk_relu_backward", groups: flat,
      [.memory(foundReLUSlope), .memory(foundReLU), .uint(x.count)])
    expectSame(foundReLUSlope.floats, reluSlope, "slope of relu")
  }

  /// A training that has come to a NaN must notice it.
  @Test(arguments: ["tgk_tanh", "tgk_relu"])
  func keepsNaN(_ kernel: String) {
    let memory = KernelMemory([.nan, 1] as [Float])
    run(kernel, groups: flat, [.memory(memory), .uint(2)])
    #expect(memory.floats[0].isNaN && !memory.floats[1].isNaN)
  }

  @Test(arguments: counts)
  func adamW(_ count: Int) {
    let (p, g, m) = (random(count, 9), random(count, 10), random(count, 11))
    let v = random(count, 12, in: 0...3)
    let scalars: [Float] = [0.999, 0.1, 0.001, 0.9999, 0.002, 0.05, 1e-8]
    var (p1, m1, v1) = (p, m, v)
    withPlainKernels {
      tg_adamw(
        &p1, g, &m1, &v1, count, scalars[0], scalars[1], scalars[2], scalars[3], scalars[4],
        scalars[5], scalars[6])
    }
    let (parameters, first, second) = (KernelMemory(p), KernelMemory(m), KernelMemory(v))
    run(
      "tgk_adamw", groups: flat,
      [
        .memory(parameters), .memory(KernelMemory(g)), .memory(first), .memory(second),
        .uint(count),
      ]
        + scalars.map { .float($0) })
    expectSame(parameters.floats, p1, "parameters")
    expectSame(first.floats, m1, "first moment")
    expectSame(second.floats, v1, "second moment")
  }
}
