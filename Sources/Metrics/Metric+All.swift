extension Metric {
  /// All metrics, in the order in which tables and files have them.
  public static let all = [loss, accuracy, macroF1, matthewsCorrelation]

  /// Those that depend on the answers alone, in which configurations are compared and transfer gaps are given.
  public static let scores = all.filter { $0.gap != nil }

  /// Those whose intervals are drawn.
  public static let ofCounts = all.filter {
    if case .counts = $0.computation { true } else { false }
  }

  /// The mean cross-entropy.
  public static let loss = Metric(
    key: "loss", name: "loss", meaning: "mean cross-entropy in nats", unit: .nats,
    range: 0 ... .infinity, isBetterLow: true, computation: .mean { $0.losses }, anchor: "loss",
    gap: nil, usualMargin: nil, historyKey: "losses",
    logNames: LogNames(["loss", "losses", "nll", "xent", "crossentropy", "cross entropy"]))

  /// The share of examples labelled correctly.
  public static let accuracy = Metric(
    key: "accuracy", name: "accuracy", meaning: "share of examples labelled correctly",
    unit: .share, range: 0...1, isBetterLow: false, computation: .share { $0.hits },
    anchor: "accuracy",
    gap: Gap(key: "transfer_gap", name: "transfer gap", anchor: "transfer-gap"),
    usualMargin: 0.01, historyKey: "accuracies",
    logNames: LogNames(
      // Top-1 accuracy, as in acc@1, is accuracy; top 5 is another measure.
      ["acc", "accs", "accuracy", "accuracies"].flatMap { [$0, "\($0) 1"] }
        + ["acc1", "top1", "top 1"]))

  /// The unweighted mean of the classes' F1.
  public static let macroF1 = Metric(
    key: "macro_f1", name: "macro F1", meaning: "mean F1 of the classes", unit: .number,
    range: 0...1, isBetterLow: false, computation: .counts { $0.macroF1 }, anchor: "f1",
    gap: Gap(
      key: "transfer_gap_macro_f1", name: "transfer gap in macro F1", anchor: "macro-f1-gap"),
    usualMargin: 0.01, historyKey: "f1_scores",
    logNames: LogNames(
      ["f1", "f1s", "f1score", "f1scores"], macroNames: ["macrof1", "f1macro"], averaged: "F1"))

  /// Matthews' correlation coefficient of true and predicted classes.
  public static let matthewsCorrelation = Metric(
    key: "matthews_correlation", name: "Matthews correlation",
    meaning: "correlation of true and predicted classes, from −1 to 1", unit: .number,
    range: -1...1, isBetterLow: false, computation: .counts { $0.matthewsCorrelation },
    anchor: "matthews-correlation",
    gap: Gap(
      key: "transfer_gap_matthews_correlation", name: "transfer gap in Matthews correlation",
      anchor: "matthews-correlation-gap"),
    usualMargin: nil, historyKey: "matthews_correlations",
    logNames: LogNames([
      "mcc", "matthews", "matthews correlation", "matthews correlations",
      "matthews correlation coefficient", "matthews corrcoef", "matthews corr coef",
      "matthewscorrcoef", "matthewscorrelation",
    ]))
}
