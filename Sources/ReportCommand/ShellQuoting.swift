internal import Foundation

/// An argument as a shell reads it back.
func shellQuoted(_ argument: String) -> String {
  let isPlain =
    !argument.isEmpty
    && argument.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B...0x2F, 0x3A, 0x3D, 0x40, 0x5F: true
      default: false
      }
    }
  return isPlain ? argument : "'" + argument.replacingOccurrences(of: "'", with: "'\\''") + "'"
}
