import Storage
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  /// Tests/Fixtures/make_storage_fixtures.py wrote the file with the reference library.
  @Test func readsWhatTheReferenceWrites() throws {
    let file = try Fixture.tensors("storage/reference.safetensors")
    #expect(file.metadata == ["format": "pt", "note": "Grüße \"quoted\""])
    #expect(file.entries.count == 8)
    #expect(try file.floats("matrix", shape: [2, 3]) == [0, 1, 2, 3, 4, 5])
    #expect(try file.floats("matrix", range: 2..<5) == [2, 3, 4])
    #expect(try file.floats("half") == [0.5, -2, 65504, Float(Float16(6e-8))])
    #expect(
      try file.floats("brain") == [1, -2.5, Float(bitPattern: 0x7F62_0000)])
    #expect(try file.floats("brain", range: 1..<2) == [-2.5])
    #expect(try file.doubles("double") == [1 / 3, -1e300])
    #expect(try file.integers("integers", shape: [3]) == [-1, 0, 1 << 62])
    #expect(try file.floats("scalar", shape: []) == [2.5])
    #expect(try file.floats("empty", shape: [0, 3]).isEmpty)
    #expect(try file.entry("bytes").elementType == .u8)
  }

  /// The bytes are a snapshot that the same script has the reference library read.
  @Test func writesWhatTheReferenceReads() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/ours.safetensors"
    var writer = try SafetensorsWriter(
      path,
      tensors: [
        .init("logits", .f32, shape: [2, 2]), .init("labels", .i64, shape: [2]),
        .init("empty", .f32, shape: [0, 2]),
      ], metadata: ["mode": "evaluation", "who": "ü\n"])
    try writer.write("logits", [0.5, -1, 3.25, 1e-30] as [Float])
    try writer.write("labels", [1, -(1 << 40)])
    try writer.write("empty", [] as [Float])
    try writer.commit()
    let bytes = try RandomAccessFile(path).contents()
    try expectSnapshot(bytes, "storage/ours.safetensors")
    #expect(bytes[0] % 8 == 0, "data start at a multiple of 8")
    let file = try SafetensorsReader(path)
    #expect(try file.floats("logits", shape: [2, 2]) == [0.5, -1, 3.25, 1e-30])
    #expect(try file.integers("labels") == [1, -(1 << 40)])
    #expect(file.metadata["who"] == "ü\n")
  }

  @Test func refusesWhatIsNotThere() throws {
    let file = try Fixture.tensors("storage/reference.safetensors")
    let path = Fixture.path("storage/reference.safetensors")
    #expect(throws: SafetensorsError.missingTensor("matrx", file: path, nearest: "matrix")) {
      try file.floats("matrx")
    }
    #expect(
      throws: SafetensorsError.shape(of: "matrix", file: path, expected: [3, 2], found: [2, 3])
    ) { try file.floats("matrix", shape: [3, 2]) }
    #expect(throws: SafetensorsError.self) { try file.floats("integers") }
    #expect(throws: SafetensorsError.self) { try file.integers("matrix") }
    #expect(throws: SafetensorsError.self) { try file.doubles("matrix") }
  }

  /// The format asks writers to align data; a reader that assumed it would read at odd addresses.
  @Test(arguments: [0, 1, 2, 3])
  func readsUnalignedData(padding: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/odd.safetensors"
    let header =
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},"#
      + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""y":{"dtype":"I64","shape":[1],"data_offsets":[9,17]}}"#
      + String(repeating: " ", count: padding)
    let length = UInt64(header.utf8.count)
    let data: [UInt8] = [7, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 5, 0, 0, 0, 0, 0, 0, 0]
    try AtomicFile.write(
      (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data,
      to: path)
    let file = try SafetensorsReader(path)
    #expect(try file.floats("x") == [1, -2] && file.integers("y") == [5])
    #expect(try file.floats("x", range: 1..<2) == [-2])
  }

  // MARK: Malformed files

  /// A file of a header, as it is or with a length that lies, and `count` bytes of data.
  private func expectMalformed(
    _ header: String, data count: Int, length: UInt64? = nil, _ reason: String
  ) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/bad.safetensors"
    let length = length ?? UInt64(header.utf8.count)
    let bytes =
      (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: count)
    try AtomicFile.write(bytes, to: path)
    let error = try #require(throws: SafetensorsError.self) { try SafetensorsReader(path) }
    #expect("\(error)".contains(reason), "\(error)")
    #expect("\(error)".contains(path))
  }

  private func entry(
    _ name: String, _ begin: Int, _ end: Int, type: String = "F32", shape: String = "[2]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
  }

  @Test func refusesOverlongHeaders() throws {
    try expectMalformed("{}", data: 0, length: 3, "claims 3 bytes")
    try expectMalformed("{}", data: 0, length: .max, "claims 18446744073709551615 bytes")
    try expectMalformed("{}", data: 0, length: 1 << 63, "claims")
    try expectMalformed("", data: 0, "header")
  }

  @Test func refusesFilesTooShortForALength() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/bad.safetensors"
    try AtomicFile.write([1, 2, 3], to: path)
    #expect(throws: SafetensorsError.self) { try SafetensorsReader(path) }
  }

  @Test func refusesHeadersThatAreNoObject() throws {
    try expectMalformed("[]", data: 0, "not an object")
    try expectMalformed("{\"a\":", data: 0, "header of")
    try expectMalformed("{\"__metadata__\":[]}", data: 0, "not an object")
    try expectMalformed("{\"__metadata__\":{\"a\":1}}", data: 0, "not a string")
    try expectMalformed("{\"a\":{\"dtype\":\"F32\"}}", data: 0, "lacks")
  }

  @Test func refusesDuplicateNames() throws {
    try expectMalformed(
      "{\(entry("a", 0, 8)),\(entry("a", 8, 16))}", data: 16, "'a' occurs twice")
  }

  @Test func refusesUnknownElementTypes() throws {
    try expectMalformed("{\(entry("a", 0, 8, type: "F4"))}", data: 8, "unknown element type 'F4'")
  }

  @Test func refusesWrongSizes() throws {
    try expectMalformed("{\(entry("a", 0, 12))}", data: 12, "12 bytes")
    try expectMalformed("{\(entry("a", 0, 8, type: "F32", shape: "[2,2]"))}", data: 8, "8 bytes")
    try expectMalformed(
      "{\(entry("a", 0, 8, type: "F32", shape: "[-2]"))}", data: 8, "whole numbers")
    try expectMalformed(
      "{\(entry("a", 0, 8, type: "F32", shape: "[2.0]"))}", data: 8, "whole numbers")
    try expectMalformed("{\(entry("a", 0, 0, type: "F32", shape: "[]"))}", data: 0, "takes 4")
  }

  @Test func refusesShapesThatOverflow() throws {
    try expectMalformed(
      "{\(entry("a", 0, 0, type: "F32", shape: "[4611686018427387904,4]"))}", data: 0, "overflows")
    try expectMalformed(
      "{\(entry("a", 0, 8, type: "U8", shape: "[4294967296,4294967296,4294967296]"))}", data: 8,
      "overflows")
  }

  @Test func refusesDataThatOverlapLeaveHolesOrLieOutside() throws {
    try expectMalformed("{\(entry("a", 0, 8)),\(entry("b", 4, 12))}", data: 12, "overlaps")
    try expectMalformed("{\(entry("a", 0, 8)),\(entry("b", 0, 8))}", data: 8, "overlaps")
    try expectMalformed("{\(entry("a", 0, 8)),\(entry("b", 12, 20))}", data: 20, "hole")
    try expectMalformed("{\(entry("a", 4, 12))}", data: 12, "hole")
    try expectMalformed("{\(entry("a", 0, 8))}", data: 4, "lies at")
    try expectMalformed("{\(entry("a", 8, 0))}", data: 8, "lies at")
    try expectMalformed("{\(entry("a", -8, 0))}", data: 8, "lies at")
    try expectMalformed("{\(entry("a", 0, 8))}", data: 9, "1 bytes after the last tensor")
  }
}
