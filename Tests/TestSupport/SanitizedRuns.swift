import Foundation
package import Testing

extension Trait where Self == ConditionTrait {
  /// Leaves a test out where it cannot run: under a sanitizer, by the name that scripts/sanitize.sh puts into
  /// `SANITIZER`, whose own use of memory or files a limit of the test forbids or a number of the test holds, or
  /// which delivers signals later than the test needs them (the Thread Sanitizer: at the next call that waits).
  package static func unless(sanitizers names: [String]) -> Self {
    .disabled(
      if: names.contains(ProcessInfo.processInfo.environment["SANITIZER"] ?? ""),
      "The sanitizer's own memory, files or late signals stand in the way of this test.")
  }
}
