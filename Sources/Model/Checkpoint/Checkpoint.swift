internal import Glibc
internal import Storage

/// The weights of a Hugging Face directory, under one spelling of their names.
///
/// Reads `model.safetensors` or the shards that `model.safetensors.index.json` names, and takes names as
/// `Architecture.canonicalName` does.
final class Checkpoint: Sendable {
  /// A tensor in a file.
  struct Place: Sendable {
    let reader: SafetensorsReader
    /// As the file spells it.
    let key: String
  }

  let directory: String
  /// The file that errors name.
  let file: String
  private let places: [String: Place]
  private let configuration: EncoderConfiguration

  /// Opens the weights and reads the headers.
  ///
  /// - Parameters:
  ///   - directory: a Hugging Face directory.
  ///   - configuration: of the encoder whose weights they are.
  /// - Throws: `CheckpointError` if there are none in this format, `SafetensorsError`, `StorageError`,
  ///   `JSONError`.
  init(directory: String, _ configuration: EncoderConfiguration) throws {
    (self.directory, self.configuration) = (directory, configuration)
    let architecture = configuration.architecture
    let single = "\(directory)/model.safetensors"
    let index = "\(directory)/model.safetensors.index.json"
    var places: [String: Place] = [:]
    if FileSystem.exists(single) {
      file = single
      let reader = try SafetensorsReader(single)
      for key in reader.entries.keys.sorted() {
        try Self.add(key, reader, architecture, to: &places)
      }
    } else if FileSystem.exists(index) {
      file = index
      guard let map = try JSON.read(index)["weight_map"]?.object else {
        throw CheckpointError.index(file: index, problem: "it has no 'weight_map'")
      }
      var readers: [String: SafetensorsReader] = [:]
      for (key, value) in map.members {
        guard let shard = value.string, !shard.contains("/") else {
          throw CheckpointError.index(
            file: index, problem: "the shard of '\(key)' is not a file's name")
        }
        let reader = try readers[shard] ?? SafetensorsReader("\(directory)/\(shard)")
        readers[shard] = reader
        _ = try reader.entry(key)
        try Self.add(key, reader, architecture, to: &places)
      }
    } else {
      for name in ["pytorch_model.bin", "pytorch_model.bin.index.json"]
      where FileSystem.exists("\(directory)/\(name)") {
        throw CheckpointError.onlyPickledWeights(directory: directory, file: name)
      }
      throw CheckpointError.noWeights(directory)
    }
    self.places = places
  }

  private static func add(
    _ key: String, _ reader: SafetensorsReader, _ architecture: Architecture,
    to places: inout [String: Place]
  ) throws {
    guard let name = architecture.canonicalName(key) else { return }
    if let other = places[name] {
      throw SafetensorsError.malformed(
        file: reader.path, reason: "'\(key)' and '\(other.key)' are two names of one tensor")
    }
    places[name] = Place(reader: reader, key: key)
  }

  /// Whether a tensor is there.
  func has(_ name: String) -> Bool { places[name] != nil }

  /// The shape of a tensor, if it is there.
  func shape(_ name: String) -> [Int]? {
    places[name].flatMap { $0.reader.entries[$0.key]?.shape }
  }

  /// Checks that a tensor is there and of the right shape.
  ///
  /// - Throws: `CheckpointError.missingTensor`, `.shape`.
  @discardableResult
  func place(_ name: String, shape: [Int]) throws(CheckpointError) -> Place {
    guard let place = places[name] else {
      throw .missingTensor(name, in: file, nearest: nearest(to: name, among: places.keys))
    }
    if let found = place.reader.entries[place.key]?.shape, found != shape {
      throw .shape(of: place.key, in: place.reader.path, expected: shape, found: found)
    }
    return place
  }

  /// Checks that embeddings and layers are there and of the shapes that config.json calls for.
  ///
  /// Before memory is asked for: what config.json claims alone could be of any size.
  ///
  /// - Throws: `CheckpointError.tooFewLayers`, `.missingTensor`, `.shape`.
  func check(
    _ configuration: EncoderConfiguration, _ fineTuning: FineTuning
  ) throws(CheckpointError) {
    guard fineTuning.encoderLayers <= configuration.layers else {
      throw .tooFewLayers(
        file: "\(directory)/config.json", wanted: fineTuning.encoderLayers,
        found: configuration.layers)
    }
    let layout = ParameterLayout(configuration, fineTuning)
    for entry in layout.embeddings where !isComputed(entry.name) {
      try place(entry.name, shape: entry.shape)
    }
    for index in 0..<fineTuning.encoderLayers {
      for entry in layout.layer(index) { try place(entry.name, shape: entry.shape) }
    }
  }

  /// Whether a tensor is a table of sinusoidal positions that the files leave out.
  private func isComputed(_ name: String) -> Bool {
    configuration.hasSinusoidalPositions && places[name] == nil
      && name == configuration.architecture.name(of: .positions)
  }

  /// Bytes that a number of a tensor takes while it is read: as a float, and as it stands in the file if it is
  /// another there.
  func bytesOnTheWay(_ name: String) -> Int {
    let inFile = places[name].flatMap { $0.reader.entries[$0.key]?.elementType.byteCount } ?? 4
    return inFile == 4 ? 4 : 4 + inFile
  }

  /// Reads a tensor or a range of its elements, as 32-bit floats.
  ///
  /// - Throws: `CheckpointError`, `SafetensorsError` for integers, `StorageError`.
  func floats(_ name: String, shape: [Int], range: Range<Int>? = nil) throws -> [Float] {
    if isComputed(name) {
      return sinusoidalPositions(
        columns: configuration.hiddenSize, range ?? 0..<shape.reduce(1, *))
    }
    let place = try place(name, shape: shape)
    return try place.reader.floats(place.key, shape: shape, range: range)
  }
}

/// Elements of the table of sinusoidal positions (Vaswani et al. 2017) as DistilBERT has it: in row p, column 2i is
/// sin(p / 10000^(2i / columns)) and column 2i + 1 the cosine.
private func sinusoidalPositions(columns: Int, _ range: Range<Int>) -> [Float] {
  range.map { index in
    let (position, column) = (index / columns, index % columns)
    let angle = Double(position) / pow(10000, 2 * Double(column / 2) / Double(columns))
    return Float(column % 2 == 0 ? sin(angle) : cos(angle))
  }
}

/// Questions to the file system.
enum FileSystem {
  /// Whether there is something at `path` that can be read.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
