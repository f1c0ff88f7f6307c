/// A version of CUDA or of one of its libraries, such as 12.4.
package struct CUDAVersion: Comparable, Sendable, CustomStringConvertible {
  package let major: Int
  package let minor: Int

  package init(_ major: Int, _ minor: Int) {
    (self.major, self.minor) = (major, minor)
  }

  /// - Parameter number: as cuDriverGetVersion gives it, such as 12040.
  package init(driver number: Int) {
    self.init(number / 1000, number % 1000 / 10)
  }

  package static func < (a: CUDAVersion, b: CUDAVersion) -> Bool {
    (a.major, a.minor) < (b.major, b.minor)
  }

  package var description: String { "\(major).\(minor)" }

  /// The first whose driver interface has everything that is used here.
  static let oldest = CUDAVersion(11, 0)
}
