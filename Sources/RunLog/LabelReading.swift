/// How the labels of a file are to be read: all as classes' names, or all as their indices.
///
/// With classes called 1, 2 and 3 the label 2 is a name or an index; read one by one, a file with 0, 1 and 2
/// would be both at once.
public struct LabelReading: Sendable {
  /// What the labels of a file are.
  public enum Form: String, CaseIterable, Sendable, Equatable {
    case names, indices
  }
  /// Why labels cannot be read.
  public enum Failure: Error, Equatable, Sendable {
    /// The label that is neither a name nor an index, or that is of one form where others are of the other.
    case unknown(String)
    /// Every label is both the name of one class and the index of another; with the first that is.
    case ambiguous(String)
    /// Some labels are names only, others indices only: one of each.
    case mixed(name: String, index: String)
  }

  public let form: Form
  private let indices: [String: Int]

  /// Settles how a file's labels are to be read.
  ///
  /// - Parameters:
  ///   - labels: all labels of the file; each text once is enough.
  ///   - classes: the classes' names in the order of their indices, all different.
  ///   - form: what the user says they are.
  /// - Throws: `Failure` if they are neither, if some are the one and some the other, or if both fit.
  public init(_ labels: Set<String>, classes: [String], form: Form? = nil) throws(Failure) {
    var names: [String: Int] = [:]
    for (index, name) in classes.enumerated() { names[name] = index }
    var numbers: [String: Int] = [:]
    for label in labels {
      if let index = Int(label), classes.indices.contains(index) { numbers[label] = index }
    }
    let sorted = labels.sorted()
    func take(_ form: Form) throws(Failure) -> (Form, [String: Int]) {
      let known = form == .names ? names : numbers
      if let label = sorted.first(where: { known[$0] == nil }) { throw .unknown(label) }
      return (form, known)
    }
    if let form {
      (self.form, indices) = try take(form)
      return
    }
    if let label = sorted.first(where: { names[$0] == nil && numbers[$0] == nil }) {
      throw .unknown(label)
    }
    let areNames = labels.allSatisfy { names[$0] != nil }
    let areIndices = labels.allSatisfy { numbers[$0] != nil }
    if areNames, areIndices,
      let label = sorted.first(where: { names[$0] != numbers[$0] })
    {
      throw .ambiguous(label)
    }
    guard areNames || areIndices else {
      throw .mixed(
        name: sorted.first { numbers[$0] == nil } ?? "",
        index: sorted.first { names[$0] == nil } ?? "")
    }
    (self.form, indices) = try take(areNames ? .names : .indices)
  }

  /// The class of a label that was among those that the reading was settled by.
  public func index(of label: String) -> Int? { indices[label] }

  /// The class that a label may have meant: the same but for case and white space, or written as a decimal
  /// number.
  public static func nearMiss(_ label: String, classes: [String]) -> String? {
    func plain(_ text: String) -> String {
      text.lowercased().filter { !$0.isWhitespace }
    }
    if let name = classes.first(where: { plain($0) == plain(label) }) { return name }
    if let number = Double(plain(label)), let index = Int(exactly: number) {
      if let name = classes.first(where: { $0 == "\(index)" }) { return name }
      if classes.indices.contains(index), "\(index)" != label { return "\(index)" }
    }
    return nil
  }
}
