import Foundation

@testable import Chart

/// The numbers that a figure shows, as JSON, for whoever draws them with something else.
struct GalleryNumbers {
  private let name: String
  private let figure: Figure
  /// Ours, by the name of the width.
  private let pages: [(width: String, figure: Figure, size: Size)]

  init(name: String, figure: Figure, pages: [(width: String, figure: Figure, size: Size)]) {
    (self.name, self.figure, self.pages) = (name, figure, pages)
  }

  var json: [String: Any] {
    var sizes: [String: Any] = [:]
    for page in pages {
      sizes[page.width] = [
        "inches": [page.size.width / 72, page.size.height / 72], "columns": page.figure.columns,
      ]
    }
    return [
      "name": name, "pages": sizes, "headline": figure.headline.map { [$0.value, $0.label] },
      "panels": figure.panels.map(panel),
    ]
  }

  private func panel(_ panel: Panel) -> [String: Any] {
    [
      "title": panel.title, "x": axis(panel.x), "y": axis(panel.y), "is_square": panel.isSquare,
      "key": panel.key.map { ["text": $0.text, "ink": ink($0.ink), "is_dashed": $0.dash != nil] },
      "marks": panel.marks.compactMap(mark),
    ]
  }

  private func axis(_ axis: Axis) -> [String: Any] {
    var result: [String: Any] = ["title": axis.title]
    if case .category(let names) = axis.kind { result["names"] = names }
    result["is_logarithmic"] = axis.kind == .logarithmic
    return result
  }

  private func ink(_ ink: Ink) -> String {
    switch ink {
    case .series(let number): "\(number)"
    case .strong: "strong"
    case .muted: "muted"
    }
  }

  /// `nil` for what only helps our own layout.
  private func mark(_ mark: any Mark) -> [String: Any]? {
    switch mark {
    case let line as Line:
      return [
        "kind": "line", "ink": ink(line.ink), "name": line.endLabel?.name ?? "",
        "is_dashed": line.dash != nil, "points": line.points.map { numbers($0.x, $0.y) },
      ]
    case let dots as Dots:
      return [
        "kind": "dots", "ink": ink(dots.ink), "points": dots.points.map { numbers($0.x, $0.y) },
      ]
    case let band as Band:
      return [
        "kind": "band", "ink": ink(band.ink),
        "slices": band.slices.map { numbers($0.x, $0.low, $0.high) },
      ]
    case let whiskers as Whiskers:
      return [
        "kind": "whiskers", "ink": ink(whiskers.ink),
        "is_vertical": whiskers.direction == .vertical,
        "intervals": whiskers.whiskers.map {
          numbers($0.position, $0.interval.lowerBound, $0.interval.upperBound)
        },
      ]
    case let bars as Bars:
      return [
        "kind": "bars",
        "bars": bars.bars.map { bar -> [String: Any] in
          [
            "ink": ink(bar.ink), "text": bar.text,
            "numbers": numbers(
              Double(bar.category), bar.value, bar.interval?.lowerBound ?? .nan,
              bar.interval?.upperBound ?? .nan, bar.reference ?? .nan),
          ]
        },
      ]
    case let cells as Cells:
      return [
        "kind": "cells",
        "cells": cells.cells.map { cell -> [String: Any] in
          [
            "numbers": numbers(Double(cell.column), Double(cell.row), cell.share),
            "text": cell.lines.joined(separator: "\n"),
          ]
        },
      ]
    case let rule as Rule:
      let (isVertical, value) =
        switch rule.direction {
        case .horizontal(let value): (false, value)
        case .vertical(let value): (true, value)
        }
      return [
        "kind": "rule", "is_vertical": isVertical, "numbers": numbers(value),
        "name": rule.label?.name ?? "", "ink": ink(rule.ink),
      ]
    case let shade as Shade:
      return [
        "kind": "shade", "is_vertical": shade.direction == .vertical, "ink": ink(shade.ink),
        "numbers": numbers(shade.range.lowerBound, shade.range.upperBound),
      ]
    case let values as Values:
      return [
        "kind": "values", "ink": ink(values.ink),
        "values": values.values.map {
          ["text": $0.text, "numbers": numbers($0.point.x, $0.point.y)]
        },
      ]
    case let highlight as Highlight:
      return [
        "kind": "highlight", "ink": ink(highlight.ink), "text": highlight.words,
        "numbers": numbers(highlight.point.x, highlight.point.y),
      ]
    case let words as Words:
      return [
        "kind": "words", "text": words.text, "numbers": numbers(words.point.x, words.point.y),
      ]
    default: return nil
    }
  }

  /// Six digits; JSON has no word for what is no number but `null`.
  private func numbers(_ values: Double...) -> [Any] {
    values.map { value in
      value.isFinite ? Double(String(format: "%.6g", value)) ?? NSNull() as Any : NSNull()
    }
  }
}
