internal import ArgumentParser
internal import Train

/// How many threads compute.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Worker threads; all cores if left out, shared by the ranks that mpirun has started on this host.",
      valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads).")
    }
  }

  /// The number of threads to use.
  var count: Int { threads ?? RankTeam.coresForThisRank }
}
