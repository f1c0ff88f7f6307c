internal import ArgumentParser
internal import Chart
internal import Model
internal import Plot
internal import RunLog
internal import Storage
internal import Train

struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Fit a logistic regression to each layer's output of the checkpoint before training.",
    discussion: """
      What a fine-tuned network has to beat, and where in the encoder the answer lies, in a fraction of the time that training \
      takes. Each example becomes one vector per layer, the mean over its tokens and the first token's output, standardised over \
      the training examples. To these a multinomial logistic regression is fitted on the source language's training data; the \
      strength of its penalty is chosen on source validation. It is then scored on every language.
      """)

  @Argument(
    help: "Experiment, YAML; `builtin:demo` for the built-in example.",
    completion: .file(extensions: ["yaml", "yml"]))
  var experiment: String

  @Option(
    help: ArgumentHelp(
      "How many encoder layers, from the first, or `all` that the checkpoint has; model.encoder_layers if left out.",
      valueName: "n"))
  var layers: String?

  @Option(
    help: ArgumentHelp(
      "Write every accuracy, with its interval, and the other metrics, one row per layer and split.",
      valueName: "file"), completion: .file())
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "Draw the accuracies by layer; the name's ending is the format: .png, .svg or .pdf.",
      valueName: "file"), completion: .file())
  var figure: String?

  @OptionGroup var appearance: StyleOptions
  @OptionGroup var threads: ThreadOptions

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override a key of the configuration, such as data.percentage=10; may be repeated. Paths are "
        + "relative to the experiment's folder, as in the file.",
      valueName: "key=value"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "Folder on whose disk the layers' output lies meanwhile; $XDG_CACHE_HOME/transfergap if left out.",
      valueName: "dir"), completion: .directory)
  var scratchDir: String?

  @Flag(help: "Go on even if there seems to be too little memory.")
  var ignoreMemory = false

  func validate() throws {
    if let layers, layers != "all", Int(layers).map({ $0 < 1 }) ?? true {
      throw ValidationError("--layers must be a number from 1 on, or all, not '\(layers)'.")
    }
    if let figure, Self.format(of: figure) == nil {
      throw ValidationError("--figure must end in .png, .svg or .pdf, not '\(figure)'.")
    }
  }

  private static func format(of path: String) -> FigureFormat? {
    FigureFormat.allCases.first { path.lowercased().hasSuffix(".\($0.rawValue)") }
  }

  func run() throws {
    let progress = TerminalProgress()
    let experiment = try BuiltinExample.read(experiment, settings: settings)
    let places = try InputPlaces(experiment, progress)
    let count = try layers.map { layers in
      try Int(layers)
        ?? EncoderConfiguration(directory: places.locate(experiment.model.checkpoint)).layers
    }
    progress.say("Reading data and model of '\(experiment.name)' …")
    let preparation = try Preparation(
      Probe.experiment(experiment, layers: count), threads: threads.count,
      on: threads.computing(progress),
      locate: places.locate
    ) { error in
      guard ignoreMemory else { throw error }
      progress.say("Warning: \(error.shortage).")
    }
    progress.show(.warnings(preparation.warnings))
    let folder = scratchDir ?? PrefixCache.defaultFolder
    try makeFolder(folder)
    let interruption = Interruption()
    let signals = SignalWatch(interruption)
    defer { signals.stop() }
    let probe: Probe
    do {
      probe = try Probe(
        preparation, threads: threads.count, scratchFolder: folder, interruption: interruption
      ) { progress.show(.progress($0)) }
    } catch is CancellationError {
      progress.clear()
      progress.say("Interrupted; a probe keeps nothing.")
      throw ExitCode(130)
    }
    progress.clear()
    let table = ProbeTable(probe, of: experiment)
    if let csv { try AtomicFile.write(table.csv, to: csv) }
    if let figure, let format = Self.format(of: figure) {
      for text in try table.figure.figure.write(
        to: figure, format: format, style: appearance.style)
      {
        progress.say("Warning: no installed font has all letters of '\(text)' in \(figure).")
      }
    }
    try StandardOutput.write(table.text)
  }
}

extension ProbeCommand: NamesThings {
  var named: [(path: String, expected: [NamedThing])] {
    [(experiment, [.experiment])]
  }
}
