internal import Metrics
internal import Plot

extension EstimateTags.Quantity {
  /// How a metric is printed.
  init(_ metric: Metric) {
    self =
      switch metric.unit {
      case .share: .share
      case .number: .score
      case .nats: .nats
      }
  }

  /// How a difference in a metric is printed.
  init(differenceIn metric: Metric) {
    self =
      switch metric.unit {
      case .share: .points
      case .number: .scoreChange
      case .nats: .natsChange
      }
  }
}

extension Metric {
  /// Those that the built-in templates do not name, since neither figures nor the main text have them. Every table
  /// has a column for each.
  static let others = all.filter { !drawn.contains($0) }

  /// Those in which gaps and differences are given beside accuracy.
  static let besideAccuracy = scores.filter { $0 != .accuracy }
}

/// What a metric is called, for the head of a table.
struct MetricNameTags: TagSource {
  let metric: Metric

  static let others = Metric.others.map { MetricNameTags(metric: $0) }
  /// Those of them that have a gap.
  static let otherScores = others.filter { Metric.besideAccuracy.contains($0.metric) }

  static let tags: [TagDefinition<MetricNameTags>] = [
    .text("name", "in a sentence") { $0.metric.name },
    .text("title", "at the head of a column") { $0.title },
    .text("unit", "of a value, in brackets behind a space; empty for none") {
      bracketed($0.metric.unit.symbol)
    },
    .text("difference_unit", "of a difference, likewise") {
      bracketed($0.metric.unit.differenceSymbol)
    },
    .text("anchor", "the section of metrics.md that defines it") { $0.metric.anchor },
    .text("gap_anchor", "the section that defines its transfer gap") {
      $0.metric.gap?.anchor ?? $0.metric.anchor
    },
    .text("method", "what its interval is called") { $0.metric.method.name },
    .text("method_anchor", "the section that defines that") { $0.metric.method.anchor },
  ]

  var title: String { metric.name.prefix(1).uppercased() + metric.name.dropFirst() }

  private static func bracketed(_ unit: String) -> String { unit.isEmpty ? "" : " (\(unit))" }
}

/// A metric's number in a row of a table.
struct MetricTags: TagSource {
  let metric: Metric
  let estimate: EstimateTags
  var adjustedPValue: PrintedNumber?

  static let tags: [TagDefinition<MetricTags>] = [
    .text("name", "the metric") { $0.metric.name },
    .number("printed", "the number, and in brackets its 95 % interval where it has one") {
      $0.estimate.printed
    },
    .optionalNumber(
      "adjusted_p_value", "of no difference, after Holm's correction over splits and pairs"
    ) { $0.adjustedPValue },
  ]
}

extension TagDefinition {
  /// Numbers of metrics that a template need not name; in report.json each has the name of its metric.
  static func metrics(
    _ name: String, _ meaning: String, _ numbers: @escaping Compute<[MetricTags]>
  ) -> Self {
    Self(name, .list(MetricTags.tags.map(\.tag)), meaning) { source, collector in
      numbers(source).map { number in
        collector.inside(number.metric.key) { number.values(collector) }
      }
    }
  }
}

extension TableRow {
  /// A metric's number, aligned with those of the other rows.
  func inColumn(_ metric: Metric, _ number: EstimateTags) -> MetricTags {
    MetricTags(metric: metric, estimate: columns[metric.key] ?? number)
  }
}
