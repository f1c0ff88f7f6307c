import Dispatch
import Model
import Storage
import Testing

@Suite struct EngineTests {
  /// OpenBLAS builds its description anew in one buffer of its own whenever it is asked; half a description in
  /// environment.json or in the name of a cached prefix would pass for another library's.
  @Test func everyThreadReadsTheSameDescription() {
    let found = Locked(Set<String>())
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      let read = Set((0..<20_000).map { _ in Engine.blas })
      found.withLock { $0.formUnion(read) }
    }
    let all = found.withLock { $0 }
    #expect(all.count == 1, "\(all)")
    #expect(all.first?.hasPrefix("OpenBLAS ") == true)
  }
}
