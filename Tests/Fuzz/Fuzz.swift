internal import FuzzTargets
internal import Glibc
internal import Storage

/// Feeds readers: by itself the inputs of files, built for libFuzzer (`make fuzz`) whatever that invents.
@main
enum Fuzz {
  static let usage = """
    usage: Fuzz list                       names of the targets and of their dictionaries
           Fuzz seeds FOLDER               writes each target's seeds into FOLDER/<target>/
           Fuzz replay TARGET FILE …       reads files; what a reader says goes to standard output
           FUZZ_TARGET=… Fuzz [OPTION …]   runs libFuzzer, if built for it (scripts/fuzz.sh)

    """

  static func main() throws {
    let arguments = CommandLine.arguments
    #if FUZZER
      if let name = getenv("FUZZ_TARGET") { return try fuzz(String(cString: name)) }
    #endif
    defer { FuzzTarget.removeFolder() }
    switch (arguments.dropFirst().first, arguments.count) {
    case ("list", 2):
      for target in FuzzTarget.all { print(target.name, target.dictionary ?? "-") }
    case ("seeds", 3):
      for target in FuzzTarget.all {
        let folder = "\(arguments[2])/\(target.name)"
        try makeFolder(folder)
        for (index, seed) in try target.seeds().enumerated() {
          try AtomicFile.write(seed, to: "\(folder)/seed-\(index + 1)")
        }
      }
    case ("replay", 4...):
      let target = try named(arguments[2])
      for path in arguments[3...] {
        let answer = try target(RandomAccessFile(path).contents())
        print("\(path): \(answer ?? "read")")
      }
    default:
      write(STDERR_FILENO, usage, usage.utf8.count)
      exit(64)
    }
  }

  /// A target that is asked for by name.
  private static func named(_ name: String) throws -> FuzzTarget {
    let targets = FuzzTarget.all
    guard let target = targets.first(where: { $0.name == name }) else {
      throw StorageError.system(
        action: "find the target", file: name,
        reason: "there are \(targets.map(\.name).joined(separator: ", "))")
    }
    return target
  }

  #if FUZZER
    /// The target that libFuzzer calls; it takes a plain C function, which can capture nothing.
    nonisolated(unsafe) private static var target: FuzzTarget?

    private static func fuzz(_ name: String) throws {
      target = try named(name)
      var count = CommandLine.argc
      var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
      let status = runDriver(&count, &arguments) { data, size in
        Fuzz.target?(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
      }
      FuzzTarget.removeFolder()
      exit(status)
    }
  #endif
}

#if FUZZER
  /// libFuzzer as a library (https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library).
  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32
#endif
