internal import Storage

/// The members of a JSON object, each demanded with its type.
struct Fields {
  let members: JSONObject
  let file: String
  let line: Int?

  init(_ json: JSON, file: String, line: Int?) throws(RunLogError) {
    guard let members = json.object else {
      throw RunLogError(file: file, line: line, "expected an object, found \(json.kind)")
    }
    (self.members, self.file, self.line) = (members, file, line)
  }

  private func demand<Value>(
    _ key: String, _ kind: String, _ read: (JSON) -> Value?
  ) throws(RunLogError) -> Value {
    guard let json = members[key] else {
      throw RunLogError(file: file, line: line, "the key '\(key)' is missing; expected \(kind)")
    }
    guard let value = read(json) else {
      throw RunLogError(file: file, line: line, "'\(key)' must be \(kind), not \(json.kind)")
    }
    return value
  }

  func string(_ key: String) throws(RunLogError) -> String {
    try demand(key, "a string", \.string)
  }

  func optionalString(_ key: String) throws(RunLogError) -> String? {
    guard let value = members[key], value != .null else { return nil }
    return try string(key)
  }

  /// A whole number that is not negative.
  func integer(_ key: String) throws(RunLogError) -> Int {
    try demand(key, "a whole number, not negative") { $0.integer.flatMap { $0 >= 0 ? $0 : nil } }
  }

  func double(_ key: String) throws(RunLogError) -> Double {
    try demand(key, "a number", \.double)
  }

  func bool(_ key: String) throws(RunLogError) -> Bool {
    try demand(key, "true or false", \.bool)
  }

  func object(_ key: String) throws(RunLogError) -> JSONObject {
    try demand(key, "an object", \.object)
  }

  func array(_ key: String) throws(RunLogError) -> [JSON] {
    try demand(key, "an array", \.array)
  }

  func integers(_ key: String) throws(RunLogError) -> [Int] {
    let elements = try array(key).map(\.integer)
    let integers = elements.compactMap { $0 }
    guard integers.count == elements.count else {
      throw RunLogError(file: file, line: line, "'\(key)' must hold whole numbers only")
    }
    return integers
  }

  func split(_ key: String) throws(RunLogError) -> Split {
    try demand(key, "a split such as 'en.validation'") { $0.string.flatMap { Split($0) } }
  }
}
