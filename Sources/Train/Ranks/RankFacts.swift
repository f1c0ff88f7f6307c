internal import Model
internal import RunLog
internal import Storage

/// What must be the same on all ranks, and what each has of its own.
struct RankFacts {
  let threads: Int
  /// Bytes that it needs at most, about.
  let memory: Int
  /// In the order in which differences are named.
  let facts: [(name: String, value: String)]

  /// - Throws: `StorageError` if a file that counts cannot be read.
  init(_ preparation: Preparation, threads: Int) throws {
    (self.threads, memory) = (threads, preparation.memoryBytes)
    let identity = CPUBackend(preparation.classifier, threads: 1).identity
    var facts = [
      ("the program's version", Version.current),
      ("the program", try executablePath().map { try SHA256.hex(ofFile: $0) } ?? "unknown"),
      ("OpenBLAS", identity.products), ("OpenBLAS' kernels", identity.productKernel ?? "unknown"),
      ("the instruction set of our kernels", identity.kernels),
    ]
    // Where things lie may differ from host to host; what is in them may not.
    facts += preparation.experiment.settings.filter { !Self.isPlace($0.key) }.map {
      ("the setting \($0.key)", $0.value)
    }
    facts += try preparation.hashes().map { ("the file \($0.name)", $0.sha256) }
    self.facts = facts.map { (name: $0.0, value: $0.1) }
  }

  private static func isPlace(_ key: String) -> Bool {
    key == "model.checkpoint"
      || key.hasPrefix("data.")
        && ["train", "validation", "test", "text", "labels"].contains {
          key.hasSuffix(".\($0)")
        }
  }

  var message: Message {
    var message = Message()
    message.append(threads)
    message.append(memory)
    message.append(facts.count)
    for (name, value) in facts {
      message.append(name)
      message.append(value)
    }
    return message
  }

  init(_ reader: inout MessageReader) throws {
    threads = try reader.integer()
    memory = try reader.integer()
    let count = try reader.integer()
    var facts: [(name: String, value: String)] = []
    while facts.count < count { facts.append((try reader.string(), try reader.string())) }
    self.facts = facts
  }

  init(threads: Int, memory: Int, facts: [(name: String, value: String)]) {
    (self.threads, self.memory, self.facts) = (threads, memory, facts)
  }

  /// Compares what all ranks have with what rank 0 has.
  ///
  /// - Throws: `RanksDiffer` naming every difference.
  static func compare(_ ranks: [RankFacts], hosts: [String]) throws(RanksDiffer) {
    func shortened(_ value: String) -> String { value.count > 40 ? "\(value.prefix(12))…" : value }
    let first = ranks[0].facts
    var differences: [String] = []
    for (rank, other) in ranks.enumerated().dropFirst() {
      let mine = Dictionary(first.map { ($0.name, $0.value) }) { $1 }
      let theirs = Dictionary(other.facts.map { ($0.name, $0.value) }) { $1 }
      let names = first.map(\.name) + other.facts.map(\.name).filter { mine[$0] == nil }
      for name in names where mine[name] != theirs[name] {
        let (here, there) = (mine[name] ?? "not there", theirs[name] ?? "not there")
        differences.append(
          "\(name) is \(shortened(here)) on rank 0 (host \(hosts[0])) and \(shortened(there)) on rank \(rank) (host \(hosts[rank]))"
        )
      }
    }
    if !differences.isEmpty { throw RanksDiffer(differences: differences) }
  }
}

/// Ranks would not compute the same bits.
public struct RanksDiffer: Error, CustomStringConvertible {
  /// A sentence each, without a full stop.
  public let differences: [String]

  public var description: String {
    "the ranks do not compute the same: \(differences.joined(separator: "; ")). Nothing was written. Put the same program, "
      + "configuration, data and model on every host, and choose hosts with the same instruction set (or set OPENBLAS_CORETYPE on all)."
  }
}
