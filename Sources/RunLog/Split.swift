/// What part of a language's data a split is.
public enum Part: String, Sendable, CaseIterable, Comparable {
  case train, validation, test

  public static func < (a: Part, b: Part) -> Bool {
    let order: [Part] = [.train, .validation, .test]
    return (order.firstIndex(of: a) ?? 0) < (order.firstIndex(of: b) ?? 0)
  }
}

/// A language's part, such as `de.validation`; the name of its files in a run directory.
public struct Split: Hashable, Sendable, CustomStringConvertible {
  /// What stands between the codes of several languages whose examples are taken together.
  static let plus = "+"

  /// The language's code, such as `de`; of several sources together, `en+de`.
  public let language: String
  public let part: Part

  public init(_ language: String, _ part: Part) {
    (self.language, self.part) = (language, part)
  }

  /// Reads a name of the form `de.validation`.
  public init?(_ name: String) {
    guard let dot = name.lastIndex(of: "."),
      let part = Part(rawValue: String(name[name.index(after: dot)...])),
      name[..<dot].split(separator: Self.plus, omittingEmptySubsequences: false)
        .allSatisfy({ isLanguageCode(String($0)) })
    else { return nil }
    self.init(String(name[..<dot]), part)
  }

  public var description: String { "\(language).\(part.rawValue)" }
}

/// Whether a text can serve as a language's code: letters, digits and hyphens, at most 35 (BCP 47).
///
/// The code is part of file names, so nothing else may occur in it.
public func isLanguageCode(_ code: String) -> Bool {
  !code.isEmpty && code.utf8.count <= 35
    && code.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
    }
}

/// The English name of a language, if its code is a common one, else the code itself.
public func languageName(_ code: String) -> String {
  commonLanguages[code] ?? code
}

/// The code of a common language that is called by its code or its English name, in small letters.
func languageCode(naming word: String) -> String? {
  commonLanguages[word] == nil ? codesByName[word] : word
}

private let codesByName = Dictionary(
  uniqueKeysWithValues: commonLanguages.map { ($0.value.lowercased(), $0.key) })

private let commonLanguages = [
  "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
  "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
  "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
  "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
  "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian",
  "lv": "Latvian", "mt": "Maltese", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
  "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
  "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu",
  "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
  "yo": "Yoruba", "zh": "Chinese",
]
