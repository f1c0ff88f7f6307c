import Foundation
package import Testing

extension Trait where Self == ConditionTrait {
  /// Leaves a test out where it cannot run: under a sanitizer, by the name that scripts/sanitize.sh puts into
  /// `SANITIZER`, whose own use of memory or files a limit of the test forbids.
  package static func unless(sanitizers names: [String]) -> Self {
    .disabled(
      if: names.contains(ProcessInfo.processInfo.environment["SANITIZER"] ?? ""),
      "The sanitizer itself cannot run under this test's limit.")
  }
}
