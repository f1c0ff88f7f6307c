internal import Results

extension FigureName {
  public static let f1Scores = FigureName(
    "f1_scores", .init(.training, 3), drawF1Scores)
}

func drawF1Scores(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  try results.draw(
    .f1Scores, title: "Training and validation F1 scores", .macroF1,
    meaning: "Mean of the classes' F1")
}
