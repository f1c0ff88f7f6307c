import Foundation
import Storage
import TestSupport
import Testing

@Suite struct FileTests {
  private func names(_ folder: TemporaryFolder) throws -> [String] {
    try listFolder(folder.path)
  }

  @Test func anAtomicFileAppearsWhole() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.txt"
    try AtomicFile.write("old", to: path)
    var file = try AtomicFile(path, startingWith: Array("new".utf8))
    try file.write(Array(" text".utf8))
    #expect(String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self) == "old")
    try file.commit()
    #expect(String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self) == "new text")
    #expect(try names(folder) == ["a.txt"])
  }

  @Test func anAtomicFileThatIsDroppedLeavesNothing() throws {
    let folder = try TemporaryFolder()
    do {
      var file = try AtomicFile(folder.path + "/a.txt")
      try file.write([1, 2, 3])
      #expect(try names(folder).count == 1)
    }
    #expect(try names(folder).isEmpty)
  }

  @Test func anAtomicFileThatCannotBeRenamedLeavesNothing() throws {
    let folder = try TemporaryFolder()
    try makeFolder(folder.path + "/taken/inside")
    #expect(throws: StorageError.self) {
      try AtomicFile.write("x", to: folder.path + "/taken")
    }
    #expect(try names(folder) == ["taken"])
  }

  @Test func writingIntoNoFolderNamesTheFile() throws {
    let error = try #require(throws: StorageError.self) {
      try AtomicFile.write("x", to: "/nowhere/at/all.txt")
    }
    #expect("\(error)" == "cannot write /nowhere/at/all.txt: No such file or directory")
  }

  @Test func readsPiecesAndRefusesMoreThanThereIs() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a"
    try AtomicFile.write("0123456789", to: path)
    let file = try RandomAccessFile(path)
    #expect(file.size == 10)
    #expect(try file.bytes(at: 3, count: 4) == Array("3456".utf8))
    #expect(try file.bytes(at: 10, count: 0) == [])
    #expect(
      throws: StorageError.shortRead(file: path, offset: 8, expectedBytes: 4, foundBytes: 2)
    ) { try file.bytes(at: 8, count: 4) }
    // A file that shrinks while it is open is an error, not a crash.
    #expect(truncate(path, 5) == 0)
    #expect(throws: StorageError.self) { try file.contents() }
  }

  @Test func readsRegularFilesOnly() throws {
    let folder = try TemporaryFolder()
    #expect(throws: StorageError.self) { try RandomAccessFile(folder.path) }
    #expect(throws: StorageError.self) { try RandomAccessFile(folder.path + "/none") }
    // Nobody writes to the FIFO; waiting for it would hang the test.
    #expect(mkfifo(folder.path + "/fifo", 0o600) == 0)
    #expect(throws: StorageError.self) { try RandomAccessFile(folder.path + "/fifo") }
  }

  @Test func appendsWholeLines() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/log"
    try AppendedFile(path).append(line: "one", sync: true)
    let file = try AppendedFile(path)
    try file.append(line: "two", sync: false)
    try file.append(line: "", sync: false)
    #expect(
      String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self) == "one\ntwo\n\n")
    try file.truncate(to: 4)
    try file.append(line: "three", sync: false)
    #expect(
      String(decoding: try RandomAccessFile(path).contents(), as: UTF8.self) == "one\nthree\n")
  }

  @Test func makesAndListsFolders() throws {
    let folder = try TemporaryFolder()
    try makeFolder(folder.path + "/b/c")
    try makeFolder(folder.path + "/b/c")
    for name in ["ä", "z", "A", "a"] { try AtomicFile.write("", to: folder.path + "/\(name)") }
    #expect(try names(folder) == ["A", "a", "b", "z", "ä"])
    #expect(isFolder(folder.path + "/b/c") && !isFolder(folder.path + "/a"))
    #expect(exists(folder.path + "/a") && !exists(folder.path + "/q"))
    #expect(throws: StorageError.self) { try makeFolder(folder.path + "/a/below") }
    #expect(throws: StorageError.self) { try listFolder(folder.path + "/q") }
  }

  @Test(arguments: [
    ("/a/./b//c/", "/a/b/c"), ("/a/../b", "/b"), ("/../..", "/"), ("a/../../b", "../b"),
    ("./x", "x"), ("/", "/"), ("../..", "../.."),
  ])
  func normalizesPaths(_ path: String, _ expected: String) {
    #expect(normalizedPath(path) == expected)
  }

  @Test func absolutePathsStartAtTheRoot() {
    let current = FileManager.default.currentDirectoryPath
    #expect(absolutePath("x/y") == normalizedPath(current + "/x/y"))
    #expect(absolutePath(".") == normalizedPath(current))
    #expect(absolutePath("/x/../y") == "/y")
  }
}

@Suite struct SHA256Tests {
  /// FIPS 180-4's examples, and the empty message.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func knownAnswers(_ message: String, _ digest: String) {
    #expect(SHA256.hex(of: Array(message.utf8)) == digest)
  }

  @Test func aMillionLettersInPiecesAndFromAFile() throws {
    let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    var hash = SHA256()
    for _ in 0..<1000 { hash.update([UInt8](repeating: 0x61, count: 1000)) }
    #expect(hash.finish() == digest)
    let folder = try TemporaryFolder()
    let path = folder.path + "/a"
    try AtomicFile.write([UInt8](repeating: 0x61, count: 1_000_000), to: path)
    #expect(try SHA256.hex(ofFile: path) == digest)
  }
}

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("epoch", "epochs"), ("batchsize", "batch_size"), ("sede", "seed"), ("lables", "labels"),
  ])
  func findsWhatWasMeant(_ name: String, _ expected: String) {
    #expect(
      nearest(to: name, among: ["seed", "epochs", "batch_size", "labels", "optimizer"])
        == expected)
  }

  @Test func staysSilentWhenNothingIsNear() {
    #expect(nearest(to: "warmup", among: ["seed", "epochs"]) == nil)
    #expect(nearest(to: "x", among: [String]()) == nil)
  }

  @Test func takesTheFirstOfEquallyNearOnes() {
    #expect(nearest(to: "tast", among: ["test", "task", "last"]) == "last")
  }

  /// Whoever left a link in a folder cannot have the file behind it overwritten.
  @Test func aLinkIsReplacedAndNotFollowed() throws {
    let folder = try TemporaryFolder()
    let (target, link) = ("\(folder.path)/target", "\(folder.path)/link")
    try AtomicFile.write("kept", to: target)
    #expect(symlink(target, link) == 0)
    #expect(isSymbolicLink(link) && !isSymbolicLink(target) && !isSymbolicLink("\(link)-not"))
    try AtomicFile.write("new", to: link)
    #expect(try RandomAccessFile(target).contents() == Array("kept".utf8))
    #expect(try RandomAccessFile(link).contents() == Array("new".utf8) && !isSymbolicLink(link))
  }
}
