internal import Model
internal import RunLog
internal import Storage

extension RunEnvironment {
  /// What this process runs with.
  ///
  /// - Parameters:
  ///   - backend: what computes.
  ///   - tokenizer: the model's.
  ///   - seed: the run's seed.
  ///   - hubModel: where the checkpoint comes from.
  ///   - hashes: SHA-256 by what a file is for.
  /// - Returns: the environment, with version and commit.
  static func current(
    _ backend: BackendIdentity, tokenizer: any TextTokenizer, seed: Int, hubModel: HubModel?,
    hashes: [(name: String, sha256: String)]
  ) -> RunEnvironment {
    RunEnvironment(
      version: Version.current, commit: Version.commit(),
      operatingSystem: value(of: "PRETTY_NAME=", in: "/etc/os-release") ?? "Linux",
      cpu: value(of: "model name", in: "/proc/cpuinfo") ?? "unknown processor",
      threads: backend.threads, blas: backend.products, blasKernel: backend.productKernel,
      blasKernelReason: backend.productKernelReason, kernels: backend.kernels,
      tokenizer: tokenizer.summary, tokenizerSHA256: tokenizer.sha256, seed: seed,
      hubModel: hubModel, device: backend.device, hashes: hashes)
  }

  /// What follows a key in a system file of lines, without separators and quotation marks.
  private static func value(of key: String, in path: String) -> String? {
    // Files under /proc have no size, so they are read in one piece of fixed length.
    guard let text = readText(path, limit: 1 << 16) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      return String(line.dropFirst(key.count).drop { $0 == " " || $0 == "\t" || $0 == ":" })
        .replacing("\"", with: "")
    }
    return nil
  }
}
