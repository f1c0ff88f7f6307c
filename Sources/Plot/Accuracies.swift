internal import Results

func drawAccuracies(_ results: RunResults) throws(FigureAbsence) -> DocumentedFigure {
  try results.draw(
    .accuracies, title: "Training and validation accuracies", .accuracy,
    meaning: "Share labelled correctly")
}
