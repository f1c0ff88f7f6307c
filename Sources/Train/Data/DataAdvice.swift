/// How the reader of an error can say what a data file holds: in the configuration, or to a command.
public struct DataAdvice: Sendable {
  /// What names the columns of text and label.
  let columns: String
  /// What says what separates the columns, with `{}` for the delimiter's name.
  let delimiter: String
  /// What makes quotation marks ordinary characters.
  let rawTexts: String
  /// What says whether labels are names or indices.
  let labelForm: String
  /// What is to be added where labels are not of the form that was asked for.
  let labelFormInForce: String
  /// What says which label is which class.
  let labelMap: String
  /// Where the map that is in force stands.
  let labelMapInForce: String

  /// What says that a delimiter separates the columns.
  func delimiter(_ name: String) -> String { delimiter.replacing("{}", with: name) }

  /// Of an experiment's data.
  public static let configuration = DataAdvice(
    columns: "name the columns with `columns:`", delimiter: "`delimiter: {}`",
    rawTexts: "for raw texts set `quoting: none`",
    labelForm: "say `labels_are: names` or `labels_are: indices` in the configuration's data",
    labelFormInForce: ", as `labels_are` says",
    labelMap: "say which is which with `label_map` in the configuration's data",
    labelMapInForce: "data.label_map")

  /// Of a file that `evaluate` is given.
  ///
  /// - Parameter isOfRun: whether the labels are read as the run's own configuration says.
  /// - Returns: advice that names options.
  public static func options(isOfRun: Bool) -> DataAdvice {
    DataAdvice(
      columns: "name the columns with --text-column and --label-column",
      delimiter: "--delimiter {}",
      rawTexts: "for raw texts use --raw-quotes",
      labelForm: "say --labels-are names or --labels-are indices",
      labelFormInForce: isOfRun
        ? ", as the run's labels_are says where neither --labels-are nor --label-map does"
        : ", as --labels-are says",
      labelMap: "say which is which with --label-map LABEL=CLASS, once per label",
      labelMapInForce: isOfRun
        ? "the run's label_map, which holds where neither --labels-are nor --label-map is given,"
        : "--label-map")
  }
}
