internal import ArgumentParser
internal import Train

/// Where the frozen layers' output is kept.
struct CacheOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder for the frozen layers' output; $XDG_CACHE_HOME/transfergap if left out.",
      valueName: "dir"), completion: .directory)
  var cacheDir: String?

  /// The cache as the options name it, with a limit of so many bytes.
  func cache(sizeLimit: Int = 20_000_000_000) -> PrefixCache {
    PrefixCache(folder: cacheDir ?? PrefixCache.defaultFolder, sizeLimit: sizeLimit)
  }
}

/// A number of bytes such as `500MB` or `20 GB`, in powers of ten; a bare number counts bytes.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  var defaultValueDescription: String { sizeText(bytes) }

  init?(argument: String) {
    let units = ["B": 1.0, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "": 1]
    let text = argument.uppercased().filter { $0 != " " }
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let number = Double(digits), let unit = units[String(text.dropFirst(digits.count))],
      number * unit < 1e18
    else { return nil }
    bytes = Int(number * unit)
  }
}
