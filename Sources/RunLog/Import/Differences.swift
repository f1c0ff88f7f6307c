/// Values at one place that differ, for a warning.
struct Differences {
  private var shown: [String] = []
  private var count = 0
  private var places: Set<String> = []

  var isEmpty: Bool { count == 0 }

  /// Notes two values; equal ones say nothing.
  mutating func note(
    _ key: String, _ place: String, _ before: Double, _ after: Double, fitting: String? = nil
  ) {
    guard before != after, !(before.isNaN && after.isNaN) else { return }
    count += 1
    if count <= 4 { shown.append("'\(key)' at \(place) is \(plain(before)) and \(plain(after))") }
    if let fitting, places.count < 4 { places.insert(fitting) }
  }

  /// Such as "'loss' at epoch 3 is 0.5 and 0.6".
  var list: String {
    shown.joined(separator: "; ") + (count > shown.count ? "; and \(count - shown.count) more" : "")
  }

  /// The values behind a colon; empty without any.
  func clause(_ when: String) -> String { isEmpty ? "" : ": \(when), \(list)" }

  /// At which one place the later values had been measured before, if there is one.
  var fitting: String {
    guard places.count == 1, let place = places.first else { return "" }
    return " The later values are those of \(place), so that checkpoint was probably loaded."
  }
}
