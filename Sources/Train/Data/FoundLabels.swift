internal import RunLog

/// The labels of a data file as they are written, each text once, until all are there and it can be settled
/// whether they are names of classes or indices.
struct FoundLabels {
  private var numbers: [String: Int] = [:]
  private var texts: [(text: String, line: Int)] = []

  /// The number of a label, from 0 in the order of the file.
  mutating func number(of text: String, line: Int) -> Int {
    if let number = numbers[text] { return number }
    numbers[text] = texts.count
    texts.append((text, line))
    return texts.count - 1
  }

  /// Whether a label was found that is written so.
  func contains(_ text: String) -> Bool { numbers[text] != nil }

  /// The class of each label's number.
  ///
  /// - Parameters:
  ///   - classes: the classes' names in the order of their indices.
  ///   - file: what errors call the file.
  ///   - form: what the labels are, if the configuration says so.
  ///   - map: the class of each label, if the configuration says so; else empty.
  ///   - advice: where the reader of an error can say it.
  /// - Returns: 0-based class indices, in the order of the labels' numbers.
  /// - Throws: `RunLogError` for a label that is neither, for names and indices in one file, and where both fit.
  func classes(
    among classes: [String], file: String, form: LabelReading.Form?, map: [String: String],
    advice: DataAdvice
  ) throws(RunLogError) -> [Int] {
    if !map.isEmpty {
      var result: [Int] = []
      for (text, line) in texts {
        guard let name = map[text], let index = classes.firstIndex(of: name) else {
          let listed = map.keys.sorted().prefix(12).map { "'\($0)'" }.joined(separator: ", ")
          throw RunLogError(
            file: file, line: line,
            "unknown label '\(text.prefix(40))'; \(advice.labelMapInForce) has \(listed) only")
        }
        result.append(index)
      }
      return result
    }
    do throws(LabelReading.Failure) {
      let reading = try LabelReading(Set(numbers.keys), classes: classes, form: form)
      // Whatever was settled has every label.
      return texts.map { reading.index(of: $0.text) ?? 0 }
    } catch {
      throw failure(error, classes, file: file, form: form, advice)
    }
  }

  private func failure(
    _ failure: LabelReading.Failure, _ classes: [String], file: String, form: LabelReading.Form?,
    _ advice: DataAdvice
  ) -> RunLogError {
    func line(_ label: String) -> Int? { numbers[label].map { texts[$0].line } }
    let listed = classes.prefix(12).joined(separator: ", ") + (classes.count > 12 ? ", …" : "")
    switch failure {
    case .unknown(let some):
      // Of several unknown labels the first in the file.
      let known = Set(classes)
      let label =
        texts.first { text, _ in
          (form == .indices || !known.contains(text))
            && (form == .names || !(Int(text).map(classes.indices.contains) ?? false))
        }?.text ?? some
      let miss = LabelReading.nearMiss(label, classes: classes).map { " (did you mean '\($0)'?)" }
      let names = "one of \(listed)"
      let indices = "an index from 0 to \(classes.count - 1)"
      return RunLogError(
        file: file, line: line(label),
        "unknown label '\(label.prefix(40))'\(miss ?? ""); expected "
          + (form.map { ($0 == .names ? names : indices) + advice.labelFormInForce }
            ?? "\(names), or \(indices)")
          + ", the same in all rows; where the file calls classes otherwise, \(advice.labelMap)")
    case .ambiguous(let label):
      let name = classes.firstIndex(of: label).map { "class \($0)" } ?? "one class"
      let index = Int(label).map { "class \($0), called '\(classes[$0])'" } ?? "another"
      return RunLogError(
        file: file, line: line(label),
        "the labels fit both as names of classes and as indices from 0: '\(label.prefix(40))' as a name is "
          + "\(name), as an index \(index); \(advice.labelForm)")
    case .mixed(let name, let index):
      return RunLogError(
        file: file, line: line(index),
        "the label '\(index.prefix(40))' is an index, but '\(name.prefix(40))' is the name of a class; use "
          + "one or the other in all rows, or \(advice.labelMap)")
    }
  }
}
