internal import Model
internal import RunLog
internal import Storage

/// A saved state of a training: `state.safetensors`, and its SHA-256 beside it.
///
/// Tensors: `parameters.<name>`, `first_moment.<name>`, `second_moment.<name>` and, if the best epoch
/// is to be selected, `best.<name>`, where names are Hugging Face's; `logits` of the epoch under way.
/// Scalars stand in the metadata as text that reads back to the same bits.
struct TrainingCheckpoint {
  let position: TrainingPosition
  /// The log when the state was reached: what comes later does not belong to it.
  let log: RunLogExtent
  /// Of all processes until then.
  let seconds: Double
  let prefixSeconds: Double
  /// Whether every split's frozen layers were stored; blocks computed without the store are cut
  /// otherwise, so their bits differ.
  let hasStoredPrefixes: Bool
  private let best: (epoch: Int, accuracy: Double)?
  private let optimizerSteps: Int
  private let running: (lossSum: Double, seconds: Double, multiplyAdds: Int)
  private let reader: SafetensorsReader

  /// The number of the layout; another one is not read.
  static let format = 1
  static let fileName = "state.safetensors"
  static let hashName = "state.sha256"

  // MARK: Writing

  /// What a checkpoint says beside the state.
  struct Circumstances {
    /// What the run depends on, in a hash.
    let identity: String
    let log: RunLogExtent
    let seconds: Double
    let prefixSeconds: Double
    let hasStoredPrefixes: Bool
  }

  /// Writes a state into an empty folder: its bytes are synced, its names are not.
  ///
  /// - Throws: `StorageError` if the disk does not take it.
  static func write(
    _ state: TrainingState, of backend: any Backend, _ circumstances: Circumstances,
    to folder: String
  ) throws {
    let path = "\(folder)/\(fileName)"
    let logits = state.running.logits
    var parts: [StatePart] = [.parameters, .firstMoment, .secondMoment]
    if state.keepsBest { parts.append(.kept) }
    let tensors = backend.tensors
    var writer = try SafetensorsWriter(
      path,
      tensors: parts.flatMap { part in
        tensors.map { .init("\(part.rawValue).\($0.name)", .f32, shape: $0.shape) }
      } + [.init("logits", .f32, shape: [logits.count])],
      metadata: [
        "format": "\(format)", "identity": circumstances.identity,
        "epochs": "\(state.position.epochs)", "steps": "\(state.position.steps)",
        "optimizer_steps": "\(backend.steps)",
        "loss_sum": "\(state.running.lossSum)", "epoch_seconds": "\(state.running.seconds)",
        "multiply_adds": "\(state.running.multiplyAdds)",
        "best_epoch": "\(state.best?.epoch ?? 0)",
        "best_accuracy": "\(state.best?.accuracy ?? 0)",
        "log_bytes": "\(circumstances.log.bytes)", "log_lines": "\(circumstances.log.lines)",
        "log_sha256": circumstances.log.sha256,
        "seconds": "\(circumstances.seconds)",
        "prefix_seconds": "\(circumstances.prefixSeconds)",
        "stored_prefixes": "\(circumstances.hasStoredPrefixes)",
      ])
    for part in parts {
      for tensor in tensors {
        try writer.write("\(part.rawValue).\(tensor.name)", backend.read(part, tensor.name))
      }
    }
    try writer.write("logits", logits)
    try writer.commit(syncingFolder: false)
    // The layout that `sha256sum --check` reads.
    try AtomicFile.write(
      "\(SHA256.hex(ofFile: path))  \(fileName)\n", to: "\(folder)/\(hashName)",
      syncingFolder: false)
  }

  // MARK: Reading

  /// Opens a checkpoint and checks every byte of it.
  ///
  /// - Parameters:
  ///   - folder: the checkpoint's.
  ///   - identity: of the run that would go on from it.
  /// - Throws: `StorageError`, `SafetensorsError` or `RunLogError` if anything is not as it was
  ///   written.
  init(_ folder: String, identity: String) throws {
    let path = "\(folder)/\(Self.fileName)"
    let line = try RandomAccessFile("\(folder)/\(Self.hashName)").contents()
    guard try line == Array("\(SHA256.hex(ofFile: path))  \(Self.fileName)\n".utf8) else {
      throw RunLogError(file: path, "is damaged: it does not match its SHA-256")
    }
    let reader = try SafetensorsReader(path)
    func text(_ key: String) throws -> String {
      guard let text = reader.metadata[key] else {
        throw RunLogError(file: path, "'\(key)' is missing in its metadata")
      }
      return text
    }
    func value<Value: LosslessStringConvertible>(_ key: String) throws -> Value {
      guard let value = Value(try text(key)) else {
        throw RunLogError(file: path, "'\(key)' in its metadata is not what it should be")
      }
      return value
    }
    guard try value("format") == Self.format else {
      throw RunLogError(
        file: path, "has the format \(try text("format")); this version reads \(Self.format)")
    }
    guard try text("identity") == identity else {
      throw RunLogError(file: path, "belongs to another run")
    }
    position = TrainingPosition(epochs: try value("epochs"), steps: try value("steps"))
    log = RunLogExtent(
      bytes: try value("log_bytes"), lines: try value("log_lines"), sha256: try text("log_sha256"))
    (seconds, prefixSeconds) = (try value("seconds"), try value("prefix_seconds"))
    hasStoredPrefixes = try value("stored_prefixes")
    let bestEpoch: Int = try value("best_epoch")
    best = bestEpoch > 0 ? (bestEpoch, try value("best_accuracy")) : nil
    optimizerSteps = try value("optimizer_steps")
    running = (try value("loss_sum"), try value("epoch_seconds"), try value("multiply_adds"))
    self.reader = reader
  }

  /// Some elements of a tensor of parameters.
  ///
  /// - Throws: `SafetensorsError` if it is of another network; `StorageError` if it cannot be read.
  func parameters(_ tensor: ParameterStore.Tensor, _ range: Range<Int>) throws -> [Float] {
    let name = "\(StatePart.parameters.rawValue).\(tensor.name)"
    return try reader.floats(name, shape: tensor.shape, range: range)
  }

  /// Puts a part of the saved state in place.
  ///
  /// - Throws: `SafetensorsError` if it is of another network; `StorageError` if it cannot be read.
  func restore(_ part: StatePart, of backend: any Backend) throws {
    for tensor in backend.tensors {
      let name = "\(part.rawValue).\(tensor.name)"
      try backend.write(reader.floats(name, shape: tensor.shape), to: part, tensor.name)
    }
  }

  /// Puts the saved state in place.
  ///
  /// - Throws: `SafetensorsError` if it is of another network; `StorageError` if it cannot be read.
  func restore(
    into state: inout TrainingState, of backend: any Backend, selection: Selection
  ) throws {
    for part in [StatePart.parameters, .firstMoment, .secondMoment] {
      try restore(part, of: backend)
    }
    backend.resume(after: optimizerSteps)
    state.running.logits = try reader.floats("logits", shape: [state.running.logits.count])
    state.running.lossSum = running.lossSum
    state.running.seconds = running.seconds
    state.running.multiplyAdds = running.multiplyAdds
    if let best {
      if selection == .bestSourceValidation { try restore(.kept, of: backend) }
      state.best = TrainingState.Best(epoch: best.epoch, accuracy: best.accuracy)
    }
    state.position = position
    state.earlierSeconds = seconds
    state.earlierPrefixSeconds = prefixSeconds
  }
}
