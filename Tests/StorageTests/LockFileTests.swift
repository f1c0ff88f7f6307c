import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct LockFileTests {
  private let folder: TemporaryFolder
  private var path: String { "\(folder.path)/.lock" }

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func oneHolderAtATime() throws {
    var lock: LockFile? = try LockFile(path)
    #expect(lock?.abandonedBy == nil)
    let error = #expect(throws: StorageError.self) { _ = try LockFile(path) }
    #expect(error == .locked(file: path, process: Int(getpid())))
    lock = nil
    #expect(!exists(path))
    lock = try LockFile(path)
    #expect(exists(path))
  }

  /// What a killed process leaves locks nothing, even if another process has its id now.
  @Test(arguments: ["4194305 boot 1", "1 boot 1", "garbage", "", "-5 a b", "9 9"])
  func whatIsLeftBehindLocksNothing(_ text: String) throws {
    try AtomicFile.write(text + "\n", to: path)
    let lock = try LockFile(path)
    #expect(lock.abandonedBy == ["4194305 boot 1": 4_194_305, "1 boot 1": 1][text])
    #expect(throws: StorageError.self) { _ = try LockFile(path) }
  }

  /// Of many that try at once, never two hold it, although each removes the file when it is done.
  @Test func neverTwoAtOnce() async throws {
    let path = path
    let holders = Atomic(0)
    let most = Atomic(0)
    let times = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 400) { _ in
      guard let lock = try? LockFile(path) else { return }
      let now = holders.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
      most.max(now, ordering: .sequentiallyConsistent)
      times.wrappingAdd(1, ordering: .sequentiallyConsistent)
      usleep(50)
      holders.wrappingSubtract(1, ordering: .sequentiallyConsistent)
      withExtendedLifetime(lock) {}
    }
    #expect(most.load(ordering: .relaxed) == 1)
    #expect(times.load(ordering: .relaxed) >= 1 && !exists(path))
  }

  @Test func aHolderIsThisVeryProcess() throws {
    let current = LockFile.Holder.current
    #expect(current.isRunning && LockFile.Holder(current.text) == current)
    // The same id, started at another time or since another boot: another process.
    #expect(
      !LockFile.Holder(process: current.process, boot: current.boot, start: "1").isRunning)
    #expect(
      !LockFile.Holder(process: current.process, boot: "other", start: current.start).isRunning)
  }

  @Test func leftoversOfKilledProcessesGo() throws {
    let stale = ["a.png.4194305.tmp", "x.4194306.tmp"]
    let kept = ["a.png", "b.\(getpid()).tmp", "notes.tmp", "c.tmp"]
    for name in stale + kept { try AtomicFile.write("", to: "\(folder.path)/\(name)") }
    removeLeftovers(in: folder.path)
    #expect(try Set(listFolder(folder.path)) == Set(kept))
    removeLeftovers(in: "\(folder.path)/none")
  }

  @Test func aFolderWithoutRoomTakesNoHalfLine() throws {
    // A device that is always full takes nothing; the error names it.
    let file = try AppendedFile("/dev/full")
    let error = #expect(throws: StorageError.self) { try file.append(line: "x", sync: false) }
    #expect(error?.description == "cannot write /dev/full: No space left on device")
  }

  @Test func digestsAPartAndGoesOn() {
    var hash = SHA256()
    hash.update(Array("ab".utf8))
    #expect(hash.digest() == SHA256.hex(of: Array("ab".utf8)))
    hash.update(Array("c".utf8))
    #expect(hash.digest() == SHA256.hex(of: Array("abc".utf8)))
    #expect(hash.finish() == SHA256.hex(of: Array("abc".utf8)))
  }
}
