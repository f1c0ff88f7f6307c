/// What a reader sees who compares a figure of ours with matplotlib's, in a sentence or two each.
enum GalleryVerdicts {
  static func of(_ name: String) -> String { all[name] ?? "" }

  static let all = [
    "losses":
      "Ours has names and final values at the lines; matplotlib's legend covers lines at 8.5\u{A0}cm, and at 17\u{A0}cm it is nearly as good.",
    "accuracies":
      "The bands and the rings of the best epochs are alike; matplotlib's panel is larger, since its names lie on the data.",
    "learning_rate":
      "As good: a single line needs no names. Ours labels its two ends.",
    "ROC":
      "Both need a key of six lines per panel; ours leaves the squares more room for it.",
    "transfer_gap":
      "Ours says on which side which language is better and gives every final gap with its interval; matplotlib's panel is larger.",
    "final_gaps":
      "Ours has the values beside the rows and tells the parts apart by filled and open symbols.",
    "dashboard":
      "Key facts have large digits of their own in ours; matplotlib needs one legend instead of names at every line and has larger panels for it.",
    "final_comparison":
      "As good: bars with values beyond their error bars read as well.",
    "f1_scores":
      "As for accuracies: alike but for names and final values at the lines.",
    "accuracy_f1_comparison":
      "As good but for the legend on the first row; ours shows that the two are different scores by filled and open symbols.",
    "confusion":
      "As good: seaborn's heat map is as clear.",
    "calibration":
      "At 17\u{A0}cm as good; at 8.5\u{A0}cm ours has the larger squares.",
    "per_class":
      "As good: ours shares one axis among the panels, which takes an argument in matplotlib.",
    "layers":
      "As good at 17\u{A0}cm; ours adds final values and says what the vertical line means.",
    "learning_curves":
      "As good: the legend finds free room. Ours adds final values.",
    "final_metrics":
      "As good.",
    "cost":
      "Ours keeps names off whiskers and lines and moves points apart that would lie on each other; matplotlib's are where the data are.",
    "gaps":
      "As good: ours shares one axis among the panels, so that gaps to two targets can be compared.",
    "source_target_matrix":
      "Ours outlines the languages that a row was trained on and has a scale; at 8.5\u{A0}cm it uses codes, where seaborn has larger cells and whole names.",
    "goal-1":
      "As good: an interval on a line, with the claimed range shaded in both; ours says below what is claimed.",
    "few_shot":
      "Ours has names at the lines; matplotlib's legend covers draws at 8.5\u{A0}cm.",
  ]
}
