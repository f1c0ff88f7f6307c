internal import Model
internal import RunLog

/// What rank 0 has the other ranks do.
enum RankCommand {
  /// To compute this rank's share of some blocks.
  case compute(Work, BlockList)
  case prepareTraining
  case step(learningRate: Double, gradientFactor: Float)
  /// To put a tensor of the state in place.
  case write([Float], StatePart, name: String)
  case resume(steps: Int)
  case releaseFrozenParameters
  case loadEmbeddingRows([Int])
  /// To look for a split's stored output of the frozen layers where this rank can read it.
  case openPrefix(Split)
  /// To end with an exit status.
  case end(status: Int)

  enum Work: Equatable {
    case prefixes
    case logits
    case pooledStates
    case gradient(labels: [Int], DropoutKey?)
  }

  private enum Kind: Int {
    case prefixes, logits, pooledStates, gradient, prepareTraining, step, write, resume
    case releaseFrozenParameters, loadEmbeddingRows, openPrefix, end
  }

  var message: Message {
    var message = Message()
    func begin(_ kind: Kind) { message.append(kind.rawValue) }
    switch self {
    case .compute(let work, let blocks):
      switch work {
      case .prefixes: begin(.prefixes)
      case .logits: begin(.logits)
      case .pooledStates: begin(.pooledStates)
      case .gradient(let labels, let dropout):
        begin(.gradient)
        message.append(labels)
        message.append(dropout == nil ? 0 : 1)
        message.append(Int(bitPattern: UInt(dropout?.seed ?? 0)))
        message.append(dropout?.epoch ?? 0)
      }
      blocks.append(to: &message)
    case .prepareTraining: begin(.prepareTraining)
    case .step(let learningRate, let factor):
      begin(.step)
      message.append(learningRate)
      message.append(factor)
    case .write(let elements, let part, let name):
      begin(.write)
      message.append(part.rawValue)
      message.append(name)
      message.append(elements)
    case .resume(let steps):
      begin(.resume)
      message.append(steps)
    case .releaseFrozenParameters: begin(.releaseFrozenParameters)
    case .loadEmbeddingRows(let tokens):
      begin(.loadEmbeddingRows)
      message.append(tokens)
    case .openPrefix(let split):
      begin(.openPrefix)
      message.append(split.language)
      message.append(split.part.rawValue)
    case .end(let status):
      begin(.end)
      message.append(status)
    }
    return message
  }

  init(_ reader: inout MessageReader) throws {
    let number = try reader.integer()
    guard let kind = Kind(rawValue: number) else {
      throw MessageError("there is no command \(number)")
    }
    switch kind {
    case .prefixes: self = .compute(.prefixes, try BlockList(&reader))
    case .logits: self = .compute(.logits, try BlockList(&reader))
    case .pooledStates: self = .compute(.pooledStates, try BlockList(&reader))
    case .gradient:
      let labels = try reader.integers()
      let hasDropout = try reader.integer() == 1
      let (seed, epoch) = (try reader.integer(), try reader.integer())
      self = .compute(
        .gradient(
          labels: labels,
          hasDropout ? DropoutKey(seed: UInt64(UInt(bitPattern: seed)), epoch: epoch) : nil),
        try BlockList(&reader))
    case .prepareTraining: self = .prepareTraining
    case .step:
      self = .step(learningRate: try reader.double(), gradientFactor: try reader.float())
    case .write:
      let (part, name) = (try reader.string(), try reader.string())
      guard let part = StatePart(rawValue: part) else { throw MessageError("no part \(part)") }
      self = .write(try reader.floats(), part, name: name)
    case .resume: self = .resume(steps: try reader.integer())
    case .releaseFrozenParameters: self = .releaseFrozenParameters
    case .loadEmbeddingRows: self = .loadEmbeddingRows(try reader.integers())
    case .openPrefix: self = .openPrefix(try reader.split())
    case .end: self = .end(status: try reader.integer())
    }
  }
}

