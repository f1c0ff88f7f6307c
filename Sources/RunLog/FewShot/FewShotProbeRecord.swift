public import Storage

/// What `probe.json` beside the regressions' predictions says: how they were fitted, and from what.
public struct FewShotProbeRecord: Equatable, Sendable {
  /// The regression on one draw.
  public struct Fit: Equatable, Sendable {
    public let perClass: Int
    /// From 1.
    public let draw: Int
    /// C, chosen on source validation.
    public let strength: Double
    public let hasConverged: Bool
    /// Of logits, labels and ids.
    public let sha256: String

    public init(
      perClass: Int, draw: Int, strength: Double, hasConverged: Bool, predictions: Predictions
    ) {
      (self.perClass, self.draw, self.strength) = (perClass, draw, strength)
      (self.hasConverged, sha256) = (hasConverged, predictions.sha256)
    }

    fileprivate init(_ json: JSON, file: String) throws(RunLogError) {
      let fields = try Fields(json, file: file, line: nil)
      perClass = try fields.integer("per_class")
      draw = try fields.integer("draw")
      strength = try fields.double("c")
      hasConverged = try fields.bool("converged")
      sha256 = try fields.string("sha256")
    }

    fileprivate var json: JSON {
      .object([
        "per_class": .integer(perClass), "draw": .integer(draw), "c": .number(strength),
        "converged": .bool(hasConverged), "sha256": .string(sha256),
      ])
    }
  }

  /// A hash of configuration, checkpoint and data that all of it depends on.
  public let identity: String
  /// The layer whose output is read.
  public let layer: Int
  public let fits: [Fit]

  public init(identity: String, layer: Int, fits: [Fit]) {
    (self.identity, self.layer, self.fits) = (identity, layer, fits)
  }

  /// Reads the record in the folder of an answer.
  ///
  /// - Returns: `nil` if there is none.
  /// - Throws: `JSONError`, `RunLogError` or `StorageError` for one that is damaged.
  public static func read(in folder: String) throws -> FewShotProbeRecord? {
    let path = FewShotDefinition.probeRecord(in: folder)
    return exists(path) ? try read(path) : nil
  }

  /// Reads a record.
  ///
  /// - Throws: `JSONError`, `RunLogError` or `StorageError` for one that is damaged.
  public static func read(_ path: String) throws -> FewShotProbeRecord {
    let fields = try Fields(JSON.read(path), file: path, line: nil)
    return FewShotProbeRecord(
      identity: try fields.string("identity"), layer: try fields.integer("layer"),
      fits: try fields.array("fits").map { try Fit($0, file: path) })
  }

  /// As `probe.json` holds it.
  public var json: JSON {
    .object([
      "identity": .string(identity), "layer": .integer(layer), "fits": .array(fits.map(\.json)),
    ])
  }

  /// The regression on a draw, if it is there.
  public func fit(perClass: Int, draw: Int) -> Fit? {
    fits.first { $0.perClass == perClass && $0.draw == draw }
  }

  /// Reads what a regression says about the test split.
  ///
  /// - Parameters:
  ///   - fit: one of its own.
  ///   - folder: of the answer.
  ///   - classes: how many the experiment has.
  /// - Returns: one row per test example.
  /// - Throws: `RunLogError` if the predictions are not those that were recorded; what `Predictions.read` throws.
  public func predictions(
    _ fit: Fit, in folder: String, classes: Int
  ) throws -> Predictions {
    let path = FewShotDefinition.probePredictions(
      perClass: fit.perClass, draw: fit.draw, in: folder)
    let found = try Predictions.read(path, classes: classes)
    guard found.sha256 == fit.sha256 else {
      throw RunLogError(
        file: path,
        "is not what probe.json beside it records; remove that file, and `report few-shot` fits the probe again."
      )
    }
    return found
  }
}

extension FewShotDefinition {
  /// What the regression on a draw is called.
  public static func probeName(perClass: Int, draw: Int) -> String {
    "\(FewShotMethod.probe.rawValue)-\(perClass)-draw-\(draw)"
  }

  /// The folder of the regressions' predictions.
  public static func probeFolder(in folder: String) -> String { "\(folder)/probe" }

  /// What says how they were fitted.
  public static func probeRecord(in folder: String) -> String {
    "\(probeFolder(in: folder))/probe.json"
  }

  /// The predictions of the regression on a draw.
  public static func probePredictions(perClass: Int, draw: Int, in folder: String) -> String {
    "\(probeFolder(in: folder))/\(probeName(perClass: perClass, draw: draw)).safetensors"
  }
}

extension FewShotPlan {
  /// The experiment whose data and checkpoint a probe reads: all training texts of the target, its test split, and the
  /// validation split of the source, on which C is chosen.
  ///
  /// - Throws: what a damaged file throws.
  public func probeExperiment() throws -> Experiment {
    guard let alone = runs.first(where: { $0.configuration.hasPrefix(Start.targetAlone.rawValue) })
    else {
      // Unreachable: there is a number of examples above 0, and each has both starts.
      preconditionFailure("no training is planned")
    }
    var experiment = alone.experiment
    experiment.name = "probe"
    experiment.data.perClass = nil
    // Not read: what is chosen is chosen on the source.
    experiment.data.targets = try Experiment.read(run.experiment).data.sources.map { source in
      var source = source
      (source.train, source.test) = (nil, nil)
      return source
    }
    return experiment
  }
}
