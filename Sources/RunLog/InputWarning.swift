/// What about data or settings is often a slip: found before training, shown, and kept in the log.
public struct InputWarning: Equatable, Sendable {
  /// What a warning is about, by the name that `data.intended` declares it with.
  public enum Kind: String, CaseIterable, Sendable {
    /// Texts of an evaluated split that are in the training data too.
    case sharedTexts = "shared_texts"
    /// Texts of a test split that are in validation data too.
    case sharedValidationTexts = "shared_validation_texts"
    /// Splits that are read from one file, or from copies of it.
    case repeatedFile = "repeated_file"
    /// A header that names a column twice.
    case duplicateColumns = "duplicate_columns"
    /// Quoted fields over several lines that may be rows which a quotation mark swallowed.
    case multilineFields = "multiline_fields"
    /// Texts that are empty, or that read as programs write a missing value.
    case missingTexts = "missing_texts"
    /// Classes without an example.
    case missingClasses = "missing_classes"
    /// A percentage that looks like a share.
    case smallPercentage = "small_percentage"
    /// Next to no optimiser steps.
    case fewSteps = "few_steps"
    /// A learning rate far from what is usual.
    case learningRate = "learning_rate"
    /// Languages whose codes differ in case alone.
    case languageCase = "language_case"
    /// Languages that are called the same.
    case languageNames = "language_names"
    /// A target that is stated to be zero-shot, though a variety of the same language is trained on.
    case zeroShot = "zero_shot"
  }

  public var kind: Kind
  /// How many texts, splits, columns, fields, classes, examples, steps or languages it is about; 1 for a setting.
  public var count: Int
  /// The split or the key of the configuration, such as `de.test` or `training.batch_size`; several in a row.
  public var place: String
  /// Sentences, with the first examples by file and line.
  public var text: String
  /// Whether the configuration declares the kind as intended.
  public var isIntended: Bool

  public init(kind: Kind, count: Int, place: String, text: String, isIntended: Bool) {
    (self.kind, self.count, self.place) = (kind, count, place)
    (self.text, self.isIntended) = (text, isIntended)
  }
}
