import Glibc
import Storage
import TestSupport
import Testing

/// Lines are given when they are there, whatever they come from.
@Suite struct LineStreamTests {
  /// Both ends of a pipe.
  private final class Channel {
    let reading: Int32
    private var writing: Int32

    init() throws {
      var ends: [Int32] = [0, 0]
      // Other tests start programs meanwhile, which must not hold the writing end open.
      try #require(pipe(&ends) == 0)
      for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
      (reading, writing) = (ends[0], ends[1])
    }

    deinit {
      close(reading)
      end()
    }

    func write(_ text: String) {
      let bytes = Array(text.utf8)
      #expect(Glibc.write(writing, bytes, bytes.count) == bytes.count)
    }

    func end() {
      if writing >= 0 { close(writing) }
      writing = -1
    }
  }

  private func texts(_ lines: [[UInt8]]) -> [String] {
    lines.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Each call would wait for ever if it wanted more than is there.
  @Test func aLineIsGivenBeforeTheNextIsWritten() throws {
    let channel = try Channel()
    let stream = LineStream(descriptor: channel.reading, name: "pipe")
    for line in ["one", "", "three"] {
      channel.write(line + "\n")
      #expect(texts(try stream.next(atMost: 100)) == [line])
    }
    channel.end()
    #expect(try stream.next(atMost: 100).isEmpty)
    #expect(try stream.next(atMost: 100).isEmpty)
  }

  @Test func allThatIsThereIsGivenTogether() throws {
    let channel = try Channel()
    let stream = LineStream(descriptor: channel.reading, name: "pipe")
    // In two writes, and with the beginning of a line that is not there yet.
    channel.write("a\nb")
    channel.write("c\nd\ne")
    #expect(texts(try stream.next(atMost: 2)) == ["a", "bc"])
    #expect(texts(try stream.next(atMost: 2)) == ["d"])
    channel.write("f\n")
    #expect(texts(try stream.next(atMost: 2)) == ["ef"])
    channel.write("\ng")
    channel.end()
    #expect(texts(try stream.next(atMost: 5)) == ["", "g"])
    #expect(try stream.next(atMost: 5).isEmpty)
  }

  @Test func linesLongerThanAPipeComeWhole() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/lines"
    let long = String(repeating: "x", count: 200_000)
    try AtomicFile.write("\(long)\nshort\n\(long)y", to: path)
    let stream = try LineStream(path)
    #expect(texts(try stream.next(atMost: 2)) == [long, "short"])
    #expect(texts(try stream.next(atMost: 2)) == [long + "y"])
    #expect(try stream.next(atMost: 2).isEmpty)
  }

  /// A terminal that is set not to wait has nothing at first.
  @Test func aDescriptorThatDoesNotWaitIsWaitedFor() throws {
    let channel = try Channel()
    #expect(fcntl(channel.reading, F_SETFL, O_NONBLOCK) == 0)
    let stream = LineStream(descriptor: channel.reading, name: "pipe")
    channel.write("a\n")
    #expect(texts(try stream.next(atMost: 9)) == ["a"])
    channel.end()
    #expect(try stream.next(atMost: 9).isEmpty)
  }

  @Test func aLineTypedIntoATerminalIsGiven() throws {
    let screen = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (lock, number): (Int32, UInt32) = (0, 0)
    // What unlockpt(3) and ptsname(3) do, which Swift does not import.
    try #require(screen >= 0 && ioctl(screen, 0x4004_5431, &lock) == 0)
    try #require(ioctl(screen, 0x8004_5430, &number) == 0)
    let program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    defer {
      close(program)
      close(screen)
    }
    let stream = LineStream(descriptor: program, name: "terminal")
    for line in ["good film", "bad"] {
      let bytes = Array((line + "\n").utf8)
      #expect(write(screen, bytes, bytes.count) == bytes.count)
      #expect(texts(try stream.next(atMost: 9)) == [line])
    }
    // Ctrl-D.
    #expect(write(screen, [4], 1) == 1)
    #expect(try stream.next(atMost: 9).isEmpty)
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let folder = try TemporaryFolder()
    #expect(throws: StorageError.self) { try LineStream("\(folder.path)/missing") }
    let error = try #require(throws: StorageError.self) {
      try LineStream(folder.path).next(atMost: 1)
    }
    #expect("\(error)" == "cannot read \(folder.path): Is a directory")
  }
}
