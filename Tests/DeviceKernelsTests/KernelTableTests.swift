internal import DeviceKernels
internal import Foundation
import Testing

/// The kernels that can be called by name are those of the text, with the text's parameters.
@Suite struct KernelTableTests {
  /// As `scripts/kernel_table.py` reads them, which writes the table.
  @Test func isThatOfTheText() throws {
    let text = String(cString: tgk_source())
    let kernel = /(?m)^KERNEL void (tgk_\w+)\(([^)]*)\)/
    let expected = text.matches(of: kernel).map { match in
      let letters = match.2.split(separator: ",").map { parameter in
        parameter.contains("*")
          ? "b"
          : parameter.contains("_offset")
            ? ""
            : parameter.contains("ulong") ? "l" : parameter.contains("uint") ? "u" : "f"
      }
      return "\(match.1) \(letters.joined())"
    }
    let found = (0..<tgk_kernel_count()).map {
      let kernel = tgk_kernel_at($0)
      return "\(String(cString: kernel.name)) \(String(cString: kernel.arguments))"
    }
    #expect(expected.count > 30)
    #expect(found.sorted() == expected.sorted(), "run scripts/kernel_table.py")
  }

  /// Run as C, a step ends before the next begins whether or not there is a barrier; so that one stands between any two is read
  /// from the text.
  @Test func everyStepEndsWithABarrier() {
    let text = String(cString: tgk_source())
    var steps = 0
    for kernel in text.split(separator: "KERNEL void ").dropFirst() {
      let name = kernel.prefix { $0 != "(" }
      let body = kernel.prefix(upTo: kernel.firstRange(of: "\n}")?.lowerBound ?? kernel.endIndex)
      var needsBarrier = false
      for word in body.matches(of: /EACH_\w+|SYNC|SUM_LANES|LARGEST_LANE/).map(\.output) {
        if word.hasPrefix("EACH_") {
          #expect(!needsBarrier, "a step of \(name) begins before the last has ended")
          needsBarrier = true
          steps += 1
        } else {
          needsBarrier = false
        }
      }
      // The end of a loop is followed by its beginning.
      for loop in body.split(separator: "\n  for (").dropFirst() {
        let lines = loop.prefix(upTo: loop.firstRange(of: "\n  }")?.lowerBound ?? loop.endIndex)
          .split(separator: "\n")
        #expect(lines.last == "    SYNC;", "a loop of \(name) ends without a barrier")
      }
    }
    #expect(steps > 50)
  }

  @Test(.enabled(if: KernelDevice.isRequired))
  func openCLIsHere() { #expect(KernelDevice.isHere) }

  @Test func refusesWhatItCannotLaunch() {
    var (groups, items) = ([1, 1, 1], [tgk_group_size, 1, 1])
    #expect(tgk_launch("tgk_nothing", &groups, &items, nil) == 1)
    items[1] = 2
    #expect(tgk_launch("tgk_fill", &groups, &items, nil) == 2)
  }
}
