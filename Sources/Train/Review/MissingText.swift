/// How programs write a missing value where a text should be, as pandas reads them by default (`na_values`).
private let missingValues: Set = [
  "nan", "NaN", "-nan", "-NaN", "null", "NULL", "None", "NA", "N/A", "n/a", "<NA>", "#N/A", "#NA",
]

/// What stands where a text is missing, such as "'nan'"; `nil` if it is a text.
func missingText(_ text: String) -> String? {
  if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { return "empty" }
  return missingValues.contains(text) ? "'\(text)'" : nil
}
