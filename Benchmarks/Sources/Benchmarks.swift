internal import ArgumentParser

/// Measures TransferGap; `Benchmarks/run.py` sets its results beside PyTorch's.
@main
struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Measure training, kernels, tokenizer and ROC; results are JSON, one per line.",
    subcommands: [
      MakeCheckpoint.self, TrainingBenchmark.self, DeviceBenchmark.self, KernelsBenchmark.self,
      TokenizerBenchmark.self,
      ROCBenchmark.self,
    ])
}
