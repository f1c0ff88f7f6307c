internal import Plot
internal import Results
internal import RunLog

/// A document that includes all exported tables and figures and compiles as it is: a start for a paper, and a proof that
/// its parts fit together.
struct LaTeXPaper {
  /// A figure with what the document says of it, as it is written.
  struct Figure: Sendable {
    /// Without its ending, such as `losses`.
    let name: String
    let caption: String
  }
  /// As it is written.
  let title: String
  let tables: [String]
  let figures: [Figure]
  let runs: [RunResults]
  /// The file that it was made from, such as `report.md`.
  let file: String

  /// Figures and tables between which pages are filled; LaTeX keeps only so many in mind.
  private static let floatsAtOnce = 6

  var text: String {
    """
    % Written by TransferGap from \(file); compile it with:
    %   pdflatex paper && bibtex paper && pdflatex paper && pdflatex paper
    \\documentclass[10pt,a4paper]{article}
    \\usepackage[T1]{fontenc}
    \\usepackage[utf8]{inputenc}
    \\usepackage{lmodern,textcomp,microtype}
    \\usepackage[width=17cm,top=2.2cm,bottom=2.4cm]{geometry}
    \\usepackage{array,booktabs,longtable,siunitx,graphicx,amsmath}
    \\usepackage[numbers]{natbib}
    \\usepackage[hidelinks]{hyperref}
    \\hypersetup{pdflang=en,pdftitle={\(LaTeXText.escaped(plainTitle))}}
    \\extrafloats{100}
    \\title{\(LaTeXText.escaped(plainTitle))}
    \\author{}
    \\date{}

    \\begin{document}
    \\maketitle

    \\section{Setup}
    \(setup)

    \\section{Tables}
    \(filled(tables.map { "\\input{tables/\($0).tex}" }))
    \\clearpage

    \\section{Figures}
    \(filled(figures.map(figure)))
    \\clearpage

    \\bibliographystyle{plainnat}
    \\bibliography{references}
    \\end{document}

    """
  }

  private var plainTitle: String { InlineText(title).plain }

  /// What was trained, with the works to cite, as far as the logs say.
  private var setup: String {
    func distinct(_ texts: [String]) -> [String] {
      texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let families = distinct(runs.compactMap { $0.started?.architecture }).map { family in
      "\(LaTeXText.escaped(family))~\\cite{\(References.keys(ofArchitecture: family).joined(separator: ","))}"
    }
    var sentences: [String] = []
    if !families.isEmpty {
      sentences.append(
        "The encoder is \(NumberFormat.list(families)), fine-tuned with AdamW~\\cite{\(References.optimizer)}."
      )
    } else {
      sentences.append("The logs do not say which encoder was fine-tuned.")
    }
    if runs.contains(where: { $0.run.experiment?.training.schedule.shape == .cosineAnnealing }) {
      sentences.append("The learning rate follows a cosine~\\cite{\(References.schedule)}.")
    }
    sentences.append("Notes below each table say how its intervals and tests come about.")
    return sentences.joined(separator: " ")
  }

  private func figure(_ figure: Figure) -> String {
    """
    \\begin{figure}[htbp]
    \\centering
    \\includegraphics[width=\\linewidth,height=0.85\\textheight,keepaspectratio]{figures/\(figure.name).pdf}
    \\caption{\(LaTeXText.inline(figure.caption))}\\label{fig:\(figure.name)}
    \\end{figure}
    """
  }

  private func filled(_ floats: [String]) -> String {
    floats.isEmpty
      ? "There is none."
      : floats.enumerated().map { place, float in
        place > 0 && place % Self.floatsAtOnce == 0 ? "\\clearpage\n" + float : float
      }.joined(separator: "\n")
  }
}
