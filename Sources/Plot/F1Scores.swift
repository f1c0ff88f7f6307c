internal import Results

func drawF1Scores(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  try results.draw(
    .f1Scores, title: "Training and validation F1 scores", .macroF1,
    meaning: "Mean of the classes' F1")
}
