/// The works that a paper made of a report cites, as BibTeX.
enum References {
  /// The works behind a definition in metrics.md.
  static func keys(ofDefinition anchor: String) -> [String] { byDefinition[anchor] ?? [] }

  /// The works behind an encoder's family as the log names it.
  static func keys(ofArchitecture family: String) -> [String] {
    byArchitecture[family] ?? byArchitecture["BERT"] ?? []
  }

  static let optimizer = "loshchilov2019adamw"
  static let schedule = "loshchilov2017sgdr"

  private static let byArchitecture = [
    "BERT": ["devlin2019bert"], "XLM-R": ["conneau2020unsupervised"],
    "RoBERTa": ["liu2019roberta"], "DistilBERT": ["sanh2019distilbert"],
  ]

  private static let byDefinition: [String: [String]] = [
    "wilson-interval": ["wilson1927probable"],
    "bca-bootstrap": ["efron1987better"],
    "matthews-correlation": ["matthews1975comparison", "gorodkin2004comparing"],
    "auc-interval": ["delong1988comparing", "sun2014fast"],
    "macro-auc-interval": ["delong1988comparing", "sun2014fast"],
    "calibration": ["guo2017calibration"],
    "debiased-calibration-error": ["kumar2019verified"],
    "brier-score": ["brier1950verification"],
    "unpaired-bootstrap": ["efron1979bootstrap"],
    "paired-bootstrap": ["efron1979bootstrap"],
    "newcombe-interval": ["newcombe1998interval"],
    "decomposition": ["kitagawa1955components"],
    "epoch-choice": ["keung2020dont"],
    "epoch-correlation": ["spearman1904proof"],
    "ratio-interval": ["cochran1977sampling"],
    "temperature": ["guo2017calibration"],
    "mcnemar": ["mcnemar1947note"],
    "equivalence": ["schuirmann1987comparison"],
    "holm": ["holm1979simple"],
    "several-targets": ["holm1979simple"],
    "variance-components": ["searle1992variance"],
    "two-level-bootstrap": ["owen2007pigeonhole"],
    "smallest-detectable-gap": ["fleiss2003statistical", "connor1987sample"],
  ]

  /// All keys that a text of LaTeX can cite.
  static var allKeys: [String] {
    Array(
      Set(byDefinition.values.joined()).union(byArchitecture.values.joined())
        .union([optimizer, schedule])
    ).sorted()
  }

  /// The contents of references.bib.
  static let text = #"""
    @inproceedings{devlin2019bert,
      author = {Devlin, Jacob and Chang, Ming-Wei and Lee, Kenton and Toutanova, Kristina},
      title = {{BERT}: Pre-training of Deep Bidirectional Transformers for Language Understanding},
      booktitle = {Proceedings of the 2019 Conference of the North American Chapter of the Association for Computational Linguistics: Human Language Technologies, Volume 1},
      pages = {4171--4186},
      year = {2019},
      doi = {10.18653/v1/N19-1423}
    }

