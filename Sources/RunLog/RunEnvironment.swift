public import Storage

/// What a run was computed with and from.
public struct RunEnvironment: Equatable, Sendable {
  /// TransferGap's version.
  public var version: String
  /// The commit it was built from, or `nil` if that is not known.
  public var commit: String?
  public var operatingSystem: String
  /// The processor's own name for itself.
  public var cpu: String
  public var threads: Int
  /// The processes that trained together, rank 0 first; empty for one alone.
  public var ranks: [Rank] = []
  /// OpenBLAS' description of itself: version and kernel.
  /// The device that computed, such as a graphics processor; `nil` if it was the processor.
  public var device: ComputeDevice?
  /// What multiplied matrices: OpenBLAS' description of itself, version and kernel, or a device's library.
  public var blas: String
  /// The processor whose kernels OpenBLAS computed with, by its own name; `nil` in runs from before it was recorded.
  public var blasKernel: String?
  /// Why those kernels: OpenBLAS' own choice, the user's, or better ones than it would have taken.
  public var blasKernelReason: String?
  /// Which clone of our own kernels ran, such as `x86-64-v3`.
  public var kernels: String
  /// What kind of tokenizer the model has and how its files were read; `nil` in runs from before it was recorded.
  public var tokenizer: String?
  /// A digest of everything that decides a text's token ids; `nil` in such runs, too.
  public var tokenizerSHA256: String?
  public var seed: Int
  /// Where the checkpoint came from; `nil` for a folder.
  public var hubModel: HubModel?
  /// SHA-256 by what the file is for, such as `data/en.train` or `weights`, in that order.
  public var hashes: [(name: String, sha256: String)]

  /// One of several processes that train together.
  public struct Rank: Equatable, Sendable {
    public let host: String
    public let threads: Int

    public init(host: String, threads: Int) { (self.host, self.threads) = (host, threads) }
  }

  public init(
    version: String, commit: String?, operatingSystem: String, cpu: String, threads: Int,
    blas: String, blasKernel: String? = nil, blasKernelReason: String? = nil, kernels: String,
    tokenizer: String? = nil, tokenizerSHA256: String? = nil, seed: Int,
    hubModel: HubModel? = nil, device: ComputeDevice? = nil,
    hashes: [(name: String, sha256: String)]
  ) {
    (self.version, self.commit, self.operatingSystem) = (version, commit, operatingSystem)
    (self.cpu, self.threads, self.blas) = (cpu, threads, blas)
    (self.blasKernel, self.blasKernelReason) = (blasKernel, blasKernelReason)
    (self.kernels, self.seed, self.hashes) = (kernels, seed, hashes)
    (self.tokenizer, self.tokenizerSHA256) = (tokenizer, tokenizerSHA256)
    (self.hubModel, self.device) = (hubModel, device)
  }

  public static func == (a: RunEnvironment, b: RunEnvironment) -> Bool { a.json == b.json }

  /// The contents of environment.json.
  public var json: JSON {
    var files = JSONObject()
    for (name, sha256) in hashes { files[name] = .string(sha256) }
    var object: JSONObject = [
      "version": .string(version), "commit": commit.map { .string($0) } ?? .null,
      "operating_system": .string(operatingSystem), "cpu": .string(cpu),
      "threads": .integer(threads), "blas": .string(blas),
    ]
    if !ranks.isEmpty {
      object["ranks"] = .array(
        ranks.map { .object(["host": .string($0.host), "threads": .integer($0.threads)]) })
    }
    if let device { object["device"] = device.json }
    if let blasKernel { object["blas_kernel"] = .string(blasKernel) }
    if let blasKernelReason { object["blas_kernel_reason"] = .string(blasKernelReason) }
    object["kernels"] = .string(kernels)
    if let tokenizer { object["tokenizer"] = .string(tokenizer) }
    if let tokenizerSHA256 { object["tokenizer_sha256"] = .string(tokenizerSHA256) }
    object["seed"] = .integer(seed)
    if let hubModel { object["hub_model"] = hubModel.json }
    object["sha256"] = .object(files)
    return .object(object)
  }

  /// Reads environment.json.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - files: takes note of what was read.
  /// - Returns: what the run was computed with.
  /// - Throws: `StorageError`, `JSONError`, or `RunLogError` naming a missing or ill-typed key.
  public static func read(
    _ path: String, from files: ReadFiles = ReadFiles()
  ) throws -> RunEnvironment {
    let json = try JSON.parse(files.contents(path), file: path)
    let fields = try Fields(json, file: path, line: nil)
    var hashes: [(name: String, sha256: String)] = []
    for (name, value) in try fields.object("sha256").members {
      guard let sha256 = value.string else {
        throw RunLogError(file: path, "'sha256.\(name)' must be a string, not \(value.kind)")
      }
      hashes.append((name, sha256))
    }
    var environment = RunEnvironment(
      version: try fields.string("version"), commit: try fields.optionalString("commit"),
      operatingSystem: try fields.string("operating_system"), cpu: try fields.string("cpu"),
      threads: try fields.integer("threads"), blas: try fields.string("blas"),
      blasKernel: try fields.optionalString("blas_kernel"),
      blasKernelReason: try fields.optionalString("blas_kernel_reason"),
      kernels: try fields.string("kernels"), tokenizer: try fields.optionalString("tokenizer"),
      tokenizerSHA256: try fields.optionalString("tokenizer_sha256"),
      seed: try fields.integer("seed"),
      hubModel: try json["hub_model"].map { try HubModel($0, file: path) },
      device: try json["device"].map { try ComputeDevice($0, file: path) },
      hashes: hashes)
    if json["ranks"] != nil {
      environment.ranks = try fields.array("ranks").map {
        let rank = try Fields($0, file: path, line: nil)
        return Rank(host: try rank.string("host"), threads: try rank.integer("threads"))
      }
    }
    return environment
  }
}
