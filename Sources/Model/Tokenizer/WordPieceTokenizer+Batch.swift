extension WordPieceTokenizer {
  /// Turns texts into token ids on several threads.
  ///
  /// - Parameters:
  ///   - texts: any number of them.
  ///   - maxLength: as of `encode(_:maxLength:)`.
  ///   - threads: at least 1.
  /// - Returns: one encoding per text, in their order; the same whatever the number of threads.
  public func encode(_ texts: [String], maxLength: Int? = nil, threads: Int) -> [Encoding] {
    encodeInPieces(texts, threads: threads) { TokenizerWorker(core: core, maxLength: maxLength) }
  }
}
