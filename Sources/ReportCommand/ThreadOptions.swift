internal import ArgumentParser
internal import Foundation

/// How many threads compute.
struct ThreadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Worker threads; all cores if left out.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads).")
    }
  }

  /// The number of threads to use.
  var count: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}
