public import Model
public import RunLog

/// A split in memory: encoded texts, packed one after another, with labels and facts.
public struct Dataset: Sendable {
  public let split: Split
  /// All examples' token ids, one example after another.
  public let tokens: [Int32]
  /// Where each example starts in `tokens`; one entry more than examples.
  public let offsets: [Int]
  /// 0-based class indices.
  public let labels: [Int]
  /// What is known of each example; its `id` is the row in the data file, of several sources together counted on from
  /// one file to the next.
  public let facts: [ExampleFacts]
  /// The number of rows in the file, of which `count` are used.
  public let available: Int
  /// The datasets of several sources that this one is made of, in their order; their languages, examples and rows.
  private let sources: [(language: String, examples: Int, available: Int)]

  /// The number of examples.
  public var count: Int { labels.count }

  /// Encodes labelled texts.
  ///
  /// - Parameters:
  ///   - split: what the data are.
  ///   - rows: the whole file's rows.
  ///   - chosen: indices of the rows to use, ascending.
  ///   - tokenizer: the checkpoint's tokenizer.
  ///   - maxLength: longest encoding in tokens.
  ///   - threads: how many threads may work.
  ///   - keepTexts: whether the facts keep the texts.
  public init(
    split: Split, rows: [LabelledText], chosen: [Int], tokenizer: any TextTokenizer, maxLength: Int,
    threads: Int, keepTexts: Bool
  ) {
    let encodings = tokenizer.encode(
      chosen.map { rows[$0].text }, maxLength: maxLength, threads: threads)
    var tokens: [Int32] = []
    tokens.reserveCapacity(encodings.reduce(0) { $0 + $1.ids.count })
    var offsets = [0]
    var facts: [ExampleFacts] = []
    for (row, encoding) in zip(chosen, encodings) {
      tokens += encoding.ids
      offsets.append(tokens.count)
      facts.append(
        ExampleFacts(
          id: row, tokens: encoding.ids.count, words: encoding.words, unknown: encoding.unknown,
          isTruncated: encoding.isTruncated, text: keepTexts ? rows[row].text : nil))
    }
    self.split = split
    (self.tokens, self.offsets, self.facts) = (tokens, offsets, facts)
    labels = chosen.map { rows[$0].label }
    available = rows.count
    sources = []
  }

  /// Takes the examples of several sources together, one source after another.
  ///
  /// - Parameters:
  ///   - sources: one per source, in their order.
  ///   - split: what the data are.
  init(pooling sources: [Dataset], as split: Split) {
    self.split = split
    tokens = sources.flatMap(\.tokens)
    labels = sources.flatMap(\.labels)
    var (offsets, facts) = ([0], [ExampleFacts]())
    var (tokensBefore, rowsBefore) = (0, 0)
    for source in sources {
      offsets += source.offsets.dropFirst().map { $0 + tokensBefore }
      facts += source.facts.map { fact in
        var fact = fact
        fact.id += rowsBefore
        return fact
      }
      tokensBefore += source.tokens.count
      rowsBefore += source.available
    }
    (self.offsets, self.facts) = (offsets, facts)
    available = rowsBefore
    self.sources = sources.map { ($0.split.language, $0.count, $0.available) }
  }

  /// The number of tokens of an example.
  public func length(_ example: Int) -> Int { offsets[example + 1] - offsets[example] }

  /// Packs examples, in the order given.
  public func batch(_ examples: some Collection<Int>) -> PackedBatch {
    var packed: [Int32] = []
    var starts = [0]
    for example in examples {
      packed += tokens[offsets[example]..<offsets[example + 1]]
      starts.append(packed.count)
    }
    return PackedBatch(
      tokens: packed, offsets: starts, examples: examples.map { UInt32(facts[$0].id) })
  }

  /// What the run's first record says of the split.
  public func splitFacts(classes: Int) -> RunStarted.SplitFacts {
    func counts(_ labels: ArraySlice<Int>) -> [Int] {
      var counts = [Int](repeating: 0, count: classes)
      for label in labels { counts[label] += 1 }
      return counts
    }
    var rest = labels[...]
    let shares = sources.map { source in
      defer { rest = rest.dropFirst(source.examples) }
      return RunStarted.SourceShare(
        language: source.language, examples: source.examples, available: source.available,
        classCounts: counts(rest.prefix(source.examples)))
    }
    return RunStarted.SplitFacts(
      split: split, examples: count, available: available, tokens: tokens.count,
      truncated: facts.count(where: \.isTruncated), classCounts: counts(labels[...]),
      sources: shares)
  }
}

extension Dataset: ExampleSource {}
