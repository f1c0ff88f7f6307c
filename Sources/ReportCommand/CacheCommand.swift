internal import ArgumentParser
internal import Train

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Show or empty the store of the frozen layers' output.",
    discussion:
      "It is found again by content; emptying it costs time in the next run, nothing else.")

  @OptionGroup var options: CacheOptions

  @Flag(help: "Remove everything in it.")
  var empty = false

  func run() throws {
    let cache = options.cache()
    if empty {
      try StandardOutput.line("\(sizeText(try cache.empty())) removed from \(cache.folder)")
      return
    }
    let entries = try cache.entries()
    for entry in entries { try StandardOutput.line("\(sizeText(entry.bytes))\t\(entry.path)") }
    try StandardOutput.line(
      "\(sizeText(entries.reduce(0) { $0 + $1.bytes })) in all in \(cache.folder)")
  }
}