    @inproceedings{conneau2020unsupervised,
      author = {Conneau, Alexis and Khandelwal, Kartikay and Goyal, Naman and Chaudhary, Vishrav and Wenzek, Guillaume and Guzm{\'a}n, Francisco and Grave, Edouard and Ott, Myle and Zettlemoyer, Luke and Stoyanov, Veselin},
      title = {Unsupervised Cross-lingual Representation Learning at Scale},
      booktitle = {Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics},
      pages = {8440--8451},
      year = {2020},
      doi = {10.18653/v1/2020.acl-main.747}
    }

    @misc{liu2019roberta,
      author = {Liu, Yinhan and Ott, Myle and Goyal, Naman and Du, Jingfei and Joshi, Mandar and Chen, Danqi and Levy, Omer and Lewis, Mike and Zettlemoyer, Luke and Stoyanov, Veselin},
      title = {{RoBERTa}: A Robustly Optimized {BERT} Pretraining Approach},
      year = {2019},
      note = {arXiv:1907.11692}
    }

    @misc{sanh2019distilbert,
      author = {Sanh, Victor and Debut, Lysandre and Chaumond, Julien and Wolf, Thomas},
      title = {{DistilBERT}, a distilled version of {BERT}: smaller, faster, cheaper and lighter},
      year = {2019},
      note = {arXiv:1910.01108}
    }

    @inproceedings{loshchilov2019adamw,
      author = {Loshchilov, Ilya and Hutter, Frank},
      title = {Decoupled Weight Decay Regularization},
      booktitle = {International Conference on Learning Representations},
      year = {2019}
    }

    @inproceedings{loshchilov2017sgdr,
      author = {Loshchilov, Ilya and Hutter, Frank},
      title = {{SGDR}: Stochastic Gradient Descent with Warm Restarts},
      booktitle = {International Conference on Learning Representations},
      year = {2017}
    }

    @article{wilson1927probable,
      author = {Wilson, Edwin B.},
      title = {Probable Inference, the Law of Succession, and Statistical Inference},
      journal = {Journal of the American Statistical Association},
      volume = {22},
      number = {158},
      pages = {209--212},
      year = {1927},
      doi = {10.1080/01621459.1927.10502953}
    }

    @article{efron1979bootstrap,
      author = {Efron, Bradley},
      title = {Bootstrap Methods: Another Look at the Jackknife},
      journal = {The Annals of Statistics},
      volume = {7},
      number = {1},
      pages = {1--26},
      year = {1979},
      doi = {10.1214/aos/1176344552}
    }

    @article{efron1987better,
      author = {Efron, Bradley},
      title = {Better Bootstrap Confidence Intervals},
      journal = {Journal of the American Statistical Association},
      volume = {82},
      number = {397},
      pages = {171--185},
      year = {1987},
      doi = {10.1080/01621459.1987.10478410}
    }

    @article{matthews1975comparison,
      author = {Matthews, Brian W.},
      title = {Comparison of the predicted and observed secondary structure of {T4} phage lysozyme},
      journal = {Biochimica et Biophysica Acta (BBA) - Protein Structure},
      volume = {405},
      number = {2},
      pages = {442--451},
      year = {1975},
      doi = {10.1016/0005-2795(75)90109-9}
    }

    @article{gorodkin2004comparing,
      author = {Gorodkin, Jan},
      title = {Comparing two {K}-category assignments by a {K}-category correlation coefficient},
      journal = {Computational Biology and Chemistry},
      volume = {28},
      number = {5--6},
      pages = {367--374},
      year = {2004},
      doi = {10.1016/j.compbiolchem.2004.09.006}
    }

    @article{delong1988comparing,
      author = {DeLong, Elizabeth R. and DeLong, David M. and Clarke-Pearson, Daniel L.},
      title = {Comparing the Areas under Two or More Correlated Receiver Operating Characteristic Curves: A Nonparametric Approach},
      journal = {Biometrics},
      volume = {44},
      number = {3},
      pages = {837--845},
      year = {1988},
      doi = {10.2307/2531595}
    }

    @article{sun2014fast,
      author = {Sun, Xu and Xu, Weichao},
      title = {Fast Implementation of {DeLong}'s Algorithm for Comparing the Areas Under Correlated Receiver Operating Characteristic Curves},
      journal = {IEEE Signal Processing Letters},
      volume = {21},
      number = {11},
      pages = {1389--1393},
      year = {2014},
      doi = {10.1109/LSP.2014.2337313}
    }

    @inproceedings{guo2017calibration,
      author = {Guo, Chuan and Pleiss, Geoff and Sun, Yu and Weinberger, Kilian Q.},
      title = {On Calibration of Modern Neural Networks},
      booktitle = {Proceedings of the 34th International Conference on Machine Learning},
      series = {Proceedings of Machine Learning Research},
      volume = {70},
      pages = {1321--1330},
      year = {2017}
    }

    @inproceedings{kumar2019verified,
      author = {Kumar, Ananya and Liang, Percy and Ma, Tengyu},
      title = {Verified Uncertainty Calibration},
      booktitle = {Advances in Neural Information Processing Systems},
      volume = {32},
      year = {2019}
    }

    @article{brier1950verification,
      author = {Brier, Glenn W.},
      title = {Verification of Forecasts Expressed in Terms of Probability},
      journal = {Monthly Weather Review},
      volume = {78},
      number = {1},
      pages = {1--3},
      year = {1950}
    }

    @article{newcombe1998interval,
      author = {Newcombe, Robert G.},
      title = {Interval estimation for the difference between independent proportions: comparison of eleven methods},
      journal = {Statistics in Medicine},
      volume = {17},
      number = {8},
      pages = {873--890},
      year = {1998}
    }

    @article{kitagawa1955components,
      author = {Kitagawa, Evelyn M.},
      title = {Components of a Difference Between Two Rates},
      journal = {Journal of the American Statistical Association},
      volume = {50},
      number = {272},
      pages = {1168--1194},
      year = {1955},
      doi = {10.1080/01621459.1955.10501299}
    }

    @inproceedings{keung2020dont,
      author = {Keung, Phillip and Lu, Yichao and Salazar, Julian and Bhardwaj, Vikas},
      title = {Don't Use {E}nglish Dev: On the Zero-Shot Cross-Lingual Evaluation of Contextual Embeddings},
      booktitle = {Proceedings of the 2020 Conference on Empirical Methods in Natural Language Processing},
      pages = {549--554},
      year = {2020},
      doi = {10.18653/v1/2020.emnlp-main.40}
    }

    @article{spearman1904proof,
      author = {Spearman, Charles},
      title = {The Proof and Measurement of Association between Two Things},
      journal = {The American Journal of Psychology},
      volume = {15},
      number = {1},
      pages = {72--101},
      year = {1904},
      doi = {10.2307/1412159}
    }

    @book{cochran1977sampling,
      author = {Cochran, William G.},
      title = {Sampling Techniques},
      edition = {3rd},
      publisher = {John Wiley \& Sons},
      address = {New York},
      year = {1977}
    }

    @article{mcnemar1947note,
      author = {McNemar, Quinn},
      title = {Note on the sampling error of the difference between correlated proportions or percentages},
      journal = {Psychometrika},
      volume = {12},
      number = {2},
      pages = {153--157},
      year = {1947},
      doi = {10.1007/BF02295996}
    }

    @article{schuirmann1987comparison,
      author = {Schuirmann, Donald J.},
      title = {A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability},
      journal = {Journal of Pharmacokinetics and Biopharmaceutics},
      volume = {15},
      number = {6},
      pages = {657--680},
      year = {1987},
      doi = {10.1007/BF01068419}
    }

    @article{holm1979simple,
      author = {Holm, Sture},
      title = {A Simple Sequentially Rejective Multiple Test Procedure},
      journal = {Scandinavian Journal of Statistics},
      volume = {6},
      number = {2},
      pages = {65--70},
      year = {1979}
    }

    @book{searle1992variance,
      author = {Searle, Shayle R. and Casella, George and McCulloch, Charles E.},
      title = {Variance Components},
      publisher = {John Wiley \& Sons},
      address = {New York},
      year = {1992}
    }

    @article{owen2007pigeonhole,
      author = {Owen, Art B.},
      title = {The pigeonhole bootstrap},
      journal = {The Annals of Applied Statistics},
      volume = {1},
      number = {2},
      pages = {386--411},
      year = {2007},
      doi = {10.1214/07-AOAS122}
    }

    @book{fleiss2003statistical,
      author = {Fleiss, Joseph L. and Levin, Bruce and Paik, Myunghee Cho},
      title = {Statistical Methods for Rates and Proportions},
      edition = {3rd},
      publisher = {John Wiley \& Sons},
      address = {Hoboken},
      year = {2003}
    }

    @article{connor1987sample,
      author = {Connor, Robert J.},
      title = {Sample Size for Testing Differences in Proportions for the Paired-Sample Design},
      journal = {Biometrics},
      volume = {43},
      number = {1},
      pages = {207--211},
      year = {1987},
      doi = {10.2307/2531961}
    }

    """#
}
