internal import ArgumentParser
internal import Train

/// What networks are computed on, and in how many threads.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Worker threads; all cores if left out, shared by the ranks that mpirun has started on this host.",
      valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "What computes the network: the processor (cpu), a graphics processor (gpu), or the latter if there is one "
        + "that works (auto); opencl:<number>, opencl:cpu or cuda:<number> for a particular device.",
      valueName: "device"))
  var device = "cpu"

  @Option(
    help: ArgumentHelp(
      "Of matrix products on an NVIDIA GPU: fp32 (32-bit floats, as on the processor), or tf32, which is faster and rounds more.",
      valueName: "name"))
  var precision = "fp32"

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads).")
    }
    guard Computing.precisions.contains(precision) else {
      throw ValidationError(
        "--precision must be \(Computing.precisions.joined(separator: " or ")), not '\(precision)'."
      )
    }
    guard precision == "fp32" || device != "cpu" else {
      throw ValidationError("--precision \(precision) needs --device gpu or cuda:<number>.")
    }
    guard Computing.accepts(device) else {
      throw ValidationError("--device must be \(Computing.forms), not '\(device)'.")
    }
    guard RankTeam.launched == 1 || device == "cpu" else {
      throw ValidationError(
        "--device \(device) is for one process, and mpirun has started \(RankTeam.launched): a device's gradients are not "
          + "exchanged between processes. Leave out one of the two.")
    }
  }

  /// Opens what shall compute.
  ///
  /// - Parameter progress: told what takes long, and what computes if it is not the processor as usual.
  /// - Returns: the processor or the device.
  /// - Throws: what is missing for it.
  func computing(_ progress: TerminalProgress) throws -> Computing {
    try Computing(device, precision: precision) { progress.say($0) }
  }

  /// As arguments of another process.
  var deviceArguments: [String] {
    (device == "cpu" ? [] : ["--device", device])
      + (precision == "fp32" ? [] : ["--precision", precision])
  }

  /// The number of threads to use.
  var count: Int { threads ?? RankTeam.coresForThisRank }
}