/// Which examples of which split are computed in which blocks.
struct BlockList: Equatable {
  let split: Split
  let examples: [Int]
  /// Where each block begins among the examples.
  let starts: [Int]
  let hasStoredRows: Bool

  init(_ blocks: Blocks, of split: Split) {
    self.split = split
    examples = blocks.examples
    starts = blocks.cuts.map(\.lowerBound)
    hasStoredRows = blocks.prefix != nil
  }

  func append(to message: inout Message) {
    message.append(split.language)
    message.append(split.part.rawValue)
    // Mostly a whole file in its order.
    let isWhole = examples == Array(examples.indices)
    message.append(isWhole ? 1 : 0)
    if isWhole { message.append(examples.count) } else { message.append(examples) }
    message.append(starts)
    message.append(hasStoredRows ? 1 : 0)
  }

  init(_ reader: inout MessageReader) throws {
    split = try reader.split()
    examples =
      try reader.integer() == 1 ? Array(0..<max(0, reader.integer())) : reader.integers()
    starts = try reader.integers()
    hasStoredRows = try reader.integer() == 1
  }

  /// The blocks themselves.
  func blocks(of dataset: Dataset, rows: (any StoredRows)?) throws -> Blocks {
    let ends = starts.dropFirst() + [examples.count]
    guard zip(starts, ends).allSatisfy({ $0 <= $1 }),
      examples.allSatisfy((0..<dataset.count).contains)
    else { throw MessageError("blocks that \(split) does not have") }
    return Blocks(
      examples, of: dataset, prefix: rows, cuts: zip(starts, ends).map { $0..<$1 })
  }
}

extension MessageReader {
  mutating func split() throws -> Split {
    let (language, part) = (try string(), try string())
    guard let part = Part(rawValue: part) else { throw MessageError("no part \(part)") }
    return Split(language, part)
  }
}

/// What another rank sends while it computes its share.
enum RankReply {
  /// What it has computed of a block, and its number of tokens.
  case block(Int, [Float], tokens: Int)
  /// It lacks the stored rows of a block.
  case rowsWanted(Int)
  /// It has done what it can.
  case done(Done)

  struct Done {
    /// Of a gradient, by block; empty otherwise.
    var results: [BlockResult?] = []
    var multiplyAdds = 0
    /// Of what no `block` told.
    var tokens = 0
    /// Whether it has done all: nobody told it to stop.
    var isWhole = true
    /// The sum of the squares of the parameters that learn, which must be the same everywhere.
    var parameterNorm = 0.0
  }

  var message: Message {
    var message = Message()
    switch self {
    case .block(let number, let values, let tokens):
      message.append(0)
      message.append(number)
      message.append(values)
      message.append(tokens)
    case .rowsWanted(let number):
      message.append(1)
      message.append(number)
    case .done(let done):
      message.append(2)
      message.append(done.results)
      message.append(done.multiplyAdds)
      message.append(done.tokens)
      message.append(done.isWhole ? 1 : 0)
      message.append(done.parameterNorm)
    }
    return message
  }

  /// - Parameters:
  ///   - reader: of the message.
  ///   - blocks: how many results a gradient has; 0 for other work.
  /// - Throws: `MessageError` if it is no such message.
  init(_ reader: inout MessageReader, blocks: Int) throws {
    switch try reader.integer() {
    case 0:
      self = .block(try reader.integer(), try reader.floats(), tokens: try reader.integer())
    case 1: self = .rowsWanted(try reader.integer())
    case 2:
      var done = Done(results: [BlockResult?](repeating: nil, count: blocks))
      try reader.results(into: &done.results)
      done.multiplyAdds = try reader.integer()
      done.tokens = try reader.integer()
      done.isWhole = try reader.integer() == 1
      done.parameterNorm = try reader.double()
      self = .done(done)
    case let kind: throw MessageError("there is no reply \(kind)")
    }
  }
}
