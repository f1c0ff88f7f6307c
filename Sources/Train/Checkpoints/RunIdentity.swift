internal import RunLog
internal import Storage

/// What a run's bits depend on, and what a run that goes on must share with the one that began.
struct RunIdentity {
  let experiment: Experiment
  let hashes: [(name: String, sha256: String)]

  /// A hash of it all, the number of epochs apart, which may grow.
  var sha256: String {
    var experiment = experiment
    experiment.training.epochs = 1
    let lines = hashes.map { "\($0.name) \($0.sha256)" }
    return SHA256.hex(of: Array((experiment.yaml + lines.joined(separator: "\n")).utf8))
  }

  /// Checks that a run may go on.
  ///
  /// - Parameters:
  ///   - run: as it began.
  ///   - backend: what computes now.
  ///   - mayExtend: whether it may have more epochs now.
  /// - Throws: `ResumptionRefused` naming every difference; `RunLogError` and others if the record of
  ///   what it began with cannot be read.
  /// - Returns: what the user should know.
  func check(
    against run: RunDirectory, computing backend: BackendIdentity, mayExtend: Bool
  ) throws -> [String] {
    let environment = try RunEnvironment.read(run.environment)
    let began = try Experiment.read(run.checkpointedExperiment)
    var differences: [String] = []
    for difference in experiment.differences(from: began) {
      if difference.key == "training.epochs", mayExtend,
        experiment.training.epochs > began.training.epochs
      {
        continue
      }
      differences.append(
        "\(difference.key) was \(difference.before), now it is \(difference.now)")
    }
    let before = Dictionary(environment.hashes.map { ($0.name, $0.sha256) }) { $1 }
    let now = Dictionary(hashes.map { ($0.name, $0.sha256) }) { $1 }
    for name in Set(before.keys).union(now.keys).sorted() where before[name] != now[name] {
      let difference =
        switch (before[name], now[name]) {
        case (nil, _): "\(name) is new"
        case (_, nil): "\(name) is gone"
        case (let before?, let now?):
          "\(name) has other contents (SHA-256 was \(before.prefix(12))…, now \(now.prefix(12))…)"
        }
      differences.append(difference)
    }
    if !Self.isCompatible(environment.version, Version.current) {
      differences.append(
        "it was begun with version \(environment.version), this is \(Version.current)")
    }
    if environment.device != backend.device {
      func words(_ device: ComputeDevice?) -> String { device?.words ?? "the processor" }
      differences.append(
        "it was computed on \(words(environment.device)), now it would be on "
          + words(backend.device))
    } else if backend.device != nil, environment.blas != backend.products {
      differences.append(
        "its matrix products were computed by \(environment.blas), now they would be by "
          + backend.products)
    }
    guard differences.isEmpty else {
      throw ResumptionRefused(run: run.path, differences: differences)
    }
    var notes: [String] = []
    for (what, before, now) in [
      ("OpenBLAS", environment.blas, backend.products),
      ("kernels", environment.kernels, backend.kernels),
    ] where before != now {
      notes.append(
        "This machine computes with other \(what) (\(now), before: \(before)); from here on, bits "
          + "differ from those of an uninterrupted run.")
    }
    return notes
  }

  /// Whether a run of one version may go on in another: major and minor agree, since a patch changes
  /// no bit.
  static func isCompatible(_ a: String, _ b: String) -> Bool {
    a.split(separator: ".").prefix(2) == b.split(separator: ".").prefix(2)
  }
}

/// A run cannot go on, since it would not be the same run.
public struct ResumptionRefused: Error, CustomStringConvertible {
  public let run: String
  /// A sentence each, without a full stop.
  public let differences: [String]

  public var description: String {
    "\(run) cannot be resumed: \(differences.joined(separator: "; ")). Restore what was there, or train "
      + "into another directory (--run-dir), or retrain here (--force)."
  }
}
