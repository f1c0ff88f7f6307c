import Plot

/// Runs that break naive figures, for the pictures and the gallery.
enum OddRun: String, CaseIterable {
  case plain, oneEpoch, twoClasses, twentyClasses, fourTargets, manyTargets, gaps, scripts,
    longNames, allEqual

  /// What is odd about it, a few words.
  var title: String {
    switch self {
    case .plain: "A plain run"
    case .oneEpoch: "One epoch"
    case .twoClasses: "Two classes"
    case .twentyClasses: "Twenty classes"
    case .fourTargets: "Four targets"
    case .manyTargets: "Twelve targets"
    case .gaps: "Epochs whose values are not numbers"
    case .scripts: "Names in Arabic, Hindi, Chinese and Russian"
    case .longNames: "Long names"
    case .allEqual: "Nothing learned, and everything equal"
    }
  }

  var run: MadeUpRun {
    var run = MadeUpRun()
    run.examples = 120
    run.hasTest = false
    switch self {
    case .plain:
      run = MadeUpRun()
      run.baselineLayers = Array(0...6)
    case .oneEpoch: run.epochs = 1
    case .twoClasses: run.labels = ["no", "yes"]
    case .twentyClasses: run.labels = (1...20).map { "class \($0)" }
    case .fourTargets:
      run.targets = [("de", "German"), ("fr", "French"), ("es", "Spanish"), ("th", "Thai")]
      run.signals = [1.6, 1.3, 1.2, 1.0, 0.5]
      run.hasTest = true
    case .manyTargets:
      run.targets = (1...12).map { ("x\($0)", "Language \($0)") }
    case .gaps:
      run.broken = [(3, "de.validation"), (4, "de.validation"), (7, "en.validation")]
    case .scripts:
      run.source = ("ar", "العربية")
      run.targets = [("hi", "हिन्दी"), ("zh", "中文"), ("ru", "Русский")]
      run.labels = ["سلبي", "तटस्थ", "积极的"]
      run.signals = [1.6, 1.2, 1.0, 0.8]
    case .longNames:
      run.source.name = "English as it is written in product reviews"
      run.targets = [("de", "Donaudampfschifffahrtsgesellschaftsdeutsch, mostly Austrian")]
      run.labels = ["disappointed beyond words", "of two minds", "delighted without reservation"]
    case .allEqual:
      run.signals = [0]
      run.examples = 33
      run.isConstant = true
    }
    return run
  }

  /// The figures in which it shows.
  var figures: [FigureName] {
    let figures =
      switch self {
      case .plain: FigureName.allCases
      case .twoClasses, .twentyClasses, .longNames:
        FigureName.ofEveryRun.filter { $0 != .learningRate && $0 != .losses }
      case .oneEpoch, .fourTargets, .manyTargets, .gaps, .scripts, .allEqual:
        FigureName.ofEveryRun.filter { $0 != .learningRate || self == .oneEpoch }
      }
    // It compares targets.
    return figures.filter { $0 != .finalGaps || run.targets.count > 1 }
  }
}

extension FigureName {
  /// Those that need no baselines.
  static let ofEveryRun = allCases.filter { $0 != .layers }
}
