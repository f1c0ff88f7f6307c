internal import Results

extension FigureName {
  public static let accuracies = FigureName(
    "accuracies", .init(.training, 2), isExpected: true, drawAccuracies)
}

func drawAccuracies(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  try results.draw(
    .accuracies, title: "Training and validation accuracies", .accuracy,
    meaning: "Share labelled correctly")
}
