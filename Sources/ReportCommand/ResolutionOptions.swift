internal import ArgumentParser

/// How finely figures are drawn.
struct ResolutionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Resolution of PNG files in dots per inch, 20 to 1200.", valueName: "n"))
  var dpi = 300

  func validate() throws {
    guard (20...1200).contains(dpi) else {
      throw ValidationError("--dpi must be between 20 and 1200, not \(dpi).")
    }
  }

  /// As drawing takes it.
  var dotsPerInch: Double { Double(dpi) }
}
