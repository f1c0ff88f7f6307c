internal import Dispatch
internal import Synchronization

/// Encodes one text after another on one thread, with memory that it keeps for the next.
protocol TextWorker: ~Copyable, SendableMetatype {
  mutating func encode(_ text: String) -> Encoding
}

/// Encodes texts on several threads, each of which has a worker of its own.
///
/// - Parameters:
///   - texts: any number of them.
///   - threads: at least 1.
///   - makeWorker: is called once on every thread.
/// - Returns: one encoding per text, in order; the same whatever the number of threads.
func encodeInPieces<Worker: TextWorker & ~Copyable>(
  _ texts: [String], threads: Int, _ makeWorker: @Sendable () -> Worker
) -> [Encoding] {
  precondition(threads >= 1, "encoding takes at least one thread")
  // Threads take pieces as they come free, since texts differ in length.
  let pieceSize = 64
  let workers = min(threads, (texts.count + pieceSize - 1) / pieceSize)
  guard workers > 1 else {
    var worker = makeWorker()
    return texts.map { worker.encode($0) }
  }
  let nextPiece = Atomic(0)
  return [Encoding](unsafeUninitializedCapacity: texts.count) { results, count in
    // Each place is written by the one thread that took its piece, and read after all are done.
    nonisolated(unsafe) let places = results
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      var worker = makeWorker()
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
