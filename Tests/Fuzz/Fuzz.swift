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
           Fuzz large FOLDER               writes inputs of 20 MB into FOLDER/<target>/
           Fuzz weigh TARGET FILE          reads a file; fails beyond 10 s, or four times the file
                                           and 100 MB of memory
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
    case ("large", 3):
      for input in LargeInput.all {
        let folder = "\(arguments[2])/\(input.target)"
        try makeFolder(folder)
        try AtomicFile.write(input.bytes(), to: "\(folder)/\(input.name)")
      }
    case ("weigh", 4):
      try weigh(named(arguments[2]), arguments[3])
    default:
      write(STDERR_FILENO, usage, usage.utf8.count)
      exit(64)
    }
  }

  /// Reads one file and says what that took; exits with 1 if it was too much.
  private static func weigh(_ target: FuzzTarget, _ path: String) throws {
    let bytes = try RandomAccessFile(path).contents()
    // What a target needs for itself, such as a run beside the input, does not count.
    for seed in try target.seeds().prefix(1) { target(seed) }
    let before = megabytes("VmRSS:")
    var (start, end) = (timespec(), timespec())
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start)
    let answer = target(bytes)
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end)
    let seconds = Double(end.tv_sec - start.tv_sec) + 1e-9 * Double(end.tv_nsec - start.tv_nsec)
    let memory = megabytes("VmHWM:") - before
    let bound = 4 * Double(bytes.count) / 1e6 + 100
    let isTooMuch = memory > bound || seconds > 10
    print(
      "\(isTooMuch ? "TOO MUCH" : "fine") \(target.name) \(path.split(separator: "/").last ?? "")",
      "\(Int(memory)) of \(Int(bound)) MB, \((10 * seconds).rounded() / 10) s:",
      (answer ?? "read").prefix(120))
    FuzzTarget.removeFolder()
    exit(isTooMuch ? 1 : 0)
  }

  /// A figure of /proc/self/status.
  private static func megabytes(_ key: String) -> Double {
    let status = readText("/proc/self/status", limit: 10_000) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
    let words = line.split { $0 == " " || $0 == "\t" }
    return words.count > 1 ? (Double(words[1]) ?? 0) * 1024 / 1e6 : 0
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
