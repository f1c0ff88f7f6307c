/// Why a template cannot be used.
public enum TemplateError: Error, Equatable {
  /// `enclosing` is where a tag of this name does exist, such as `results`.
  case unknownTag(String, file: String, line: Int, nearest: String?, enclosing: String?)
  /// The tag exists but is not for this use; `advice` says what is.
  case misused(String, file: String, line: Int, advice: String)
  case neverClosed(String, file: String, line: Int)
  case neverOpened(String, file: String, line: Int)
  /// Another section than the innermost one is closed.
  case closesAnother(String, file: String, line: Int, innermost: String, openedOn: Int)
  case syntax(String, file: String, line: Int)
}

extension TemplateError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownTag(let name, let file, let line, let nearest, let enclosing):
      "\(file):\(line): unknown tag '\(name)'; "
        + (nearest.map { "did you mean '\($0)'?" }
          ?? enclosing.map { "it is known only between {{#\($0)}} and {{/\($0)}}." }
          ?? "`report template --list` shows all tags.")
    case .misused(let name, let file, let line, let advice):
      "\(file):\(line): '\(name)' \(advice)"
    case .neverClosed(let name, let file, let line):
      "\(file):\(line): the section '\(name)' is never closed; end it with {{/\(name)}}."
    case .neverOpened(let name, let file, let line):
      "\(file):\(line): {{/\(name)}} closes a section that was never opened."
    case .closesAnother(let name, let file, let line, let innermost, let openedOn):
      "\(file):\(line): {{/\(name)}} closes a section other than the innermost one, "
        + "'\(innermost)', opened on line \(openedOn)."
    case .syntax(let reason, let file, let line):
      "\(file):\(line): \(reason)"
    }
  }
}
