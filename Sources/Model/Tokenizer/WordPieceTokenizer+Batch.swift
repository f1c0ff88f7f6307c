internal import Dispatch
internal import Synchronization

extension WordPieceTokenizer {
  /// Turns texts into token ids on several threads.
  ///
  /// - Parameters:
  ///   - texts: any number of them.
  ///   - maxLength: as of `encode(_:maxLength:)`.
  ///   - threads: at least 1.
  /// - Returns: one encoding a text, in their order; the same whatever the number of threads.
  public func encode(_ texts: [String], maxLength: Int? = nil, threads: Int) -> [Encoding] {
    precondition(threads >= 1, "encoding takes at least one thread")
    // Threads take pieces as they come free, since texts differ in length.
    let pieceSize = 64
    let workers = min(threads, (texts.count + pieceSize - 1) / pieceSize)
    guard workers > 1 else {
      var worker = TokenizerWorker(core: core, maxLength: maxLength)
      return texts.map { worker.encode($0) }
    }
    let nextPiece = Atomic(0)
    return [Encoding](unsafeUninitializedCapacity: texts.count) { results, count in
      // Each place is written by the one thread that took its piece, and read after all are done.
      nonisolated(unsafe) let places = results
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        var worker = TokenizerWorker(core: core, maxLength: maxLength)
        while true {
          let start = nextPiece.add(pieceSize, ordering: .relaxed).oldValue
          guard start < texts.count else { return }
          for index in start..<min(start + pieceSize, texts.count) {
            places.initializeElement(at: index, to: worker.encode(texts[index]))
          }
        }
      }
      count = texts.count
    }
  }
}
